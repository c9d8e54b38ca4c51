"""Functions without code until they are called."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from edgeweb.device.api import channels, users
from edgeweb.device.http.on_demand import OnDemand

PROGRAM = """
from weakref import ref

from edgeweb.device.http.on_demand import on_demand

FIGURE = 42

codes = []

def watch(function):
    codes.append(ref(function.__code__))
    return function

@on_demand
@watch
def seldom():
    def inner():
        return FIGURE
    return {"figure": inner()}
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    (tmp_path / "seldom_program.py").write_text(PROGRAM)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("seldom_program")
    del sys.modules["seldom_program"]


def test_it_runs_in_its_module_as_often_as_it_is_called(module: ModuleType) -> None:
    assert module.seldom() == {"figure": 42}
    module.FIGURE = 43
    assert module.seldom() == {"figure": 43}


def test_its_code_is_not_kept(module: ModuleType) -> None:
    (code,) = module.codes
    assert code() is None
    module.seldom()
    assert code() is None


@pytest.mark.parametrize("function", [channels.schemas, channels.parts, users.schemas, users.examples])
def test_what_documents_the_interface_is_on_demand(function: Callable[[], object]) -> None:
    assert isinstance(function, OnDemand)
    assert function()


def test_a_file_that_has_changed_meanwhile(module: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "seldom_program.py").write_text("# nothing of it is left\n")
    with pytest.raises(ImportError, match="no longer has seldom"):
        module.seldom()


def test_a_module_without_a_file() -> None:
    module = ModuleType("without_a_file")
    sys.modules[module.__name__] = module
    try:
        exec(PROGRAM, module.__dict__)
        with pytest.raises(ImportError, match="has no code"):
            module.seldom()
    finally:
        del sys.modules[module.__name__]
