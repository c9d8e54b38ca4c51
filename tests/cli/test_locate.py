"""edgeweb.cli.locate: which application a name stands for, and what is said when it stands for none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.cli.locate import (
    NoAppException,
    find_app_by_string,
    find_best_app,
    locate_app,
    prepare_import,
)


@pytest.fixture(autouse=True)
def imports_are_undone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sys, "path", sys.path[:])
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]


def module_with(**names: Any) -> ModuleType:
    module = ModuleType("shop")
    vars(module).update(names)
    return module


def make(name: str = "made", *, upper: bool = False) -> Flask:
    return Flask(name.upper() if upper else name)


def needs_two(first: str, second: str) -> Flask:
    return Flask(first + second)


def fails_inside() -> Flask:
    raise TypeError("inside")


def makes_nothing() -> None:
    return None


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ({"app": Flask("a"), "application": Flask("b"), "other": Flask("c")}, "a"),
        ({"application": Flask("b"), "other": Flask("c"), "create_app": make}, "b"),
        ({"app": "a text", "only": Flask("c"), "create_app": make}, "c"),
        ({"create_app": make}, "made"),
        ({"make_app": make}, "made"),
        ({"create_app": makes_nothing, "make_app": make}, "made"),
    ],
)
def test_the_best_application(names: dict[str, Any], found: str) -> None:
    assert find_best_app(module_with(**names)).name == found


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (
            {},
            "Module 'shop' has no application that can be guessed. Name it: 'shop:name'.",
        ),
        (
            {"one": Flask("a"), "two": Flask("b")},
            "Module 'shop' has several applications. Name one of them: 'shop:name'.",
        ),
        (
            {"create_app": needs_two},
            "The factory 'create_app' in module 'shop' needs arguments: 'shop:create_app(...)'.",
        ),
        (
            {"create_app": Flask},  # a class is no factory
            "Module 'shop' has no application that can be guessed. Name it: 'shop:name'.",
        ),
    ],
)
def test_no_best_application(names: dict[str, Any], message: str) -> None:
    with pytest.raises(NoAppException) as caught:
        find_best_app(module_with(**names))
    assert caught.value.format_message() == message


SHOP = module_with(
    app=Flask("variable"), make=make, two=needs_two, bad=fails_inside, none=makes_nothing, text="a text"
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("app", "variable"),
        ("app()", "variable"),
        ("make", "made"),
        ("make()", "made"),
        (" make ( 'x' , ) ", "x"),
        ('make("x", upper=True)', "X"),
        ('two("a", second="b")', "ab"),
    ],
)
def test_an_application_by_its_text(text: str, found: str) -> None:
    assert find_app_by_string(SHOP, text).name == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("missing", "Module 'shop' has no 'missing'."),
        ("text", "'shop:text' is not a Flask application."),
        ("none()", "'shop:none()' is not a Flask application."),
        ("two", "The factory in 'shop:two' does not take these arguments."),
        (
            "two(1)",
            "The factory in 'shop:two(1)' does not take these arguments.",
        ),
        ("make(", "'make(' is neither a name nor a call of one."),
        ("", "'' is neither a name nor a call of one."),
        ("app.name", "'app.name' is neither a name nor a call of one."),
        ("1", "'1' is neither a name nor a call of one."),
        ("app.name()", "The factory in 'app.name()' is not a plain name."),
        ("make(other)", "The arguments in 'make(other)' are not all literals."),
        ("make(*['x'])", "The arguments in \"make(*['x'])\" are not all literals."),
    ],
)
def test_no_application_by_its_text(text: str, message: str) -> None:
    with pytest.raises(NoAppException) as caught:
        find_app_by_string(SHOP, text)
    assert caught.value.format_message() == message


def test_nothing_but_calls_with_literals_is_evaluated(tmp_path: Path) -> None:
    marker = tmp_path / "made"
    with pytest.raises(NoAppException):
        find_app_by_string(SHOP, f"make(open({str(marker)!r}, 'w'))")
    assert not marker.exists()


def test_an_error_inside_a_factory_is_the_factorys_own() -> None:
    with pytest.raises(TypeError, match="inside"):
        find_best_app(module_with(create_app=fails_inside))
    with pytest.raises(TypeError, match="inside"):
        find_app_by_string(SHOP, "bad()")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a module, and a package in a package."""
    inner = tmp_path / "outer_pkg" / "inner_pkg"
    inner.mkdir(parents=True)
    for folder in (inner, inner.parent):
        (folder / "__init__.py").touch()
    (inner / "web.py").write_text("from edgeweb import Flask\napp = Flask('web')\n")
    (tmp_path / "single.py").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("path", "name", "root"),
    [
        ("single.py", "single", "."),
        ("single", "single", "."),
        ("outer_pkg", "outer_pkg", "."),
        ("outer_pkg/__init__.py", "outer_pkg", "."),
        ("outer_pkg/inner_pkg/web.py", "outer_pkg.inner_pkg.web", "."),
        ("outer_pkg.inner_pkg.web", "outer_pkg.inner_pkg.web", "."),
        ("elsewhere/file.py", "file", "elsewhere"),
        ("single.txt", "single.txt", "."),
    ],
)
def test_the_import_name_of_a_path(project: Path, path: str, name: str, root: str) -> None:
    assert prepare_import(path) == name
    assert sys.path[0] == str((project / root).resolve())
    length = len(sys.path)
    prepare_import(path)
    assert len(sys.path) == length


def test_locate(project: Path) -> None:
    name = prepare_import("outer_pkg/inner_pkg/web.py")
    assert locate_app(name, None).name == "web"
    assert locate_app(name, "app") is locate_app(name, None)


def test_a_module_that_is_not_there(project: Path) -> None:
    with pytest.raises(NoAppException, match=r"There is no module 'no_such_module'\."):
        locate_app("no_such_module", None)
    assert locate_app("no_such_module", None, raise_if_not_found=False) is None


def test_a_module_that_imports_what_is_not_there(project: Path) -> None:
    (project / "broken.py").write_text("import no_such_module\n")
    sys.path.insert(0, str(project))
    for raise_if_not_found in (True, False):
        with pytest.raises(NoAppException) as caught:
            locate_app("broken", None, raise_if_not_found=raise_if_not_found)
        message = caught.value.format_message()
        assert message.startswith("An import in 'broken' failed:\n\nTraceback")
        assert "No module named 'no_such_module'" in message


def test_a_module_that_fails(project: Path) -> None:
    (project / "broken.py").write_text("1/0\n")
    sys.path.insert(0, str(project))
    with pytest.raises(ZeroDivisionError):
        locate_app("broken", None, raise_if_not_found=False)
