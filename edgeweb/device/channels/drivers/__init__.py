"""What moves and reads channels. A driver is imported when a profile names it, and not before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

#: The name in a profile's `driver = "..."`: the module here that has a class `Driver`.
DRIVERS = {
    "memory": "memory",
}

#: Called by a driver with a channel's name and its new electrical level, from any thread.
Report = Callable[[str, bool], None]


class DriverError(Exception):
    """The hardware did not do what it was asked; the text says why, for people."""


class BaseDriver:
    """What the channel bank asks of a driver. Levels are electrical: inversion is the bank's affair.

    One instance serves every channel of its name. `write` may block; it is called by one thread at a time
    for a channel, and by several for different channels. All methods raise `DriverError` where the hardware
    fails.
    """

    __slots__ = ()

    def open(self, channels: Mapping[str, Mapping[str, Any]], report: Report) -> dict[str, bool]:
        """Takes the channels (name: its table in the profile) and returns the level of each.

        From now on `report` is called whenever a level changes without `write`.
        """
        raise NotImplementedError

    def write(self, name: str, level: bool) -> None:
        """Sets an output's level; returns when it is set."""
        raise NotImplementedError

    def close(self) -> None:
        """Lets the hardware go. Calling it twice does no harm."""


def make_driver(name: str) -> BaseDriver:
    """A new driver by its name in the profile. Raises `KeyError` for a name that is not in `DRIVERS`."""
    module = import_module("." + DRIVERS[name], __name__)
    driver: BaseDriver = module.Driver()
    return driver
