"""Docstrings are left out where nobody reads them, and nowhere else; nothing goes with them."""

from __future__ import annotations

import dis
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from edgeweb.lean import docstrings

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("edgeweb", "itsdangerous", "jinja2", "markupsafe", "psutil", "waitress", "werkzeug")

SHOW = """
import json, sys
from edgeweb import Flask
from jinja2.environment import Environment
import werkzeug.exceptions
from werkzeug.datastructures import MultiDict
from threading import Thread
import mine
parts = [Flask, Flask.route, Environment, Environment.get_template, MultiDict, MultiDict.getlist,
         Thread.start, sys.modules["werkzeug.exceptions"], sys.modules["edgeweb.app"],
         mine, mine.View, mine.View.get]
print(json.dumps([bool(part.__doc__) for part in parts]))
"""
MINE = '''
"""A program's own module has its docstring."""

class View:
    """So has its class."""

    def get(self):
        """And its method."""
'''


def run(folder: Path, code: str, *, lean: str = "", options: tuple[str, ...] = ()) -> Any:
    """Return what the code prints as JSON in a new interpreter, which finds modules of `folder`, too."""
    folder.joinpath("mine.py").write_text(MINE)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    environ |= {
        "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}",
        "EDGEWEB_LEAN": lean,
        "STATE_DIRECTORY": str(folder),
    }
    done = subprocess.run(
        [sys.executable, *options, "-c", code], env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_server_has_the_docstrings_of_the_program_alone(tmp_path: Path) -> None:
    assert run(tmp_path, SHOW) == [False] * 9 + [True] * 3


@pytest.mark.parametrize(
    "before", ["import inspect", "import pdb", "import pydoc", "import sys; sys.ps1 = '> '"]
)
def test_what_shows_docstrings_has_them_all(tmp_path: Path, before: str) -> None:
    assert run(tmp_path, before + "\n" + SHOW) == [True] * 12


def test_it_can_be_switched_off(tmp_path: Path) -> None:
    assert run(tmp_path, SHOW, lean="0") == [True] * 12
    # The whole of Jinja imports `inspect`: what is loaded after it keeps its docstrings, too.
    assert run(tmp_path, SHOW, lean="-jinja2")[:4] == [False, False, True, True]


def test_help_shows_a_programs_own_docstrings_when_it_comes_second(tmp_path: Path) -> None:
    code = "import edgeweb.app, mine, pydoc, json; print(json.dumps(pydoc.plain(pydoc.render_doc(mine))))"
    shown = run(tmp_path, code)
    assert "A program's own module has its docstring." in shown
    assert "So has its class." in shown
    assert "And its method." in shown


def test_the_openapi_document_has_all_its_texts(tmp_path: Path) -> None:
    code = """
import json, sys
from edgeweb.device import create_app
from edgeweb.device.http import openapi
app = create_app("generic-linux")
operations = {}
with app.app_context():
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if rule.rule.startswith("/api/"):
            operations[rule.endpoint] = view.__doc__
print(json.dumps(operations))
"""
    without, everything = run(tmp_path, code), run(tmp_path, code, lean="0")
    assert len(everything) > 40
    assert without == everything


@pytest.mark.slow
def test_nothing_but_docstrings_is_removed_and_no_function_reads_its_own() -> None:
    seen = 0
    for code, removed in all_code():
        assert removed.co_code == code.co_code
        assert removed.co_linetable == code.co_linetable
        assert len(removed.co_consts) == len(code.co_consts)
        if code.co_consts and code.co_consts[0] is not removed.co_consts[0] is None:
            seen += 1
            loads = [one for one in dis.get_instructions(code) if one.opcode in dis.hasconst and one.arg == 0]
            assert loads == [], code
    assert seen > 500


def all_code() -> Iterator[tuple[CodeType, CodeType]]:
    """Each code object of the packages that lose docstrings, as it is and as it is run."""
    for package in PACKAGES:
        spec = importlib.util.find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        for path in sorted(Path(spec.origin).parent.rglob("*.py")):
            if "/device/" not in str(path):  # many, and alike
                code = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
                yield from zip(nested(code), nested(docstrings.remove(code)), strict=True)


def nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from nested(constant)
