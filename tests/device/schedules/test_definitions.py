"""What a schedule may be, and what becomes of definitions that are stored."""

from __future__ import annotations

from typing import Any

import pytest

from edgeweb.device.schedules.schedule import ScheduleError, TooMany
from edgeweb.device.schedules.scheduler import (
    MAX_SCHEDULES,
)
from edgeweb.device.storage.store import Execute

from ..people import SOMEBODY
from .conftest import DAILY, EVERY, ONCE, SPAN, Bench, put

FAULTS: list[tuple[dict[str, Any], set[str]]] = [
    ({}, {"channel", "action", "kind"}),
    ({**DAILY, "at": "7:00"}, {"at"}),
    ({**DAILY, "at": "24:00"}, {"at"}),
    ({**DAILY, "at": "07:00\n"}, {"at"}),
    ({**DAILY, "at": "\u0660\u0667:00"}, {"at"}),
    ({**DAILY, "at": 700}, {"at"}),
    ({**DAILY, "at": None}, {"at"}),
    ({**DAILY, "days": []}, {"days"}),
    ({**DAILY, "days": ["monday"]}, {"days"}),
    ({**DAILY, "days": "mon"}, {"days"}),
    ({**DAILY, "days": [["mon"]]}, {"days"}),
    ({**DAILY, "every": 60}, {"every"}),
    ({**DAILY, "pulse_ms": 500}, {"pulse_ms"}),
    ({**DAILY, "value": 0.5}, {"value"}),
    ({**DAILY, "pulse_ms": 500, "value": 0.5}, {"pulse_ms", "value"}),
    ({**DAILY, "value": float("nan")}, {"value"}),
    ({**DAILY, "value": 10**400}, {"value"}),
    ({**DAILY, "pulse_ms": 10**400}, {"pulse_ms"}),
    ({**DAILY, "amount": 500}, {"amount"}),
    ({**DAILY, "action": "explode"}, {"action"}),
    ({**DAILY, "action": "pulse", "pulse_ms": 500.5}, {"pulse_ms"}),
    ({**DAILY, "action": "pulse", "pulse_ms": 0}, {"pulse_ms"}),
    ({**DAILY, "action": "pulse", "pulse_ms": 49}, {"pulse_ms"}),
    ({**DAILY, "action": "pulse", "pulse_ms": 60_001}, {"pulse_ms"}),
    ({**DAILY, "action": "pulse", "value": 0.5}, {"value"}),
    ({**DAILY, "action": "value", "value": 0.5}, {"action"}),
    ({**DAILY, "action": "value", "channel": "fan"}, {"value"}),
    ({**DAILY, "action": "value", "channel": "fan", "value": 1.1}, {"value"}),
    ({**DAILY, "action": "value", "channel": "fan", "value": 0.5, "pulse_ms": 500}, {"pulse_ms"}),
    ({**DAILY, "channel": "door"}, {"channel"}),
    ({**DAILY, "channel": "nothing"}, {"channel"}),
    ({**DAILY, "channel": ["lamp"]}, {"channel"}),
    ({**DAILY, "title": "two\r\nlines"}, {"title"}),
    ({**DAILY, "title": "x" * 101}, {"title"}),
    ({**DAILY, "enabled": 1}, {"enabled"}),
    ({**DAILY, "exec": "rm"}, {"exec"}),
    ({**EVERY, "every": 9}, {"every"}),
    ({**EVERY, "every": 1e300}, {"every"}),
    ({**EVERY, "every": None}, {"every"}),
    ({**EVERY, "at": "07:00", "days": ["mon"]}, {"at", "days"}),
    ({**ONCE, "at": "2027-01-13T05:59"}, {"at"}),
    ({**ONCE, "at": "2027-02-30T07:00"}, {"at"}),
    ({**ONCE, "at": "2027-01-13T07:00+99:00"}, {"at"}),
    ({**ONCE, "at": "9999-12-31T23:59:59Z"}, {"at"}),
    ({**ONCE, "at": "tomorrow"}, {"at"}),
    ({**ONCE, "days": ["mon"]}, {"days"}),
    ({**ONCE, "at": "sunset"}, {"at"}),
    ({**DAILY, "until": "08:00"}, {"until"}),
    ({**DAILY, "at": "sunset"}, {"at"}),
    ({**DAILY, "at": "noon"}, {"at"}),
    ({**DAILY, "offset_minutes": 5}, {"offset_minutes"}),
    ({**DAILY, "at": "sunset", "offset_minutes": 361}, {"offset_minutes"}),
    ({**DAILY, "at": "sunset", "offset_minutes": 0.5}, {"offset_minutes"}),
    ({**EVERY, "offset_minutes": 5, "until_offset_minutes": 5}, {"offset_minutes", "until_offset_minutes"}),
    ({**SPAN, "until": None}, {"until"}),
    ({**SPAN, "at": None, "until": None}, {"at", "until"}),
    ({**SPAN, "until": "07:00"}, {"until"}),
    ({**SPAN, "until": "24:00"}, {"until"}),
    ({**SPAN, "until": 900}, {"until"}),
    ({**SPAN, "at": "sunset"}, {"at"}),
    ({**SPAN, "until": "sunset"}, {"until"}),
    ({**SPAN, "at": "sunset", "until": "sunset", "until_offset_minutes": 0}, {"until"}),
    ({**SPAN, "days": []}, {"days"}),
    ({**SPAN, "every": 60}, {"every"}),
    ({**SPAN, "action": "off"}, {"action"}),
    ({**SPAN, "action": "toggle"}, {"action"}),
    ({**SPAN, "action": "pulse"}, {"action"}),
    ({**SPAN, "action": "value", "value": 0.5}, {"action"}),
    ({**SPAN, "action": "value", "channel": "fan", "value": 0}, {"value"}),
    ({**SPAN, "action": "value", "channel": "fan"}, {"value"}),
]


