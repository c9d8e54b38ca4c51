"""Faults of power supply and heat that the firmware of a Raspberry Pi reports.

Its word `get_throttled` has bits for now and, 16 places higher, for "at least once since the machine
started".
Source: Raspberry Pi documentation, "vcgencmd get_throttled"; Linux, drivers/firmware/raspberrypi.c.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

#: bit: the fault while it is set
FAULTS = {0: "under-voltage", 1: "frequency-capped", 2: "throttled", 3: "soft-temperature-limit"}

_SINCE_BOOT = 16

_Faults = dict[str, float]


class Firmware:
    """The reader of the word. `root` is where the system's files are; tests give a recorded tree."""

    def __init__(self, root: str = "/") -> None:
        self._root = root
        # None: not searched yet. Empty: absent, do not search again.
        self._file: str | None = None

    def faults(self) -> tuple[_Faults, _Faults]:
        """Return 1 or 0 for each fault, now and since the machine started; empty without such a firmware."""
        if self._file is None:
            self._file = next(self._candidates(), "")
        if not self._file:
            return {}, {}
        try:
            with open(self._file, "rb") as file:
                word = int(file.read(32), 16)
        except (OSError, ValueError):
            return {}, {}
        return _bits(word), _bits(word >> _SINCE_BOOT)

    def _candidates(self) -> Iterator[str]:
        """Yield the files: `soc/soc:firmware` has it, or `soc@107c000000/...` on a Raspberry Pi 5."""
        platform = os.path.join(self._root, "sys/devices/platform")
        for folder in _names(platform, "soc"):
            for device in _names(os.path.join(platform, folder), ""):
                file = os.path.join(platform, folder, device, "get_throttled")
                if device.endswith(":firmware") and os.path.exists(file):
                    yield file


def _names(folder: str, prefix: str) -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder) if name.startswith(prefix))
    except OSError:
        return []


def _bits(word: int) -> _Faults:
    return {fault: word >> bit & 1 for bit, fault in FAULTS.items()}
