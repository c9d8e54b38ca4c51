"""scripts/lock and scripts/locked: every wheel that scripts/install may take is named with its hash."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from scripts.debian import modules

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
NEEDED = modules.requirements(ROOT / "pyproject.toml")
LOCKED = ROOT / "scripts/locked/device.txt"


def versions(name: str) -> dict[str, str]:
    """Return the versions of a lock file; each of its rows has at least one SHA-256."""
    text = (ROOT / "scripts/locked" / name).read_text()
    rows = re.findall(r"^([\w-]+)==(\S+)((?: \\\n +--hash=sha256:[0-9a-f]{64})+)$", text, re.MULTILINE)
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert len(lines) == sum(1 + hashes.count("--hash") for _, _, hashes in rows), "a row without a hash"
    return {name: version for name, version, _ in rows}


def load_lock() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("lock_script", str(ROOT / "scripts/lock"))
    spec = importlib.util.spec_from_loader("lock_script", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_every_dependency_is_locked_in_a_version_that_is_allowed() -> None:
    locked = versions("device.txt")
    assert locked.keys() == {requirement.name for requirement in NEEDED}
    for requirement in NEEDED:
        assert requirement.allows(modules.numbers(locked[requirement.name])), requirement


def test_the_build_requirement_is_pinned_and_locked() -> None:
    locked = versions("build.txt")
    for requirement in PROJECT["build-system"]["requires"]:
        name, pin, version = requirement.partition("==")
        assert pin and locked[name] == version


def test_what_the_system_has_is_not_installed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, version in (("psutil", "5.9.4"), ("werkzeug", "2.2.2"), ("click", "8.1.8")):
        metadata = tmp_path / f"{name}-{version}.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    found = re.findall(r"^([\w-]+)==", modules.missing(NEEDED, LOCKED), re.MULTILINE)
    # Werkzeug is there, but too old.
    assert sorted(found) == ["blinker", "itsdangerous", "jinja2", "markupsafe", "waitress", "werkzeug"]


def test_a_lock_file_that_lacks_a_module_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    (tmp_path / "locked").write_text("werkzeug==3.1.3\n")
    with pytest.raises(ValueError, match="run scripts/lock"):
        modules.missing(NEEDED, tmp_path / "locked")


def test_hashes_of_several_targets_are_one_row() -> None:
    lock = load_lock()
    wheels = [lock.Wheel("b", "1.0", "02"), lock.Wheel("a", "2.0", "03"), lock.Wheel("b", "1.0", "01")]
    rows = lock.locked(wheels).splitlines()[1:]
    assert rows == [
        "a==2.0 \\",
        "    --hash=sha256:03",
        "b==1.0 \\",
        "    --hash=sha256:01 \\",
        "    --hash=sha256:02",
    ]
    with pytest.raises(lock.LockError, match="more than one version"):
        lock.locked([*wheels, lock.Wheel("b", "1.1", "04")])


def test_actions_are_named_by_commit() -> None:
    for file in (ROOT / ".github/workflows").iterdir():
        for action in re.findall(r"uses: (\S+)", file.read_text()):
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action), action
