"""PWM controllers and their outputs. One that no program has exported has no period yet.

The kernel does not show which outputs its own drivers hold, as that of a fan: those are refused when a
channel asks for them.

Source: Linux kernel documentation, driver-api/pwm.rst, and ABI/testing/sysfs-class-pwm.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .tree import Limit, Row, names, number, target

_FOLDER = "sys/class/pwm"

_MAX_OUTPUTS = 4096
_MAX_NANOSECONDS = (1 << 63) - 1


def read(root: str, limit: Limit) -> list[Row]:
    """Return a row for each controller, with its `outputs`. Raises `OSError`."""
    return [_controller(root, name, limit) for name in limit.take(names(root, _FOLDER, r"pwmchip\d+"))]


def is_meant(options: Mapping[str, Any], chip: Row, output: Row) -> bool:
    """Return whether the output is that of a channel with these options."""
    line = options["line"]
    return bool(options["chip"] == chip["chip"] and line.isdecimal() and int(line) == output["line"])


def _controller(root: str, name: str, limit: Limit) -> Row:
    folder = f"{_FOLDER}/{name}"
    count = number(root, f"{folder}/npwm", _MAX_OUTPUTS) or 0
    exported = set(names(root, folder, r"pwm\d+"))
    return {
        "chip": name,
        "device": target(root, f"{folder}/device"),
        "outputs": [
            _output(root, f"{folder}/pwm{line}", name, line, f"pwm{line}" in exported)
            for line in limit.take(range(count))
        ],
    }


def _output(root: str, folder: str, chip: str, line: int, exported: bool) -> Row:
    enabled = number(root, f"{folder}/enable", 1) if exported else None
    return {
        "line": line,
        "exported": exported,
        "enabled": enabled == 1,
        "period_ns": number(root, f"{folder}/period", _MAX_NANOSECONDS) if exported else None,
        "duty_ns": number(root, f"{folder}/duty_cycle", _MAX_NANOSECONDS) if exported else None,
        "channel": {"driver": "pwm", "mode": "pwm", "chip": chip, "line": str(line)},
    }
