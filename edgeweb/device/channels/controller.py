"""Every named output and input of the board, with its last known state, for any thread.

Here are the commands and the end; `start.py` has the start. `states.py` has the table of what a command does
in each state, `machine.py` what follows. Reading never touches the hardware: drivers report what changes, and
the controller remembers it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING, Any

from ..system.executor import Executor, Inline
from ..system.patience import MAX_WAIT
from ..system.timers import Timers
from .channel import (
    Channel,
    ChannelBusy,
    ChannelOffline,
    ChannelState,
    Group,
    Interlocked,
    Job,
    NotAnOutput,
    TooManyWaiting,
    UnknownChannel,
    may_be_on,
    others_are_off,
)
from .drivers import BaseDriver
from .machine import OVER, ChannelMachine
from .memory import NullMemory
from .start import Start
from .states import ATTACH, IDLE, OFFLINE, PULSING, RAMPING, REFUSE, RULES, SWITCHING, TURN, WAIT

if TYPE_CHECKING:
    from .memory import Memory

#: Seconds that a command waits for another one to leave the driver.
TURN_TIME = 0.05
#: Seconds that a command waits for drivers. One that takes longer goes on, and the state has its result.
PATIENCE = MAX_WAIT
#: Threads that may wait for a channel at the same time: each is one of the server's few.
MAX_WAITING = 2
#: Threads that may wait for slow drivers before no other output is switched on: the rest is for the rest.
MAX_SLOW = 2


class ChannelController:
    """All channels of a profile, in its order.

    Making a controller touches no hardware; `open` does, once, and every other method calls it first. So an
    application can be built (for its routes, for its templates) on a machine that has none of the pins.
    `happened(channel, action, result)` is called with what a timer has done; it must not block.
    `left(longest)` returns the seconds of `longest` that the caller may still wait. `switched(channel, was,
    state, moment, value)` is called with each change of a state or value, and `removed(channel)` when one is
    let go.

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
        executor: Executor | Inline | None = None,
        changed: Callable[[], object] = lambda: None,
        left: Callable[[float], float] = float,
        switched: Callable[[str, bool | None, bool | None, float, float | None], object] = lambda *change: (
            None
        ),
        removed: Callable[[str], object] = lambda name: None,
    ) -> None:
        self._clock = clock
        self._memory = memory or NullMemory()
        self._happened = happened
        self._removed = removed
        #: Changed in place.
        self._channels: dict[str, Channel] = {}
        for name, options in table.items():
            self._channels[name] = self._make(name, options)
        #: The same in the order of the profile; replaced as a whole, so that a walk through it is safe.
        self._listed = tuple(self._channels.values())
        self._machine = ChannelMachine(
            self._channels,
            clock,
            timers or Timers(clock),
            self._memory,
            happened,
            executor or Executor(),
            changed,
            switched,
        )
        self._calls = self._machine.calls
        self._lock = self._machine.lock
        self._waiting = BoundedSemaphore(MAX_WAITING)
        #: Seconds that a caller waits for drivers; tests have clocks of their own for it.
        self.patience = PATIENCE
        self._left = left
        #: Requests that wait for a driver which has not answered within `TURN_TIME`.
        self._waiting_for_drivers = 0
        self._opening = Lock()
        self._opened = False

    @property
    def revision(self) -> int:
        """A number that grows with every visible change. Read before the states it is never too new."""
        return self._machine.revision

    # -- opening and closing ---------------------------------------------------------------------------

    def open(self) -> None:
        """Open the drivers and bring outputs to their initial state. Does nothing the second time.

        Hardware that fails takes only its own channels offline, and is tried again.
        """
        if self._opened:
            return
        with self._opening:
            if self._opened:
                return
            self._machine.running = True
            Start(self._channels.values(), self._machine, self._memory, self._clock).run()
            self._opened = True

    def close(self) -> None:
        """Bring outputs to their `at_exit` and let all drivers go; the next use opens them again."""
        with self._opening:
            with self._lock:
                self._opened = False
                # Nothing of these goes on at the end: they rest, or may have been switched just now.
                tired = {one.group for one in self._channels.values() if one.group.rest or one.job}
                self._machine.stop()
            outputs = [channel for channel in self._channels.values() if channel.is_output]
            for channel in outputs:
                if channel.options["at_exit"] == "off" or (
                    channel.options["at_exit"] == "on" and channel.is_button
                ):
                    if channel.current.state is not False and channel.options["busy_delay"]:
                        tired.add(channel.group)
                    self._write_at_exit(channel, False)
                    self._memory.remember(channel)
            for channel in outputs:
                if channel.options["at_exit"] == "on" and not channel.is_button:
                    if channel.current.state or (channel.group not in tired and others_are_off(channel)):
                        self._write_at_exit(channel, True)
                        self._memory.remember(channel)  # it has yet to rest
                    else:
                        self._happened(channel.name, "channel.exit", f"failed: {Interlocked.key}")
            for channel in self._channels.values():
                with self._lock:
                    self._machine.enter(channel, OFFLINE)
            self._calls.close()

    def adopt(
        self,
        table: Mapping[str, Mapping[str, Any]],
        is_same: Callable[[Mapping[str, Any], Mapping[str, Any]], bool] = lambda before, now: True,
    ) -> None:
        """Take another table: other times and titles are in force from the next switch on.

        Channels that it does not have any more are let go, each as its `at_exit` has it at the end; new ones
        are opened. One is another channel of the same name where `is_same(before, now)` is false.
        """
        with self._opening:
            before = set(self._channels.values())
            for name, channel in tuple(self._channels.items()):
                if name not in table or not is_same(channel.options, table[name]):
                    self._remove(channel, table.get(name))
            for name in table.keys() - self._channels.keys():
                self._channels[name] = self._make(name, table[name])
            with self._lock:
                for name, channel in self._channels.items():
                    last, channel.options = channel.options, table[name]
                    channel.title = table[name]["title"] or name
                    if self._opened and last["at_start"] != channel.options["at_start"]:
                        # with "restore" from now on, the present state is the first to remember
                        self._memory.remember(channel)
                self._listed = tuple(self._channels[name] for name in table)
                self._machine.note_change()
            if self._opened:
                new = [channel for channel in self._channels.values() if channel not in before]
                Start(new, self._machine, self._memory, self._clock, self._allowed).run()

    def _make(self, name: str, options: Mapping[str, Any]) -> Channel:
        """Return a new channel, in the group of its interlock's word."""
        word = options["interlock"]
        groups = (one.group for one in self._channels.values() if word and one.interlock == word)
        return Channel(name, options, self._clock(), next(groups, None) or Group())

    def _remove(self, channel: Channel, successor: Mapping[str, Any] | None) -> None:
        """Let a channel go; another one of the same name takes its place where there is a `successor`."""
        driver = self._calls.drivers.get(channel.driver)
        with self._lock:
            self._await_turn(channel)
            is_reached = channel.is_output and channel.phase != OFFLINE
            goes_off = is_reached and (channel.options["at_exit"] == "off" or channel.is_button)
            self._machine.forget(channel)
            if successor is None:
                del self._channels[channel.name]
            else:
                self._channels[channel.name] = self._make(channel.name, successor)
        if driver is not None:
            fault = self._calls.finish(
                channel.lane,
                lambda: _let_go(driver, channel, goes_off),
                self._allowed(self._calls.deadline(channel)),
            )
            if fault:
                self._happened(channel.name, "channel.exit", f"failed: {fault}")
        self._memory.drop(channel)
        self._removed(channel.name)

    def recall(self) -> None:
        """Count on from what is remembered of inputs now: a backup was restored."""
        for channel in self._listed:
            if self._opened and not channel.is_output:
                on_count = self._memory.recall(channel).on_count
                with self._lock:
                    self._machine.update(channel, on_count=on_count)

    def __iter__(self) -> Iterator[Channel]:
        self.open()
        return iter(self._listed)

    @property
    def listed(self) -> tuple[Channel, ...]:
        """The channels as they are, in the order of the profile; unlike all else here this opens nothing."""
        return self._listed

    def __len__(self) -> int:
        return len(self._channels)

    def __getitem__(self, name: str) -> Channel:
        """Return a channel by its name. Raises `UnknownChannel`."""
        self.open()
        try:
            return self._channels[name]
        except KeyError:
            raise UnknownChannel(f'There is no channel named "{name}".') from None

    def driver(self, name: str) -> BaseDriver:
        """Return the open driver of this name. Raises `KeyError` where none of it is open."""
        self.open()
        return self._calls.drivers[name]

    # -- commands --------------------------------------------------------------------------------------

    def set(self, name: str, on: bool | None) -> ChannelState:
        """Switch an output, None for the other state. Off is possible whenever the driver answers.

        Raises `UnknownChannel`, `NotAnOutput`, `ChannelBusy`, `Interlocked`, or `ChannelOffline` where the
        driver fails.
        """
        channel = self._output(name)
        if channel.is_button and on is not False:
            raise NotAnOutput(f'"{channel.title}" is a button: it can be pulsed, not switched on.')
        with self._lock:
            self._await_turn(channel)
            # The other one of a state that is not known is off, the safe one.
            turns_on = channel.current.state is False if on is None else on
            if turns_on:
                job = self._command(channel, "on", channel.last_value if channel.is_pwm else True)
            else:
                job = self._command(channel, "off", channel.off)
        return self._answer(channel, job)

    def pulse(self, name: str, seconds: float) -> ChannelState:
        """Switch an output on, and off again after that time; it is busy until then. Raises as `set`."""
        channel = self._output(name)
        with self._lock:
            self._await_turn(channel)
            job = self._command(channel, "pulse", 1.0 if channel.is_pwm else True, seconds)
        return self._answer(channel, job)

    def set_value(self, name: str, value: float) -> ChannelState:
        """Bring a PWM output to a value from 0 to 1, as slowly as its `ramp`. Raises as `set`."""
        channel = self._output(name)
        if not channel.is_pwm:
            raise NotAnOutput(f'Channel "{name}" has no value: it is on or off.')
        with self._lock:
            self._await_turn(channel)
            job = self._command(channel, "on" if value > 0 else "off", value)
        return self._answer(channel, job)

    def _allowed(self, longest: float) -> float:
        """Return the seconds, of `longest`, that the caller may wait for a driver."""
        return self._left(min(longest, self.patience))

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
            with self._lock:
                self._lock.wait_for(lambda: not channel.current.busy, timeout)
        finally:
            self._waiting.release()
        return channel.current

    def _output(self, name: str) -> Channel:
        channel = self[name]
        if not channel.is_output:
            raise NotAnOutput(f'Channel "{name}" is an input: it can be read, not set.')
        return channel

    def _await_turn(self, channel: Channel) -> None:
        """Wait until no driver is at work for the channel's group, at most `TURN_TIME`; the lock is held."""
        members = channel.group.members
        self._lock.wait_for(lambda: all(other.phase != SWITCHING for other in members), TURN_TIME)

    def _command(
        self, channel: Channel, command: str, wanted: bool | float, seconds: float = 0.0
    ) -> Job | None:
        """Carry out a command as `states.RULES` has it; the lock is held.

        Return the job to wait for; None where there is none.
        """
        rule = RULES[command][channel.phase]
        if rule == WAIT and command == "off":
            channel.must_go_off = "channel.set"
            raise ChannelBusy(
                f'Channel "{channel.name}" waits for its hardware: it goes off when that answers.'
            )
        if rule in (WAIT, REFUSE):
            raise ChannelBusy(f'Channel "{channel.name}" is busy: try again when it has finished.')
        if command != "off":
            self._check_group(channel)
            if rule == TURN and self._machine.limits.is_over(channel):
                raise ChannelBusy(f'Channel "{channel.name}" {OVER}.')
            if self._waiting_for_drivers >= MAX_SLOW:
                raise ChannelBusy("Other channels wait for slow hardware: try again in a second.")
        channel.resume = None
        if rule == ATTACH and command == "off":
            # Off is done when the hardware comes back, also if it does not answer now.
            channel.wanted = channel.off
            self._memory.remember(channel)
        if rule == TURN:
            # Acknowledged now: also for hardware that is lost before the next step.
            channel.last_value = wanted or channel.goal or channel.last_value
            channel.goal = channel.wanted = float(wanted)
            self._memory.remember(channel)
            return None
        ramps = channel.is_pwm and channel.options["ramp"] and command != "pulse"
        if ramps and rule != ATTACH and channel.current.value is not None:
            channel.goal, channel.ramp_at = float(wanted), channel.current.value
            self._machine.enter(channel, RAMPING)
            return self._machine.step(channel)
        job = Job(wanted, PULSING if command == "pulse" else IDLE, seconds, attaches=rule == ATTACH)
        self._machine.begin(channel, job)
        return job

    def _check_group(self, channel: Channel) -> None:
        """Raise `Interlocked` or `ChannelBusy` where a channel's group keeps it from going on."""
        for other in channel.group.members:
            # A state that is not known may be on, and a driver at work may bring one there.
            if other is not channel and may_be_on(other):
                is_on = "is on" if other.current.state else "may be on"
                raise Interlocked(f'"{other.title}" {is_on}. Switch it off first.')
        if channel.group.rest is not None and not channel.current.state:
            raise ChannelBusy(f'Channel "{channel.name}" is busy: it rests after a switch.')

    def _answer(self, channel: Channel, job: Job | None) -> ChannelState:
        """Wait for the driver, and return what it has made of a command. Raises `ChannelOffline`.

        One that has not answered after `patience` is left to a timer: the channel is busy until then.
        """
        if job is None:
            return channel.current
        if not self._calls.wait(job, TURN_TIME):
            deadline = self._calls.deadline(channel)
            seconds = self._allowed(deadline)
            with self._lock:
                self._waiting_for_drivers += 1
            answered = self._calls.wait(job, seconds)
            with self._lock:
                self._waiting_for_drivers -= 1
                if not answered:
                    self._machine.leave(channel, job, deadline - seconds)
        if job.error:
            raise ChannelOffline(f'Channel "{channel.name}" is offline: {job.error}.')
        if job.refusal:
            raise ChannelBusy(f'Channel "{channel.name}" {job.refusal}.')
        return channel.current

    # -- the end ---------------------------------------------------------------------------------

    def _write_at_exit(self, channel: Channel, on: bool) -> None:
        driver = self._calls.drivers.get(channel.driver)
        if driver is None or channel.phase == OFFLINE:
            return
        level = channel.level(float(on) if channel.is_pwm else on)
        fault = self._calls.finish(channel.lane, lambda: driver.write(channel.name, level))
        with self._lock:
            if channel.current.state is not on:
                channel.group.rest_until = self._clock() + channel.options["busy_delay"]
            self._machine.update(channel, state=None if fault else on)
        if fault:
            self._happened(channel.name, "channel.exit", f"failed: {fault}")


def _let_go(driver: BaseDriver, channel: Channel, goes_off: bool) -> None:
    """Have a driver release a channel, switched off before where it is to be. On the lane's thread."""
    try:
        if goes_off:
            driver.write(channel.name, channel.level(channel.off))
    finally:
        driver.detach(channel.name)
