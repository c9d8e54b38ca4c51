"""Channels of the kernel's industrial I/O devices: converters, thermometers, light and moisture sensors.

    [sensors.soil]
    kind = "iio"
    device = "ads1015"
    channel = "voltage0"

A device is called by its name, its label, or its address on the bus where two have the same name. A channel
is what stands between `in_` and `_raw` or `_input` in the name of its file. An `_input` is the value; a
`_raw` plus its `_offset`, times its `_scale`, is the value. Scale and offset may belong to all channels of a
type, and then have its name only. The kernel's units are those of the ABI; where a driver has others, as some
have for humidity, the profile's `scale` makes up for it.

Source: the kernel's Documentation/ABI/testing/sysfs-bus-iio.
"""

from __future__ import annotations

import os
import re

from ...system.kernel_units import IIO, Unit
from ...system.source import SourceError
from ...system.text import clean
from ..kernel_files import MAX_NAMED, find_device, names_of, read_number
from . import BaseInput, Option, Options

OPTIONS = (
    Option("device", "string", 100, "", "Name, label or bus address of the device, `bme280`.", needed=True),
    Option("channel", "string", 100, "", "One of its channels, `temp` or `voltage0`.", needed=True),
)

_CHANNEL = re.compile(r"[a-z]{2,30}\d{0,3}(?:[-_][a-z0-9]{1,30}){0,4}", re.ASCII)
_TYPE = re.compile(r"[a-z]+", re.ASCII)
_FILE = re.compile(r"in_(.+)_(?:raw|input)", re.ASCII)


class Input(BaseInput):
    """A channel of a device."""

    __slots__ = ("_channel", "_device", "_factor", "_folder", "_found")

    def __init__(self, options: Options, root: str = "/") -> None:
        super().__init__(options, root)
        self._device: str = options["device"]
        self._channel: str = options["channel"]
        kind = _TYPE.match(self._channel)
        _, self._factor, self.unit = IIO.get(kind[0] if kind else "", Unit("", 1.0, ""))
        self._folder = os.path.join(root, "sys/bus/iio/devices")
        #: The folder of the device, as it was found last.
        self._found = ""

    def read(self) -> float:
        if not self._found or self._device not in names_of(self._found):
            self._found = ""
            self._found = find_device(self._folder, "iio:device", self._device)
        path = os.path.join(self._found, f"in_{self._channel}")
        if os.path.exists(f"{path}_input"):
            value = read_number(f"{path}_input")
        elif os.path.exists(f"{path}_raw"):
            # the raw value last: reading it may take long, and the others are kept in memory
            offset, scale = self._shared("offset", 0.0), self._shared("scale", 1.0)
            value = (read_number(f"{path}_raw") + offset) * scale
        else:
            raise SourceError(self._missing())
        return value * self._factor

    def _shared(self, what: str, default: float) -> float:
        """Return the scale or the offset of the channel, or else that of all channels of its type."""
        for name in _owners(self._channel):
            path = os.path.join(self._found, f"in_{name}_{what}")
            if os.path.exists(path):
                return read_number(path)
        return default

    def _missing(self) -> str:
        try:
            files = sorted(os.listdir(self._found))
        except OSError:
            return f"{self._device} is gone"
        there = [found[1] for file in files if (found := _FILE.fullmatch(file))]
        named = ", ".join(dict.fromkeys(there[:MAX_NAMED])) or "none"
        return f'{self._device} has no channel "{self._channel}": there are {clean(named)}'


def _owners(channel: str) -> list[str]:
    """Return the names that a channel's scale may have, the channel's own first.

    >>> _owners("voltage0-voltage1"), _owners("accel_x")
    (['voltage0-voltage1', 'voltage-voltage', 'voltage'], ['accel_x', 'accel'])
    """
    kind = _TYPE.match(channel)
    names = (channel, re.sub(r"\d", "", channel), kind[0] if kind else channel)
    return list(dict.fromkeys(names))


def check(options: Options) -> dict[str, str]:
    """Return the keys with a fault, and what is expected."""
    channel: str = options["channel"]
    expected = 'what stands between "in_" and "_raw" in the name of a file, such as "voltage0"'
    return {} if not channel or _CHANNEL.fullmatch(channel) else {"channel": expected}
