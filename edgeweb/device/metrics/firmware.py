"""Faults of power supply and heat that the firmware of a Raspberry Pi reports.

Its word `get_throttled` has bits for now and, 16 places higher, for "at least once since the machine
started".
Source: Raspberry Pi documentation, "vcgencmd get_throttled"; Linux, drivers/firmware/raspberrypi.c.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from ..system.source import SourceError, read_file
from .processor import Value

#: bit: the fault while it is set
FAULTS = {0: "under-voltage", 1: "frequency-capped", 2: "throttled", 3: "soft-temperature-limit"}

_SINCE_BOOT = 16

#: Bytes of the file; the word has 8 digits at most.
_MAX_WORD = 32
_WORD = re.compile(rb"[0-9a-fA-F]{1,8}")

Faults = dict[str, int]


class Firmware:
    """The reader of the word. `root` is where the system's files are; tests give a recorded tree."""

    def __init__(self, root: str = "/") -> None:
        self._root = root
        # None: not searched yet. Empty: absent, do not search again.
        self._file: str | None = None

    def faults(self) -> tuple[Faults, Faults]:
        """Return 1 or 0 for each fault, now and since the machine started; empty without such a firmware.

        Raises `OSError`, and `SourceError` where the file has no such word.
        """
        if self._file is None:
            self._file = next(self._candidates(), "")
        if not self._file:
            return {}, {}
        word = read_file(self._file, _MAX_WORD).strip()
        if not _WORD.fullmatch(word):
            raise SourceError("get_throttled", "malformed")
        bits = int(word, 16)
        return _bits(bits), _bits(bits >> _SINCE_BOOT)

    def read(self) -> dict[str, Value]:
        """Return the figures `power_fault` and `power_fault_since_boot`; raises as `faults`."""
        now, since_boot = self.faults()
        return {"power_fault": {**now}, "power_fault_since_boot": {**since_boot}}

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


def _bits(word: int) -> Faults:
    return {fault: word >> bit & 1 for bit, fault in FAULTS.items()}
