"""Modules that are found by their file names."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from edgeweb.device.modules import import_all, module_names


def test_names_of_modules_only_in_order(tmp_path: Path) -> None:
    for name in ("b.py", "a.py", "bare.pyc", "_shared.py", "__init__.py", "notes.txt", "a.pyi"):
        (tmp_path / name).touch()
    (tmp_path / "__pycache__").mkdir()
    assert module_names([str(tmp_path)]) == ["a", "b", "bare"]


def test_all_of_a_package_are_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "rooms_of_a_test"
    package.mkdir()
    (package / "__init__.py").write_text("found = []\n")
    for name in ("kitchen", "cellar"):
        (package / f"{name}.py").write_text(f"from . import found\nfound.append({name!r})\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    try:
        import_all("rooms_of_a_test", [str(package)])
        assert sys.modules["rooms_of_a_test"].found == ["cellar", "kitchen"]
    finally:
        for name in [name for name in sys.modules if name.startswith("rooms_of_a_test")]:
            del sys.modules[name]
