"""The rest of an output of its own, which no end of a process or of the machine shortens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from edgeweb.device.channels import driver_calls as driver_calls_module
from edgeweb.device.channels.channel import ChannelBusy, ChannelOffline
from edgeweb.device.channels.machine import RAMP_STEP, RETRY
from edgeweb.device.channels.memory import LIMIT_DELAY, ChannelMemory
from edgeweb.device.storage.store import Store

from .hardware import FAIL, LATE, Hardware, HardwareDriver
from .rig import Rig

REST = 10.0


class Board:
    """Hardware and a store that outlive the processes: `rig` is the present one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **table: Mapping[str, Any]) -> None:
        self.table = table
        self.store = Store("")
        self.now = 100.0
        #: What the hardware did: the moment, the output and its level.
        self.changes: list[tuple[float, str, Any]] = []
        self.hardware = Hardware(
            lambda name, level: None,
            lambda name, level: self.changes.append((self.rig.now, name, level)),
            lambda name, level: None,
        )
        self.hardware.levels.update(dict.fromkeys(table, False))
        self.writes = 0
        monkeypatch.setattr(driver_calls_module, "make_driver", lambda name: HardwareDriver(self.hardware))
        self._write, self.store.write = self.store.write, self._count  # type: ignore[method-assign]
        self.boot = "a"
        self.start()

    def _count(self, *arguments: Any, **options: Any) -> Any:
        self.writes += 1
        return self._write(*arguments, **options)

    def start(self) -> None:
        """Start a process; the one before ends as if it was killed."""
        now = self.rig.now if hasattr(self, "rig") else self.now
        self.rig = Rig(**self.table)
        self.rig.now = now
        self.memory = ChannelMemory(self.store, self.rig.timers.after, self.boot)
        self.rig.remember(self.memory)
        self.rig.controller.open()

    def end(self) -> None:
        """End the process in order."""
        self.rig.controller.close()
        self.memory.flush()

    def reboot(self) -> None:
        """Cut the power: outputs go off, and the machine's clock begins again."""
        self.hardware.levels.update(dict.fromkeys(self.table, False))
        self.rig.now, self.boot = 5.0, "b"
        self.start()


@pytest.fixture
def motor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Board]:
    board = Board(monkeypatch, x={"busy_delay": REST})
    board.rig.controller.set("x", True)
    board.rig.step(REST)
    yield board


def rests(board: Board, seconds: float) -> None:
    """Check that the output rests for that long from now on, and no longer."""
    for moment in (0.0, seconds - 0.01):
        board.rig.step(moment)
        assert board.rig.busy()
        with pytest.raises(ChannelBusy):
            board.rig.controller.set("x", True)
    board.rig.step(0.01)
    assert not board.rig.busy()
    assert board.rig.controller.set("x", True).state is True


@pytest.mark.parametrize("in_order", [True, False])
def test_a_motor_that_was_switched_off_rests_over_a_restart(motor: Board, in_order: bool) -> None:
    motor.rig.controller.set("x", False)
    motor.rig.step(LIMIT_DELAY)
    if in_order:
        motor.end()
    motor.start()
    rests(motor, REST - LIMIT_DELAY)


def test_a_restart_in_order_forgets_no_rest_that_has_just_begun(motor: Board) -> None:
    motor.rig.controller.set("x", False)
    motor.end()
    motor.start()
    rests(motor, REST)


def test_a_motor_that_the_end_switches_off_rests_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    board = Board(monkeypatch, x={"busy_delay": REST, "at_exit": "off"})
    board.rig.controller.set("x", True)
    board.rig.step(60)
    board.end()
    assert board.hardware.levels["x"] is False
    board.rig.now += 4.0
    board.start()
    rests(board, REST - 4.0)


