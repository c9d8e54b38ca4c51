"""Channels that exist in memory only: for trying things out, for tests, and for states without a pin."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from typing import Any

from . import BaseDriver, DriverError, Report

#: Changes that are remembered, the newest ones. A row costs about 150 bytes.
HISTORY = 256


class Driver(BaseDriver):
    """Remembers levels, and the last changes with their times.

    >>> driver = Driver()
    >>> driver.open({"lamp": {}}, report=lambda name, level: None)
    {'lamp': False}
    >>> driver.write("lamp", True)
    >>> [(name, level) for moment, name, level in driver.changes]
    [('lamp', True)]
    """

    __slots__ = ("_levels", "_report", "changes")

    def __init__(self) -> None:
        self._levels: dict[str, bool] = {}
        self._report: Report | None = None
        #: (seconds of the monotonic clock, channel, new level), oldest first
        self.changes: deque[tuple[float, str, bool]] = deque(maxlen=HISTORY)

    def open(self, channels: Mapping[str, Mapping[str, Any]], report: Report) -> dict[str, bool]:
        self._levels = dict.fromkeys(channels, False)
        self._report = report
        return dict(self._levels)

    def write(self, name: str, level: bool) -> None:
        if name not in self._levels:
            raise DriverError(f"channel {name!r} is not open")
        if self._levels[name] != level:
            self._levels[name] = level
            self.changes.append((time.monotonic(), name, level))

    def feed(self, name: str, level: bool) -> None:
        """Plays the outside world: an input's level changes."""
        self.write(name, level)
        if self._report is not None:
            self._report(name, level)

    def close(self) -> None:
        self._levels = {}
        self._report = None
