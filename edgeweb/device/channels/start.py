"""The start: each output becomes what its profile promises, and groups keep their rules meanwhile.

Outputs of a group that are to be on come last: by then the others are off, whatever they were before this
process. An output of its own that has yet to rest from the last process goes on after that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from .channel import Channel, Job, others_are_off, others_may_be_off
from .machine import ChannelMachine
from .memory import Remembered
from .states import IDLE, OFFLINE

if TYPE_CHECKING:
    from .memory import Memory


class Start:
    """One start of a machine, from what the memory has of its channels. Called without the lock.

    A driver that has not answered after `allowed(deadline)` seconds is left to a timer: a request that adds
    channels waits less than their deadlines.
    """

    def __init__(
        self,
        channels: Iterable[Channel],
        machine: ChannelMachine,
        memory: Memory,
        clock: Callable[[], float],
        allowed: Callable[[float], float] = float,
    ) -> None:
        self._channels = tuple(channels)
        self._machine = machine
        self._clock = clock
        self._allowed = allowed
        self._remembered = {channel: memory.recall(channel) for channel in self._channels}
        #: Outputs of groups that are to be on; of each group one.
        self._last: list[Channel] = []

    def run(self) -> None:
        """Take hold of all hardware. A channel whose hardware fails is offline, and is tried again."""
        for channel, found in self._remembered.items():
            self._plan(channel, found)
        for channel in self._channels:
            if channel not in self._last:
                self._attach_first(channel, self._remembered[channel].rest_until)
        for channel in self._channels:
            if channel.is_output and channel.options["at_start"] == "leave":
                self._judge_found_state(channel, self._remembered[channel])
        for channel in self._last:
            self._attach_last(channel)

    def _plan(self, channel: Channel, found: Remembered) -> None:
        """Choose what a channel is to be."""
        channel.resume = channel.known_off_at = None
        channel.last_value = found.value or channel.last_value
        channel.wanted = self._initial_state(channel, found)
        with self._machine.lock:
            self._machine.update(channel, on_count=found.on_count)
        if channel.wanted and channel.interlock:
            if any(other in self._last for other in channel.group.members):
                channel.wanted = channel.off
            else:
                self._last.append(channel)

    def _initial_state(self, channel: Channel, remembered: Remembered) -> bool | float | None:
        """Return what an output is to be; None leaves it as it is."""
        policy = "off" if channel.is_button else channel.options["at_start"]
        if not channel.is_output or policy == "leave":
            return None
        on = bool(remembered.state) if policy == "restore" else policy == "on"
        if on:
            # Its longest time on has gone on while nothing served.
            channel.known_off_at = remembered.off_at
            if self._machine.limits.is_over(channel):
                on, channel.known_off_at = False, None
        if not on:
            return channel.off
        return channel.last_value if channel.is_pwm else True

    def _attach_first(self, channel: Channel, rest_until: float | None) -> None:
        """Bring a channel to its initial state; an output of its own goes on after its rest.

        One that is to be on, and is found on, stays on without a rest.
        """
        seconds = 0.0
        if rest_until is not None and not channel.interlock:
            seconds = min(rest_until - self._clock(), channel.options["busy_delay"])
        if seconds <= 0:
            if rest_until is not None:
                channel.group.rest_until = rest_until
            self._run(channel, Job(channel.wanted, IDLE, attaches=True, starts=True))
            return
        wanted, known = channel.wanted, channel.known_off_at
        self._run(channel, Job(None if wanted else wanted, IDLE, attaches=True, starts=True))
        if wanted and channel.phase != OFFLINE:
            self._run(channel, Job(wanted if channel.current.state else channel.off, IDLE))
        with self._machine.lock:
            if channel.current.state:
                return
            self._machine.rests.begin(channel.group, seconds)
            if wanted:
                channel.known_off_at = known
                if channel.phase == OFFLINE:
                    channel.wanted = wanted
                else:
                    channel.resume = wanted

    def _attach_last(self, channel: Channel) -> None:
        """Bring an output of a group to on at the start, after its group has rested."""
        wanted, resume = channel.wanted, None
        if not others_are_off(channel):
            wanted = channel.off
        elif channel.options["busy_delay"] or channel.group.rest is not None:
            # Another one may have been on until this start: the rest between the two is kept here, too, also
            # where only the other one has a `busy_delay`.
            resume, wanted = wanted, channel.off
        known, channel.known_off_at = channel.known_off_at, None
        if resume is None:
            channel.known_off_at = known
        self._run(channel, Job(wanted, IDLE, attaches=True))
        with self._machine.lock:
            if resume is not None:
                channel.known_off_at = known
            if resume is not None and channel.phase != OFFLINE:
                channel.resume = resume
                self._machine.rests.begin(channel.group, channel.options["busy_delay"])

    def _judge_found_state(self, channel: Channel, remembered: Remembered) -> None:
        """Switch an output off that was found on, or unknown, and should be off by now; else leave it."""
        with self._machine.lock:
            if channel.phase == OFFLINE:
                # Judged when it comes back. A limit that has ended since it was found on stays over.
                if not self._machine.limits.is_over(channel):
                    channel.known_off_at = remembered.off_at if remembered.state else None
                    channel.wanted = channel.off if remembered.state is False else None
                return
            if channel.current.state is False:
                return
            # It was off, and is on: a pulse was cut off by the end of the process. Or two of a group are on.
            is_over = remembered.state is False or not (
                others_are_off(channel) or others_may_be_off(channel) or not channel.interlock
            )
            if remembered.state and remembered.off_at is not None:
                is_over = is_over or remembered.off_at <= self._clock()
                self._machine.limits.replace(channel, remembered.off_at)
        if is_over:
            self._run(channel, Job(channel.off, IDLE, action="channel.start"))

    def _run(self, channel: Channel, job: Job) -> None:
        """Have a driver do a job, and wait for it until its deadline, or as long as the caller may."""
        with self._machine.lock:
            self._machine.begin(channel, job)
        deadline = self._machine.calls.deadline(channel)
        seconds = self._allowed(deadline)
        if not self._machine.calls.wait(job, seconds):
            with self._machine.lock:
                self._machine.leave(channel, job, deadline - seconds)
