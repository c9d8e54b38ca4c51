"""`scripts/serve` in a copy of the checkout, as somebody does who has just cloned it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STUCK = 300  # installing takes a while on a slow line


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What git would give, with what is not committed yet."""
    folder = tmp_path_factory.mktemp("clone")
    listed = subprocess.check_output(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, text=True
    )
    for name in listed.splitlines():
        needed = name.startswith(("edgeweb/", "firmware_configs/", "scripts/")) or "/" not in name
        if needed and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    yield folder
    shutil.rmtree(folder)


def start(clone: Path, home: Path, *options: str) -> tuple[str, int]:
    """Start it, ask it for a sign of life, and end it; what it said, and its exit code."""
    log = home / "log"
    home.mkdir(exist_ok=True)
    # Nothing of this environment but the way to the package index.
    keep = {
        key: value for key, value in os.environ.items() if key in ("PATH", "PYTHON") or key.startswith("PIP_")
    }
    env = {**keep, "HOME": str(home), "STATE_DIRECTORY": str(home / "state")}
    with log.open("w") as file:
        process = subprocess.Popen(
            [clone / "scripts/serve", "--port", "0", *options], env=env, cwd=home, stdout=file, stderr=file
        )
    try:
        end = time.monotonic() + STUCK
        while (match := re.search(r"serves on (http://\S+)", log.read_text())) is None:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        with urllib.request.urlopen(match[1] + "livez", timeout=20) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        return log.read_text(), process.wait(20)
    finally:
        process.kill()


@pytest.mark.slow
def test_a_fresh_clone_serves_and_the_second_start_installs_nothing(clone: Path, tmp_path: Path) -> None:
    said, code = start(clone, tmp_path / "first")
    assert code == 0
    assert "Installing edgeweb" in said
    assert re.search(r"serves on http://127\.0\.0\.1:\d+/", said)
    assert "set-up code" in said  # how to sign in

    said, code = start(
        clone, tmp_path / "second", "--host", "localhost", "--profile", "raspberry-pi-zero-2-w"
    )
    assert code == 0
    assert "Installing" not in said
