"""A channel: one named output or input, its row of the profile, and what is known of it now."""

from __future__ import annotations

import math
from _thread import LockType, allocate_lock
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import DeviceError
from .states import IDLE, OFFLINE, RAMPING, RESTING, UNKNOWN

if TYPE_CHECKING:
    from ..system.timers import Timer


class ChannelError(DeviceError):
    """A channel could not do what was asked."""


class UnknownChannel(ChannelError, LookupError):
    """No channel has this name."""

    key = "unknown-channel"


class NotAnOutput(ChannelError):
    """An input cannot be set, and an output without PWM has no value."""

    key = "not-an-output"


class ChannelOffline(ChannelError):
    """The driver does not reach the hardware; the text gives its reason."""

    key = "channel-offline"


class ChannelSlow(ChannelOffline):
    """The driver has not answered in the time that a request may take."""

    retry_after = 2


class ChannelBusy(ChannelError):
    """A pulse or the rest after a switch is under way, or the driver is at work."""

    key = "channel-busy"


class Interlocked(ChannelError):
    """Another channel of the group is on."""

    key = "interlocked"


class TooManyWaiting(ChannelError):
    """As many requests wait for a channel as may; the change itself is made."""

    key = "too-many-waiting"
    retry_after = 1


class ChannelState(NamedTuple):
    """What is known of a channel at one moment.

    `state` is None until the level is known, which is not the same as off. `value` is the share of time that
    a PWM output is on, from 0 to 1. `on_count` is how often an input went on. `changed` is the moment of
    the monotonic clock at which `state`, `value` or `online` last changed. `reason` is empty unless the
    channel is offline.
    """

    online: bool
    state: bool | None
    busy: bool
    changed: float
    reason: str = ""
    value: float | None = None
    on_count: int = 0


class Group:
    """Outputs of which one at most is on, and which rest together after a switch."""

    __slots__ = ("members", "rest", "rest_until")

    def __init__(self) -> None:
        self.members: list[Channel] = []
        #: The moment at which the last rest ends or ended; None before the first one.
        self.rest_until: float | None = None
        #: The timer that ends the rest; None while the group does not rest.
        self.rest: Timer | None = None


class Job:
    """One call of a driver for an output, and what follows it.

    `wanted` is the state or value that the output gets, `then` the state of `states.py` after it, for
    `seconds` where that is a pulse. `action` is the audit log's word for a switch that a timer makes.
    `attaches`: take hold of the hardware first; `again`: of an output that stays offline meanwhile; `starts`:
    at the start, for the first time.
    """

    __slots__ = (
        *("action", "again", "attaches", "began", "done", "error", "is_left", "refusal", "seconds"),
        *("starts", "then", "wanted"),
    )

    def __init__(
        self,
        wanted: bool | float | None,
        then: str,
        seconds: float = 0.0,
        action: str = "",
        attaches: bool = False,
        again: bool = False,
        starts: bool = False,
    ) -> None:
        self.wanted = wanted
        self.then = then
        self.seconds = seconds
        self.action = action
        self.attaches = attaches
        self.again = again
        self.starts = starts
        #: The moment at which the driver was asked: from then on an output may be on. 0: it was not yet.
        self.began = 0.0
        #: Why the driver failed; empty where it did not.
        self.error = ""
        #: Why the output was switched off instead of on, when the driver's turn came.
        self.refusal = ""
        #: Whether no client's thread waits for it any more.
        self.is_left = False
        #: Held until the driver has answered, or its deadline has passed; None where it answers at once.
        self.done: LockType | None = None

    def wait_for_answer(self) -> None:
        """Have `done` wait for `end`."""
        self.done = allocate_lock()
        self.done.acquire()

    def end(self) -> None:
        """Let what waits for the answer go on."""
        if self.done is not None:
            self.done.release()