def test_the_end_begins_no_rest_of_a_motor_that_was_off(monkeypatch: pytest.MonkeyPatch) -> None:
    board = Board(monkeypatch, x={"busy_delay": REST, "at_exit": "off"})
    board.rig.controller.set("x", True)
    board.rig.step(60)
    board.rig.controller.set("x", False)
    board.rig.step(60)
    board.end()
    board.start()
    assert not board.rig.busy()


def test_a_motor_that_the_start_switches_off_rests_from_then_on(motor: Board) -> None:
    motor.rig.step(60)
    motor.start()
    assert motor.hardware.levels["x"] is False
    rests(motor, REST)


def test_a_motor_that_the_kernel_let_go_rests_from_the_start_on(motor: Board) -> None:
    motor.rig.step(60)
    motor.hardware.levels["x"] = False
    motor.start()
    rests(motor, REST)


def test_a_pulse_that_a_kill_cut_off_is_followed_by_a_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    board = Board(monkeypatch, x={"busy_delay": REST, "mode": "button"})
    board.rig.controller.pulse("x", 300.0)
    board.rig.step(60)
    board.start()
    with pytest.raises(ChannelBusy):
        board.rig.controller.pulse("x", 1.0)
    board.rig.step(REST)
    assert board.rig.controller.pulse("x", 1.0).state is True


def test_a_rest_that_is_over_does_not_come_back(motor: Board) -> None:
    motor.rig.controller.set("x", False)
    motor.rig.step(REST)
    motor.start()
    assert not motor.rig.busy()
    assert motor.rig.controller.set("x", True).state is True


def test_after_a_power_cut_a_motor_rests_whole(motor: Board) -> None:
    """How long the power was off is not known."""
    motor.rig.controller.set("x", False)
    motor.rig.step(60)
    motor.reboot()
    rests(motor, REST)


def test_a_motor_that_was_never_switched_does_not_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    board = Board(monkeypatch, x={"busy_delay": REST})
    board.rig.step(60)
    for begin in (board.start, board.reboot):
        begin()
        assert not board.rig.busy()


def test_a_shorter_rest_of_other_settings_counts_from_the_start_on(motor: Board) -> None:
    motor.rig.controller.set("x", False)
    motor.rig.step(LIMIT_DELAY)
    motor.table["x"] = {"busy_delay": 2.0}  # type: ignore[index]
    motor.start()
    rests(motor, 2.0)


@pytest.mark.parametrize("policy", ["on", "restore"])
def test_what_is_to_be_on_stays_on_over_a_restart(monkeypatch: pytest.MonkeyPatch, policy: str) -> None:
    board = Board(monkeypatch, x={"busy_delay": REST, "at_start": policy, "max_on": 90.0})
    board.rig.controller.set("x", True)
    board.rig.step(60)
    del board.changes[:]
    for in_order in (True, False):
        if in_order:
            board.end()
        board.start()
        assert board.rig.state() is True and not board.rig.busy()
    assert board.changes == []
    assert board.rig.controller["x"].off_at == 190.0


@pytest.mark.parametrize("in_order", [True, False])
def test_what_stays_on_over_a_restart_rests_once_it_goes_off(
    monkeypatch: pytest.MonkeyPatch, in_order: bool
) -> None:
    """The rest of its switch on, which the restart cuts off, holds nothing back: it is on, and may go off."""
    board = Board(monkeypatch, x={"busy_delay": REST, "at_start": "on"})
    board.rig.controller.set("x", False)
    board.rig.step(REST)
    board.rig.controller.set("x", True)
    board.rig.step(LIMIT_DELAY)
    del board.changes[:]
    if in_order:
        board.end()
    board.start()
    assert board.rig.state() is True and not board.rig.busy()
    assert board.changes == []
    board.rig.controller.set("x", False)
    rests(board, REST)


