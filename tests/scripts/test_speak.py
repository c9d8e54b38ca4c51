"""The script that measures a broker with many devices, with a few."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ..device.mqtt.broker import program

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_a_few_devices_speak_and_are_back_after_a_restart() -> None:
    pytest.importorskip("paho.mqtt")
    program("mosquitto")  # skips where there is none
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts/fleet/speak"), "--devices", "4", "--seconds", "1"],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    head, _, *rows = done.stdout.splitlines()
    assert head.startswith("4 devices")
    figures = {row[:32].strip(): float(row[32:]) for row in rows}
    assert figures["states that are wrong"] == 0
    assert len(figures) == 11
