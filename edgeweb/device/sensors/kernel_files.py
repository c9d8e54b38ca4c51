"""How kinds read files: one bounded reader of numbers, and the kernel's devices by what people call them.

Everything in such a file is text from outside, also where it comes from a driver: it may be missing, empty,
unreadable or anything at all.
"""

from __future__ import annotations

import os
import re
from errno import EACCES, ENODEV, ENOENT, ENOTDIR, ENXIO, EPERM

from ..system.source import SourceError, read_file
from ..system.text import clean

#: Bytes of a file that are read: a number has few, and a log that is named by mistake has many.
MAX_BYTES = 4096

#: Devices of a class that are looked at, and names of them in a reason.
MAX_DEVICES, MAX_NAMED = 256, 8

#: A number as drivers and programs write it: digits of ASCII, no more of them than a float has, no "nan" and
#: no "inf". What stands behind it, such as a unit, is left out.
_NUMBER = re.compile(rb"\s*([+-]?\d{1,19}(?:\.\d{0,19})?(?:[eE][+-]?\d{1,2})?)(?:[\s\0]|$)")

#: Why a file cannot be read, in words; the others are the system's own.
_REASONS = {
    ENOENT: "there is no {path}",
    ENOTDIR: "there is no {path}",
    ENODEV: "the device behind {path} is gone",
    ENXIO: "the device behind {path} is gone",
    EACCES: "the server may not read {path}: give its user the right to",
    EPERM: "the server may not read {path}: give its user the right to",
}


def read(path: str) -> bytes:
    """Return the first `MAX_BYTES` of a file. Raises `SourceError` with its path and the reason."""
    try:
        return read_file(path, MAX_BYTES)
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, "{path}: {error}")
        raise SourceError(reason.format(path=clean(path), error=error.strerror or error)) from error


def number(content: bytes, where: str) -> float:
    """Return the number that a content begins with. Raises `SourceError` "malformed" where there is none.

    >>> number(b"21500\\n", "temp1_input"), number(b"3.3 V", "tool")
    (21500.0, 3.3)
    """
    found = _NUMBER.match(content)
    if found is None:
        text = clean(content.strip()[:40])
        raise SourceError(f'{where}: "{text}" is no number' if text else f"{where} is empty", "malformed")
    return float(found[1])


def read_number(path: str) -> float:
    """Return the number in a file. Raises `SourceError`."""
    return number(read(path), clean(os.path.basename(path)))


def read_name(path: str) -> str:
    """Return the line of a file that names something; empty where there is none."""
    try:
        return clean(read_file(path, MAX_BYTES)).strip()
    except OSError:
        return ""


def find_device(folder: str, prefix: str, wanted: str) -> str:
    """Return the folder of the device that a profile calls `wanted`.

    `folder` has an entry for each device, which begins with `prefix`: that entry, the device's `name` or its
    `label`, and the bus address behind its `device` link are names of it. A number changes with the order in
    which drivers start, so it is looked for with each reading that finds it moved. Raises `SourceError` where
    no device or more than one has the name.
    """
    try:
        entries = sorted(entry for entry in os.listdir(folder) if entry.startswith(prefix))[:MAX_DEVICES]
    except OSError:
        entries = []
    found, known = [], []
    for entry in entries:
        path = os.path.join(folder, entry)
        names = names_of(path)
        known.append(names[1] or entry)
        if wanted in names:
            found.append(path)
    if len(found) == 1:
        return found[0]
    if found:
        others = ", ".join(names_of(path)[-1] or os.path.basename(path) for path in found[:MAX_NAMED])
        raise SourceError(f'{len(found)} devices are called "{wanted}": name one of {others}')
    there = ", ".join(sorted(set(known))[:MAX_NAMED])
    named = f": there are {clean(there)}" if there else ", and there is none"
    raise SourceError(f'no device is called "{wanted}"{named}')


def names_of(path: str) -> tuple[str, str, str, str]:
    """Return what a device may be called: its entry, its name, its label, its address on its bus."""
    try:
        address = os.path.basename(os.readlink(os.path.join(path, "device")))
    except OSError:
        address = ""
    files = (read_name(os.path.join(path, file)) for file in ("name", "label"))
    name, label = files
    return os.path.basename(path), name, label, clean(address)
