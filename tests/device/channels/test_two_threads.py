"""One thread switches, and a second one comes in the midst of it: what each lock of the bank is for.

Each test stops the first call inside the driver or the clock, and compares what is left in the end with what
the two calls give one after the other.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from itertools import chain
from types import ModuleType
from typing import Any

import pytest

from edgeweb.device.channels import controller as controller_module
from edgeweb.device.channels import driver_calls as driver_calls_module
from edgeweb.device.channels import levels as levels_module
from edgeweb.device.channels import limits as limits_module
from edgeweb.device.channels import machine as machine_module
from edgeweb.device.channels import rests as rests_module
from edgeweb.device.channels.channel import ChannelError, Interlocked
from edgeweb.device.channels.drivers import DriverError, Report
from edgeweb.device.channels.drivers.memory import Driver as MemoryDriver
from edgeweb.device.config.schema import defaults
from tests.interleaving import Meeting, every_stop, watch_locks

from .rig import Rig


class Halting(MemoryDriver):
    """Calls `before` and `after` each call of `write` and `attach`, on the thread that makes it."""

    __slots__ = ("after", "before", "broken", "opened")

    def __init__(self) -> None:
        super().__init__()
        self.before: Callable[[], object] = lambda: None
        self.after: Callable[[], object] = lambda: None
        self.broken = False
        #: How often the bank has made its driver.
        self.opened = 0

    def attach(
        self, name: str, options: Mapping[str, Any], level: bool | float | None, report: Report
    ) -> bool | float:
        self.before()
        if self.broken:
            raise DriverError("gone")
        found = super().attach(name, options, level, report)
        self.after()
        return found

    def write(self, name: str, level: bool | float) -> None:
        self.before()
        if self.broken:
            raise DriverError("gone")
        super().write(name, level)
        self.after()

    def report(self, name: str, error: DriverError) -> None:
        """Plays the hardware: it is gone."""
        self._reports[name](name, error)

    def levels(self) -> dict[str, bool | float]:
        """The last level of each channel that has had more than one."""
        return {name: level for _, name, level in self.changes}


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Halting:
    """The driver of every bank of the test, which has locks that report who waits."""
    watch_locks(monkeypatch, machine_module)
    watch_locks(monkeypatch, controller_module)
    made = Halting()

    def make(name: str) -> Halting:
        made.opened += 1
        return made

    monkeypatch.setattr(driver_calls_module, "make_driver", make)
    return made


@pytest.fixture
def meeting() -> Meeting:
    return Meeting()


def test_of_a_group_one_at_most_is_on(driver: Halting, meeting: Meeting) -> None:
    rig = Rig(up={"interlock": "blind"}, down={"interlock": "blind"})
    rig.controller.open()
    driver.before = meeting.stop
    first, second = meeting.run(
        lambda: rig.controller.set("up", True), lambda: rig.controller.set("down", True)
    )
    assert first.result().state is True
    assert isinstance(second.exception(), Interlocked), "it has waited, and the other one is on"
    assert driver.levels() == {"up": True}


def test_of_a_group_the_end_of_a_pulse_waits_too(driver: Halting, meeting: Meeting) -> None:
    rig = Rig(up={"interlock": "blind"}, down={"interlock": "blind"})
    rig.controller.set("up", True)
    rig.controller.set("up", False)
    driver.before = meeting.stop
    first, second = meeting.run(
        lambda: rig.controller.pulse("up", 1.0), lambda: rig.controller.pulse("down", 1.0)
    )
    assert first.result().state is True
    assert isinstance(second.exception(), Interlocked)


#: What the second thread asks of a lamp that the first one is just switching on, and the state in the end.
ENTERING: dict[str, tuple[Callable[[Rig], Any], bool]] = {
    "off": (lambda rig: rig.controller.set("lamp", False), False),
    "toggle": (lambda rig: rig.controller.set("lamp", None), False),
    "on": (lambda rig: rig.controller.set("lamp", True), True),
    "pulse": (lambda rig: rig.controller.pulse("lamp", 5.0), True),
}


@pytest.mark.parametrize("entering", ENTERING)
@pytest.mark.parametrize("mode", ["output", "pwm"])
def test_a_channel_is_switched_by_one_at_a_time(
    driver: Halting, meeting: Meeting, entering: str, mode: str
) -> None:
    call, expected = ENTERING[entering]
    rig = Rig(lamp={"mode": mode})
    rig.controller.open()
    driver.before = meeting.stop
    first, second = meeting.run(lambda: rig.controller.set("lamp", True), lambda: call(rig))
    assert first.result().state is True
    assert second.result().state is expected, "it waits instead of finding the lamp busy"
    assert bool(driver.levels()["lamp"]) is rig.state("lamp") is expected


def test_a_value_waits_for_the_one_before(driver: Halting, meeting: Meeting) -> None:
    rig = Rig(fan={"mode": "pwm"})
    rig.controller.open()
    driver.before = meeting.stop
    values = (lambda: rig.controller.set_value("fan", 0.75), lambda: rig.controller.set_value("fan", 0.25))
    first, second = meeting.run(*values)
    assert (first.result().value, second.result().value) == (0.75, 0.25)
    assert driver.levels() == {"fan": 0.25}


def test_a_value_that_comes_with_the_last_step_of_a_ramp_is_not_lost(
    driver: Halting, meeting: Meeting
) -> None:
    rig = Rig(fan={"mode": "pwm", "ramp": 0.1})
    rig.controller.set_value("fan", 1.0)
    rig.now += 0.05
    driver.before = meeting.stop
    meeting.run(rig.timers.run_due, lambda: rig.controller.set_value("fan", 0.0))
    rig.step(1.0)
    assert rig.controller["fan"].current.value == 0.0
    assert driver.levels() == {"fan": 0.0}


def test_closing_waits_for_a_switch(driver: Halting, meeting: Meeting) -> None:
    rig = Rig(lamp={"at_exit": "off"})
    rig.controller.open()
    driver.before = meeting.stop
    first, second = meeting.run(lambda: rig.controller.set("lamp", True), rig.controller.close)
    assert first.result().state is True
    assert second.exception() is None
    assert driver.levels() == {"lamp": False}, "the device has ended: nothing is left on"


def test_other_settings_wait_for_a_switch(driver: Halting, meeting: Meeting) -> None:
    rig = Rig(lamp={"busy_delay": 3.0})
    rig.controller.open()
    changed = {"lamp": defaults("channels.*", driver="memory", mode="output")}
    driver.before = meeting.stop
    first, second = meeting.run(
        lambda: rig.controller.set("lamp", True), lambda: rig.controller.adopt(changed)
    )
    assert second.exception() is None
    assert first.result().busy is True, "they are in force from the next switch on"
    rig.step(3.0)
    assert rig.controller.set("lamp", False).busy is False


def test_the_end_of_a_pulse_waits_for_a_switch(driver: Halting, meeting: Meeting) -> None:
    rig = Rig(lamp={})
    rig.controller.pulse("lamp", 1.0)
    rig.now += 1.0
    driver.before = meeting.stop
    first, second = meeting.run(rig.timers.run_due, lambda: rig.controller.set("lamp", True))
    assert first.exception() is None
    assert second.result().state is True, "the pulse is over, and then the lamp is switched on"
    assert driver.levels() == {"lamp": True}


def test_the_longest_time_on_ends_after_a_switch_that_is_under_way(driver: Halting, meeting: Meeting) -> None:
    rig = Rig(lamp={"max_on": 60.0})
    rig.controller.set("lamp", True)
    rig.now += 60.0
    driver.before = meeting.stop
    first, second = meeting.run(lambda: rig.controller.set("lamp", True), rig.timers.run_due)
    assert first.result().state is True
    assert second.exception() is None
    assert (rig.state("lamp"), driver.levels()) == (False, {"lamp": False})


def test_hardware_that_is_reached_again_is_tried_once(driver: Halting, meeting: Meeting) -> None:
    rig = Rig(lamp={})
    rig.controller.set("lamp", True)
    driver.broken = True
    with pytest.raises(ChannelError):
        rig.controller.set("lamp", False)
    driver.broken = False
    rig.now += machine_module.RETRY
    driver.after = meeting.stop
    first, second = meeting.run(lambda: rig.controller.set("lamp", False), rig.timers.run_due)
    assert first.result().state is False
    assert second.exception() is None
    assert (rig.state("lamp"), driver.levels()) == (False, {"lamp": False}), "the timer does not undo it"


def test_a_bank_is_opened_once(driver: Halting, meeting: Meeting) -> None:
    rig = Rig(lamp={"at_start": "on"})
    driver.before = meeting.stop
    first, second = meeting.run(rig.controller.open, lambda: rig.controller.set("lamp", False))
    assert first.exception() is None
    assert second.result().state is False
    assert driver.opened == 1
    assert driver.levels() == {"lamp": False}


def test_closing_waits_for_the_opening(driver: Halting, meeting: Meeting) -> None:
    rig = Rig(lamp={}, pump={})
    driver.after = meeting.stop
    first, second = meeting.run(rig.controller.open, rig.controller.close)
    assert first.exception() is None and second.exception() is None
    assert rig.controller.set("lamp", True).state is True, "it is closed, and the next use opens it again"
    assert driver.opened == 2


def test_no_change_is_missed_by_the_revision(driver: Halting) -> None:
    """Who has seen a revision asks again only when there is another one."""
    table = {"lamp": defaults("channels.*", driver="memory", mode="output")}
    found = set()
    for meeting in every_stop(controller_module):
        rig = Rig(lamp={})
        rig.controller.open()
        for future in meeting.run(
            lambda rig=rig: rig.controller.adopt(table), lambda rig=rig: rig.controller.set("lamp", None)
        ):
            future.result()
        found.add(rig.controller.revision)
    assert len(found) == 1


def test_the_last_report_of_an_input_is_what_counts(driver: Halting, meeting: Meeting) -> None:
    """The clock is read while a state is replaced."""
    rig = Rig(door={"mode": "input"})
    rig.controller.open()
    rig.on_clock = meeting.stop
    first, second = meeting.run(lambda: driver.feed("door", True), lambda: driver.feed("door", False))
    assert first.exception() is None and second.exception() is None
    assert rig.state("door") is False, "it was opened, and then closed"
    assert rig.controller["door"].current.on_count == 1


def test_an_input_that_bounces_as_its_time_is_over_is_as_it_was(driver: Halting) -> None:
    """The timer is due, and the level is back before it has the lock."""
    for meeting in every_stop(levels_module):
        rig = Rig(door={"mode": "input", "debounce": 0.1})
        rig.controller.open()
        driver.feed("door", True)
        rig.now += 0.1
        for future in meeting.run(rig.timers.run_due, lambda: driver.feed("door", False)):
            future.result()
        rig.step(1.0)
        assert rig.state("door") is False


def test_a_loss_that_is_reported_during_a_switch_is_what_counts(driver: Halting, meeting: Meeting) -> None:
    rig = Rig(lamp={})
    rig.controller.open()
    rig.on_clock = meeting.stop
    lost = DriverError("the chip was pulled out")
    first, second = meeting.run(lambda: rig.controller.set("lamp", True), lambda: driver.report("lamp", lost))
    assert first.result().state is True
    assert second.exception() is None
    assert rig.controller["lamp"].current[:2] == (False, None), "it is gone, although it was just switched"
    assert rig.controller["lamp"].current.reason == "the chip was pulled out"


#: What a timer of a lamp that is on does after a second, and the modules that the timer's call goes through.
TIMERS: dict[str, tuple[dict[str, Any], Callable[[Rig], object], tuple[ModuleType, ...]]] = {
    "end of a pulse": ({}, lambda rig: rig.controller.pulse("lamp", 1.0), (machine_module,)),
    "longest time on": (
        {"max_on": 1.0},
        lambda rig: rig.controller.set("lamp", True),
        (limits_module, machine_module),
    ),
    "ramp": (
        {"mode": "pwm", "ramp": 20.0},
        lambda rig: rig.controller.set_value("lamp", 1.0),
        (machine_module,),
    ),
    "rest": (
        {"busy_delay": 1.0},
        lambda rig: rig.controller.set("lamp", True),
        (rests_module, machine_module),
    ),
}


@pytest.mark.parametrize("timer", TIMERS)
def test_a_timer_that_is_due_while_the_bank_closes_leaves_all_off(
    driver: Halting, monkeypatch: pytest.MonkeyPatch, timer: str
) -> None:
    """Whichever comes first: no error, and off in the end."""
    logged: list[Any] = []
    monkeypatch.setattr(sys, "excepthook", lambda *error: logged.append(error))
    options, begin, modules = TIMERS[timer]
    for meeting in chain.from_iterable(map(every_stop, modules)):
        rig = Rig(lamp={"at_exit": "off", **options})
        begin(rig)
        rig.now += 1.0
        first, second = meeting.run(rig.timers.run_due, rig.controller.close)
        assert first.exception() is None and second.exception() is None
        assert logged == []
        assert not driver.levels()["lamp"]
        rig.step(60.0)
        assert logged == [] and not driver.levels()["lamp"], "and no timer is left"
