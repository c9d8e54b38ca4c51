"""Schedules while the clock is wrong, is set, or changes its zone."""

from __future__ import annotations

import pytest

from edgeweb.device.schedules.scheduler import (
    CLOCK_POLL,
    GRACE,
)
from edgeweb.device.schedules.timesync import RETRY
from edgeweb.device.system.clock import ASK
from edgeweb.device.system.command import CommandError

from ..people import SOMEBODY
from .conftest import DAILY, EVERY, ONCE, Bench, put, shown

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


@pytest.mark.slow
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


@pytest.mark.slow
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
