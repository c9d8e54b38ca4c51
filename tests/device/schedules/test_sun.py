"""Sunrise and sunset against a table of other equations, polar day and night, and the days of odd zones."""

from __future__ import annotations

import calendar
import time
from pathlib import Path

import pytest

from edgeweb.device.schedules.sun import EVENTS, moment_of

TABLE = Path(__file__).with_name("sun_2027.tsv")

#: Seconds by which a time may differ from the table.
TOLERANCE = 120


def seconds(text: str) -> float | None:
    return None if text == "-" else float(calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ")))


def rows() -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            place, *row = line.split("\t")
            found.setdefault(place, []).append(row)
    return found


@pytest.mark.parametrize("place", ["Quito", "Greenwich", "Sydney", "Tromsø"])
def test_a_year_as_in_the_table(place: str) -> None:
    seen = rows()[place]
    assert len(seen) >= 37
    for north, east, date, *events in seen:
        latitude, longitude = float(north), float(east)
        noon = calendar.timegm(time.strptime(date, "%Y-%m-%d")) + 43_200 - longitude * 240
        for event, text in zip(EVENTS, events, strict=True):
            expected, found = seconds(text), moment_of(event, noon, latitude, longitude)
            assert (found is None) == (expected is None), (date, event)
            if expected is not None and found is not None:
                assert abs(found - expected) <= TOLERANCE, (date, event)


def test_the_table_has_polar_days_and_nights() -> None:
    none = [row for row in rows()["Tromsø"] if "-" in row]
    assert {row[2][5:7] for row in none} >= {"01", "05", "06", "07", "11", "12"}


@pytest.mark.parametrize("latitude", [-90, -89.9, 89.9, 90])
@pytest.mark.parametrize("event", EVENTS)
def test_the_poles(event: str, latitude: float) -> None:
    january, july = 1_800_000_000.0, 1_815_000_000.0
    assert moment_of(event, january, latitude, 0) is moment_of(event, july, latitude, 0) is None


@pytest.mark.parametrize("longitude", [-180, -172, 0, 18.96, 174.8, 180])
def test_the_day_is_that_of_noon_however_the_zone_counts(longitude: float) -> None:
    """Samoa is at 172 degrees west and 13 hours ahead of UTC."""
    noon = calendar.timegm((2027, 3, 20, 12, 0, 0)) - longitude * 240
    for late in (-10_800, 0, 10_800):
        rise, fall = (moment_of(event, noon + late, 0, longitude) for event in EVENTS)
        assert rise is not None and fall is not None
        assert noon - 7 * 3600 < rise < noon < fall < noon + 7 * 3600
