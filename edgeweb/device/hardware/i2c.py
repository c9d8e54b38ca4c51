"""I2C buses and the devices that the kernel has been told of: no address is probed.

A probe is a transfer, which some chips take for a command. A device without a driver has none that fits, or
its module is not loaded.

Source: Linux kernel documentation, i2c/i2c-sysfs.rst.
"""

from __future__ import annotations

from .tree import Limit, Row, names, target, text

_FOLDER = "sys/bus/i2c/devices"


def read(root: str, limit: Limit) -> list[Row]:
    """Return a row for each bus, with its `devices`. Raises `OSError`."""
    return [
        {
            "bus": bus,
            "name": text(root, f"{_FOLDER}/{bus}/name"),
            "devices": list(limit.take(_devices(root, bus.partition("-")[2]))),
        }
        for bus in limit.take(names(root, _FOLDER, r"i2c-\d+"))
    ]


def _devices(root: str, number: str) -> list[Row]:
    return [
        {
            "address": f"0x{device[-2:]}",
            "name": text(root, f"{_FOLDER}/{device}/name"),
            "driver": target(root, f"{_FOLDER}/{device}/driver"),
        }
        # addresses of 7 bits: the folder has four digits, of which a longer address uses more
        for device in sorted(names(root, _FOLDER, rf"{number}-00[0-7][0-9a-f]"))
    ]
