"""edgeweb.helpers: root paths and the folder for instance files, with real packages on the disk."""

from __future__ import annotations

import sys
import types
import typing as t
from pathlib import Path

import pytest

from edgeweb.helpers import find_package, get_root_path

from .witness import both


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[Path]:
    """Modules and packages in every shape: beside a program, installed, in a namespace."""
    for name in (
        "src/single.py",
        "src/package/__init__.py",
        "src/package/part.py",
        "src/space/one/__init__.py",
        "src/space/module.py",
        "prefix/lib/python3.11/site-packages/installed/__init__.py",
        "prefix/lib/python3.11/site-packages/installed_module.py",
        "prefix/Lib/site-packages/on_windows/__init__.py",
        "odd/site-packages/odd_place/__init__.py",
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    before = set(sys.modules)
    for folder in (
        "src",
        "prefix/lib/python3.11/site-packages",
        "prefix/Lib/site-packages",
        "odd/site-packages",
    ):
        monkeypatch.syspath_prepend(tmp_path / folder)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("single", "src"),
        ("package", "src/package"),
        ("package.part", "src/package"),
        ("space.one", "src/space/one"),
        ("space.module", "src/space"),
        ("installed", "prefix/lib/python3.11/site-packages/installed"),
    ],
)
def test_root_path(tree: Path, name: str, folder: str) -> None:
    assert get_root_path(name) == str(tree / folder)  # found
    __import__(name)
    assert get_root_path(name) == str(tree / folder)  # imported


def test_what_is_no_module_lives_where_the_program_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delattr(sys.modules["__main__"], "__file__", raising=False)
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)
    for name in ("no_such_module", "__main__", "not a name"):
        assert get_root_path(name) == str(tmp_path)
        assert find_package(name) == (None, str(tmp_path))


def test_a_namespace_package_has_no_root_path(tree: Path) -> None:
    with pytest.raises(RuntimeError, match="The folder of 'space' is unknown"):
        get_root_path("space")


def test_a_module_without_a_file_that_an_import_hook_made(monkeypatch: pytest.MonkeyPatch) -> None:
    class Loader:
        def find_spec(self, name: str, path: t.Any = None, target: t.Any = None) -> t.Any:
            from importlib.machinery import ModuleSpec

            return ModuleSpec(name, self) if name == "hooked" else None  # type: ignore[arg-type]

        def create_module(self, spec: t.Any) -> None:
            return None

        def exec_module(self, module: types.ModuleType) -> None:
            pass

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Loader()])
    with pytest.raises(RuntimeError, match=r"its importer names no file\. Pass root_path"):
        get_root_path("hooked")
    sys.modules.pop("hooked", None)


# Relative to the tree: prefix and folder.
PACKAGES: list[tuple[str, str | None, str]] = [
    ("single", None, "src"),
    ("package", None, "src"),
    ("package.part", None, "src"),
    ("space.one", None, "src"),
    ("space.module", None, "src"),
    ("installed", "prefix", "prefix/lib/python3.11/site-packages"),
    ("installed_module", "prefix", "prefix/lib/python3.11/site-packages"),
    ("on_windows", "prefix", "prefix/Lib/site-packages"),
    ("odd_place", "odd", "odd/site-packages"),
]


@pytest.mark.parametrize(("name", "prefix", "folder"), PACKAGES)
def test_find_package(tree: Path, name: str, prefix: str | None, folder: str) -> None:
    assert find_package(name) == (prefix and str(tree / prefix), str(tree / folder))


@pytest.mark.parametrize(("name", "prefix", "folder"), PACKAGES)
def test_find_package_agrees_with_flask(tree: Path, name: str, prefix: str | None, folder: str) -> None:
    from flask.sansio.scaffold import find_package as flasks

    assert find_package(name) == flasks(name)


def test_what_is_installed_with_this_interpreter(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(tree / "odd"))
    assert find_package("odd_place") == (str(tree / "odd"), str(tree / "odd/site-packages"))
    # A folder whose name only begins like the prefix is not below it.
    monkeypatch.setattr(sys, "prefix", str(tree / "sr"))
    assert find_package("single") == (None, str(tree / "src"))


@both
@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("package", "src/instance"),
        ("single", "src/instance"),
        ("installed", "prefix/var/installed-instance"),
    ],
)
def test_instance_path(framework: t.Any, tree: Path, name: str, folder: str) -> None:
    assert framework.Flask(name).instance_path == str(tree / folder)
