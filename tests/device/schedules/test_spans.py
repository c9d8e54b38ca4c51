"""Spans at work: the state that they ask for holds, whatever happened to the device and its clock."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from edgeweb.device.channels.history import DELAY
from edgeweb.device.schedules.scheduler import CLOCK_POLL
from edgeweb.device.schedules.spans import RETRY

from ..people import SOMEBODY
from .conftest import Bench, shown

WEEKDAYS = ["mon", "tue", "wed", "thu", "fri"]
MORNING = {
    "channel": "lamp",
    "action": "on",
    "kind": "span",
    "at": "07:00",
    "until": "08:30",
    "days": WEEKDAYS,
}
NIGHT = {**MORNING, "at": "22:00", "until": "06:00"}
#: Berlin.
PLACE = {"device.latitude": 52.52, "device.longitude": 13.4}


def put(bench: Bench, name: str = "one", fields: dict[str, Any] = MORNING, **others: Any) -> None:
    bench.device.schedules.put(SOMEBODY, name, {**fields, **others})


def is_on(bench: Bench, name: str = "lamp") -> bool | None:
    return bench.device.channels[name].current.state


def value(bench: Bench) -> float | None:
    return bench.device.channels["fan"].current.value


# -- at both ends --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_weekdays(bench: Bench) -> None:
    put(bench)
    one = bench.device.schedules["one"]
    assert shown(one.next_at) == "2027-01-13 07:00:00 +0100"
    bench.go_to("2027-01-13 06:59:59")
    assert is_on(bench) is False
    bench.go(1)
    assert is_on(bench) is True
    assert (shown(one.last_at), one.last_result) == ("2027-01-13 07:00:00 +0100", "ok")
    assert shown(one.next_at) == "2027-01-13 08:30:00 +0100"
    bench.go_to("2027-01-13 08:29:59")
    assert is_on(bench) is True
    bench.go_to("2027-01-18 09:00:00")
    assert bench.runs() == [
        f"2027-01-{day} {text}"
        for day in (13, 14, 15, 18)
        for text in ("07:00:00 lamp on", "08:30:00 lamp off")
    ]


def test_a_level_and_off_at_the_end(bench: Bench) -> None:
    put(bench, channel="fan", action="value", value=0.25)
    bench.go_to("2027-01-13 07:00:01")
    assert (is_on(bench, "fan"), value(bench)) == (True, 0.25)
    bench.go_to("2027-01-13 08:30:01")
    assert (is_on(bench, "fan"), value(bench)) == (False, 0.0)
    assert [text[20:] for text in bench.runs()] == ["fan value 0.25", "fan off"]


def test_over_midnight_the_day_is_that_of_the_begin(bench: Bench) -> None:
    put(bench, fields=NIGHT, days=["fri"])
    bench.go_to("2027-01-15 21:59:59")
    assert is_on(bench) is False
    bench.go_to("2027-01-16 05:59:59")
    assert is_on(bench) is True
    bench.go_to("2027-01-16 22:30:00")
    assert bench.runs() == ["2027-01-15 22:00:00 lamp on", "2027-01-16 06:00:00 lamp off"]


def test_two_that_overlap_are_one(bench: Bench) -> None:
    put(bench, "a")
    put(bench, "b", at="08:00", until="09:00")
    put(bench, "c", at="09:00", until="10:00")
    put(bench, "d", at="07:30", until="07:45")
    bench.go_to("2027-01-13 12:00:00")
    assert bench.runs() == ["2027-01-13 07:00:00 lamp on", "2027-01-13 10:00:00 lamp off"]


def test_of_two_levels_the_later_one_counts(bench: Bench) -> None:
    put(bench, "z", channel="fan", action="value", value=0.25, until="10:00")
    put(bench, "a", channel="fan", action="value", value=0.5, at="08:00", until="09:00")
    bench.go_to("2027-01-13 12:00:00")
    assert [text[11:] for text in bench.runs()] == [
        "07:00:00 fan value 0.25",
        "08:00:00 fan value 0.5",
        "09:00:00 fan value 0.25",
        "10:00:00 fan off",
    ]


@pytest.mark.slow
def test_all_week(bench: Bench) -> None:
    put(bench, "a", days=None, until="19:00")
    put(bench, "b", days=None, at="19:00", until="07:00")
    bench.go(1)
    assert is_on(bench) is True, "it is within the second"
    bench.device.channels.set("lamp", False)
    # Longer than the eight days for which an edge is known.
    bench.go(9 * 86_400)
    assert len(bench.runs()) == 1, "there is no edge"


# -- switched by a person ------------------------------------------------------------------------------


def test_a_switch_by_hand_stays_until_the_next_edge(bench: Bench) -> None:
    put(bench)
    put(bench, "b", at="08:00", until="09:00")
    bench.go_to("2027-01-13 07:10:00")
    bench.device.channels.set("lamp", False)
    bench.go_to("2027-01-13 08:59:59")
    assert is_on(bench) is False
    bench.go_to("2027-01-13 10:00:00")
    bench.device.channels.set("lamp", True)
    bench.go_to("2027-01-14 06:59:59")
    assert is_on(bench) is True
    bench.go_to("2027-01-14 09:00:00")
    assert is_on(bench) is False


# -- starts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["lamp", "pump"])
@pytest.mark.parametrize("cut", [False, True])
def test_a_start_within_a_span(bench: Bench, channel: str, cut: bool) -> None:
    put(bench, channel=channel)
    bench.go_to("2027-01-13 07:10:00")
    bench.device.channels.set(channel, False)
    (bench.off if cut else bench.restart)(60)
    bench.go(1)
    assert is_on(bench, channel) is True, "the state holds, whatever was done before"
    bench.go_to("2027-01-13 09:00:00")
    assert is_on(bench, channel) is False


@pytest.mark.parametrize("cut", [False, True])
def test_a_begin_that_was_missed(bench: Bench, cut: bool) -> None:
    put(bench)
    (bench.off if cut else bench.restart)(2 * 3600)
    bench.go(1)
    assert is_on(bench) is True
    assert shown(bench.device.schedules["one"].last_at) == "2027-01-13 08:00:00 +0100"


@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize("days", [0, 3])
def test_an_end_that_was_missed(bench: Bench, cut: bool, days: int) -> None:
    put(bench, channel="pump")
    bench.go_to("2027-01-13 07:10:00")
    (bench.off if cut else bench.restart)(days * 86_400 + 2 * 3600)
    bench.go(1)
    assert is_on(bench, "pump") is False
    assert bench.runs()[-1].endswith("pump off")


def test_an_end_that_was_done_is_not_done_again(bench: Bench) -> None:
    put(bench, channel="pump")
    bench.go_to("2027-01-13 09:00:00")
    bench.device.channels.set("pump", True)
    bench.restart(60)
    bench.go(3600)
    assert is_on(bench, "pump") is True
    assert len(bench.runs()) == 2


def test_of_two_spans_the_end_that_was_done_counts(bench: Bench) -> None:
    put(bench, "a", channel="pump")
    put(bench, "b", channel="pump", at="08:00", until="09:00")
    bench.go_to("2027-01-13 09:30:00")
    bench.device.schedules.remove(SOMEBODY, "b")
    bench.device.channels.set("pump", True)
    bench.restart(60)
    bench.go(60)
    assert is_on(bench, "pump") is True


def test_one_that_is_defined_after_its_end_has_missed_nothing(bench: Bench) -> None:
    bench.go_to("2027-01-13 12:00:00")
    bench.device.channels.set("pump", True)
    put(bench, channel="pump")
    bench.go(60)
    bench.restart(60)
    bench.go(60)
    assert is_on(bench, "pump") is True
    assert bench.runs() == []


# -- clocks --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("now", "on"), [("07:10", True), ("12:00", False)])
def test_a_clock_that_starts_in_1970_and_is_set_later(bench: Bench, now: str, on: bool) -> None:
    put(bench, channel="pump")
    bench.device.channels.set("pump", True)
    (bench.folder / "synchronized").unlink()
    bench.wall = 0.0
    bench.off(7 * 3600 - 60)
    bench.device.channels.set("pump", not on)
    bench.go(1800)
    assert is_on(bench, "pump") is not on, "the clock is not right yet"
    assert bench.device.schedules["one"].next_at is None
    bench.set_clock(f"2027-01-14 {now}:00")
    bench.synchronise()
    bench.go(CLOCK_POLL)
    assert is_on(bench, "pump") is on


@pytest.mark.parametrize(
    ("before", "after", "on"),
    [
        ("06:50", "07:20", True),
        ("07:10", "09:00", False),
        ("09:00", "07:20", True),
        ("07:10", "06:50", False),
    ],
)
def test_a_clock_that_is_set(bench: Bench, before: str, after: str, on: bool) -> None:
    put(bench)
    bench.go_to(f"2027-01-13 {before}:00")
    assert is_on(bench) is not on
    bench.set_clock(f"2027-01-13 {after}:00")
    bench.go(CLOCK_POLL)
    assert is_on(bench) is on


def test_a_clock_that_is_set_within_a_span_leaves_what_was_done_by_hand(bench: Bench) -> None:
    put(bench)
    bench.go_to("2027-01-13 07:10:00")
    bench.device.channels.set("lamp", False)
    bench.set_clock("2027-01-13 08:10:00")
    bench.go(600)
    assert is_on(bench) is False
    bench.set_clock("2027-01-14 07:30:00")
    bench.go(600)
    assert is_on(bench) is True, "of another day"


@pytest.mark.parametrize("step", [-50, -1.5, -0.6, 0.6, 1.5])
def test_small_corrections_switch_nothing_twice(bench: Bench, step: float) -> None:
    put(bench)
    bench.go_to("2027-01-13 07:00:01")
    bench.wall += step
    bench.go_to("2027-01-13 08:30:01")
    bench.wall += step
    bench.go_to("2027-01-13 10:00:00")
    assert [text[20:] for text in bench.runs()] == ["lamp on", "lamp off"]


@pytest.mark.parametrize(
    ("day", "at", "until", "expected"),
    [
        # an hour is skipped: 2:30 is 3:30
        ("2027-03-28", "01:00", "04:00", ["01:00:00 +0100", "04:00:00 +0200"]),
        ("2027-03-28", "01:00", "02:30", ["01:00:00 +0100", "03:30:00 +0200"]),
        ("2027-03-28", "02:30", "04:00", ["03:30:00 +0200", "04:00:00 +0200"]),
        ("2027-03-28", "02:30", "03:15", []),
        # an hour comes twice: the first one
        ("2027-10-31", "01:00", "02:30", ["01:00:00 +0200", "02:30:00 +0200"]),
        ("2027-10-31", "02:30", "03:30", ["02:30:00 +0200", "03:30:00 +0100"]),
    ],
)
def test_hours_that_are_skipped_and_that_come_twice(
    bench: Bench, day: str, at: str, until: str, expected: list[str]
) -> None:
    bench.set_clock(f"{day} 00:30:00")
    put(bench, at=at, until=until, days=["sun"])
    bench.go(6 * 3600)
    rows = [row for row in reversed(bench.device.audit.rows()) if row["action"] == "schedule.run"]
    assert [shown(row["at"])[11:] for row in rows] == expected


def test_another_time_zone(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    put(bench)
    monkeypatch.setenv("TZ", "EET-2")
    bench.go(CLOCK_POLL)
    assert is_on(bench) is True, "it is 7:00 there"
    assert shown(bench.device.schedules["one"].next_at) == "2027-01-13 08:30:00 +0200"


# -- other definitions ---------------------------------------------------------------------------------


def test_one_that_is_defined_within_its_time_switches_on(bench: Bench) -> None:
    bench.go_to("2027-01-13 07:10:00")
    put(bench)
    bench.go(1)
    assert is_on(bench) is True


@pytest.mark.parametrize("change", ["removed", "paused", "later", "other channel", "once"])
def test_one_that_ends_early_leaves_nothing_on(bench: Bench, change: str) -> None:
    put(bench)
    bench.go_to("2027-01-13 07:10:00")
    if change == "removed":
        bench.device.schedules.remove(SOMEBODY, "one")
    elif change == "paused":
        put(bench, enabled=False)
    elif change == "later":
        put(bench, at="10:00", until="11:00")
    elif change == "other channel":
        put(bench, channel="fan")
    else:
        put(bench, fields={"channel": "lamp", "action": "on", "kind": "once", "at": "2028-01-01T00:00"})
    bench.go(1)
    assert is_on(bench) is False
    assert "2027-01-13 07:10:00 lamp off" in bench.runs()
    assert is_on(bench, "fan") is (change == "other channel")


def test_a_change_that_asks_for_the_same_leaves_what_was_done_by_hand(bench: Bench) -> None:
    put(bench)
    bench.go_to("2027-01-13 07:10:00")
    bench.device.channels.set("lamp", False)
    put(bench, title="Grow light", until="09:00")
    put(bench, "other", at="07:05", until="07:30")
    bench.go(1800)
    assert is_on(bench) is False
    bench.device.schedules.remove(SOMEBODY, "other")
    bench.go(60)
    assert is_on(bench) is False


def test_a_restored_backup(bench: Bench) -> None:
    put(bench, "lamp")
    put(bench, "fan", channel="fan")
    bench.go_to("2027-01-13 07:10:00")
    bench.device.channels.set("lamp", False)
    text = '{"channel": "up", "action": "on", "kind": "span", "at": "07:00", "until": "09:00"}'

    def restore(execute: Any) -> None:
        execute("DELETE FROM schedules WHERE name = 'fan'")
        execute("INSERT INTO schedules VALUES ('up', ?)", (text,))

    bench.device.store.write(restore)
    bench.device.schedules.load()
    bench.go(1)
    assert [is_on(bench, name) for name in ("lamp", "fan", "up")] == [True, False, True]


def test_an_output_that_cannot_be_switched_is_tried_again(bench: Bench) -> None:
    bench.device.channels.set("up", True)
    put(bench, channel="down")
    bench.go_to("2027-01-13 07:10:00")
    one = bench.device.schedules["one"]
    assert (is_on(bench, "down"), one.last_result) == (False, "interlocked")
    bench.device.channels.set("up", False)
    bench.go(RETRY)
    assert (is_on(bench, "down"), one.last_result) == (True, "ok")
    assert [text[20:] for text in bench.runs()] == ["down on: interlocked", "down on"]


def test_what_failed_is_not_tried_after_the_end(bench: Bench) -> None:
    bench.device.channels.set("up", True)
    put(bench, channel="down")
    bench.go_to("2027-01-13 08:30:01")
    bench.device.channels.set("up", False)
    bench.go(3600)
    assert [text[20:] for text in bench.runs()] == ["down on: interlocked", "down off"]


# -- the sun -------------------------------------------------------------------------------------------


def test_from_before_sunset_to_a_time(bench: Bench) -> None:
    bench.device.settings.change(SOMEBODY, PLACE)
    put(bench, at="sunset", offset_minutes=-30, until="23:00")
    one = bench.device.schedules["one"]
    # the sun sets at 16:18 there
    assert shown(one.next_at)[:15] == "2027-01-13 15:4"
    bench.go_to("2027-01-14 00:00:00")
    assert [text[11:15] + text[19:] for text in bench.runs()] == ["15:4 lamp on", "23:0 lamp off"]


@pytest.mark.slow
def test_daily_at_sunrise(bench: Bench) -> None:
    bench.device.settings.change(SOMEBODY, PLACE)
    put(bench, fields={"channel": "lamp", "action": "toggle", "kind": "daily", "at": "sunrise"})
    bench.go_to("2027-01-16 00:00:00")
    assert [text[:15] + text[19:] for text in bench.runs()] == [
        f"2027-01-{day} 08:1 lamp toggle" for day in (13, 14, 15)
    ]


def test_another_place_counts_at_once(bench: Bench) -> None:
    bench.device.settings.change(SOMEBODY, PLACE)
    put(bench, "span", at="sunrise", until="12:00")
    put(bench, "daily", {"channel": "fan", "action": "on", "kind": "daily", "at": "sunrise"})
    bench.device.settings.change(SOMEBODY, {"device.longitude": 23.4})
    bench.go(CLOCK_POLL)
    schedules = bench.device.schedules
    assert shown(schedules["span"].next_at)[11:15] == shown(schedules["daily"].next_at)[11:15] == "07:3"
    bench.device.settings.change(SOMEBODY, {"device.longitude": None})
    bench.go(CLOCK_POLL)
    assert schedules["span"].next_at is schedules["daily"].next_at is None
    bench.go(86_400)
    assert bench.runs() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("month", "runs"), [("12", 0), ("03", 4), ("06", 0)], ids=["polar night", "spring", "polar day"]
)
def test_polar_day_and_night(bench: Bench, month: str, runs: int) -> None:
    bench.device.settings.change(SOMEBODY, {"device.latitude": 69.65, "device.longitude": 18.96})
    bench.set_clock(f"2027-{month}-05 12:00:00")
    put(bench, "span", at="sunset", until="sunrise", days=None)
    put(bench, "daily", {"channel": "fan", "action": "toggle", "kind": "daily", "at": "sunset"})
    bench.go(2 * 86_400)
    assert len(bench.runs()) == runs + runs // 2
    assert (bench.device.schedules["daily"].next_at is None) is (runs == 0)


def test_the_sun_is_imported_by_its_first_schedule_only(tmp_path: Path) -> None:
    program = """
