"""When a schedule runs, as people say it: `weekdays 07:00 to 08:30`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .format import clock, moment, quantity
from .i18n import Words

if TYPE_CHECKING:
    from ..schedules.schedule import Schedule

#: The fields of a schedule with the offsets of these times.
OFFSETS = {"at": "offset_minutes", "until": "until_offset_minutes"}

#: What a time of day is in the form: an event of the sun and the side of it, or one by the clock.
SIDES: dict[str, tuple[str, int]] = {
    "clock": ("", 0),
    "before-sunrise": ("sunrise", -1),
    "sunrise": ("sunrise", 0),
    "after-sunrise": ("sunrise", 1),
    "before-sunset": ("sunset", -1),
    "sunset": ("sunset", 0),
    "after-sunset": ("sunset", 1),
}

#: The text of a time before the event, and of one after it.
_BESIDE = {-1: "schedules.at-before", 1: "schedules.at-after"}

#: Days of the week, as people name them together; any others are `chosen`.
WEEKS: dict[str, tuple[str, ...]] = {
    "weekdays": ("mon", "tue", "wed", "thu", "fri"),
    "weekend": ("sat", "sun"),
    "every": ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
}

CHOSEN = "chosen"


class Logged(NamedTuple):
    """The times of a schedule, read from the audit log."""

    kind: str
    days: tuple[str, ...]
    at: str
    offset_minutes: int
    until: str
    until_offset_minutes: int


def side_of(schedule: Schedule | Logged, field: str) -> str:
    """Return what a time of a schedule is, a key of `SIDES`; `field` is "at" or "until"."""
    offset = getattr(schedule, OFFSETS[field]) or 0
    found = (getattr(schedule, field), (offset > 0) - (offset < 0))
    return next((side for side, row in SIDES.items() if row == found), "clock")


def offset_of(schedule: Schedule | Logged, field: str) -> int:
    """Return how many minutes a time of a schedule is from the sun's."""
    offset: int = getattr(schedule, OFFSETS[field]) or 0
    return abs(offset)


def week_of(days: tuple[str, ...]) -> str:
    """Return the name of these days together, a key of `WEEKS` or `CHOSEN`."""
    return next((week for week, row in WEEKS.items() if row == days), CHOSEN)


def when(schedule: Schedule | Logged, words: Words) -> str:
    """Return when a schedule by the time of day runs, as people put it: `weekdays 07:00 to 08:30`."""
    week = week_of(schedule.days)
    chosen_days = " ".join(words(f"day.{day}") for day in schedule.days)
    days = chosen_days if week == CHOSEN else words(f"schedules.week-{week}")
    times = {field: _time_in_words(schedule, field, words) for field in OFFSETS if getattr(schedule, field)}
    return words(f"schedules.when-{schedule.kind}", days=days, **times)


def runs(schedule: Schedule, words: Words) -> str:
    """Return when a schedule of any kind runs: `weekdays 07:00 to 08:30`, `every 15 min`."""
    if schedule.kind == "once":
        return moment(schedule.at or "", words)
    if schedule.days:
        return when(schedule, words)
    return words("schedules.when-interval", time=quantity(schedule.every or 0, "seconds", words))


def name_of(schedule: Schedule, channel: str, words: Words) -> str:
    """Return the title of a schedule; without one, what it is: `Lamp: weekdays 07:00 to 08:30`.

    `channel` is the title of its channel.
    """
    if schedule.title != schedule.name:
        return schedule.title
    return f"{channel}{words('live.sign.colon')}{runs(schedule, words)}"


def _time_in_words(schedule: Schedule | Logged, field: str, words: Words) -> str:
    event, side = SIDES[side_of(schedule, field)]
    if not event:
        return clock(getattr(schedule, field), words)
    text = words(f"schedules.{event}")
    return words(_BESIDE[side], event=text, minutes=offset_of(schedule, field)) if side else text


def side_in_words(name: str, words: Words) -> str:
    """Return a key of `SIDES` as the form offers it: `before sunrise`."""
    event, side = SIDES[name]
    if not event:
        return words("schedules.side-clock")
    text = words(f"schedules.{event}")
    return words(f"schedules.side-{'before' if side < 0 else 'after'}", event=text) if side else text