@pytest.mark.parametrize("policy", ["on", "restore"])
@pytest.mark.parametrize("is_readable", [True, False])
def test_what_went_off_with_the_process_comes_on_after_its_rest(
    monkeypatch: pytest.MonkeyPatch, policy: str, is_readable: bool
) -> None:
    board = Board(monkeypatch, x={"busy_delay": REST, "at_start": policy, "max_on": 90.0})
    board.rig.controller.set("x", True)
    board.rig.step(60)
    board.hardware.levels["x"] = False
    if not is_readable:
        board.hardware.unknown.add("x")
    del board.changes[:]
    board.start()
    board.hardware.unknown.clear()
    board.rig.step(REST - 0.01)
    assert board.changes == [] and board.rig.busy()
    board.rig.step(0.01)
    assert board.changes == [(160.0 + REST, "x", True)]
    assert board.rig.controller["x"].off_at == 190.0, "its longest time on has gone on"


def test_a_restart_within_the_rest_does_not_lose_what_is_to_come_on(monkeypatch: pytest.MonkeyPatch) -> None:
    board = Board(monkeypatch, x={"busy_delay": REST, "at_start": "restore", "max_on": 90.0})
    board.rig.controller.set("x", True)
    board.rig.step(60)
    board.hardware.levels["x"] = False
    for in_order in (False, True, False):
        if in_order:
            board.end()
        board.start()
        board.rig.step(1.0)
    board.rig.step(REST)
    assert board.rig.state() is True
    assert board.rig.controller["x"].off_at == 190.0


def test_a_longest_time_on_that_ends_in_the_rest_is_over_for_the_next_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It ended in this one, so the next one does what `at_start` promises."""
    board = Board(monkeypatch, x={"busy_delay": REST, "at_start": "on", "max_on": 65.0})
    board.rig.controller.set("x", True)
    board.rig.step(60)
    board.hardware.levels["x"] = False
    board.start()
    board.rig.step(REST + LIMIT_DELAY)
    assert board.rig.state() is False, "its time ended at 165, and its rest at 170"
    board.start()
    assert board.rig.state() is True


def test_what_its_group_kept_off_at_the_start_has_a_whole_longest_time_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is left of the last process's time is of no use to a switch on that comes after it was off."""
    group = {"busy_delay": 2.0, "interlock": "blind"}
    board = Board(monkeypatch, up=dict(group), down={**group, "at_start": "restore", "max_on": 20.0})
    board.rig.step(2.0)
    board.rig.controller.set("down", True)
    board.rig.step(6.0)
    board.start()
    board.hardware.faults["up"] = FAIL
    with pytest.raises(ChannelOffline):
        board.rig.controller.set("up", False)
    board.rig.step(30.0)
    assert board.rig.state("down") is False
    board.hardware.faults.clear()
    board.rig.step(30.0)
    assert not board.rig.busy("down")
    board.rig.controller.set("down", True)
    assert board.rig.controller["down"].off_at == board.rig.now + 20.0


def test_a_rest_at_the_start_counts_for_hardware_that_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    board = Board(monkeypatch, x={"busy_delay": REST, "at_start": "on"})
    board.rig.controller.set("x", True)
    board.rig.step(60)
    board.hardware.levels["x"] = False
    board.hardware.faults["x"] = FAIL
    board.start()
    board.hardware.faults.clear()
    with pytest.raises(ChannelBusy):
        board.rig.controller.set("x", True)
    board.rig.step(REST)
    assert board.rig.state() is None
    board.rig.step(RAMP_STEP)
    assert board.rig.state() is True


def test_hardware_that_comes_back_off_rests(motor: Board) -> None:
    """It may have been on until now."""
    motor.rig.step(60)
    motor.hardware.faults["x"] = FAIL
    with pytest.raises(ChannelOffline):
        motor.rig.controller.set("x", False)
    motor.rig.step(REST + RETRY / 2)
    motor.hardware.faults.clear()
    assert motor.rig.controller.set("x", False).state is False
    rests(motor, REST)


