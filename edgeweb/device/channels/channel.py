"""A channel: one named output or input, what its profile says of it, and what is known of it now."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import DeviceError

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


class ChannelBusy(ChannelError):
    """A pulse is under way, or the rest after a switch that the profile asks for."""

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
    a PWM output is on, from 0 to 1. `on_count` says how often an input went on. `changed` is the moment of
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


class Channel:
    """One row of the profile's `[channels]`, and its present state."""

    __slots__ = (
        "current",
        "debounce",
        "driver",
        "goal",
        "interlock",
        "inverted",
        "is_output",
        "is_pwm",
        "max_on",
        "name",
        "options",
        "poll",
        "pulse",
        "ramp",
        "retry",
        "switching",
        "title",
        "wanted",
    )

    def __init__(self, name: str, options: Mapping[str, Any], now: float, switching: Lock) -> None:
        self.name = name
        self.options = options
        self.title: str = options["title"] or name
        self.driver: str = options["driver"]
        self.is_pwm: bool = options["mode"] == "pwm"
        self.is_output: bool = options["mode"] != "input"
        self.inverted: bool = options["inverted"]
        self.interlock: str = options["interlock"]
        #: Held while the channel is switched; one for all channels of an interlock group.
        self.switching = switching
        #: What was asked for last, for a driver that comes back: a state, a value, or None.
        self.wanted: bool | float | None = None
        #: Where a ramp leads.
        self.goal = 0.0
        self.pulse: Timer | None = None
        self.max_on: Timer | None = None
        self.ramp: Timer | None = None
        self.debounce: Timer | None = None
        self.poll: Timer | None = None
        self.retry: Timer | None = None
        self.current = ChannelState(False, None, False, now, "not opened yet")

    def timers(self) -> list[Timer]:
        """Those that may still be waiting."""
        all_timers = (self.pulse, self.max_on, self.ramp, self.debounce, self.poll, self.retry)
        return [timer for timer in all_timers if timer is not None]

    def level(self, wanted: bool | float) -> bool | float:
        """The electrical level of a state or a value."""
        if isinstance(wanted, bool):
            return wanted != self.inverted
        return 1.0 - wanted if self.inverted else wanted
