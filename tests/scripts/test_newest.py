"""scripts/newest.py: which Python is left out and why, and what becomes of packages without a wheel."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scripts import mirror, newest
from tests.systemd import roots

NOTHING = "ERROR: No matching distribution found for {} (from ...)\n"


def test_what_cannot_be_had_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(roots, "missing", lambda: "running a container needs root")
    assert newest.main(["make", str(tmp_path / "root"), "3.14"]) == newest.LEFT_OUT
    assert capsys.readouterr().out == "running a container needs root\n"

    def refuse(folder: Path, release: str, packages: tuple[str, ...]) -> None:
        raise roots.NoRoot(f"Debian {release}: E: Unable to locate package {packages[0]}")

    monkeypatch.setattr(roots, "missing", lambda: None)
    monkeypatch.setattr(roots, "extract", refuse)
    assert newest.main(["make", str(tmp_path / "root"), "3.99"]) == newest.LEFT_OUT
    assert capsys.readouterr().out == "Debian testing: E: Unable to locate package python3.99-venv\n"


@pytest.fixture
def without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The packages that have no wheel; commands of the root are not run, and pip answers as it would."""
    missing: set[str] = set()

    def run(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        lost = [word for word in command if any(word.startswith(name) for name in missing)]
        return subprocess.CompletedProcess(command, int(bool(lost)), "", NOTHING.format(*lost[:1] or [""]))

    def extract(folder: Path, release: str, packages: tuple[str, ...]) -> None:
        (folder / "opt/venv/lib/python3.14/site-packages").mkdir(parents=True)

    monkeypatch.setattr(roots, "missing", lambda: None)
    monkeypatch.setattr(roots, "extract", extract)
    monkeypatch.setattr(roots, "nspawn", lambda root, *command, options=(): list(command))
    monkeypatch.setattr(subprocess, "run", run)
    return missing


@pytest.mark.slow
def test_tests_of_a_package_without_a_wheel_are_skipped(
    tmp_path: Path, without: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    without.update(("flask==", "python-dotenv"))
    newest.make(tmp_path / "root", "3.14")
    monkeypatch.undo()
    packages = tmp_path / "root/opt/venv/lib/python3.14/site-packages"
    assert {path.name for path in packages.iterdir()} == {"flask.py", "dotenv.py"}
    (tmp_path / "test_of_flask.py").write_text("import flask\n\ndef test_nothing(): assert False\n")
    command = [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider", f"--rootdir={tmp_path}"]
    done = subprocess.run(
        [*command, "test_of_flask.py"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(packages)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "flask has no wheel for Python 3.14" in done.stdout and "1 skipped" in done.stdout, done.stdout


def test_without_a_package_of_all_tests_the_version_is_left_out(tmp_path: Path, without: set[str]) -> None:
    without.add("hypothesis")
    with pytest.raises(newest.LeftOut, match=r"^hypothesis\S* has no wheel for it$"):
        newest.make(tmp_path / "root", "3.14")


def test_an_environment_is_made_once(
    tmp_path: Path, without: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    newest.make(tmp_path / "root", "3.14")
    monkeypatch.setattr(roots, "extract", lambda *arguments: pytest.fail("made twice"))
    newest.make(tmp_path / "root", "3.14")


def test_the_names_are_those_of_the_group() -> None:
    found = newest.development_requirements()
    assert set(newest._ESSENTIAL) < set(found) and "flask" in found and "mypy" not in found


@pytest.mark.parametrize(
    ("setting", "options"),
    [("", []), ("'true'", []), ("'false'", ['--aptopt=Acquire::Check-Valid-Until "false"'])],
)
def test_an_old_index_is_accepted_where_apt_accepts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str, options: list[str]
) -> None:
    program = tmp_path / "apt-config"
    program.write_text(f'#!/bin/sh\n[ -z "{setting}" ] || echo "CHECKED={setting}"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert mirror.options() == options
