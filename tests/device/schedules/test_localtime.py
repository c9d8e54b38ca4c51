from __future__ import annotations

import time
from collections.abc import Collection

import pytest

from edgeweb.device.schedules.localtime import DAYS, Date, dates, moment_of
from edgeweb.device.schedules.localtime import next_day as next_day_with

from .conftest import local, shown


def next_day(after: float, seconds: int, days: Collection[str] = DAYS) -> tuple[float, Date]:
    """Return the next day with a time by the clock, which each has."""
    found = next_day_with(after, lambda date: moment_of(date, seconds), days)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("date", "seconds", "expected"),
    [
        ((2027, 1, 13), 7 * 3600, "2027-01-13 07:00:00 +0100"),
        ((2027, 7, 13), 7 * 3600, "2027-07-13 07:00:00 +0200"),
        ((2028, 2, 29), 86_399, "2028-02-29 23:59:59 +0100"),
        # 2:00 to 3:00 is not there: as long after midnight as on other days
        ((2027, 3, 28), 2 * 3600 + 1800, "2027-03-28 03:30:00 +0200"),
        ((2027, 3, 28), 3 * 3600, "2027-03-28 03:00:00 +0200"),
        # 2:00 to 3:00 comes twice: the first one
        ((2027, 10, 31), 2 * 3600 + 1800, "2027-10-31 02:30:00 +0200"),
        ((2027, 10, 31), 3 * 3600, "2027-10-31 03:00:00 +0100"),
    ],
)
def test_moments(date: tuple[int, int, int], seconds: int, expected: str) -> None:
    assert shown(moment_of(date, seconds)) == expected


@pytest.mark.parametrize("zone", ["UTC0", "IST-5:30", "<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45"])
def test_every_day_of_three_years_has_one_moment(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    for seconds in (0, 2 * 3600 + 2700, 3 * 3600, 86_399):
        moment, dates = local("2027-01-01 12:00:00"), []
        for _ in range(3 * 365):
            moment, date = next_day(moment, seconds)
            dates.append(date)
        assert len(set(dates)) == len(dates)
        noon = time.localtime(local("2027-01-01 12:00:00") + 3 * 365 * 86_400)
        assert abs(time.mktime((*dates[-1], 12, 0, 0, 0, 0, -1)) - time.mktime(noon)) <= 86_400 + 3600


def test_an_hour_that_is_skipped_at_midnight(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in Beirut and, until 2019, in Brazil: the day begins at 1:00."""
    monkeypatch.setenv("TZ", "EET-2EEST,M3.5.0/0,M10.5.0/0")
    time.tzset()
    moment, date = next_day(local("2027-03-27 12:00:00"), 1800)
    assert (shown(moment), date) == ("2027-03-28 01:30:00 +0300", (2027, 3, 28))
    assert next_day(moment, 1800)[1] == (2027, 3, 29)


def test_an_hour_that_is_skipped_before_midnight(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in Greenland: 23:30 is shown as 0:30 of the next date, and has not passed at its beginning."""
    monkeypatch.setenv("TZ", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0")
    time.tzset()
    moment, date = next_day(local("2027-03-28 00:10:00"), 23 * 3600 + 1800)
    assert (shown(moment), date) == ("2027-03-28 00:30:00 -0100", (2027, 3, 27))


@pytest.mark.parametrize("month", [1, 7])
def test_an_hour_that_comes_twice_where_winter_is_the_other_time(
    monkeypatch: pytest.MonkeyPatch, month: int
) -> None:
    """As in Ireland. The C library guesses by what it was asked before."""
    monkeypatch.setenv("TZ", "IST-1GMT0,M10.5.0,M3.5.0/1")
    time.tzset()
    local(f"2027-{month:02}-05 12:00:00")
    assert shown(moment_of((2027, 10, 31), 5400)) == "2027-10-31 01:30:00 +0100"
    assert shown(moment_of((2027, 3, 28), 5400)) == "2027-03-28 02:30:00 +0100"


def test_days_of_the_week() -> None:
    wednesday = local("2027-01-13 06:00:00")
    assert shown(next_day(wednesday, 0, ("wed",))[0]) == "2027-01-20 00:00:00 +0100"
    assert shown(next_day(wednesday, 7 * 3600, ("wed",))[0]) == "2027-01-13 07:00:00 +0100"
    assert shown(next_day(wednesday, 7 * 3600, ("tue", "sun"))[0]) == "2027-01-17 07:00:00 +0100"
    assert [time.localtime(local(f"2027-01-{11 + n} 00:00:00")).tm_wday for n in range(7)] == [*range(7)]
    assert DAYS[0] == "mon"


def test_the_moment_itself_is_over() -> None:
    seven = local("2027-01-13 07:00:00")
    assert next_day(seven, 7 * 3600)[0] == seven + 86_400
    assert next_day(seven - 0.001, 7 * 3600)[0] == seven


def test_days_without_the_moment() -> None:
    seven = local("2027-01-13 07:00:00")
    even = next_day_with(seven, lambda date: moment_of(date, 7 * 3600) if date[2] % 2 == 0 else None)
    assert even is not None and even[1] == (2027, 1, 14)
    assert next_day_with(seven, lambda date: None) is None
    assert next_day_with(seven, lambda date: moment_of(date, 0), ()) is None
    # the same day of the next week and one more
    for day, is_found in ((20, True), (21, True), (22, False)):
        found = next_day_with(seven, lambda date, day=day: moment_of(date, 0) if date[2] == day else None)
        assert (found is not None) is is_found, day


def test_dates_over_the_end_of_a_year() -> None:
    found = [*dates(local("2027-12-31 23:59:59"), -1, 1)]
    assert found == [((2027, 12, 30), "thu"), ((2027, 12, 31), "fri"), ((2028, 1, 1), "sat")]
