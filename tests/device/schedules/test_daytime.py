"""Times of day: read, described, and on a calendar as on each single day."""

from __future__ import annotations

import time

import pytest

from edgeweb.device.schedules.daytime import Calendar, DayTime, describe, ends_next_day, read

from .conftest import local

BERLIN = (52.52, 13.4)
SUNRISE, SUNSET = DayTime("sunrise", 0), DayTime("sunset", 0)


def clock(text: str) -> DayTime:
    found = read(text, None)
    assert found is not None
    return found


@pytest.mark.parametrize("text", ["", "7:00", "24:00", "07:60", "07:00:60", "07:00 ", "Sunset", "noon"])
def test_what_is_no_time_of_day(text: str) -> None:
    assert read(text, None) is None


@pytest.mark.parametrize(
    ("text", "offset", "expected"),
    [
        ("07:30", None, DayTime("", 27_000)),
        ("23:59:59", None, DayTime("", 86_399)),
        ("sunrise", 15, DayTime("sunrise", 900)),
        ("sunset", None, SUNSET),
    ],
)
def test_times_of_day(text: str, offset: int | None, expected: DayTime) -> None:
    assert read(text, offset) == expected


def test_in_words() -> None:
    assert [describe("sunset", offset) for offset in (None, 0, -30, 15)] == [
        "sunset",
        "sunset",
        "sunset-30 min",
        "sunset+15 min",
    ]


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        (clock("07:00"), clock("08:30"), False),
        (clock("22:00"), clock("06:00"), True),
        (clock("08:30"), clock("08:30"), True),
        (SUNRISE, SUNSET, False),
        (SUNSET, SUNRISE, True),
        (SUNSET, clock("01:00"), True),
        (SUNSET, clock("12:00"), False),
        (SUNSET, clock("16:00"), False),
        (clock("05:00"), SUNRISE, False),
        (clock("22:00"), SUNRISE, True),
        (clock("11:59"), SUNRISE, False),
        (clock("16:00"), SUNSET, False),
        (SUNRISE, clock("01:00"), False),
        (DayTime("sunset", -1800), DayTime("sunset", 1800), False),
        (DayTime("sunset", 1800), DayTime("sunset", -1800), True),
    ],
)
def test_on_which_date_a_span_ends(begin: DayTime, end: DayTime, expected: bool) -> None:
    assert ends_next_day(begin, end) is expected


@pytest.mark.parametrize(
    "zone",
    [
        "CET-1CEST,M3.5.0,M10.5.0/3",
        # the day begins at 1:00, and half an hour is skipped
        "EET-2EEST,M3.5.0/0,M10.5.0/0",
        "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
        "UTC0",
    ],
)
def test_a_calendar_is_all_its_days(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    times = [*map(clock, ("00:00", "00:30", "01:59:59", "02:30", "03:00", "23:59")), SUNRISE, SUNSET]
    for month in range(1, 13):
        calendar = Calendar(local(f"2027-{month:02}-15 12:00:00"), -15, 17, BERLIN)
        for number, (date, _) in enumerate(calendar.days):
            for one in times:
                assert calendar.moment(one, number) == one.moment(date, BERLIN), (date, one)


def test_the_sun_without_a_place() -> None:
    now = local("2027-01-13 12:00:00")
    assert Calendar(now, 0, 1, None).moment(SUNRISE, 0) is None
    assert SUNRISE.moment((2027, 1, 13), None) is None
