from __future__ import annotations

import os
from pathlib import Path

from edgeweb.device.metrics import board


def record(root: Path, path: str, content: bytes) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def test_a_raspberry_pi(tmp_path: Path) -> None:
    record(tmp_path, "proc/device-tree/model", b"Raspberry Pi Zero 2 W Rev 1.0\0")
    record(tmp_path, "proc/device-tree/compatible", b"raspberrypi,model-zero-2-w\0brcm,bcm2837\0")
    assert board.model(str(tmp_path)) == "Raspberry Pi Zero 2 W Rev 1.0"
    assert board.compatible(str(tmp_path)) == ["raspberrypi,model-zero-2-w", "brcm,bcm2837"]


def test_a_pc(tmp_path: Path) -> None:
    record(tmp_path, "sys/class/dmi/id/product_name", b"OptiPlex 7010\n")
    assert board.model(str(tmp_path)) == "OptiPlex 7010"
    assert board.compatible(str(tmp_path)) == []


def test_neither(tmp_path: Path) -> None:
    assert board.model(str(tmp_path)) == os.uname().machine


def test_broken_text_is_shown_as_such(tmp_path: Path) -> None:
    record(tmp_path, "proc/device-tree/model", b"Board \xff\0")
    assert board.model(str(tmp_path)) == "Board \u00ff", "Latin-1, as old tools write"