import sys
from edgeweb.device.schedules.schedule import Schedule
from edgeweb.device.schedules.scheduler import Scheduler
from edgeweb.device.schedules.spans import last_edge
fields = {"channel": "lamp", "action": "on", "kind": "span", "at": "07:00"}
assert last_edge(Schedule("one", {**fields, "until": "08:30"}), 1.8e9, (52.5, 13.4))
assert "edgeweb.device.schedules.sun" not in sys.modules
assert last_edge(Schedule("one", {**fields, "until": "sunset"}), 1.8e9, (52.5, 13.4))
assert "edgeweb.device.schedules.sun" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[3])


# -- what is written -----------------------------------------------------------------------------------


def test_between_two_edges_nothing_is_written(bench: Bench) -> None:
    bench.device.settings.change(SOMEBODY, PLACE)
    put(bench)
    put(bench, "sun", channel="fan", at="sunrise", until="sunset")
    bench.go_to("2027-01-13 09:00:00")
    bench.restart()
    bench.go(60 + DELAY)  # with the history of the channels
    folder = Path(bench.device.store.folder)
    before = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}
    changes = bench.device.schedules.revision
    bench.go_to("2027-01-13 15:00:00")
    assert {file.name: file.stat().st_mtime_ns for file in folder.iterdir()} == before
    assert bench.device.schedules.revision == changes


def test_a_start_that_finds_all_as_it_is_to_be_writes_nothing(bench: Bench) -> None:
    put(bench, channel="pump")
    bench.go_to("2027-01-13 07:10:00")
    bench.device.audit.flush()
    rows = bench.device.store.read("SELECT * FROM schedules")
    bench.restart(60)
    bench.go(60)
    assert is_on(bench, "pump") is True
    assert bench.device.store.read("SELECT * FROM schedules") == rows
    assert len(bench.runs()) == 1
