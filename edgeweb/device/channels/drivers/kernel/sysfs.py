"""Devices of the kernel that are folders below /sys, with one value in each file: LEDs, PWM controllers.

All that fails here is a `DriverError`, whose text names the cause and what to do about it.

Source: Linux kernel documentation, admin-guide/sysfs-rules.rst.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping

from .. import DriverError

# What the kernel's refusals mean for people; {} is the device.
_GONE = "{} is gone: plug it in again, or load its driver"
_NOT_ALLOWED = (
    "{} may not be written: install the udev rules 60-edgeweb-gpio.rules, add the user edgeweb to the group"
    " gpio (usermod -aG gpio edgeweb), and restart the machine"
)
_READ_ONLY = "{} is read-only for this service: add the drop-in leds-and-pwm.conf to its unit, and restart it"
_SILENT = "{} does not answer: check the wiring and the supply of its chip"
_REASONS = {
    errno.ENOENT: _GONE,
    errno.ENODEV: _GONE,
    errno.ENXIO: _GONE,
    errno.EACCES: _NOT_ALLOWED,
    errno.EPERM: _NOT_ALLOWED,
    errno.EROFS: _READ_ONLY,
    errno.EIO: _SILENT,
    errno.EREMOTEIO: _SILENT,
    errno.ETIMEDOUT: _SILENT,
}


class Files:
    """The system calls that reach the files. Tests give a model of the kernel; `root` is a recorded tree.

    Everything raises `OSError` with the kernel's number.
    """

    __slots__ = ("_root",)

    def __init__(self, root: str = "/") -> None:
        self._root = root

    def names(self, folder: str) -> list[str]:
        """Return the names in a folder."""
        return os.listdir(os.path.join(self._root, folder))

    def read(self, path: str) -> str:
        with open(os.path.join(self._root, path), encoding="utf-8") as file:
            return file.read(4096)

    def write(self, path: str, text: str) -> None:
        """Write a value at once. A missing file is not made."""
        descriptor = os.open(os.path.join(self._root, path), os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC)
        try:
            os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)

    def may_write(self, path: str) -> bool:
        """Return whether a file is there, and this process may write it."""
        return os.access(os.path.join(self._root, path), os.W_OK)


class Device:
    """A folder of values.

    Attributes:
        path: The folder, such as "sys/class/leds/ACT".
        name: What people call it, such as 'the LED "ACT"'.
    """

    __slots__ = ("_files", "_reasons", "name", "path")

    def __init__(self, files: Files, path: str, name: str, reasons: Mapping[int, str]) -> None:
        self._files = files
        self._reasons = {**_REASONS, **reasons}
        self.path = path
        self.name = name

    def has(self, entry: str) -> bool:
        """Return whether there is a file or folder of this name."""
        try:
            return entry in self._files.names(self.path)
        except OSError:
            return False

    def may_write(self, entry: str) -> bool:
        """Return whether there is a file of this name, and this process may write it."""
        return self._files.may_write(f"{self.path}/{entry}")

    def read(self, entry: str) -> str:
        """Return the text of a value. Raises `DriverError`."""
        try:
            return self._files.read(f"{self.path}/{entry}").strip()
        except OSError as error:
            raise self._explain(error, entry) from error

    def number(self, entry: str) -> int:
        """Return a value that is a whole number. Raises `DriverError`."""
        text = self.read(entry)
        try:
            return int(text)
        except ValueError:
            raise DriverError(
                f"/{self.path}/{entry} has {text!r} in place of a number: update the kernel, or report it to"
                " the maker of its driver"
            ) from None

    def write(self, entry: str, value: object) -> None:
        """Set a value. Raises `DriverError`."""
        try:
            self._files.write(f"{self.path}/{entry}", f"{value}\n")
        except OSError as error:
            raise self._explain(error, entry) from error

    def _explain(self, error: OSError, entry: str) -> DriverError:
        """Turn the kernel's refusal into a sentence with a next step."""
        reason = self._reasons.get(error.errno or 0)
        if reason is None:
            return DriverError(
                f"/{self.path}/{entry} failed ({error.strerror or error}): the kernel's log may have the"
                " reason (dmesg)"
            )
        return DriverError(reason.format(self.name))


def devices(files: Files, folder: str) -> list[str]:
    """Return the names of the devices in a folder such as "sys/class/leds"; none where it is missing."""
    try:
        return sorted(files.names(folder))
    except OSError:
        return []
