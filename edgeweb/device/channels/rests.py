"""The rests of groups after a switch of a member."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threading import Condition

    from ..system.timers import Timers
    from .channel import Group


class Rests:
    """Begins and ends rests; methods are called with the lock held.

    `begun(group)` and `ended(group)` are called with the lock held.
    """

    def __init__(
        self,
        lock: Condition,
        clock: Callable[[], float],
        timers: Timers,
        begun: Callable[[Group], object],
        ended: Callable[[Group], object],
    ) -> None:
        self._lock = lock
        self._clock = clock
        self._timers = timers
        self._begun = begun
        self._ended = ended

    def begin(self, group: Group, seconds: float) -> None:
        """Let a group rest from now on; a longer rest that is under way goes on."""
        until = self._clock() + seconds
        if not seconds or (group.rest is not None and group.rest.moment > until):
            return
        group.rest_until = until
        if group.rest is not None:
            group.rest.cancel()
        group.rest = self._timers.after(seconds, partial(self._end, group))
        self._begun(group)

    def left(self, group: Group) -> float:
        """Return the seconds until the end of a group's rest; 0 where it does not rest."""
        return 0.0 if group.rest is None else max(group.rest.moment - self._clock(), 0.0)

    def stop(self, group: Group) -> None:
        """Forget a rest that is under way."""
        if group.rest is not None:
            group.rest.cancel()
            group.rest = None

    def _end(self, group: Group) -> None:
        with self._lock:
            # A rest that began in the meantime has a timer of its own.
            if group.rest is None or group.rest.moment > self._clock():
                return
            group.rest = None
            self._ended(group)
