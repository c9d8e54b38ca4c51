"""1-Wire buses and the devices on them, by the names that the bus has found: no device is addressed.

A name is the family and the serial number that are burned into the chip, such as "28-00000a1b2c3d".

Source: Linux kernel documentation, w1/w1-generic.rst and w1/slaves/.
"""

from __future__ import annotations

from .tree import Limit, Row, names

_FOLDER = "sys/bus/w1/devices"

#: The digits are hexadecimal, so the order of such names is that of texts.
_DEVICE = "[0-9a-f]{2}-[0-9a-f]{12}"

#: The chips of a family, by its number in hexadecimal digits.
FAMILIES = {
    "05": "DS2405",
    "10": "DS18S20",
    "12": "DS2406",
    "1c": "DS28E04",
    "22": "DS1822",
    "26": "DS2438",
    "28": "DS18B20",
    "29": "DS2408",
    "2d": "DS2431",
    "3a": "DS2413",
    "3b": "DS1825",
    "42": "DS28EA00",
}

#: The families that measure a temperature with `w1_therm` of the kernel.
THERMOMETERS = frozenset({"10", "22", "28", "3b", "42"})


def read(root: str, limit: Limit) -> list[Row]:
    """Return a row for each bus, with its `devices`. Raises `OSError`."""
    return [
        {
            "bus": bus,
            "devices": [
                _device(device) for device in limit.take(sorted(names(root, f"{_FOLDER}/{bus}", _DEVICE)))
            ],
        }
        for bus in limit.take(names(root, _FOLDER, r"w1_bus_master\d+"))
    ]


def _device(device: str) -> Row:
    row: Row = {"device": device, "kind": FAMILIES.get(device[:2], "")}
    if device[:2] in THERMOMETERS:
        row["sensor"] = {"kind": "w1", "device": device}
    return row
