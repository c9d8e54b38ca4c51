"""`typing` loaded late: a server never loads it, and nothing differs for those who do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from edgeweb.lean import late_typing

pytestmark = pytest.mark.skipif(not late_typing.IS_POSSIBLE, reason="typing is late up to Python 3.11")
ROOT = Path(__file__).resolve().parent.parent

# What Werkzeug's and Jinja's functions and classes look like to a library that reads types.
DESCRIBE = """
from edgeweb import Flask
import json, re, typing
import jinja2.environment, jinja2.runtime, jinja2.filters
import werkzeug.local, werkzeug.utils, werkzeug._internal
import werkzeug.datastructures.structures as structures
import werkzeug.datastructures.headers, werkzeug.wrappers.request
import edgeweb.routing.syntax, edgeweb.events
found = {}
def describe(name, value):
    if isinstance(value, type):
        found[name] = [str(value.__mro__),
                       re.sub("0x[0-9a-f]+", "", str(getattr(value, "__orig_bases__", ()))),
                       str(getattr(value, "__parameters__", ())), str(vars(value).get("__annotations__"))]
        for part, inner in vars(value).items():
            if callable(inner) and hasattr(inner, "__annotations__"):
                found[f"{name}.{part}"] = str(inner.__annotations__)
    elif hasattr(value, "__annotations__"):
        found[name] = str(value.__annotations__)
    elif type(value).__module__ in ("typing", "edgeweb.lean.late_typing"):
        found[name] = repr(value)
def everything():
    for module in (jinja2.environment, jinja2.runtime, jinja2.filters, werkzeug.local, werkzeug.utils,
                   werkzeug._internal, structures, werkzeug.datastructures.headers, werkzeug.wrappers.request,
                   edgeweb.routing.syntax, edgeweb.events):
        for name, value in list(vars(module).items()):
            if getattr(value, "__module__", None) == module.__name__ and type(value).__name__ != "LazyObject":
                describe(f"{module.__name__}.{name}", value)
"""


def run(code: str, *, lean: str = "") -> Any:
    """Return what the code prints as JSON in a new interpreter."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    environ |= {"PYTHONPATH": str(ROOT), "EDGEWEB_LEAN": lean}
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_as_soon_as_typing_is_loaded_all_types_are_the_real_ones() -> None:
    loads = (
        DESCRIBE + "\nassert 'Any' not in vars(typing)\ntyping.Any\neverything()\nprint(json.dumps(found))"
    )
    real = run("import typing\n" + DESCRIBE + "\neverything()\nprint(json.dumps(found))")
    assert len(real) > 300
    late = run(loads)
    assert {name: late.get(name) for name in real} == real


@pytest.mark.parametrize(
    "first", ["import typing", "import typing, jinja2", "import edgeweb.app, typing; typing.Any", ""]
)
def test_a_programs_own_types_work_in_every_order(first: str) -> None:
    code = (
        first
        + """
import json
import edgeweb.app
from typing import Any, Generic, NamedTuple, Optional, Protocol, TypeVar, cast, get_type_hints, overload
from werkzeug.datastructures import MultiDict
from werkzeug.local import LocalProxy
T = TypeVar("T")
class Box(LocalProxy[T]):
    pass
class Point(NamedTuple):
    x: int
    y: Optional[int] = None
class Named(Protocol):
    name: str
def view(box: "Box[int]", values: MultiDict[str, str]) -> Optional[Point]: ...
hints = get_type_hints(view)
print(json.dumps([str(Box[int]), issubclass(LocalProxy, Generic), Point(1), str(hints["return"]),
                  str(hints["box"]), cast(int, "1")]))
"""
    )
    assert run(code) == [
        "__main__.Box[int]",
        True,
        [1, None],
        "typing.Optional[__main__.Point]",
        "__main__.Box[int]",
        "1",
    ]


def test_a_class_is_subscripted_before_typing_is_loaded() -> None:
    code = """
from edgeweb import Flask
import json, typing
from werkzeug.local import LocalProxy, LocalStack
from werkzeug.utils import cached_property
alias = LocalStack[int]
class Mine(LocalStack[int]):
    @cached_property
    def three(self) -> int:
        return 3
mine = Mine()
mine.push(1)
late = "Any" not in vars(typing)
typing.Any
print(json.dumps([late, mine.top, Mine.__mro__[-2] is typing.Generic, typing.get_origin(alias) is LocalStack,
                  typing.get_args(alias) == (int,), mine.three]))
"""
    assert run(code) == [True, 1, True, True, True, 3]


def test_named_tuples_are_what_typing_makes() -> None:
    code = """
import json, typing
import jinja2.filters
late = "Any" not in vars(typing)
made = jinja2.filters._GroupTuple
pair = made("a", [1])
typing.Any
print(json.dumps([late, list(made._fields), repr(pair), made.__module__, made.__mro__[1] is tuple,
                  str(made.__annotations__), pair == ("a", [1])]))
"""
    late, *rest = run("import edgeweb\n" + code)
    assert late
    assert rest == run("import typing; typing.Any\n" + code)[1:]


def test_it_can_be_switched_off() -> None:
    code = "import edgeweb.app, typing, json; print(json.dumps('Any' in vars(typing)))"
    assert [run(code), run(code, lean="0"), run(code, lean="-typing")] == [False, True, True]


def test_an_unknown_name_and_a_star() -> None:
    code = """
import edgeweb, json, typing
try:
    typing.nothing
except AttributeError as error:
    said = str(error)
space = {}
exec("from typing import *", space)
print(json.dumps([said, {*typing.__all__} - {*space} == set()]))
"""
    assert run(code) == ["module 'typing' has no attribute 'nothing'", True]


def test_many_threads_may_load_it_at_once() -> None:
    code = """
import edgeweb.app, json, typing
from threading import Barrier, Thread
from werkzeug.local import LocalProxy
assert "Any" not in vars(typing)
start, found = Barrier(8), []
def load():
    start.wait()
    found.append((typing.Optional[int], typing.Any))
threads = [Thread(target=load) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps([len(found), len(set(found)), typing.Generic in LocalProxy.__mro__]))
"""
    assert run(code) == [8, 1, True]
