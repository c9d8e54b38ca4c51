"""The time that one request may wait for the system, all its sources and programs together.

Each wait has a bound of its own below a second, but a page asks several: the figures, the processes, the
services, the journal. So the gate calls `begin` with each request, and every wait takes from what is left.
Threads without a request (timers, the history) wait as long as they like.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import local

#: Seconds: with the rest of its way a request stays below a second.
MAX_WAIT = 0.9


class Patience(local):
    """What is left of `MAX_WAIT` for the request of this thread.

    >>> now = 5.0
    >>> patience = Patience(lambda: now)
    >>> patience.left(2.0)
    2.0
    >>> patience.begin()
    >>> now = 5.5
    >>> round(patience.left(2.0), 1)
    0.4
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ends: float | None = None

    def begin(self, longest: float = MAX_WAIT) -> None:
        """Begin a request: it may wait that many seconds from now on."""
        self._ends = self._clock() + longest

    def left(self, longest: float) -> float:
        """Return the seconds to wait at most, of `longest`; 0 where nothing is left."""
        return longest if self._ends is None else max(min(longest, self._ends - self._clock()), 0.0)
