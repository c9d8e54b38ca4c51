"""Inputs of the kernel's hardware monitors: temperatures, voltages, fans of the board and of chips on I2C.

Source: Linux kernel documentation, hwmon/sysfs-interface.rst.
"""

from __future__ import annotations

import re

from ..system.kernel_units import HWMON
from .tree import Limit, Row, names, text, with_names

_FOLDER = "sys/class/hwmon"

_INPUT = re.compile(rf"(({'|'.join(HWMON)})\d+)_input", re.ASCII)


def read(root: str, limit: Limit) -> list[Row]:
    """Return a row for each monitor, with its `inputs`. Raises `OSError`."""
    monitors: list[Row] = [
        {
            "device": device,
            "name": text(root, f"{_FOLDER}/{device}/name"),
            "inputs": list(limit.take(_inputs(root, device))),
        }
        for device in limit.take(names(root, _FOLDER, r"hwmon\d+"))
    ]
    for monitor, name in with_names(root, _FOLDER, monitors, "name"):
        for one in monitor["inputs"]:
            one["sensor"] = {"kind": "hwmon", "chip": name, "input": one["input"]}
    return monitors


def _inputs(root: str, device: str) -> list[Row]:
    folder = f"{_FOLDER}/{device}"
    found = filter(None, map(_INPUT.fullmatch, names(root, folder, _INPUT.pattern)))
    return [
        {
            "input": match[1],
            "kind": match[2],
            "unit": HWMON[match[2]].kernel,
            "label": text(root, f"{folder}/{match[1]}_label"),
        }
        for match in found
    ]
