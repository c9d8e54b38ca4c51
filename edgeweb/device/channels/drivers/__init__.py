"""What moves and reads channels: a module for each driver, and this one for what all of them share.

The name of the module is the name in a profile's `driver = "..."`. A driver is imported when a profile names
it, and not before, so that a board pays for its own drivers only. Its module has three names:

    OPTIONS    the keys that it adds to the table of a channel
    MODES      the modes that it can do, of `ALL_MODES`
    Driver     the class, a `BaseDriver`

and, where its keys depend on one another, `check(options)`: the keys with a fault, and what is expected.
With `RUNS_PROGRAMS = True` only a profile's file may name it, and no request.

Nothing else has to be changed for a new driver: the checks of profiles, the interface's description and the
tables of `firmware_configs/README.md` are made of these. `kernel/` has what several drivers use.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Protocol

    class DriverModule(Protocol):
        """What a module of this folder has."""

        OPTIONS: tuple[Option, ...]
        MODES: tuple[str, ...]
        Driver: type[BaseDriver]


#: All modes of a channel: an output is set, an input is only read, PWM is an output with values from 0 to 1,
#: and a button is an output that is pulsed and never stays on.
ALL_MODES = ("output", "input", "pwm", "button")

#: An electrical level: high or low, or the share of time that a PWM output is high, from 0 to 1.
Level = bool | float

#: A channel's table in the profile: keys and values that were checked by the schema and by `OPTIONS`.
Options = Mapping[str, Any]


class Option:
    """A key that a driver adds to the table of a channel. It counts from the next start on.

    `kind` and `limits` are those of `config/checks.py`, `default` is what the driver gets without a line in
    the profile. In the modes of `needed` the profile has to have a value.
    """

    __slots__ = ("default", "key", "kind", "limits", "meaning", "needed")

    def __init__(
        self,
        key: str,
        kind: str,
        limits: object,
        default: object,
        meaning: str,
        needed: tuple[str, ...] = (),
    ) -> None:
        self.key = key
        self.kind = kind
        self.limits = limits
        self.default = default
        self.meaning = meaning
        self.needed = needed


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

        The thread that asks then makes the call itself: handing it over would cost more than the write.
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


def _names() -> list[str]:
    files = (file.partition(".") for folder in __path__ for file in os.listdir(folder))
    return sorted({name for name, _, suffix in files if suffix in ("py", "pyc")} - {"__init__"})


#: The names of all drivers, by the files of this folder: none of them is imported for it.
DRIVERS: tuple[str, ...] = tuple(_names())


def driver_module(name: str) -> DriverModule:
    """Import a driver by its name. Raises `KeyError` for a name that is not in `DRIVERS`."""
    if name not in DRIVERS:
        raise KeyError(name)
    module: DriverModule = import_module(f"{__name__}.{name}")
    return module


def make_driver(name: str) -> BaseDriver:
    """Return a new driver by its name. Raises `KeyError` for a name that is not in `DRIVERS`."""
    return driver_module(name).Driver()
