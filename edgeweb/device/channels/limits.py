"""The longest time that an output may be on.

It belongs to being on, in whatever state. Going off ends it, and nothing begins it again: neither being
switched on once more nor another process.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threading import Condition

    from ..system.timers import Timers
    from .channel import Channel


class Limits:
    """Begins and ends the longest times on; methods are called with the lock held.

    `ended(channel)` is called, with the lock held, for one that has been on for that time. It is over until
    the output is known to be off.
    """

    def __init__(
        self,
        lock: Condition,
        clock: Callable[[], float],
        timers: Timers,
        ended: Callable[[Channel], object],
    ) -> None:
        self._lock = lock
        self._clock = clock
        self._timers = timers
        self._ended = ended

    def set(self, channel: Channel, on: bool | None, since: float | None = None) -> None:
        """Begin the longest time on, or end it.

        An output whose state is not known may be on. `since` is the moment from which it may be on: when its
        driver was asked, however late it answered. None: from now.
        """
        moment, channel.known_off_at = channel.known_off_at, None
        if on is False:
            if channel.limit is not None:
                channel.limit.cancel()
                channel.limit = None
            return
        longest: float = channel.options["max_on"]
        if channel.limit is None and (moment is not None or longest):
            now = self._clock()
            if moment is None:
                moment = (now if since is None else since) + longest
            channel.limit = self._timers.after(moment - now, partial(self._end, channel))

    def replace(self, channel: Channel, moment: float) -> None:
        """Have the limit of an earlier process count for an output that is on, or may be."""
        if channel.limit is not None:
            channel.limit.cancel()
            channel.limit = None
        channel.known_off_at = moment
        self.set(channel, True)

    def is_over(self, channel: Channel) -> bool:
        """Return whether a limit has ended that no timer has: the output must not go on."""
        return channel.known_off_at is not None and channel.known_off_at <= self._clock()

    def _end(self, channel: Channel) -> None:
        with self._lock:
            # A limit that began in the meantime has a timer of its own; the end of the machine cancels all.
            if channel.limit is None or channel.limit.moment > self._clock():
                return
            channel.limit = None
            # Switching it on before it is known to be off does not begin another limit.
            channel.known_off_at = self._clock()
            self._ended(channel)
