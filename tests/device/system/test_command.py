"""Programs that the device calls: their input."""

from __future__ import annotations

import os
import sys

import pytest

from edgeweb.device.system import command


def test_a_program_has_its_input_and_its_end() -> None:
    assert command.run(["cat"], 10.0, b"x" * 4096) == b"x" * 4096
    assert command.run(["cat"], 10.0) == b""


def test_nothing_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def count() -> int:
        return len(os.listdir("/proc/self/fd"))

    before = count()
    command.run(["cat"], 10.0, b"given")
    with pytest.raises(command.CommandError):
        command.run(["/nowhere/program"], 10.0, b"given")
    with pytest.raises(command.CommandError, match="code 3"):
        command.run([sys.executable, "-c", "raise SystemExit(3)"], 10.0, b"given")
    assert count() == before
