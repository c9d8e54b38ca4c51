"""Devices of the kernel's industrial I/O: converters and sensors on I2C and SPI, with their channels.

A channel is a group of files with one beginning: `in_voltage0_raw` and `in_voltage0_scale`. `_input` is a
value that the driver has computed, `_raw` has to be multiplied with `_scale`. Units are those of either.

Source: Linux kernel documentation, ABI/testing/sysfs-bus-iio.
"""

from __future__ import annotations

import re

from ..system.kernel_units import IIO
from .tree import Limit, Row, in_order, names, text, with_names

_FOLDER = "sys/bus/iio/devices"

_VALUE = re.compile(r"((?:in|out)_([a-z]+)[a-z0-9_-]*)_(raw|input)", re.ASCII)


def read(root: str, limit: Limit) -> list[Row]:
    """Return a row for each device, with its `channels`. Raises `OSError`."""
    devices: list[Row] = [
        {
            "device": device,
            "name": text(root, f"{_FOLDER}/{device}/name"),
            "label": text(root, f"{_FOLDER}/{device}/label"),
            "channels": list(limit.take(_channels(root, device))),
        }
        for device in limit.take(names(root, _FOLDER, r"iio:device\d+"))
    ]
    for device, name in with_names(root, _FOLDER, devices, "label", "name"):
        for channel in device["channels"]:
            if channel["prefix"].startswith("in_"):
                keys = {"kind": "iio", "device": name, "channel": channel["prefix"].removeprefix("in_")}
                channel["sensor"] = keys
    return devices


def _channels(root: str, device: str) -> list[Row]:
    found: dict[str, Row] = {}
    for name in names(root, f"{_FOLDER}/{device}", _VALUE.pattern):
        match = _VALUE.fullmatch(name)
        if match is not None:
            channel, kind, value = match.groups()
            unit = IIO[kind].kernel if kind in IIO else ""
            row = found.setdefault(channel, {"prefix": channel, "kind": kind, "unit": unit})
            row["value"] = "input" if "input" in (value, row.get("value")) else "raw"
    return [found[channel] for channel in sorted(found, key=in_order)]
