"""The kept hours of a sensor over HTTP: which are kept, from when to when, in which steps and forms."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.config.profile import Profile
from edgeweb.device.device import Device
from edgeweb.device.http.current import attach
from edgeweb.device.system.clock import WallClock

from ..people import SOMEBODY, add_owner, device_of

PATH = "/api/v1/sensors/soil/history"

#: 2027-01-15 08:00 UTC.
BEGIN = 1_800_000_000 // 3600 * 3600

PROFILE = """
[schedules]
wait_for_clock = false
[sensors.soil]
kind = "file"
path = "SOIL"
unit = "%"
interval = 600
KEEP
[sensors.air]
kind = "file"
path = "SOIL"
"""


class Garden:
    """A device whose clocks the test moves, with a sensor that is kept and one that is not."""

    def __init__(self, make_profile: Callable[..., Profile], folder: Path, keep: str = "keep = true") -> None:
        self.soil = folder / "soil"
        self.now = 100.0
        self.soil.write_text("30")
        profile = make_profile(PROFILE.replace("SOIL", str(self.soil)).replace("KEEP", keep))
        self.app: Flask = create_app(profile)
        clock = WallClock(lambda: self.now, lambda: self.now - 100.0 + BEGIN)
        self.device = Device(profile, clock, threaded=False)
        attach(self.app, self.device)
        add_owner(self.app)
        self.device.start()

    def hours(self, *values: float) -> None:
        """Go on by an hour with each value."""
        for value in values:
            self.soil.write_text(str(value))
            for _ in range(6):
                self.now += 600
                self.device.timers.run_due()

    def get(self, query: str = "", status: int = 200, **headers: str) -> Any:
        answer = self.app.test_client().get(PATH + query, headers=headers)
        assert answer.status_code == status, answer.text
        return answer


@pytest.fixture
def garden(make_profile: Callable[..., Profile], tmp_path: Path) -> Iterator[Garden]:
    found = Garden(make_profile, tmp_path)
    yield found
    found.device.close()


def test_hours_as_json(garden: Garden) -> None:
    garden.hours(20, 21.5, 25)
    found = garden.get().json
    assert (found["id"], found["unit"], found["kept"], found["step_seconds"]) == ("soil", "%", True, 3600)
    assert (found["from"], found["to"]) == ("2027-01-08T12:00:00.000Z", "2027-01-15T12:00:00.000Z")
    assert found["hours"][0] == {
        "at": "2027-01-15T08:00:00.000Z",
        "minimum": 20.0,
        "mean": pytest.approx(130 / 6, abs=1e-4),
        "maximum": 30.0,
        "count": 6,
    }
    assert [hour["count"] for hour in found["hours"]] == [6, 6, 6, 1]


def test_from_to_and_step(garden: Garden) -> None:
    garden.hours(*range(48))
    whole = garden.get().json["hours"]
    some = garden.get("?from=2027-01-15T10:00:00Z&to=2027-01-15T13:00:00%2B01:00").json
    assert some["hours"] == whole[2:4]
    assert garden.get(f"?from={BEGIN + 7200}&to={BEGIN + 14400}").json["hours"] == some["hours"]
    assert garden.get("?from=2027-01-15T11:00:00+01:00&to=2027-01-15T12:00:00Z").json == some, "no %2B"
    days = garden.get("?step=1d").json
    assert garden.get("?step=86400").json == days, "seconds, too"
    assert [(day["at"], day["count"]) for day in days["hours"]] == [
        ("2027-01-15T00:00:00.000Z", 96),
        ("2027-01-16T00:00:00.000Z", 144),
        ("2027-01-17T00:00:00.000Z", 49),
    ]
    assert days["hours"][1]["maximum"] == max(hour["maximum"] for hour in whole[16:40])


@pytest.mark.parametrize("headers", [{}, {"Accept": "text/csv"}, {"Accept": "text/csv;q=0.9, */*;q=0.1"}])
def test_hours_as_a_table(garden: Garden, headers: dict[str, str]) -> None:
    garden.hours(20, 21.5)
    answer = garden.get("" if headers else "?format=csv", **headers)
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="soil.csv"'
    assert answer.headers["Vary"] == "Accept"
    head, *rows = csv.reader(answer.text.splitlines())
    assert head == ["at", "minimum", "mean", "maximum", "count"]
    as_json = garden.get(Accept="application/json").json["hours"]
    assert [
        {"at": at, **{key: float(text) for key, text in zip(head[1:], row, strict=True)}} for at, *row in rows
    ] == as_json
    assert garden.get("?format=json", Accept="text/csv").mimetype == "application/json"


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("?from=yesterday", "/from"),
        ("?from=2027-02-30T00:00:00Z", "/from"),
        ("?from=2027-01-15", "/from"),
        ("?to=nan", "/to"),
        ("?to=-1", "/to"),
        ("?from=20&to=10", "/from"),
        ("?step=90min", "/step"),
        ("?step=60s", "/step"),
        ("?step=1000d", "/step"),
        ("?format=xml", "/format"),
    ],
)
def test_queries_that_do_not_fit(garden: Garden, query: str, pointer: str) -> None:
    answer = garden.get(query, 400).json
    assert (answer["key"], answer["errors"][0]["pointer"]) == ("invalid-query", pointer)


def test_an_answer_is_bounded(garden: Garden) -> None:
    garden.hours(1)
    answer = garden.get("?from=0", 422).json
    assert answer["key"] == "too-many-rows"
    assert answer["detail"].startswith("These are 500002 steps, and 1000 at most are answered")
    assert garden.get(f"?from={BEGIN - 366 * 86400}&step=1d").json["hours"] != []


def test_what_is_kept(make_profile: Callable[..., Profile], tmp_path: Path) -> None:
    garden = Garden(make_profile, tmp_path, keep="")
    garden.hours(1, 2)
    assert (garden.get().json["kept"], garden.get().json["hours"]) == (False, [])
    garden.device.settings.change(SOMEBODY, {"history.keep": True})
    garden.hours(3)
    assert (garden.get().json["kept"], len(garden.get().json["hours"])) == (True, 2)
    garden.device.settings.change(SOMEBODY, {"history.keep": False})
    kept = garden.get().json["hours"]
    garden.hours(4, 5)
    assert garden.get().json["hours"] == kept, "and what was kept stays"
    garden.device.close()


def test_a_sensor_may_be_left_out(make_profile: Callable[..., Profile], tmp_path: Path) -> None:
    garden = Garden(make_profile, tmp_path, keep="keep = false\n[history]\nkeep = true\n")
    garden.hours(1)
    assert garden.get().json["hours"] == []
    air = garden.app.test_client().get("/api/v1/sensors/air/history").json
    assert (air["kept"], air["hours"][0]["count"]) == (True, 6)
    garden.device.close()


def test_hours_of_a_program(app: Flask) -> None:
    device = device_of(app)
    device.profile["schedules"]["wait_for_clock"] = False
    tank = device.sensor("tank", unit="l", keep=True)
    tank.set(640)
    device.hours.flush()
    tank.set(650)
    found = app.test_client().get("/api/v1/sensors/tank/history").json
    assert sum(hour["count"] for hour in found["hours"]) == 2
    assert app.test_client().get("/api/v1/sensors/none/history").status_code == 404
