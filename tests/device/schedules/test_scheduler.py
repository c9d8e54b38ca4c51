"""Schedules at work, on clocks of the test's own: at the right moment, once, not by a wrong clock."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from edgeweb.device.channels.history import DELAY
from edgeweb.device.schedules import scheduler
from edgeweb.device.schedules.schedule import UnknownSchedule
from edgeweb.device.storage.store import BACKUP_DELAY

from ..people import SOMEBODY
from .conftest import DAILY, EVERY, ONCE, Bench, put, shown

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


def test_the_next_day_is_computed_rarely(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is a poll each ten seconds, and a slow board computes for 10 ms."""
    computed = []
    next_day = scheduler.next_day
    monkeypatch.setattr(scheduler, "next_day", lambda *asked: computed.append(asked) or next_day(*asked))
    put(bench)
    put(bench, "two", {**DAILY, "at": "08:00"})
    bench.go(3600)
    assert len(bench.runs()) == 1
    # Each ten minutes for both, and once more after the run and for each definition.
    assert 12 <= len(computed) <= 24


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
