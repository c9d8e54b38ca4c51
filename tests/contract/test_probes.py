"""Programs that replace parts of the framework see on edgeweb what they see on Flask."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from tests.import_path import import_path

from .probes import PROBES

ROOT = Path(__file__).parent.parent.parent


def _answers(framework: str) -> dict[str, t.Any]:
    result = subprocess.run(
        [sys.executable, "-m", "tests.contract.probes", framework],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": import_path(ROOT)},
        capture_output=True,
        check=False,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    answers: dict[str, t.Any] = json.loads(result.stdout)
    return answers


@pytest.fixture(scope="module")
def both() -> tuple[dict[str, t.Any], dict[str, t.Any]]:
    """What the probes found on edgeweb and on Flask, each in a process of its own."""
    return _answers("edgeweb"), _answers("flask")


@pytest.mark.slow
@pytest.mark.parametrize("name", PROBES)
def test_same_answer(both: tuple[dict[str, t.Any], dict[str, t.Any]], name: str) -> None:
    ours, flasks = both
    assert not (isinstance(flasks[name], str) and "Error: " in flasks[name][:40]), flasks[name]
    assert ours[name] == flasks[name]
