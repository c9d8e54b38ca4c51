"""Schedules at work, on clocks of the test's own: at the right moment, once, not by a wrong clock."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from edgeweb.device.channels.history import DELAY
from edgeweb.device.schedules.schedule import ScheduleError, TooMany, UnknownSchedule
from edgeweb.device.schedules.scheduler import (
    CLOCK_POLL,
    GRACE,
    KEPT_INTERVAL,
    MAX_SCHEDULES,
)
from edgeweb.device.schedules.stored import restored
from edgeweb.device.schedules.timesync import ASK, RETRY
from edgeweb.device.storage.store import BACKUP_DELAY, Execute
from edgeweb.device.system.command import CommandError

from ..people import SOMEBODY
from .conftest import Bench, shown

DAILY = {"channel": "lamp", "action": "on", "kind": "daily", "at": "07:00"}
ONCE = {"channel": "lamp", "action": "toggle", "kind": "once", "at": "2027-01-13T07:00"}
EVERY = {"channel": "lamp", "action": "toggle", "kind": "interval", "every": 60}
SPAN = {"channel": "lamp", "action": "on", "kind": "span", "at": "07:00", "until": "08:30"}


def put(bench: Bench, name: str = "one", fields: dict[str, Any] = DAILY, **others: Any) -> None:
    bench.device.schedules.put(SOMEBODY, name, {**fields, **others})


# -- at the right moment -------------------------------------------------------------------------------


@pytest.mark.slow
def test_daily(bench: Bench) -> None:
    put(bench, days=["wed", "fri"])
    one = bench.device.schedules["one"]
    assert shown(one.next_at) == "2027-01-13 07:00:00 +0100"
    bench.go_to("2027-01-13 06:59:59")
    assert bench.device.channels["lamp"].current.state is False
    bench.go(1)
    assert bench.device.channels["lamp"].current.state is True
    assert (shown(one.last_at), one.last_result) == ("2027-01-13 07:00:00 +0100", "ok")
    assert shown(one.next_at) == "2027-01-15 07:00:00 +0100"
    bench.go_to("2027-01-21 12:00:00")
    assert bench.runs() == [f"2027-01-{day} 07:00:00 lamp on" for day in (13, 15, 20)]


def test_once(bench: Bench) -> None:
    put(bench, fields=ONCE)
    bench.go_to("2027-01-14 07:00:00")
    assert bench.runs() == ["2027-01-13 07:00:00 lamp toggle"]
    one = bench.device.schedules["one"]
    assert (one.next_at, one.last_result) == (None, "ok")
    assert bench.device.timers.run_due() is None, "nothing is left to look at"


def test_interval(bench: Bench) -> None:
    put(bench, fields=EVERY)
    bench.go(59)
    assert bench.runs() == []
    bench.go(121)
    assert [text[11:19] for text in bench.runs()] == ["06:01:00", "06:02:00", "06:03:00"]


def test_actions(bench: Bench) -> None:
    put(bench, "a", channel="fan", action="value", value=0.25)
    put(bench, "b", action="pulse", pulse_ms=2000)
    bench.go_to("2027-01-13 07:00:01")
    assert bench.device.channels["fan"].current.value == 0.25
    assert bench.device.channels["lamp"].current.state is True
    bench.go(1)
    assert bench.device.channels["lamp"].current.state is False
    assert [text[20:] for text in bench.runs()] == ["fan value 0.25", "lamp pulse 2000 ms"]


def test_disabled_and_removed_ones_do_not_run(bench: Bench) -> None:
    put(bench, "off", enabled=False)
    put(bench, "gone")
    bench.device.schedules.remove(SOMEBODY, "gone")
    assert bench.device.schedules["off"].next_at is None
    # The change is backed up, and the channels' first states are in their history.
    bench.go(max(BACKUP_DELAY, DELAY))
    assert bench.device.timers.run_due() is None, "there is nothing to wait for"
    bench.go_to("2027-01-14 12:00:00")
    assert bench.runs() == []
    with pytest.raises(UnknownSchedule):
        bench.device.schedules.remove(SOMEBODY, "gone")


@pytest.mark.parametrize("fields", [DAILY, ONCE, EVERY])
def test_a_disabled_one_keeps_no_other_from_running(bench: Bench, fields: dict[str, Any]) -> None:
    put(bench, "a", fields, enabled=False)
    put(bench, "b", fields, channel="up")
    put(bench, "c", fields, enabled=False)
    bench.go_to("2027-01-13 07:00:00")
    assert {text[20:].split()[0] for text in bench.runs()} == {"up"}


@pytest.mark.parametrize("fields", [DAILY, ONCE])
def test_one_by_date_that_waits_for_the_clock_keeps_no_interval_from_running(
    bench: Bench, fields: dict[str, Any]
) -> None:
    put(bench, "a", fields)
    put(bench, "b", EVERY)
    (bench.folder / "synchronized").unlink()
    bench.off(0)
    bench.go(60)
    assert [text[20:] for text in bench.runs()] == ["lamp toggle"]


def test_a_failure_is_the_result_and_the_next_run_comes(bench: Bench) -> None:
    bench.device.channels.set("up", True)
    put(bench, channel="down")
    bench.go_to("2027-01-13 07:00:00")
    assert bench.device.schedules["one"].last_result == "interlocked"
    bench.device.channels.set("up", False)
    bench.go_to("2027-01-14 07:00:00")
    assert [text[20:] for text in bench.runs()] == ["down on: interlocked", "down on"]


def test_a_channel_that_the_profile_no_longer_has(bench: Bench) -> None:
    put(bench)
    del bench.device.channels._channels["lamp"]
    bench.go_to("2027-01-13 07:00:00")
    assert bench.device.schedules["one"].last_result == "unknown-channel"


def test_one_that_is_replaced_begins_anew(bench: Bench) -> None:
    put(bench)
    bench.go_to("2027-01-13 07:00:10")
    put(bench, at="08:00")
    bench.go_to("2027-01-13 09:00:00")
    assert [text[11:19] for text in bench.runs()] == ["07:00:00", "08:00:00"]


# -- clocks that are wrong -----------------------------------------------------------------------------


def test_a_clock_that_starts_in_1970_and_is_set_later(bench: Bench) -> None:
    put(bench, "daily")
    put(bench, "once", ONCE)
    put(bench, "interval", {**EVERY, "channel": "up"})
    (bench.folder / "synchronized").unlink()
    bench.wall = 0.0
    bench.off(7 * 3600 - 30)  # the daily one's hour, in 1970
    assert bench.device.schedules.waiting
    assert bench.device.schedules["daily"].next_at is None
    bench.go(180)
    assert [text[20:] for text in bench.runs()] == ["up toggle"] * 3, "intervals need no date"
    bench.set_clock("2027-01-13 06:58:00")
    bench.synchronise()
    bench.go(CLOCK_POLL)
    assert not bench.device.schedules.waiting
    assert shown(bench.device.schedules["daily"].next_at) == "2027-01-13 07:00:00 +0100"
    bench.device.schedules.remove(SOMEBODY, "interval")
    bench.go_to("2027-01-13 07:30:00")
    assert sorted(bench.runs()[-2:]) == ["2027-01-13 07:00:00 lamp on", "2027-01-13 07:00:00 lamp toggle"]


def test_what_was_missed_while_waiting(bench: Bench) -> None:
    put(bench, "daily")
    put(bench, "late", ONCE)
    put(bench, "too_late", ONCE, at="2027-01-13T06:30")
    (bench.folder / "synchronized").unlink()
    bench.wall = 0.0
    bench.off(0)
    bench.go(60)
    bench.set_clock("2027-01-13 07:00:20")
    bench.synchronise()
    bench.go(600)
    assert sorted(text[20:] for text in bench.runs()) == ["lamp on", "lamp toggle"], "late by 20 seconds"
    assert bench.device.schedules["too_late"].last_result == "missed"
    assert shown(bench.device.schedules["daily"].next_at) == "2027-01-14 07:00:00 +0100"


@pytest.mark.parametrize(("late", "runs"), [(0, 1), (4, 1), (59, 1), (61, 0)])
def test_daily_may_be_late_by_less_than_a_minute(bench: Bench, late: float, runs: int) -> None:
    put(bench)
    bench.go_to("2027-01-13 06:59:30")
    bench.off(30 + late)
    bench.go(1)
    assert len(bench.runs()) == runs
    bench.restart(5)
    bench.go(60)
    assert len(bench.runs()) == runs, "once"
    bench.go_to("2027-01-14 07:00:30")
    assert len(bench.runs()) == runs + 1


def test_a_power_cut_while_a_daily_one_runs_does_it_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bench, action="toggle")
    bench.go_to("2027-01-13 06:59:59")

    def cut(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(bench.device.schedules, "_act", cut)
    with pytest.raises(KeyboardInterrupt):
        bench.go(2)
    bench.off(10)
    one = bench.device.schedules["one"]
    assert one.last_result == "interrupted"
    bench.go(60)
    assert bench.runs() == []
    assert shown(one.next_at) == "2027-01-14 07:00:00 +0100"


def test_a_daily_one_that_is_defined_just_after_its_time_waits_for_the_next_day(bench: Bench) -> None:
    bench.go_to("2027-01-13 07:00:20")
    put(bench)
    bench.restart()
    bench.go(600)
    assert bench.runs() == []
    assert shown(bench.device.schedules["one"].next_at) == "2027-01-14 07:00:00 +0100"


# -- intervals and restarts ----------------------------------------------------------------------------


def test_an_interval_runs_where_the_server_is_restarted_more_often(bench: Bench) -> None:
    put(bench, fields=EVERY)
    for _ in range(10):
        bench.go(20)
        bench.restart()
    assert [text[11:19] for text in bench.runs()] == ["06:01:00", "06:02:00", "06:03:00"]
    assert shown(bench.device.schedules["one"].last_at) == "2027-01-13 06:03:00 +0100"


def test_an_interval_that_has_ended_meanwhile_runs_once_at_once(bench: Bench) -> None:
    put(bench, fields=EVERY)
    bench.go(30)
    bench.restart(1000)
    bench.go(1)
    assert len(bench.runs()) == 1
    bench.go(58)
    assert len(bench.runs()) == 1
    bench.go(2)
    assert len(bench.runs()) == 2


@pytest.mark.parametrize(("off", "due"), [(10, "06:01:00"), (300, "06:05:30")])
def test_an_interval_goes_on_after_a_boot(bench: Bench, off: float, due: str) -> None:
    put(bench, fields=EVERY)
    bench.go(30)
    bench.restart(off, boot=True)
    bench.go(60)
    assert bench.runs()[0][11:19] == due


def test_after_a_boot_an_interval_waits_for_the_clock_to_go_on(bench: Bench) -> None:
    put(bench, fields={**EVERY, "every": 7200})
    bench.go(3600)
    here = bench.wall
    (bench.folder / "synchronized").unlink()
    bench.restart(-30 * 86_400, boot=True)
    bench.go(600)
    assert bench.runs() == []
    bench.restart(1, boot=True)
    bench.go(600)
    bench.wall = here + 1800
    bench.synchronise()
    bench.go(CLOCK_POLL)
    assert shown(bench.device.schedules["one"].next_at) == "2027-01-13 08:00:00 +0100"
    bench.go(1800)
    assert [text[11:19] for text in bench.runs()] == ["08:00:00"]


def test_after_a_power_cut_a_long_interval_goes_on_and_a_short_one_begins_again(bench: Bench) -> None:
    put(bench, "long", {**EVERY, "every": KEPT_INTERVAL})
    put(bench, "short", {**EVERY, "every": 1800, "channel": "up"})
    bench.go(KEPT_INTERVAL + 600)
    assert [text[11:] for text in bench.runs()] == [
        "06:30:00 up toggle",
        "07:00:00 lamp toggle",
        "07:00:00 up toggle",
    ]
    bench.device.audit.flush()
    bench.off(600)
    bench.go(1)
    found = {one.name: shown(one.next_at)[11:19] for one in bench.device.schedules}
    # the definition's own end is remembered of the short one, and it is over
    assert found == {"long": "08:00:00", "short": "07:50:00"}


def test_an_interval_that_was_never_written_begins_again(bench: Bench) -> None:
    put(bench, fields=EVERY)
    text = json.dumps({**EVERY, "enabled": True})
    bench.device.store.write(lambda execute: execute("UPDATE schedules SET value = ?", (text,)) and None)
    bench.off(600)
    bench.go(59)
    assert bench.runs() == []
    bench.go(2)
    assert len(bench.runs()) == 1


@pytest.mark.parametrize(
    "timer",
    ["x", 5, [], ["a", 1, 2], ["a", "b", "c", "d"], {"boot": 1}, [None, None, None, None], ["a", 1, [], 3]],
)
def test_a_timer_that_cannot_be_read_leaves_the_schedule_out(timer: object) -> None:
    with pytest.raises(ScheduleError, match="cannot be read"):
        restored("one", json.dumps({**EVERY, "timer": timer}))


@pytest.mark.parametrize("edge", ["x", [], {}, 10**400])
def test_an_edge_that_cannot_be_read_leaves_the_schedule_out(edge: object) -> None:
    with pytest.raises(ScheduleError, match="cannot be read"):
        restored("one", json.dumps({**SPAN, "edge": edge}))


# -- the time zone -------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", ["00:10", "06:30", "12:00", "23:50"])
@pytest.mark.parametrize(
    ("zone", "offset"), [("JST-9", "+0900"), ("EST5", "-0500"), ("NZST-12", "+1200"), ("HST10", "-1000")]
)
def test_another_time_zone_is_followed_at_all_times_of_day(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, at: str, zone: str, offset: str
) -> None:
    put(bench, at=at)
    bench.go(60)
    # as the C library finds another file: it reads the zone at the next tzset(3) only
    monkeypatch.setenv("TZ", zone)
    bench.go(CLOCK_POLL * 2)
    assert shown(bench.device.schedules["one"].next_at)[11:] == f"{at}:00 {offset}"


def test_fifty_years_ahead_and_back(bench: Bench) -> None:
    put(bench, "daily")
    put(bench, "once", ONCE)
    bench.go(600)
    here = bench.wall
    bench.wall += 50 * 365.25 * 86_400 + 3 * 3600
    bench.go(600)
    assert bench.runs() == []
    assert bench.device.schedules["once"].last_result == "missed"
    bench.wall = here + 600
    bench.go(600)
    assert bench.device.schedules["once"].last_result == "", "it is not over after all"
    bench.go_to("2027-01-13 08:00:00")
    assert sorted(bench.runs()) == ["2027-01-13 07:00:00 lamp on", "2027-01-13 07:00:00 lamp toggle"]


def test_an_hour_back_runs_nothing_twice(bench: Bench) -> None:
    put(bench, "daily")
    put(bench, "once", ONCE)
    put(bench, "later", DAILY, at="07:45", action="off")
    bench.go_to("2027-01-13 07:30:00")
    bench.wall -= 3600
    bench.go_to("2027-01-13 08:00:00")
    assert [text[11:] for text in bench.runs()] == [
        "07:00:00 lamp on",
        "07:00:00 lamp toggle",
        "07:45:00 lamp off",
    ]
    bench.go_to("2027-01-14 07:00:00")
    assert bench.runs()[-1] == "2027-01-14 07:00:00 lamp on"


def test_an_hour_back_and_a_new_start(bench: Bench) -> None:
    put(bench, "daily")
    put(bench, "once", ONCE)
    bench.go_to("2027-01-13 07:00:10")
    bench.device.audit.flush()
    bench.off(-3600)
    bench.go_to("2027-01-13 12:00:00")
    assert len(bench.runs()) == 2
    assert bench.device.schedules["once"].last_result == "ok"


def test_set_ahead_past_the_hour(bench: Bench) -> None:
    put(bench)
    bench.go_to("2027-01-13 06:50:00")
    bench.set_clock("2027-01-13 07:20:00")
    bench.go_to("2027-01-13 12:00:00")
    assert bench.runs() == [], "what was jumped over is not made up"


def test_set_ahead_to_just_before_the_hour(bench: Bench) -> None:
    put(bench)
    bench.go_to("2027-01-13 06:50:00")
    bench.set_clock("2027-01-13 06:59:58")
    bench.go(30)
    assert len(bench.runs()) == 1


@pytest.mark.parametrize("step", [-1.5, -0.6, 0.6, 1.5])
def test_small_corrections_lose_and_double_nothing(bench: Bench, step: float) -> None:
    put(bench)
    put(bench, "once", ONCE)
    bench.go_to("2027-01-13 06:59:59")
    for _ in range(20):
        bench.wall += step
        bench.go(3)
    bench.go_to("2027-01-13 07:30:00")
    assert len(bench.runs()) == 2


def test_the_machine_was_off(bench: Bench) -> None:
    put(bench, "daily")
    put(bench, "once", ONCE)
    bench.go_to("2027-01-13 06:30:00")
    bench.off(3600)
    bench.go(600)
    assert bench.runs() == []
    assert bench.device.schedules["once"].last_result == "missed"
    bench.go_to("2027-01-14 07:00:00")
    assert bench.runs() == ["2027-01-14 07:00:00 lamp on"]


def test_the_machine_was_off_for_moments(bench: Bench) -> None:
    put(bench, "once", ONCE)
    bench.go_to("2027-01-13 06:59:30")
    bench.off(GRACE)
    bench.go(60)
    assert [text[20:] for text in bench.runs()] == ["lamp toggle"]
    bench.off(1)
    bench.go(60)
    assert len(bench.runs()) == 1


def test_a_machine_that_slept_makes_no_interval_up(bench: Bench) -> None:
    put(bench, fields=EVERY)
    bench.monotonic += 1000
    bench.wall += 1000
    bench.go(61)
    assert len(bench.runs()) == 2


@pytest.mark.slow
@pytest.mark.parametrize(("late", "runs"), [(59.5, 2), (60.0, 1), (60.5, 1)])
def test_an_interval_that_is_late_by_one(bench: Bench, late: float, runs: int) -> None:
    """The next one is due at its old time while that is still to come, and not together with the late one."""
    put(bench, fields=EVERY)
    bench.monotonic += 60 + late
    bench.wall += 60 + late
    bench.go(0.9)
    assert len(bench.runs()) == runs


@pytest.mark.parametrize(("late", "result"), [(59.0, "ok"), (60.0, "missed")])
def test_once_may_be_late_by_less_than_a_minute(bench: Bench, late: float, result: str) -> None:
    put(bench, fields=ONCE)
    bench.go_to("2027-01-13 06:59:30")
    bench.off(30 + late)
    assert (bench.device.schedules["one"].last_result == "missed") is (result == "missed"), "from the start"
    bench.go(0.5)
    assert bench.device.schedules["one"].last_result == result


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        ("2027-03-27 12:00:00", "2027-03-29 12:00:00", ["2027-03-28 03:30:00", "2027-03-29 02:30:00"]),
        ("2027-10-30 12:00:00", "2027-11-01 12:00:00", ["2027-10-31 02:30:00", "2027-11-01 02:30:00"]),
    ],
)
def test_hours_that_are_skipped_and_that_come_twice(
    bench: Bench, begin: str, end: str, expected: list[str]
) -> None:
    bench.set_clock(begin)
    put(bench, at="02:30", action="toggle")
    bench.go_to(end)
    assert [text[:19] for text in bench.runs()] == expected


# -- whether the clock is right ------------------------------------------------------------------------


class System:
    answer: bytes | None = b"no\n"
    calls = 0

    def __call__(self, arguments: list[str]) -> bytes:
        assert arguments == ASK
        self.calls += 1
        if self.answer is None:
            raise CommandError("timedatectl: No such file or directory")
        return self.answer


def test_without_timesyncd_systemd_is_asked_once_a_minute(bench: Bench) -> None:
    put(bench)
    (bench.folder / "synchronized").unlink()
    bench.folder.rmdir()
    bench.off(0)
    bench.device.run = system = System()
    bench.go(RETRY * 3 + CLOCK_POLL)
    assert system.calls == 4
    system.answer = None
    bench.go(RETRY)
    assert bench.device.schedules.waiting
    system.answer = b"yes\n"
    bench.go(RETRY)
    assert not bench.device.schedules.waiting
    calls = system.calls
    bench.go(10 * RETRY)
    assert system.calls == calls


@pytest.mark.parametrize(("kernel", "reason"), [(True, ""), (False, "time-service"), (None, "unknown")])
def test_without_systemd_the_kernel_is_asked(bench: Bench, kernel: bool | None, reason: str) -> None:
    put(bench)
    (bench.folder / "synchronized").unlink()
    bench.folder.rmdir()
    (bench.root / "run/systemd/system").rmdir()
    bench.off(0)
    bench.device.run = system = System()
    bench.kernel = kernel
    bench.go(RETRY)
    assert system.calls == 0
    assert (bench.device.schedules.waiting, bench.device.schedules.waiting_reason) == (bool(reason), reason)
    bench.go_to("2027-01-13 07:00:30")
    assert len(bench.runs()) == (kernel is True)


def test_the_reason_for_waiting_changes_with_what_is_missing(bench: Bench) -> None:
    put(bench)
    assert bench.device.schedules.waiting_reason == ""
    (bench.folder / "synchronized").unlink()
    bench.off(0)
    assert bench.device.schedules.waiting_reason == "timesyncd"
    bench.folder.rmdir()
    bench.device.run = system = System()
    bench.go(RETRY)
    assert bench.device.schedules.waiting_reason == "time-service"
    system.answer = None
    bench.go(RETRY)
    assert bench.device.schedules.waiting_reason == "unknown"


def test_timesyncd_that_is_not_done_is_believed(bench: Bench) -> None:
    put(bench)
    (bench.folder / "synchronized").unlink()
    bench.off(0)
    bench.device.run = system = System()
    bench.go(600)
    assert (system.calls, bench.device.schedules.waiting) == (0, True)


def test_the_profile_says_that_the_clock_is_right(bench: Bench) -> None:
    put(bench)
    (bench.folder / "synchronized").unlink()
    bench.off(0)
    assert bench.device.schedules.waiting
    bench.device.settings.change(SOMEBODY, {"schedules.wait_for_clock": False})
    assert not bench.device.schedules.waiting
    bench.go_to("2027-01-13 07:00:00")
    assert len(bench.runs()) == 1


# -- definitions ---------------------------------------------------------------------------------------

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


# -- what is written -----------------------------------------------------------------------------------


def written(bench: Bench) -> dict[str, tuple[int, int]]:
    folder = Path(bench.device.store.folder)
    return {file.name: (file.stat().st_mtime_ns, file.stat().st_size) for file in folder.iterdir()}


def test_waiting_for_the_next_run_writes_nothing(bench: Bench) -> None:
    put(bench, "daily")
    put(bench, "off", enabled=False)
    put(bench, "interval", {**EVERY, "action": "off"})
    bench.go(300)
    before, size = written(bench), os.stat(bench.device.store.folder).st_size
    bench.go(3000)
    assert bench.device.schedules["interval"].last_result == "ok"
    assert written(bench) == before, "50 runs that found the lamp off, and left it so"
    assert os.stat(bench.device.store.folder).st_size == size


def test_an_interval_that_changes_something_is_logged_each_time(bench: Bench) -> None:
    put(bench, fields=EVERY)
    bench.go(600)
    assert len(bench.runs()) == 10


def test_one_that_fails_all_the_time_is_logged_once(bench: Bench) -> None:
    bench.device.channels.set("up", True)
    put(bench, fields=EVERY, channel="down", action="on")
    bench.go(3600)
    assert [text[20:] for text in bench.runs()] == ["down on: interlocked"]


def test_no_thread_and_no_timer_without_schedules(bench: Bench) -> None:
    assert bench.device.timers._heap == []
