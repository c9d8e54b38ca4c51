"""Schedules that are changed while others are changed, read or run: none is lost, doubled or undone."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from edgeweb.device.access.audit import Audit
from edgeweb.device.channels.controller import ChannelController
from edgeweb.device.config.schema import defaults
from edgeweb.device.schedules import scheduler as scheduler_module
from edgeweb.device.schedules.schedule import TooMany, UnknownSchedule
from edgeweb.device.schedules.scheduler import Scheduler
from edgeweb.device.schedules.stored import restored
from edgeweb.device.schedules.timesync import TimeSync
from edgeweb.device.storage.store import Store
from edgeweb.device.system.clock import WallClock
from edgeweb.device.system.timers import Timers
from tests.interleaving import Meeting, check_serial, watch_locks

from ..people import SOMEBODY
from .conftest import local

DAILY = {"channel": "lamp", "action": "toggle", "kind": "daily", "at": "07:00"}
EVERY = {"channel": "lamp", "action": "toggle", "kind": "interval", "every": 60}
SPAN = {"channel": "lamp", "action": "on", "kind": "span", "at": "07:00", "until": "08:30"}


class Table:
    """A timetable in memory, with clocks of the test's own. `on_store` is called before its store is used."""

    def __init__(self) -> None:
        self.now = local("2027-01-13 06:59:00")
        self.store = Store("")
        self.on_store: Callable[[str], object] = lambda method: None
        for name in ("read", "write"):
            setattr(self.store, name, self._watched(name))
        clock = WallClock(self._moment, self._moment)
        self.timers = Timers(self._moment, threaded=False)
        row = defaults("channels.*", driver="memory", mode="output")
        self.channels = ChannelController({"lamp": row, "pump": row}, self._moment, self.timers)
        self.schedules = Scheduler(
            self.store,
            Audit(self.store, 100, self.timers.after, clock.seconds, self._moment),
            self.channels,
            clock,
            self.timers,
            TimeSync(lambda: False, lambda arguments: b""),
            lambda text: None,
        )
        self.schedules.load()
        self.put("one", DAILY)
        self.put("two", EVERY)

    def _moment(self) -> float:
        return self.now

    def _watched(self, name: str) -> Callable[..., Any]:
        method = getattr(self.store, name)

        def watched(*arguments: Any, **options: Any) -> Any:
            self.on_store(name)
            return method(*arguments, **options)

        return watched

    def put(self, name: str, fields: dict[str, Any], **others: Any) -> bool:
        return self.schedules.put(SOMEBODY, name, {**fields, **others})

    def remove(self, name: str) -> None:
        self.schedules.remove(SOMEBODY, name)

    def run_due(self) -> None:
        self.timers.run_due()

    def go_to(self, text: str) -> None:
        """Time goes by, to every moment at which the ticker wants to be called."""
        end = local(text)
        while (wait := self.timers.run_due()) is not None and self.now + wait <= end:
            self.now += wait
        self.now = end
        self.timers.run_due()

    def kept(self) -> dict[str, str | None]:
        """The time of each schedule, as the next start would find it."""
        rows = self.store.read("SELECT name, value FROM schedules ORDER BY name")
        return {name: restored(name, text).at for name, text in rows}

    def known(self) -> dict[str, str | None]:
        """The time of each schedule, as this process knows it."""
        return {schedule.name: schedule.at for schedule in self.schedules}


@pytest.fixture(autouse=True)
def locks(monkeypatch: pytest.MonkeyPatch) -> None:
    watch_locks(monkeypatch, scheduler_module)


@pytest.fixture
def table(locks: None) -> Table:
    return Table()


@pytest.fixture
def meeting() -> Meeting:
    return Meeting()


def test_there_is_a_bound_for_two_as_well(
    table: Table, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler_module, "MAX_SCHEDULES", 3)
    table.on_store = meeting.stop
    first, second = meeting.run(lambda: table.put("three", DAILY), lambda: table.put("four", DAILY))
    assert first.result() is True
    assert isinstance(second.exception(), TooMany)
    assert list(table.kept()) == list(table.known()) == ["one", "three", "two"]


