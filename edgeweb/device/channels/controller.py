"""Every named output and input of the board, with its last known state, for any thread.

Reading never touches the hardware: drivers report what changes, and the controller remembers it. An output is
switched by one thread at a time; two channels can be switched at the same time, unless an interlock group
holds them together. Timers (pulses, rests, the longest time on, ramps, debouncing, retries) are those of the
device's timers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from threading import BoundedSemaphore, Condition, Lock
from typing import TYPE_CHECKING, Any

from ..system.timers import Timers
from .channel import (
    Channel,
    ChannelBusy,
    ChannelError,
    ChannelOffline,
    ChannelState,
    Interlocked,
    NotAnOutput,
    TooManyWaiting,
    UnknownChannel,
)
from .drivers import BaseDriver, DriverError, make_driver

if TYPE_CHECKING:
    from typing import Protocol

    class Memory(Protocol):
        """What is remembered of channels from one process to the next."""

        def recall(self, channel: Channel) -> tuple[bool | None, int]:
            """Return the last state, and how often an input went on."""

        def remember(self, channel: Channel) -> None:
            """Takes note of a change; it may be written later."""


#: Seconds between two attempts to reach hardware that is gone.
RETRY = 5.0
#: Seconds between two steps of a ramp.
RAMP_STEP = 0.05
#: What an output is set to at the start; None leaves it as it is. "restore" asks the memory.
_AT_START = {"off": False, "on": True, "leave": None}

#: Threads that may wait for a channel at the same time: each is one of the server's few.
MAX_WAITING = 2


class NullMemory:
    """A memory for banks without one."""

    def recall(self, channel: Channel) -> tuple[bool | None, int]:
        return None, 0

    def remember(self, channel: Channel) -> None:
        pass


class ChannelController:
    """All channels of a profile, in its order.

    Making a controller touches no hardware; `open` does, once, and every other method calls it first. So an
    application can be built (for its routes, for its templates) on a machine that has none of the pins.
    `happened(channel, action, result)` is told what a timer has done.

    >>> from edgeweb.device.config.schema import defaults
    >>> controller = ChannelController({"lamp": defaults("channels.*", driver="memory", mode="output")})
    >>> controller.set("lamp", True).state
    True
    """

    def __init__(
        self,
        table: Mapping[str, Mapping[str, Any]],
        clock: Callable[[], float] = time.monotonic,
        timers: Timers | None = None,
        memory: Memory | None = None,
        happened: Callable[[str, str, str], object] = lambda name, action, result: None,
    ) -> None:
        self._clock = clock
        self._timers = timers or Timers(clock)
        self._memory = memory or NullMemory()
        self._happened = happened
        locks: dict[str, Lock] = {}
        self._channels: dict[str, Channel] = {}
        for name, options in table.items():
            group = options["interlock"]
            lock = locks.setdefault(group, Lock()) if group else Lock()
            self._channels[name] = Channel(name, options, clock(), lock)
        self._drivers: dict[str, BaseDriver] = {}
        self._noting = Condition()
        self._waiting = BoundedSemaphore(MAX_WAITING)
        self._opening = Lock()
        self._opened = False
        #: Grows with every visible change. Read it before the states, never after: then it is never too new.
        self.revision = 0

    # -- opening and closing ---------------------------------------------------------------------------

    def open(self) -> None:
        """Opens the drivers and brings outputs to their initial state. Does nothing the second time.

        Hardware that fails takes only its own channels offline, and is tried again.
        """
        if self._opened:
            return
        with self._opening:
            if self._opened:
                return
            for channel in self._channels.values():
                state, on_count = self._memory.recall(channel)
                channel.wanted = self._initial_state(channel, state)
                self._note(channel, on_count=on_count)
                self._attach(channel, channel.wanted)
            self._opened = True

    def close(self) -> None:
        """Brings outputs to what `at_exit` says and lets all drivers go; the next use opens them again."""
        with self._opening:
            for channel in self._channels.values():
                at_exit = channel.options["at_exit"]
                driver = self._drivers.get(channel.driver)
                with channel.switching:
                    for timer in channel.timers():
                        timer.cancel()
                    # One of them may be due already and wait for the lock.
                    channel.pulse = channel.max_on = channel.ramp = None
                    if driver and channel.is_output and channel.current.online and at_exit != "leave":
                        wanted: bool | float = at_exit == "on"
                        try:
                            driver.write(
                                channel.name, channel.level(float(wanted) if channel.is_pwm else wanted)
                            )
                        except DriverError as error:
                            self._happened(channel.name, "channel.exit", f"failed: {error}")
                    self._note(channel, busy=False)
            for driver in self._drivers.values():
                driver.close()
            self._drivers.clear()
            self._opened = False

    def adopt(self, table: Mapping[str, Mapping[str, Any]]) -> None:
        """Other times and titles for the same channels: in force from the next switch on.

        What a driver was opened with (its name, chip, line, polling) stays.
        """
        for name, channel in self._channels.items():
            with channel.switching:
                before, channel.options = channel.options, table[name]
                channel.title = table[name]["title"] or name
                if self._opened and before["at_start"] != channel.options["at_start"]:
                    # with "restore" from now on, the present state is the first to remember
                    self._memory.remember(channel)
        with self._noting:
            self.revision += 1

    def recall(self) -> None:
        """Count on from what is remembered of inputs now: a backup was restored."""
        for channel in self._channels.values():
            if self._opened and not channel.is_output:
                self._note(channel, on_count=self._memory.recall(channel)[1])

    def __iter__(self) -> Iterator[Channel]:
        self.open()
        return iter(self._channels.values())

    def __len__(self) -> int:
        return len(self._channels)

    def __getitem__(self, name: str) -> Channel:
        """A channel by its name. Raises `UnknownChannel`."""
        self.open()
        try:
            return self._channels[name]
        except KeyError:
            raise UnknownChannel(f'There is no channel named "{name}".') from None

    def driver(self, name: str) -> BaseDriver:
        """The open driver of this name. Raises `KeyError` where no channel uses it or it did not open."""
        self.open()
        return self._drivers[name]

    # -- switching -------------------------------------------------------------------------------------

    def set(self, name: str, on: bool | None) -> ChannelState:
        """Switches an output, None for the other state; waits while another thread is just switching it.

        Raises `UnknownChannel`, `NotAnOutput`, `ChannelBusy`, `Interlocked`, or `ChannelOffline` where the
        driver fails.
        """
        channel = self._output(name)
        with channel.switching:
            on = not channel.current.state if on is None else on
            if channel.is_pwm:
                return self._start_ramp(channel, float(on))
            self._check_free(channel)
            self._check_interlock(channel, on)
            return self._switch(channel, on)

    def pulse(self, name: str, seconds: float) -> ChannelState:
        """Switches an output on, and off again after that time; it is busy until then. Raises as `set`."""
        channel = self._output(name)
        with channel.switching:
            self._check_free(channel)
            self._check_interlock(channel, True)
            self._switch(channel, 1.0 if channel.is_pwm else True, rest=False)
            channel.pulse = self._timers.after(seconds, lambda: self._end_pulse(channel))
            return self._note(channel, busy=True)

    def set_value(self, name: str, value: float) -> ChannelState:
        """Brings a PWM output to a value from 0 to 1, as slowly as its `ramp` says. Raises as `set`."""
        channel = self._output(name)
        if not channel.is_pwm:
            raise NotAnOutput(f'Channel "{name}" has no value: it is on or off.')
        with channel.switching:
            return self._start_ramp(channel, value)

    def wait(self, name: str, timeout: float) -> ChannelState:
        """Wait until a channel is not busy, at most `timeout` seconds; return its state then.

        Raises `TooManyWaiting` where `MAX_WAITING` threads wait already.
        """
        channel = self[name]
        if not channel.current.busy:
            return channel.current
        if not self._waiting.acquire(blocking=False):
            raise TooManyWaiting
        try:
            with self._noting:
                self._noting.wait_for(lambda: not channel.current.busy, timeout)
        finally:
            self._waiting.release()
        return channel.current

    def _output(self, name: str) -> Channel:
        channel = self[name]
        if not channel.is_output:
            raise NotAnOutput(f'Channel "{name}" is an input: it can be read, not set.')
        return channel

    def _start_ramp(self, channel: Channel, value: float) -> ChannelState:
        """Begins a ramp, or turns the one that is under way; the channel's lock is held."""
        if channel.ramp is None:
            self._check_free(channel)
        self._check_interlock(channel, value > 0)
        channel.goal = value
        if channel.ramp is not None:
            return channel.current
        if not channel.options["ramp"] or channel.current.value is None:
            return self._switch(channel, value)
        return self._step(channel)

    def _check_free(self, channel: Channel) -> None:
        # the lock is held, so nobody is switching: what makes it busy is a timer
        if channel.current.busy:
            raise ChannelBusy(f'Channel "{channel.name}" is busy: try again when it has finished.')

    def _check_interlock(self, channel: Channel, on: bool) -> None:
        if not on or not channel.interlock:
            return
        for other in self._channels.values():
            # a state that nobody knows may be on
            if (
                other.interlock == channel.interlock
                and other is not channel
                and other.current.state is not False
            ):
                raise Interlocked(
                    f'Channel "{other.name}" of the same group is not off: switch it off first.'
                )

    def _switch(self, channel: Channel, wanted: bool | float, rest: bool = True) -> ChannelState:
        """Writes; the channel's lock is held. `rest`: begin the rest after a switch."""
        if channel.pulse is not None:
            channel.pulse.cancel()
            channel.pulse = None
        if not channel.current.online:
            # whoever asks need not wait for the next attempt
            self._attach(channel, wanted)
            if not channel.current.online:
                raise ChannelOffline(f'Channel "{channel.name}" is offline: {channel.current.reason}.')
            return channel.current
        driver = self._drivers[channel.driver]
        was_on = channel.current.state
        self._note(channel, busy=True)
        try:
            driver.write(channel.name, channel.level(wanted))
        except DriverError as error:
            # what was refused is not done later, when nobody expects it any more: `wanted` stays
            self._mark_offline(channel, str(error))
            raise ChannelOffline(f'Channel "{channel.name}" is offline: {error}.') from error
        changed = bool(wanted) is not was_on
        delay: float = channel.options["busy_delay"] if rest and changed else 0.0
        state = self._commit_state(channel, wanted, busy=delay > 0)
        if delay > 0:
            self._timers.after(delay, lambda: self._note(channel, busy=False))
        return state

    def _commit_state(self, channel: Channel, wanted: bool | float, busy: bool) -> ChannelState:
        """Notes what an output is now, and looks after its longest time on."""
        channel.wanted = wanted
        value = wanted if channel.is_pwm else None
        state = self._note(channel, online=True, state=bool(wanted), value=value, busy=busy, reason="")
        longest: float = channel.options["max_on"]
        if not wanted and channel.max_on is not None:
            channel.max_on.cancel()
            channel.max_on = None
        elif wanted and longest and channel.max_on is None:
            channel.max_on = self._timers.after(longest, lambda: self._end_max_on(channel))
        self._memory.remember(channel)
        return state

    def _end_pulse(self, channel: Channel) -> None:
        with channel.switching:
            if channel.pulse is not None:
                self._switch_by_timer(channel, "channel.pulse")

    def _end_max_on(self, channel: Channel) -> None:
        with channel.switching:
            if channel.max_on is None:
                return
            channel.max_on = None
            if channel.wanted:
                # else a ramp that is under way would bring it back
                if channel.ramp is not None:
                    channel.ramp.cancel()
                    channel.ramp = None
                self._switch_by_timer(channel, "channel.max_on")

    def _switch_by_timer(self, channel: Channel, action: str) -> None:
        try:
            self._switch(channel, 0.0 if channel.is_pwm else False)
        except ChannelError as error:
            # when the hardware comes back, it has to be off
            channel.wanted = 0.0 if channel.is_pwm else False
            self._happened(channel.name, action, f"off: {error.key}")
        else:
            self._happened(channel.name, action, "off")

    def _step(self, channel: Channel) -> ChannelState:
        """One step of a ramp; the channel's lock is held."""
        goal = channel.goal
        now = channel.current.value or 0.0
        most = RAMP_STEP / channel.options["ramp"]
        value = max(min(goal, now + most), now - most)
        state = self._switch(channel, value, rest=False)
        if value == goal:
            channel.ramp = None
            return state
        channel.ramp = self._timers.after(RAMP_STEP, lambda: self._ramp(channel))
        return self._note(channel, busy=True)

    def _ramp(self, channel: Channel) -> None:
        with channel.switching:
            if channel.ramp is None:
                return
            try:
                self._step(channel)
            except ChannelError as error:
                channel.ramp = None
                self._happened(channel.name, "channel.ramp", error.key)

    # -- drivers ---------------------------------------------------------------------------------------

    def _initial_state(self, channel: Channel, last: bool | None) -> bool | float | None:
        """What an output is to be at the start; None leaves it as it is."""
        if not channel.is_output:
            return None
        policy = channel.options["at_start"]
        on = bool(last) if policy == "restore" else _AT_START[policy]
        if on and channel.interlock:
            group = [c for c in self._channels.values() if c.interlock == channel.interlock and c.wanted]
            on = not group
        return on if on is None or not channel.is_pwm else float(on)

    def _attach(self, channel: Channel, wanted: bool | float | None) -> None:
        try:
            driver = self._drivers.get(channel.driver)
            if driver is None:
                driver = self._drivers[channel.driver] = make_driver(channel.driver)
            level = None if wanted is None else channel.level(wanted)
            found = driver.attach(channel.name, channel.options, level, self._report)
        except (DriverError, ImportError) as error:
            # ImportError: the optional package of a driver is not installed, which is no reason not to serve
            self._mark_offline(channel, str(error))
            return
        if channel.retry is not None:
            channel.retry.cancel()
            channel.retry = None
        if not channel.is_output:
            self._note(channel, online=True, state=bool(found) != channel.inverted, reason="")
        elif channel.is_pwm:
            duty = float(found)
            self._commit_state(channel, 1.0 - duty if channel.inverted else duty, busy=False)
        else:
            self._commit_state(channel, bool(found) != channel.inverted, busy=False)
        self._poll_later(channel)

    def _mark_offline(self, channel: Channel, reason: str) -> None:
        """The hardware is gone: says so, and tries again later."""
        self._note(channel, online=False, state=None, value=None, busy=False, reason=reason)
        if channel.retry is not None:
            channel.retry.cancel()
        channel.retry = self._timers.after(RETRY, lambda: self._try_again(channel))

    def _try_again(self, channel: Channel) -> None:
        with channel.switching:
            if self._opened and not channel.current.online:
                self._attach(channel, channel.wanted)

    def _poll_later(self, channel: Channel) -> None:
        seconds: float = channel.options["poll"]
        if seconds:
            if channel.poll is not None:
                channel.poll.cancel()
            channel.poll = self._timers.after(seconds, lambda: self._poll(channel))

    def _poll(self, channel: Channel) -> None:
        driver = self._drivers.get(channel.driver)
        if driver is None or not channel.current.online:
            return
        try:
            level = driver.read(channel.name)
        except DriverError as error:
            self._mark_offline(channel, str(error))
            return
        self._report(channel.name, level)
        self._poll_later(channel)

    def _report(self, name: str, level: bool | DriverError) -> None:
        """What a driver has noticed, from any thread: a level, or that it has lost the hardware."""
        channel = self._channels[name]
        if isinstance(level, DriverError):
            self._mark_offline(channel, str(level))
            return
        state = level != channel.inverted
        if channel.debounce is not None:
            channel.debounce.cancel()
            channel.debounce = None
        seconds: float = channel.options["debounce"]
        if channel.is_output or not seconds:
            self._settle(channel, state)
        elif state is not channel.current.state:
            # back before the time is over: it has bounced, and nothing has happened
            channel.debounce = self._timers.after(seconds, lambda: self._settle(channel, state))

    def _settle(self, channel: Channel, state: bool) -> None:
        with self._noting:
            # A poll and a driver's thread may report at the same moment: both are counted.
            on_count = channel.current.on_count
            if not channel.is_output and state and channel.current.state is False:
                on_count += 1
            self._note(channel, online=True, state=state, on_count=on_count, reason="")
        if not channel.is_output:
            self._memory.remember(channel)

    def _note(self, channel: Channel, **changes: Any) -> ChannelState:
        """Replaces the state by one with these changes."""
        with self._noting:
            last = channel.current
            new = last._replace(**changes)
            if new == last:
                return last
            if (new.online, new.state, new.value) != (last.online, last.state, last.value):
                new = new._replace(changed=self._clock())
            channel.current = new
            self.revision += 1
            if last.busy and not new.busy:
                self._noting.notify_all()
            return new
