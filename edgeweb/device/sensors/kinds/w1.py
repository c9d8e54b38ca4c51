"""Thermometers on a 1-Wire bus, such as the DS18B20, through the kernel's driver w1_therm.

    [sensors.boiler]
    kind = "w1"
    device = "28-0316a2795e1f"

A reading takes 750 ms on the bus, one sensor after another. The driver prints the nine bytes that it got,
whether their checksum is right, and the temperature: of the *last* good reading where it is wrong. A sensor
that has lost its power meanwhile answers 85 °C, the value it starts with, and one with too little power
127.94 °C; both are known by the sixth byte, which a conversion would have changed. A bus that is shorted
answers nine zeros, whose checksum is right.

Source: the kernel's Documentation/w1/slaves/w1_therm.rst; Maxim, DS18B20 data sheet, "Memory".
"""

from __future__ import annotations

import os
import re

from ...system.source import SourceError
from ...system.text import clean
from ..kernel_files import MAX_NAMED, read
from . import BaseInput, Option, Options

OPTIONS = (
    Option("device", "string", 64, "", "Name of the thermometer on the bus, `28-0316a2795e1f`.", needed=True),
)

_DEVICE = re.compile(r"[0-9a-f]{2}-[0-9a-f]{12}", re.ASCII)

#: Both lines of `w1_slave`: the bytes of the scratchpad, the verdict on their checksum, millidegrees.
_ANSWER = re.compile(
    rb"((?:[0-9a-f]{2} ){9}): crc=[0-9a-f]{2} (YES|NO)\s(?:[0-9a-f]{2} ){9}t=(-?\d{1,6})\s*", re.ASCII
)

#: Millidegrees that a thermometer answers without a conversion: after a loss of power, with too little of it.
_POWER_ON, _TOO_LITTLE = 85_000, 127_937
#: The sixth byte of the scratchpad before the first conversion.
_FRESH = b"0c"


class Input(BaseInput):
    """A thermometer. All of them share a thread, because they share the bus."""

    __slots__ = ("_device", "_folder")

    def __init__(self, options: Options, root: str = "/") -> None:
        super().__init__(options, root)
        self.unit = "°C"
        self.lane = "w1"
        self.deadline = 15.0
        self._device: str = options["device"]
        self._folder = os.path.join(root, "sys/bus/w1/devices")

    def read(self) -> float:
        folder = os.path.join(self._folder, self._device)
        if not os.path.isdir(folder):
            raise SourceError(self._missing())
        content = read(os.path.join(folder, "w1_slave"))
        found = _ANSWER.fullmatch(content)
        if found is None:
            text = clean(content.strip()[:40])
            raise SourceError(f'w1_slave: "{text}"' if text else "w1_slave is empty", "malformed")
        scratchpad, verdict, degrees = found[1].split(), found[2], int(found[3])
        if verdict != b"YES":
            raise SourceError("the checksum of the answer is wrong: look for long or loose wires")
        if not any(int(byte, 16) for byte in scratchpad):
            raise SourceError("the bus answers zeros only: its data wire is shorted to ground")
        if scratchpad[6] == _FRESH and degrees in (_POWER_ON, _TOO_LITTLE):
            raise SourceError("the thermometer has not measured: it had no power, or too little")
        return degrees / 1000

    def _missing(self) -> str:
        try:
            there = sorted(entry for entry in os.listdir(self._folder) if _DEVICE.fullmatch(entry))
        except OSError:
            return "there is no 1-Wire bus: the device tree needs dtoverlay=w1-gpio"
        named = f": there are {', '.join(there[:MAX_NAMED])}" if there else ", and there is no other"
        return f"{self._device} is not on the bus{named}"


def check(options: Options) -> dict[str, str]:
    """Return the keys with a fault, and what is expected."""
    device: str = options["device"]
    expected = "the name of a folder in /sys/bus/w1/devices, such as 28-0316a2795e1f"
    return {} if not device or _DEVICE.fullmatch(device) else {"device": expected}
