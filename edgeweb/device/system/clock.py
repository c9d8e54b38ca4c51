"""Wall time for moments of the monotonic clock.

A board without a battery-backed clock starts in 1970 and jumps to today when the network answers. So
moments are noted on the monotonic clock, and turned into a date only when they are read: what was shown
as 1970 before the jump is right after it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

#: Seconds that wall time may drift from the monotonic clock before that counts as a step. NTP slews below
#: this would otherwise change the milliseconds of an answer that has not changed.
TOLERANCE = 0.5


class WallClock:
    """The offset of the wall clock, which turns moments of the monotonic clock into ISO 8601 text in UTC.

    `steps` counts how often the wall clock was set: what was rendered before has to be rendered again.
    """

    __slots__ = ("_offset", "_wall", "monotonic", "steps")

    def __init__(
        self, monotonic: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time
    ) -> None:
        self.monotonic = monotonic
        self._wall = wall
        self._offset = wall() - monotonic()
        self.steps = 0

    def check(self) -> int:
        """Compare the clocks; return `steps`, one more where the wall clock was set."""
        offset = self._wall() - self.monotonic()
        if abs(offset - self._offset) > TOLERANCE:
            self._offset = offset
            self.steps += 1
        return self.steps

    def seconds(self, moment: float) -> float:
        """Return the date of a moment in seconds since 1970."""
        return moment + self._offset

    def iso(self, moment: float) -> str:
        """Return the date of a moment, to the millisecond.

        >>> WallClock(monotonic=lambda: 5.0, wall=lambda: 1_000_000_005.0).iso(2.5)
        '2001-09-09T01:46:42.500Z'
        """
        return self.date(self.seconds(moment))

    @staticmethod
    def date(seconds: float) -> str:
        """Return seconds since 1970 as text."""
        milliseconds = round(seconds * 1000)
        date = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds // 1000))
        return f"{date}.{milliseconds % 1000:03d}Z"


def synchronized(root: str = "/") -> int | None:
    """1 once the network has set the clock, 0 before; None where systemd-timesyncd does not run.

    Source: systemd-timesyncd.service(8), which makes these files.
    """
    folder = os.path.join(root, "run/systemd/timesync")
    if not os.path.isdir(folder):
        return None
    return int(os.path.exists(os.path.join(folder, "synchronized")))
