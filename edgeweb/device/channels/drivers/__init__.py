"""What moves and reads channels. A driver is imported when a profile names it, and not before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

#: The name in a profile's `driver = "..."`, and the keys that it needs: for an output, for an input.
DRIVERS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "memory": ((), ()),
    "gpio": (("line",), ("line",)),
    "led": (("line",), ("line",)),
    "pwm": (("line",), ("line",)),
    "command": (("on", "off"), ("read",)),
}

#: Those that can be on for a share of the time.
WITH_PWM = ("memory", "led", "pwm")


class DriverError(Exception):
    """The hardware did not do what it was asked; the text says why, for people."""


#: Called by a driver, from any thread, with a channel's name and its new electrical level, or with the error
#: that has made it unreachable.
Report = Callable[[str, "bool | DriverError"], None]


class BaseDriver:
    """What the channel controller asks of a driver. Levels are electrical: the controller inverts. The level
    of a PWM channel is a float from 0 to 1.

    One instance serves every channel of its name. Calls may block; a channel has one at a time, several
    channels may have theirs at once. All methods raise `DriverError` where the hardware fails.
    """

    __slots__ = ()

    def attach(
        self, name: str, options: Mapping[str, Any], level: bool | float | None, report: Report
    ) -> bool | float:
        """Takes a channel, with its table of the profile, and returns its level.

        An output gets `level` at once, without another one in between; None leaves it. From now on `report`
        is called whenever a level changes without `write`. A channel that is attached already is taken anew.
        """
        raise NotImplementedError

    def write(self, name: str, level: bool | float) -> None:
        """Sets an output's level; returns when it is set."""
        raise NotImplementedError

    def read(self, name: str) -> bool:
        """The level of a channel now; asked for where the profile says `poll`."""
        raise NotImplementedError

    def close(self) -> None:
        """Lets the hardware go. Calling it twice does no harm."""


def make_driver(name: str) -> BaseDriver:
    """A new driver by its name in the profile. Raises `KeyError` for a name that is not in `DRIVERS`."""
    if name not in DRIVERS:
        raise KeyError(name)
    driver: BaseDriver = import_module("." + name, __name__).Driver()
    return driver
