"""A test that hangs fails, is named, and does not keep the others from running."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests import conftest

ROOT = Path(__file__).resolve().parents[2]

HANGING = """
import threading

def test_hangs():
    threading.Lock().acquire() and threading.Event().wait()

def test_swallows():
    try:
        threading.Event().wait()
    except Exception:
        pass

def test_comes_after():
    pass
"""


@pytest.mark.slow
def test_a_test_that_hangs_fails_and_is_named(tmp_path: Path) -> None:
    file = tmp_path / "test_hanging.py"
    file.write_text(HANGING)
    settings = ["-c", ROOT / "pyproject.toml", "--rootdir", tmp_path, "-o", "timeout=1"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *settings, "-p", "no:cacheprovider", file],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout
    for name in ("test_hangs", "test_swallows"):
        assert f"FAILED test_hanging.py::{name} - Failed: Timeout (>1.0s)" in done.stdout
    assert "2 failed, 1 passed" in done.stdout


def test_every_test_has_a_limit(request: pytest.FixtureRequest) -> None:
    assert float(request.config.getini("timeout")) > 0
    assert request.config.getini("timeout_method") == "signal", "another would end the whole run"


@pytest.mark.parametrize("marker", conftest.SECONDS)
def test_what_takes_longer_has_more_time(request: pytest.FixtureRequest, marker: str) -> None:
    assert conftest.SECONDS[marker] > float(request.config.getini("timeout"))
    assert any(line.startswith(f"{marker}:") for line in request.config.getini("markers"))
