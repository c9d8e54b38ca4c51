"""LEDs of the kernel, with what moves them now.

Source: Linux kernel documentation, leds/leds-class.rst, and ABI/testing/sysfs-class-led.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .tree import Limit, Row, names, number, text

_FOLDER = "sys/class/leds"

#: The trigger in force stands in brackets among all that there are.
_TRIGGER = re.compile(r"\[([^\]]*)\]")
_HIGHEST = 1 << 31


def read(root: str, limit: Limit) -> list[Row]:
    """Return a row for each LED. Raises `OSError`."""
    return [_led(root, name) for name in limit.take(names(root, _FOLDER))]


def is_meant(options: Mapping[str, Any], led: Row, _: Row) -> bool:
    """Return whether the LED is that of a channel with these options."""
    return bool(options["line"] == led["led"])


def _led(root: str, name: str) -> Row:
    highest = number(root, f"{_FOLDER}/{name}/max_brightness", _HIGHEST)
    trigger = _TRIGGER.search(text(root, f"{_FOLDER}/{name}/trigger"))
    return {
        "led": name,
        "max_brightness": highest,
        "trigger": trigger[1] if trigger else "",
        "channel": {"driver": "led", "mode": "output", "line": name},
    }
