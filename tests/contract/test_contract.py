"""Every answer of edgeweb equals Flask's: status, headers, body, redirect target, order of hooks and
signals."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from tests.import_path import import_path

from .cases import cases

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def both() -> tuple[dict[str, t.Any], dict[str, t.Any]]:
    """The answers of edgeweb and of Flask, each in a process of its own."""
    outputs = []
    for framework in ("edgeweb", "flask"):
        result = subprocess.run(
            [sys.executable, "-m", "tests.contract.answers", framework],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": import_path(ROOT)},
            capture_output=True,
            check=False,
            text=True,
        )
        assert result.returncode == 0, result.stderr
        outputs.append(json.loads(result.stdout))
    return outputs[0], outputs[1]


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, *_ in cases()])
def test_same_answer(both: tuple[dict[str, t.Any], dict[str, t.Any]], name: str) -> None:
    ours, flasks = both
    assert ours[name] == flasks[name]
