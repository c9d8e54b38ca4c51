"""Folders and values of /sys as the list of hardware reads them: bounded, and as clean text.

Source: Linux kernel documentation, admin-guide/sysfs-rules.rst.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from ..system.source import read_file
from ..system.text import clean

T = TypeVar("T")

#: A row of a bus: names and values as JSON has them.
Row = dict[str, Any]

#: Rows of a bus at most, the lines, outputs and channels in its rows counted as well. A Raspberry Pi 5 has
#: 118 on its busiest bus.
MAX_ROWS = 512

#: Names in a folder that are looked at.
MAX_NAMES = 4096

#: Characters of a name or label, and bytes of a value that are read.
MAX_TEXT = 80
_MAX_VALUE = 256

_NUMBER = re.compile(r"[0-9]{1,20}")
_DIGITS = re.compile(r"([0-9]+)")


class Limit:
    """The rows that a bus may still have.

    Attributes:
        is_reached: Whether rows were left out.

    >>> limit = Limit(3)
    >>> list(limit.take("ab")), list(limit.take("cd")), limit.is_reached
    (['a', 'b'], ['c'], True)
    """

    __slots__ = ("_left", "is_reached")

    def __init__(self, most: int = MAX_ROWS) -> None:
        self._left = most
        self.is_reached = False

    def take(self, found: Iterable[T]) -> Iterator[T]:
        """Yield what is found, as far as rows are left."""
        for one in found:
            if not self._left:
                self.is_reached = True
                return
            self._left -= 1
            yield one


def names(root: str, folder: str, pattern: str = ".+") -> list[str]:
    """Return the names in a folder that match as a whole, numbers in their order; none without the folder.

    A name that cannot be shown as it is, such as one with a line break, is left out: no profile can have it.
    Raises `OSError` where the folder cannot be read.
    """
    match = re.compile(pattern, re.ASCII).fullmatch
    try:
        with os.scandir(os.path.join(root, folder)) as entries:
            found = [entry.name for entry in islice(entries, MAX_NAMES)]
    except FileNotFoundError:
        return []
    return sorted((name for name in found if match(name) and clean(name) == name), key=in_order)


def text(root: str, path: str) -> str:
    """Return a value as one clean line; the empty text where it is missing or cannot be read."""
    try:
        return clean(read_file(os.path.join(root, path), _MAX_VALUE).strip(b"\0\n "), MAX_TEXT)
    except OSError:
        return ""


def number(root: str, path: str, highest: int) -> int | None:
    """Return a value that is a whole number from 0 to `highest`; None for anything else."""
    found = text(root, path)
    if not _NUMBER.fullmatch(found):
        return None
    return value if (value := int(found)) <= highest else None


def target(root: str, path: str) -> str:
    """Return the name of what a link leads to, such as that of a driver; empty where there is no link."""
    link = os.path.join(root, path)
    return clean(os.path.basename(os.path.realpath(link)), MAX_TEXT) if os.path.islink(link) else ""


def in_order(name: str) -> list[tuple[int, str]]:
    """Return the key by which "hwmon10" comes after "hwmon9"."""
    parts = _DIGITS.split(name)
    return [(int(part), part) if part.isdecimal() and part.isascii() else (-1, part) for part in parts]


def with_names(root: str, folder: str, devices: list[Row], *keys: str) -> Iterator[tuple[Row, str]]:
    """Yield each device with a name that a sensor may call it by, and that no other device has.

    The texts of `keys` come first, then the address on the bus. The entry of the folder comes last: it
    changes with the order in which drivers start.
    """
    found = []
    for device in devices:
        address = target(root, f"{folder}/{device['device']}/device")
        found.append([*(device[key] for key in keys), address, device["device"]])
    uses = Counter(name for each in found for name in set(each))
    for device, each in zip(devices, found, strict=True):
        yield device, next(name for name in each if name and (uses[name] == 1 or name is each[-1]))
