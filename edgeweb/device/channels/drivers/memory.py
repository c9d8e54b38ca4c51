"""Channels that exist in memory only: for trying things out, for tests, and for states without a pin."""

from __future__ import annotations

import time
from collections import deque

from . import ALL_MODES, BaseDriver, DriverError, Option, Options, Report

OPTIONS: tuple[Option, ...] = ()

MODES = ALL_MODES

#: Changes that are remembered, the newest ones. A row costs about 150 bytes.
HISTORY = 256


class Driver(BaseDriver):
    """A driver that remembers levels, and the last changes with their times.

    >>> driver = Driver()
    >>> driver.attach("lamp", {}, None, report=lambda name, level: None)
    False
    >>> driver.write("lamp", True)
    >>> [(name, level) for moment, name, level in driver.changes]
    [('lamp', True)]
    """

    __slots__ = ("_levels", "_reports", "changes")

    def __init__(self) -> None:
        self._levels: dict[str, bool | float] = {}
        self._reports: dict[str, Report] = {}
        #: (seconds of the monotonic clock, channel, new level), oldest first
        self.changes: deque[tuple[float, str, bool | float]] = deque(maxlen=HISTORY)

    def attach(self, name: str, options: Options, level: bool | float | None, report: Report) -> bool | float:
        self._levels.setdefault(name, False)
        self._reports[name] = report
        if level is not None:
            self.write(name, level)
        return self._levels[name]

    def write(self, name: str, level: bool | float) -> None:
        if name not in self._levels:
            raise DriverError(f"channel {name!r} is not open")
        if self._levels[name] != level:
            self._levels[name] = level
            self.changes.append((time.monotonic(), name, level))

    def read(self, name: str) -> bool:
        if name not in self._levels:
            raise DriverError(f"channel {name!r} is not open")
        return bool(self._levels[name])

    def feed(self, name: str, level: bool) -> None:
        """Change an input's level, as the outside world would."""
        self.write(name, level)
        self._reports[name](name, level)

    def close(self) -> None:
        self._levels = {}
        self._reports = {}