class Channel:
    """One row of the profile's `[channels]`, and its present state."""

    __slots__ = (
        *("current", "driver", "era", "goal", "group", "interlock", "inverted", "is_button", "is_instant"),
        *("is_output", "is_pwm", "job", "known_off_at", "lane", "last_value", "limit", "must_go_off"),
        *("name", "options", "phase", "ramp_at", "resume", "timer", "title", "wanted"),
    )

    def __init__(self, name: str, options: Mapping[str, Any], now: float, group: Group) -> None:
        self.name = name
        self.options = options
        self.title: str = options["title"] or name
        self.driver: str = options["driver"]
        self.is_pwm: bool = options["mode"] == "pwm"
        self.is_output: bool = options["mode"] != "input"
        #: An output that can be pulsed, and nothing else: a gate, a power button.
        self.is_button: bool = options["mode"] == "button"
        self.inverted: bool = options["inverted"]
        self.interlock: str = options["interlock"]
        #: Whether its driver writes it in microseconds, and cannot hang; known once it is attached.
        self.is_instant = False
        #: What its driver's calls may hang together with; `executor.py`.
        self.lane = f"{self.driver} {options['chip']}" if options.get("chip") else self.driver
        self.group = group
        group.members.append(self)
        #: Of `states.py`; `era` grows with each change of it, so that a timer of an earlier one is known.
        self.phase = OFFLINE
        self.era = 0
        #: What was acknowledged last, for a driver that comes back: a state, a value, or None.
        self.wanted: bool | float | None = None
        #: The last value above 0 of a PWM output: what `on` brings back.
        self.last_value = 1.0
        #: Where a ramp leads, and what it has asked the driver for.
        self.goal = 0.0
        self.ramp_at = 0.0
        #: The call of the driver that is under way.
        self.job: Job | None = None
        #: Set while the driver is at work, if the output has to go off after it.
        self.must_go_off = ""
        #: The moment at which it has to go off, known from an earlier process, until a timer has it.
        self.known_off_at: float | None = None
        #: What the group's rest at the start puts off.
        self.resume: bool | float | None = None
        #: The timer of the present state.
        self.timer: Timer | None = None
        #: The timer of the longest time on.
        self.limit: Timer | None = None
        self.current = ChannelState(False, None, False, now, "not opened yet")

    @property
    def off_at(self) -> float | None:
        """The moment at which it has to go off, by a timer or an earlier process; None without one."""
        limit = self.limit  # once: the memory reads it without the lock
        return self.known_off_at if limit is None else limit.moment

    @property
    def rest_until(self) -> float | None:
        """The moment at which the rest ends: infinity while it may be on, None before the first switch."""
        may_be_on = self.job is not None or self.current.state is not False
        return math.inf if may_be_on else self.group.rest_until

    def take_timers(self) -> list[Timer]:
        """Return the timers that may still be waiting, and forget them."""
        found = (self.timer, self.limit)
        self.timer = self.limit = None
        return [timer for timer in found if timer is not None]

    def level(self, wanted: bool | float) -> bool | float:
        """Return the electrical level of a state or a value."""
        if isinstance(wanted, bool):
            return wanted != self.inverted
        return 1.0 - wanted if self.inverted else wanted

    def state_of(self, level: bool | float | None) -> bool | float | None:
        """Return the state or value of an electrical level; None of a level that is not known."""
        if level is None:
            return None
        if self.is_pwm:
            value = min(max(float(level), 0.0), 1.0)
            return 1.0 - value if self.inverted else value
        return bool(level) != self.inverted

    @property
    def off(self) -> bool | float:
        """What switches it off: False, or 0.0 for PWM."""
        return 0.0 if self.is_pwm else False


def phase_of(channel: Channel) -> str:
    """Return the state of a channel with which nothing is under way but perhaps its group's rest."""
    if channel.group.rest is not None:
        return RESTING
    return UNKNOWN if channel.current.state is None else IDLE


def others_are_off(channel: Channel) -> bool:
    """Whether every other member of a channel's group is known to be off, and stays so."""
    return not any(other is not channel and may_be_on(other) for other in channel.group.members)


def others_may_be_off(channel: Channel) -> bool:
    """Whether no other member of a channel's group is known to be on."""
    return not any(other is not channel and other.current.state for other in channel.group.members)


def may_be_on(channel: Channel) -> bool:
    """Whether an output is on, or may be, or is on its way there."""
    ramps_up = channel.phase == RAMPING and channel.goal > 0
    return channel.current.state is not False or channel.job is not None or ramps_up