@pytest.mark.parametrize(("fields", "faulty"), FAULTS)
def test_faults(bench: Bench, fields: dict[str, Any], faulty: set[str]) -> None:
    with pytest.raises(ScheduleError) as caught:
        bench.device.schedules.put(SOMEBODY, "one", fields)
    assert {name for (name,), _ in caught.value.errors} == faulty
    assert bench.device.store.read("SELECT * FROM schedules") == []
    assert bench.device.audit.rows() == []


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "a/b", "a\r\nb", "__a__", "\u00e4", "1"])
def test_names(bench: Bench, name: str) -> None:
    with pytest.raises(ScheduleError, match="a name of 1 to 64"):
        put(bench, name)


@pytest.mark.parametrize(
    ("at", "utc"),
    [
        ("2027-01-13T07:00", "2027-01-13T06:00:00Z"),
        ("2027-07-13 07:00:30", "2027-07-13T05:00:30Z"),
        ("2027-01-13T07:00:00Z", "2027-01-13T07:00:00Z"),
        ("2027-01-13T07:00-05:00", "2027-01-13T12:00:00Z"),
    ],
)
def test_dates(bench: Bench, at: str, utc: str) -> None:
    put(bench, fields=ONCE, at=at)
    one = bench.device.schedules["one"]
    assert one.at == utc
    put(bench, "two", one.definition())
    assert bench.device.schedules["two"].at == utc


