"""Intervals, over restarts of the server and of the machine."""

from __future__ import annotations

import json

import pytest

from edgeweb.device.schedules.schedule import ScheduleError
from edgeweb.device.schedules.scheduler import (
    CLOCK_POLL,
    KEPT_INTERVAL,
)
from edgeweb.device.schedules.stored import restored

from .conftest import EVERY, SPAN, Bench, put, shown


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
