"""Strict checkers take what is right in a program, and refuse what is wrong, on edgeweb as on Flask."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import typing as t
from collections import defaultdict
from pathlib import Path

import pytest

from .programs import BETTER, SHARED, source, wrong_lines

ROOT = Path(__file__).parent.parent.parent
#: `scripts/test` fetches it from npm.
PYRIGHT = Path(sys.prefix) / "pyright" / "package" / "index.js"

Refused = dict[str, set[int]]


def _mypy(folder: Path, files: list[str]) -> Refused:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--config-file", os.devnull]
    done = _run([*command, *files], folder)
    return _by_file((match[1], int(match[2])) for match in re.finditer(r"(\S+):(\d+): error:", done))


def _pyright(folder: Path, files: list[str]) -> Refused:
    done = _run(["node", str(PYRIGHT), "--outputjson", "--pythonpath", sys.executable, *files], folder)
    found = json.loads(done[done.index("{") :])["generalDiagnostics"]
    return _by_file(
        (Path(one["file"]).name, one["range"]["start"]["line"] + 1)
        for one in found
        if one["severity"] == "error"
    )


def _run(command: list[str], folder: Path) -> str:
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "MYPYPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, check=False
    ).stdout


def _by_file(rows: t.Iterable[tuple[str, int]]) -> Refused:
    refused: Refused = defaultdict(set)
    for name, line in rows:
        refused[name].add(line)
    return refused


def _name(framework: str, title: str) -> str:
    return f"{framework}_{title.replace(' ', '_')}.py"


@pytest.fixture(
    scope="module",
    params=[
        _mypy,
        pytest.param(
            _pyright,
            marks=pytest.mark.skipif(
                not PYRIGHT.exists(),
                reason="no pyright: run scripts/test where npm is on the PATH (Debian: apt install npm)",
            ),
        ),
    ],
    ids=["mypy", "pyright"],
)
def refused(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Refused:
    """File -> the lines that the checker refuses."""
    folder = tmp_path_factory.mktemp("typed")
    files = []
    for framework, programs in (("edgeweb", SHARED | BETTER), ("flask", SHARED)):
        for title, program in programs.items():
            (folder / _name(framework, title)).write_text(source(framework, program))
            files.append(_name(framework, title))
    checker: t.Callable[[Path, list[str]], Refused] = request.param
    return checker(folder, files)


@pytest.mark.slow
@pytest.mark.parametrize("title", SHARED)
def test_a_program_is_checked_as_on_flask(refused: Refused, title: str) -> None:
    wrong = wrong_lines(source("edgeweb", SHARED[title]))
    assert refused[_name("edgeweb", title)] == wrong
    assert refused[_name("flask", title)] == wrong


@pytest.mark.slow
@pytest.mark.parametrize("title", BETTER)
def test_where_it_is_more_precise(refused: Refused, title: str) -> None:
    assert refused[_name("edgeweb", title)] == wrong_lines(source("edgeweb", BETTER[title]))
