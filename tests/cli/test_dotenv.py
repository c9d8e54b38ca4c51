"""edgeweb.cli.dotenv: which variables are set by which file."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from edgeweb.cli.dotenv import load_dotenv


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(os, "environ", {"SET": "before"})
    folder = tmp_path / "project" / "below"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder.parent


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}


def test_files_above_are_found_and_the_later_one_wins(project: Path) -> None:
    (project / ".flaskenv").write_text("A=flaskenv\nB=flaskenv\nSET=file\n")
    (project / ".env").write_text("B=env\nNAME=é\nEMPTY\n", encoding="utf-8")
    folder = Path.cwd()
    assert load_dotenv() is True
    assert environment() == {"SET": "before", "A": "flaskenv", "B": "env", "NAME": "é"}
    assert Path.cwd() == folder


def test_a_named_file_wins_over_the_default_ones(project: Path) -> None:
    (project / ".env").write_text("A=env\nB=env\n")
    (project / "own").write_text("B=own\nSET=own\n")
    assert load_dotenv(project / "own") is True
    assert environment() == {"SET": "before", "A": "env", "B": "own"}


def test_only_a_named_file(project: Path) -> None:
    (project / ".env").write_text("A=env\n")
    (project / "own").write_text("B=own\n")
    assert load_dotenv(project / "own", load_defaults=False) is True
    assert load_dotenv(project / "missing", load_defaults=False) is False
    assert environment() == {"SET": "before", "B": "own"}


def test_nothing_to_load() -> None:
    assert load_dotenv() is False


def test_without_python_dotenv(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "dotenv", None)
    assert load_dotenv() is False
    assert capsys.readouterr().err == ""
    monkeypatch.chdir(project)
    (project / ".env").write_text("A=env\n")
    assert load_dotenv() is False
    assert capsys.readouterr().err == (" * There are .env files. To read them, install python-dotenv.\n")
    assert environment() == {"SET": "before"}
