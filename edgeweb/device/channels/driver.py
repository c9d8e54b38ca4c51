"""What every driver is: the class that it derives from, its levels, and the error that it raises."""

from __future__ import annotations

from collections.abc import Callable

from ..option import Options

#: All modes of a channel: an output is set, an input is only read, PWM is an output with values from 0 to 1,
#: and a button is an output that is pulsed and never stays on.
ALL_MODES = ("output", "input", "pwm", "button")

#: An electrical level: high or low, or the share of time that a PWM output is high, from 0 to 1.
Level = bool | float


class DriverError(Exception):
    """The hardware did not do what it was asked; the text names the cause, for people."""


#: Called by a driver, from any thread, with a channel's name and its new electrical level, or with the error
#: that has made it unreachable.
Report = Callable[[str, "Level | DriverError | None"], None]


class BaseDriver:
    """What the channel controller asks of a driver. Levels are electrical: the controller inverts.

    One instance serves every channel of its name. Calls are made on a thread of the driver's own, one at a
    time, and may block. Channels that name a `chip` have a thread for each chip, as a bus may hang that
    others do not need: calls of two channels may meet then (`executor.py`). All methods raise `DriverError`
    where the hardware fails. A channel whose driver does not return in two seconds, and its own `timeout`
    where it has one, is offline until it does.
    """

    __slots__ = ()

    def has_own_thread(self, options: Options) -> bool:
        """Return whether a channel has a thread of its own: for one that may wait long, as for a program."""
        return False

    def is_instant(self, name: str) -> bool:
        """Return whether writing an attached channel takes microseconds and cannot hang.

        The thread that asks then makes the call itself: handing it over would cost more than the write. Not
        asked of drivers of other packages.
        """
        return False

    def attach(self, name: str, options: Options, level: Level | None, report: Report) -> Level | None:
        """Take a channel, with its table of the profile. Return its level; None of one that cannot be known.

        An output gets `level` at once, without another one in between; None leaves it. From now on `report`
        is called whenever a level changes without `write`. A channel that is attached already is attached
        again.
        """
        raise NotImplementedError

    def write(self, name: str, level: Level) -> Level | None:
        """Set an output's level. Return the one that was read back, None where nothing was."""
        raise NotImplementedError

    def read(self, name: str) -> Level | None:
        """Return the level of a channel now, None if it is not known; called where the profile has `poll`."""
        raise NotImplementedError

    def detach(self, name: str) -> None:
        """Release one channel, which keeps its level where the hardware does. Others go on.

        One that is not attached is none: its hardware may have failed.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Release the hardware. Calling it twice does no harm."""