def test_definitions_are_kept_and_logged(bench: Bench) -> None:
    assert bench.device.schedules.put(SOMEBODY, "b", {**DAILY, "title": "Morning", "at": "07:00:00"}) is True
    put(bench, "a", EVERY)
    assert bench.device.schedules.put(SOMEBODY, "b", {**DAILY, "days": ["sun", "mon", "mon"]}) is False
    bench.device.schedules.remove(SOMEBODY, "a")
    bench.off(1)
    (one,) = bench.device.schedules
    assert (one.name, one.title, one.at, one.days) == ("b", "b", "07:00", ("mon", "sun"))
    assert [(row["action"], row["target"], row["result"]) for row in bench.device.audit.rows()] == [
        ("schedule.remove", "a", "lamp toggle, interval 60 s"),
        ("schedule.change", "b", "lamp on, daily 07:00 mon sun"),
        ("schedule.add", "a", "lamp toggle, interval 60 s"),
        ("schedule.add", "b", "lamp on, daily 07:00 mon tue wed thu fri sat sun"),
    ]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (SPAN, "lamp on, span 07:00 to 08:30 mon tue wed thu fri sat sun"),
        (
            {**SPAN, "at": "sunset", "offset_minutes": -30, "until": "23:00", "days": ["sat"]},
            "lamp on, span sunset-30 min to 23:00 sat",
        ),
        (
            {**SPAN, "until": "sunrise", "until_offset_minutes": 15, "days": ["sat"], "enabled": False},
            "lamp on, span 07:00 to sunrise+15 min sat, disabled",
        ),
        ({**DAILY, "at": "sunrise", "days": ["sun"]}, "lamp on, daily sunrise sun"),
    ],
)
def test_times_in_the_audit_log(bench: Bench, fields: dict[str, Any], words: str) -> None:
    bench.device.settings.change(SOMEBODY, {"device.latitude": 52.5, "device.longitude": 13.4})
    put(bench, fields=fields)
    assert bench.device.audit.rows()[0]["result"] == words
    definition = bench.device.schedules["one"].definition()
    bench.off(1)
    assert bench.device.schedules["one"].definition() == definition


def test_a_schedule_by_the_sun_names_the_keys_that_are_missing(bench: Bench) -> None:
    for place in ({}, {"device.latitude": 52.5}, {"device.latitude": None, "device.longitude": 13.4}):
        bench.device.settings.change(SOMEBODY, place)
        with pytest.raises(ScheduleError, match=r"device\.latitude and device\.longitude") as caught:
            put(bench, fields={**SPAN, "until": "sunset"})
        assert [path for path, _ in caught.value.errors] == [("until",)]
    bench.device.settings.change(SOMEBODY, {"device.latitude": 0, "device.longitude": 0})
    put(bench, fields={**SPAN, "until": "sunset"})
    one = bench.device.schedules["one"]
    assert (one.until, one.until_offset_minutes, one.offset_minutes) == ("sunset", 0, None)


def test_there_is_a_bound(bench: Bench) -> None:
    for number in range(MAX_SCHEDULES):
        put(bench, f"s{number}")
    with pytest.raises(TooMany, match="remove one first"):
        put(bench, "another")
    put(bench, "s0", EVERY)
    assert len(bench.device.schedules) == MAX_SCHEDULES


def test_rows_of_another_process_count(bench: Bench) -> None:
    def fill(execute: Execute) -> None:
        for number in range(MAX_SCHEDULES):
            execute("INSERT INTO schedules VALUES (?, ?)", (f"s{number}", "{}"))

    put(bench, "mine")
    bench.device.store.write(fill)
    with pytest.raises(TooMany):
        put(bench, "another")
    assert [schedule.name for schedule in bench.device.schedules] == ["mine"]
    (count,) = bench.device.store.read("SELECT count(*) FROM schedules WHERE name = 'another'")
    assert count == (0,)
    put(bench, "mine", EVERY)


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{}", '{"run": 5}', "[" * 100_000, '{"kind": "daily", "at": {}}', "1" * 5000]
)
def test_what_cannot_be_read_is_told_and_left_out(
    bench: Bench, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    put(bench, "good")
    bench.device.store.write(lambda execute: execute("INSERT INTO schedules VALUES ('odd', ?)", (text,)))
    bench.off(0)
    assert [schedule.name for schedule in bench.device.schedules] == ["good"]
    assert "the schedule odd is ignored" in capsys.readouterr().err


def test_the_tag_changes_with_what_is_seen_only(bench: Bench) -> None:
    put(bench)
    tag = bench.device.schedules.tag
    bench.go(600)
    assert bench.device.schedules.tag == tag, "looking is no change"
    bench.go_to("2027-01-13 07:00:00")
    assert bench.device.schedules.tag != tag
    tag = bench.device.schedules.tag
    put(bench, title="other")
    assert bench.device.schedules.tag != tag
