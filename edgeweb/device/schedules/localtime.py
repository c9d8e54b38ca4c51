"""Local dates: the moments at which a clock on the wall shows a time, in the zone of the machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

#: Year, month, day.
Date = tuple[int, int, int]


#: Seconds after which a moment that is known is computed again: the file of the zone may have been replaced.
MAX_AGE = 600.0


def zone() -> tuple[int, int, tuple[str, str]]:
    """Return what tells the machine's time zone from others: its offsets and its names."""
    return time.timezone, time.altzone, time.tzname


def follow_zone() -> None:
    """Take over another time zone of the machine, which `timedatectl set-timezone` sets while this runs.

    The C library reads the zone's file again where it has changed, which costs one stat(2). Without this
    call it does so only in some functions, so that moments and dates would be of two zones.
    """
    time.tzset()


def moment_of(date: Date, seconds: int) -> float:
    """When the clock shows this time of a day (seconds after midnight), in seconds since 1970.

    In spring an hour is skipped: a time in it is the moment that is as long after midnight, so an hour later
    by the clock. In autumn an hour comes twice: the first one counts. So every date has one such moment.
    """
    hour, minute, second = seconds // 3600, seconds // 60 % 60, seconds % 60
    # by both winter's and summer's time; where they differ, the machine's zone knows which it is
    found = [time.mktime((*date, hour, minute, second, 0, 0, summer)) for summer in (0, 1)]
    exact = [moment for moment in found if time.localtime(moment)[3:6] == (hour, minute, second)]
    return min(exact) if exact else max(found)


def dates(moment: float, first: int, last: int) -> Iterator[tuple[Date, str]]:
    """Yield dates and their days of the week, from `first` to `last` days after that of a moment."""
    year, month, day = time.localtime(moment)[:3]
    for number in range(first, last + 1):
        # noon is there on every day, and mktime knows how many days a month has
        noon = time.localtime(time.mktime((year, month, day + number, 12, 0, 0, 0, 0, -1)))
        yield noon[:3], DAYS[noon.tm_wday]


def next_day(
    after: float, moment_on: Callable[[Date], float | None], days: Collection[str] = DAYS
) -> tuple[float, Date] | None:
    """Return the first moment later than `after` on one of these days, and its date.

    `moment_on` returns the moment on a date, None for a date without one. None where the next days have none.
    """
    # one day before: a time that is skipped at midnight is shown on the next date
    for date, day in dates(after, -1, 8):
        if day in days and (moment := moment_on(date)) is not None and moment > after:
            return moment, date
    return None
