"""Levels that drivers read, or report by themselves: polls, and inputs that have to settle.

Drivers report from any thread. A poll is made on the thread of the channel's lane. A level of an input
counts when it has lasted for its `debounce`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from .driver_calls import reason_of
from .drivers import DriverError
from .states import OFFLINE

if TYPE_CHECKING:
    from threading import Condition

    from ..system.timers import Timer, Timers
    from .channel import Channel
    from .driver_calls import DriverCalls


class Levels:
    """The polls and the inputs of all channels, with their timers.

    `found(channel, state)` is called with the state or value of a level, None where that is not known, and
    `lost(channel, reason)` where the hardware is gone; both with the lock held.
    """

    def __init__(
        self,
        channels: Mapping[str, Channel],
        lock: Condition,
        clock: Callable[[], float],
        timers: Timers,
        calls: DriverCalls,
        found: Callable[[Channel, bool | float | None], object],
        lost: Callable[[Channel, str], object],
    ) -> None:
        self._channels = channels
        self._lock = lock
        self._clock = clock
        self._timers = timers
        self._calls = calls
        self._found = found
        self._lost = lost
        #: By channel: the timer of the next poll, and the moment at which one that is under way began.
        self._polls: dict[str, Timer] = {}
        self._reads_since: dict[str, float] = {}
        #: Inputs whose level has changed, and has yet to last.
        self._unsettled: dict[str, Timer] = {}

    def poll_later(self, channel: Channel) -> None:
        """Begin to poll a channel, or go on with it; the lock is held."""
        _cancel(self._polls, channel)
        if seconds := channel.options["poll"]:
            self._polls[channel.name] = self._timers.after(seconds, partial(self._poll, channel))

    def forget(self, channel: Channel) -> None:
        """Cancel the timers of one channel; the lock is held."""
        _cancel(self._polls, channel)
        _cancel(self._unsettled, channel)

    def stop(self) -> None:
        """Cancel all timers; the lock is held."""
        for waiting in (self._polls, self._unsettled):
            for timer in waiting.values():
                timer.cancel()
            waiting.clear()

    def _poll(self, channel: Channel) -> None:
        with self._lock:
            if channel.name not in self._polls or channel.phase == OFFLINE:
                return  # stopped while the lock was waited for, or polled again when it is back
            self.poll_later(channel)
            since = self._reads_since.get(channel.name)
            if since is None:
                self._reads_since[channel.name] = self._clock()
                if not self._calls.submit(channel, partial(self._read, channel)):
                    del self._reads_since[channel.name]
            elif self._clock() - since > self._calls.deadline(channel):
                self._lost(channel, self._calls.silence(channel))

    def _read(self, channel: Channel) -> None:
        """Poll a level. Called without the lock, on the driver's thread."""
        driver, era = self._calls.drivers.get(channel.driver), channel.era
        try:
            level = None if driver is None else driver.read(channel.name)
        except Exception as error:
            self.report(channel.name, DriverError(reason_of(error)))
        else:
            with self._lock:
                # Where it was switched meanwhile, by a client's own thread, the level may be the old one.
                if driver is not None and channel.era == era:
                    self.report(channel.name, level)
        finally:
            self._reads_since.pop(channel.name, None)

    def report(self, name: str, level: bool | float | DriverError | None) -> None:
        """Take what a driver noticed: a level, or that the hardware is gone. Called from any thread."""
        channel = self._channels.get(name)
        if channel is None:
            return  # it was removed while its driver noticed that
        with self._lock:
            if isinstance(level, DriverError):
                if channel.phase != OFFLINE or channel.job is not None:
                    self._lost(channel, str(level))
                return
            state = channel.state_of(level)
            _cancel(self._unsettled, channel)
            seconds: float = channel.options["debounce"]
            if channel.is_output or not seconds:
                self._found(channel, state)
            elif state is not channel.current.state:
                # Back before the time is over: it has bounced, and nothing has happened.
                self._unsettled[name] = self._timers.after(seconds, partial(self._settle, channel, state))

    def _settle(self, channel: Channel, state: bool | float | None) -> None:
        with self._lock:
            # A level that came in the meantime has a timer of its own, or is the one from before.
            timer = self._unsettled.get(channel.name)
            if timer is not None and timer.moment <= self._clock():
                del self._unsettled[channel.name]
                self._found(channel, state)


def _cancel(timers: dict[str, Timer], channel: Channel) -> None:
    timer = timers.pop(channel.name, None)
    if timer is not None:
        timer.cancel()