def test_one_is_removed_once(table: Table, meeting: Meeting) -> None:
    table.on_store = meeting.stop
    first, second = meeting.run(lambda: table.remove("one"), lambda: table.remove("one"))
    assert first.exception() is None
    assert isinstance(second.exception(), UnknownSchedule)
    assert list(table.kept()) == list(table.known()) == ["two"]


def test_one_that_is_changed_while_it_is_removed_is_there_again(table: Table, meeting: Meeting) -> None:
    table.on_store = meeting.stop
    changed = {**DAILY, "at": "08:00"}
    first, second = meeting.run(lambda: table.remove("one"), lambda: table.put("one", changed))
    assert first.exception() is None
    assert second.result() is True
    assert table.kept() == table.known() == {"one": "08:00", "two": None}


def test_what_is_added_while_all_are_read_again_is_not_forgotten(table: Table, meeting: Meeting) -> None:
    """A restored backup is read while the device runs."""
    rows = table.store.read

    def read(*arguments: Any) -> Any:
        found = rows(*arguments)
        meeting.stop()
        return found

    table.store.read = read  # type: ignore[method-assign]
    first, second = meeting.run(table.schedules.load, lambda: table.put("three", DAILY))
    assert first.exception() is None
    assert second.result() is True
    assert list(table.kept()) == list(table.known()) == ["one", "three", "two"]


def test_one_that_is_changed_while_its_run_is_noted_stays_changed(table: Table, meeting: Meeting) -> None:
    table.now = local("2027-01-13 07:00:00")
    table.on_store = meeting.stop
    first, second = meeting.run(table.run_due, lambda: table.put("one", {**DAILY, "at": "08:00"}))
    assert first.exception() is None
    assert second.result() is False
    assert table.kept() == table.known() == {"one": "08:00", "two": None}


#: What is done with schedules while the ticker runs those that are due.
CALLS: dict[str, Callable[[Table], object]] = {
    "add": lambda table: table.put("three", DAILY, at="07:01"),
    "change": lambda table: table.put("two", EVERY, every=30),
    "remove": lambda table: table.remove("two"),
}


@pytest.mark.slow
@pytest.mark.parametrize("call", CALLS)
def test_runs_go_on_whatever_is_changed_meanwhile(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error in between would leave the ticker without its next call."""
    logged: list[Any] = []
    monkeypatch.setattr(sys, "excepthook", lambda *error: logged.append(error))

    def make() -> Table:
        table = Table()
        table.now = local("2027-01-13 07:00:00")
        return table

    def look(table: Table) -> Any:
        table.go_to("2027-01-13 07:01:30")
        return [(one.name, one.next_at, one.last_at, one.last_result) for one in table.schedules]

    check_serial(scheduler_module, make, Table.run_due, CALLS[call], look, "line")
    assert logged == []


#: What is done with a span while it begins.
ENDS: dict[str, Callable[[Table], object]] = {
    "remove": lambda table: table.remove("span"),
    "pause": lambda table: table.put("span", SPAN, enabled=False),
    "other channel": lambda table: table.put("span", SPAN, channel="pump"),
    "another beside it": lambda table: table.put("beside", SPAN, until="09:00"),
}


@pytest.mark.parametrize("call", ENDS)
def test_a_span_that_ends_while_it_begins_leaves_nothing_on(call: str) -> None:
    def make() -> Table:
        table = Table()
        table.remove("one")
        table.remove("two")
        table.put("span", SPAN)
        table.now = local("2027-01-13 07:00:00")
        return table

    def look(table: Table) -> Any:
        table.go_to("2027-01-13 07:01:30")
        return [channel.current.state for channel in table.channels]

    check_serial(scheduler_module, make, Table.run_due, ENDS[call], look, "line")
