"""What can be done to a channel: a row for each action, for requests, schedules and the pages alike.

An action has a name, which is its word in addresses, schedules and the catalogues. Some take an amount: the
milliseconds of a pulse, the share of time that a PWM output is on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .channel import Channel, ChannelState
    from .controller import ChannelController

Limits = tuple[float, float]


class Amount:
    """How much of it, of a kind of `config/checks.py`.

    `limits` are the widest that a profile may ask for; `limits_of` and `default_of` are those of one channel.
    An amount without `default_of` has to be given. `field` is its name in a body and `schedule` in a
    schedule, `unit` is for people and `word` for the audit log. `meaning` is what the action with it does.
    `form` is the field that people type it into, which counts `scale` of it: 1000 ms for a second. `example`
    is for the documentation.
    """

    __slots__ = (
        *("default_of", "example", "field", "form", "kind", "limits", "limits_of", "meaning"),
        *("scale", "schedule", "unit", "word"),
    )

    def __init__(
        self,
        field: str,
        schedule: str,
        kind: str,
        limits: Limits,
        limits_of: Callable[[Channel], Limits],
        default_of: Callable[[Channel], float] | None,
        *,
        unit: str,
        word: str,
        meaning: str,
        form: str,
        scale: float,
        example: float,
    ) -> None:
        self.field = field
        self.schedule = schedule
        self.kind = kind
        self.limits = limits
        self.limits_of = limits_of
        self.default_of = default_of
        self.unit = unit
        self.word = word
        self.meaning = meaning
        self.form = form
        self.scale = scale
        self.example = example


class Action:
    """One row: what runs, its word in the audit log, its amount, and the modes of channels that it fits."""

    __slots__ = ("amount", "audit", "modes", "run")

    def __init__(
        self,
        run: Callable[[ChannelController, str, Any], ChannelState],
        audit: str = "channel.set",
        amount: Amount | None = None,
        modes: tuple[str, ...] = ("output", "pwm"),
    ) -> None:
        self.run = run
        self.audit = audit
        self.amount = amount
        self.modes = modes

    def amount_for(self, channel: Channel, given: float | None) -> float | None:
        """Return the amount that counts: the one that was given, within the channel's limits, else its own.

        A schedule may be older than the limits.
        """
        if self.amount is None:
            return None
        if given is None:
            return self.amount.default_of(channel) if self.amount.default_of is not None else None
        least, most = self.amount.limits_of(channel)
        return min(max(given, least), most)


PULSE = Amount(
    "ms",
    "pulse_ms",
    "integer",
    (10, 3_600_000),
    lambda channel: (
        round(channel.options["pulse_min"] * 1000),
        round(channel.options["pulse_max"] * 1000),
    ),
    lambda channel: round(channel.options["pulse"] * 1000),
    unit="milliseconds",
    word="{:.0f} ms",
    meaning="Switches an output on and, after `ms`, off again; without a body after the profile's `pulse`.",
    form="seconds",
    scale=1000,
    example=500,
)
VALUE = Amount(
    "value",
    "value",
    "number",
    (0, 1),
    lambda channel: (0, 1),
    None,
    unit="a share",
    word="{:g}",
    meaning="Brings a PWM output to a value from 0 to 1, as slowly as its profile's `ramp`.",
    form="percent",
    scale=0.01,
    example=0.25,
)

ACTIONS: dict[str, Action] = {
    "on": Action(lambda channels, name, amount: channels.set(name, True)),
    "off": Action(
        lambda channels, name, amount: channels.set(name, False), modes=("output", "pwm", "button")
    ),
    "toggle": Action(lambda channels, name, amount: channels.set(name, None)),
    "pulse": Action(
        lambda channels, name, amount: channels.pulse(name, amount / 1000),
        "channel.pulse",
        PULSE,
        ("output", "pwm", "button"),
    ),
    "value": Action(
        lambda channels, name, amount: channels.set_value(name, amount), "channel.value", VALUE, ("pwm",)
    ),
}