@pytest.mark.parametrize(
    ("policy", "fault", "expected"), [("on", FAIL, []), ("off", "", ["before", "after"])]
)
def test_a_start_within_a_rest_asks_for_off_once_at_most(
    monkeypatch: pytest.MonkeyPatch, policy: str, fault: str, expected: list[str]
) -> None:
    """And for nothing where the hardware is gone: that is done when it comes back."""
    board = Board(monkeypatch, x={"busy_delay": REST, "at_start": policy})
    board.rig.controller.set("x", True)
    board.rig.step(60)
    board.hardware.levels["x"] = False
    board.hardware.faults["x"] = fault
    asked: list[str] = []
    board.hardware.at_work = lambda place, name: asked.append(place)
    board.start()
    assert asked == expected


def test_a_switch_that_failed_late_is_remembered(motor: Board) -> None:
    motor.rig.controller.set("x", False)
    motor.rig.step(60)
    motor.hardware.faults["x"] = LATE
    with pytest.raises(ChannelOffline):
        motor.rig.controller.set("x", True)
    motor.rig.step(LIMIT_DELAY)
    motor.hardware.faults.clear()
    motor.start()
    rests(motor, REST)


@pytest.mark.parametrize("seconds", [0.0, LIMIT_DELAY])
def test_a_rest_that_is_over_before_it_is_written_costs_no_write(
    monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    board = Board(monkeypatch, x={"busy_delay": seconds}, button={"busy_delay": seconds, "mode": "button"})
    board.rig.step(seconds)
    board.rig.controller.set("x", True)
    board.rig.controller.pulse("button", 0.1)
    board.rig.step(600)
    board.end()
    assert board.writes == 0


def test_a_switch_is_one_write_and_nothing_else_is(motor: Board) -> None:
    motor.rig.step(600)
    writes = motor.writes
    motor.rig.step(3600)
    assert motor.writes == writes, "nothing was switched"
    motor.rig.controller.set("x", False)
    motor.rig.step(3600)
    assert motor.writes == writes + 1, "the end of the rest is none"
    motor.end()
    motor.start()
    motor.rig.step(3600)
    motor.end()
    assert motor.writes == writes + 1, "neither is a start"


@pytest.mark.parametrize("in_order", [True, False])
def test_a_limit_goes_on_over_a_restart(monkeypatch: pytest.MonkeyPatch, in_order: bool) -> None:
    """In order also one that has just begun, and that no time was left to write."""
    board = Board(monkeypatch, x={"at_start": "restore", "max_on": 90.0})
    board.rig.controller.set("x", True)
    board.rig.step(0.4 if in_order else LIMIT_DELAY)
    if in_order:
        board.end()
    board.start()
    assert board.rig.controller["x"].off_at == 190.0


def test_hardware_that_fails_at_the_end_of_the_rest_comes_back_on(monkeypatch: pytest.MonkeyPatch) -> None:
    board = Board(monkeypatch, x={"busy_delay": REST, "at_start": "on"})
    board.rig.controller.set("x", True)
    board.rig.step(60)
    board.hardware.levels["x"] = False
    board.start()
    board.hardware.faults["x"] = FAIL
    board.rig.step(REST)
    assert not board.rig.controller["x"].current.online
    board.hardware.faults.clear()
    board.rig.step(REST + RETRY)
    assert board.rig.state() is True


def test_a_rest_too_short_to_be_written_begins_with_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    board = Board(monkeypatch, x={"busy_delay": LIMIT_DELAY})
    board.rig.step(LIMIT_DELAY)
    board.rig.controller.set("x", True)
    board.rig.step(60)
    board.start()
    assert board.changes[-1] == (board.rig.now, "x", False)
    rests(board, LIMIT_DELAY)


def test_what_the_end_switched_on_rests_after_the_start_ends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    board = Board(monkeypatch, x={"busy_delay": REST, "at_exit": "on"})
    board.rig.controller.set("x", True)
    board.rig.step(60)
    board.rig.controller.set("x", False)
    board.rig.step(60)
    board.end()
    assert board.hardware.levels["x"] is True
    board.start()
    assert board.hardware.levels["x"] is False
    rests(board, REST)
