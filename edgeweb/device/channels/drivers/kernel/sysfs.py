"""Files of the kernel that hold one value each, for the drivers that switch through them.

Source: Linux kernel documentation, admin-guide/sysfs-rules.rst.
"""

from __future__ import annotations

import os

from .. import DriverError

#: Where the system's files are; tests give a recorded tree.
ROOT = "/"


def folder(*parts: str) -> str:
    """Return a folder below the root. Raises `DriverError` where it is missing or a part leads elsewhere."""
    for part in parts[1:]:
        if "/" in part or part in ("", ".", ".."):
            raise DriverError(f"{part!r} is not the name of a device")
    path = os.path.join(ROOT, *parts)
    if not os.path.isdir(path):
        raise DriverError(f"there is no {path}")
    return path


def read(*parts: str) -> str:
    """Return the content of a file. Raises `DriverError`."""
    path = os.path.join(*parts)
    try:
        with open(path, encoding="utf-8") as file:
            return file.read(4096).strip()
    except OSError as error:
        raise DriverError(f"{path}: {error.strerror}") from error


def read_number(*parts: str) -> int:
    """Return the number in a file. Raises `DriverError`."""
    text = read(*parts)
    try:
        return int(text)
    except ValueError:
        raise DriverError(f"{os.path.join(*parts)} has {text!r} in place of a number") from None


def write(value: object, *parts: str) -> None:
    """Write a value to a file. Raises `DriverError`; a missing file is not made."""
    path = os.path.join(*parts)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC)
        try:
            os.write(descriptor, f"{value}\n".encode())
        finally:
            os.close(descriptor)
    except OSError as error:
        raise DriverError(f"{path}: {error.strerror}") from error
