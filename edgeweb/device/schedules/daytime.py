"""Times of day: by the clock, or a while before or after sunrise or sunset."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from .localtime import Date, dates, moment_of

#: What `at` and `until` name besides times of the clock; the keys of `sun.EVENTS`, without its import.
SUN = ("sunrise", "sunset")

#: Degrees north and east.
Place = tuple[float, float]

#: For people: what a time of day looks like.
RULE = "a time of day like 07:30, sunrise or sunset"

#: Why one by the sun is refused.
NO_PLACE = (
    "expected a time like 07:30: sunrise and sunset need device.latitude and device.longitude, in the profile"
    " or in the settings"
)

_NOON = 12 * 3600
_DAY = 86_400
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", re.ASCII)


class DayTime(NamedTuple):
    """A time of each day: `seconds` after midnight by the clock, or after an `event` of the sun."""

    event: str
    seconds: int

    def moment(self, date: Date, place: Place | None) -> float | None:
        """Return it on one date, in seconds since 1970.

        None where the sun does not rise or set on that date, or the place is not known.
        """
        if not self.event:
            return moment_of(date, self.seconds)
        if place is None:
            return None
        from .sun import moment_of as sun_at  # for schedules by the sun only

        found = sun_at(self.event, moment_of(date, _NOON), *place)
        return None if found is None else found + self.seconds

    @property
    def is_before_noon(self) -> bool:
        """Whether it is in the first half of the day; sunrise always is."""
        return self.event == SUN[0] if self.event else self.seconds < _NOON


class Calendar:
    """Some days, and the moments of times of day on them.

    Each call of the C library for local time is slow. A day of 24 hours has no change of the zone's offset,
    so a time by the clock is found by addition to midnight.
    """

    def __init__(self, now: float, first: int, last: int, place: Place | None) -> None:
        #: Dates and days of the week, from `first` to `last` days after now.
        self.days = list(dates(now, first, last))
        midnights = [moment_of(date, 0) for date, _ in self.days]
        self._midnights: list[float | None] = [
            begin if end - begin == _DAY else None for begin, end in pairwise(midnights)
        ]
        self._midnights.append(None)
        self._place = place
        self._sun: dict[tuple[str, int], float | None] = {}

    def moment(self, time: DayTime, number: int) -> float | None:
        """Return what `DayTime.moment` does, for one of `days` by its number."""
        if not time.event:
            midnight = self._midnights[number]
            return time.moment(self.days[number][0], None) if midnight is None else midnight + time.seconds
        key = time.event, number
        if key not in self._sun:
            self._sun[key] = DayTime(time.event, 0).moment(self.days[number][0], self._place)
        found = self._sun[key]
        return None if found is None else found + time.seconds


def read(text: str, offset_minutes: int | None) -> DayTime | None:
    """Return a time of day from the fields of a schedule; None where the text is none.

    >>> read("07:30", None), read("sunset", -30)
    (DayTime(event='', seconds=27000), DayTime(event='sunset', seconds=-1800))
    """
    if text in SUN:
        return DayTime(text, (offset_minutes or 0) * 60)
    if found := _CLOCK.fullmatch(text):
        hour, minute, second = (int(part or 0) for part in found.groups())
        return DayTime("", hour * 3600 + minute * 60 + second)
    return None


def ends_next_day(begin: DayTime, end: DayTime) -> bool:
    """Return whether a span that begins at one time of day ends on the date after.

    Two times of the clock, or of one event, decide by themselves: 22:00 to 06:00 does, 07:00 to 08:30 does
    not. Else the halves of the day decide, so that a span never grows round the clock with the season:
    "05:00 to sunrise" does not run where the sun has risen by then, nor "16:00 to sunset" where it has set.

    >>> sunset, one, eleven = DayTime("sunset", 0), DayTime("", 1 * 3600), DayTime("", 23 * 3600)
    >>> ends_next_day(sunset, one), ends_next_day(sunset, eleven)
    (True, False)
    """
    if begin.event == end.event:
        return end.seconds <= begin.seconds
    return end.is_before_noon and not begin.is_before_noon


def describe(text: str, offset_minutes: int | None) -> str:
    """Return a time of day for the audit log: `07:30`, `sunset-30 min`."""
    return f"{text}{offset_minutes:+d} min" if offset_minutes else text
