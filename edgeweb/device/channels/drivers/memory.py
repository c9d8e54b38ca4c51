"""Channels that exist in memory only: for trying things out, for tests, and for states without a pin.

With `fault` a channel behaves as hardware that has one, so that people can rehearse what they, their programs
and their alarms do then. The first reach at the start is always good, so that the fault is met in use.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from threading import Event

from . import ALL_MODES, BaseDriver, DriverError, Level, Option, Options, Report

OPTIONS = (
    Option(
        "fault",
        "choice",
        ("none", "hang", "fail", "vanish", "slow"),
        "none",
        "For rehearsals: switches and polls never end (hang), all fail (fail), fail for 10 s after every 30 s"
        " (vanish), or take a second (slow).",
    ),
)

MODES = ALL_MODES

#: Changes that are remembered, the newest ones. A row costs about 150 bytes.
HISTORY = 256
#: Seconds for which a channel with `vanish` is there, and for which it is gone.
THERE, GONE = 30.0, 10.0
#: Seconds of a call with `slow`.
SLOW = 1.0

_REHEARSAL = 'this is a rehearsal: remove fault = "{}" from its channel when it is over'


class Driver(BaseDriver):
    """A driver that remembers levels, and the last changes with their times.

    >>> driver = Driver()
    >>> driver.attach("lamp", {}, None, report=lambda name, level: None)
    False
    >>> driver.write("lamp", True)
    >>> [(name, level) for moment, name, level in driver.changes]
    [('lamp', True)]
    """

    __slots__ = ("_began", "_clock", "_closed", "_faults", "_levels", "_reports", "changes")

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._levels: dict[str, Level] = {}
        self._reports: dict[str, Report] = {}
        #: The channels with a fault.
        self._faults: dict[str, str] = {}
        #: Ends the calls that hang.
        self._closed = Event()
        #: (seconds of the monotonic clock, channel, new level), oldest first
        self.changes: deque[tuple[float, str, Level]] = deque(maxlen=HISTORY)

    def has_own_thread(self, options: Options) -> bool:
        return bool(options.get("fault", "none") != "none")

    def is_instant(self, name: str) -> bool:
        return name not in self._faults

    def attach(self, name: str, options: Options, level: Level | None, report: Report) -> Level:
        if self.has_own_thread(options):
            self._faults[name] = options["fault"]
            self._vanish(name)
        self._levels.setdefault(name, False)
        self._reports[name] = report
        if level is not None:
            self._set(name, level)
        return self._levels[name]

    def write(self, name: str, level: Level) -> None:
        self._meet_fault(name)
        self._set(name, level)

    def read(self, name: str) -> Level:
        self._meet_fault(name)
        if name not in self._levels:
            raise DriverError(f"channel {name!r} is not open")
        return self._levels[name]

    def feed(self, name: str, level: bool) -> None:
        """Change an input's level, as the outside world would."""
        self._set(name, level)
        self._reports[name](name, level)

    def detach(self, name: str) -> None:
        for table in (self._levels, self._reports, self._faults):
            table.pop(name, None)

    def close(self) -> None:
        self._closed.set()
        self._levels = {}
        self._reports = {}

    def _set(self, name: str, level: Level) -> None:
        if name not in self._levels:
            raise DriverError(f"channel {name!r} is not open")
        if self._levels[name] != level:
            self._levels[name] = level
            self.changes.append((time.monotonic(), name, level))

    def _meet_fault(self, name: str) -> None:
        """Do what the fault of a channel does to a call."""
        fault = self._faults.get(name)
        if fault == "slow":
            self._closed.wait(SLOW)
        elif fault == "hang":
            self._closed.wait()
        elif fault == "fail":
            raise DriverError(_REHEARSAL.format(fault))
        elif fault == "vanish":
            self._vanish(name)

    def _vanish(self, name: str) -> None:
        """Raise `DriverError` where a channel with `vanish` is gone."""
        if self._faults[name] == "vanish" and (self._clock() - self._began) % (THERE + GONE) >= THERE:
            raise DriverError(_REHEARSAL.format("vanish"))
