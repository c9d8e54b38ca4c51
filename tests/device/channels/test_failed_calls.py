"""Calls of drivers that fail after they had an effect, and what two clients ask while one is under way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from edgeweb.device.channels import driver_calls as driver_calls_module
from edgeweb.device.channels.channel import ChannelBusy, ChannelOffline
from edgeweb.device.channels.driver_calls import DEADLINE
from edgeweb.device.channels.machine import RAMP_STEP, RETRY
from edgeweb.device.channels.memory import LIMIT_DELAY, ChannelMemory
from edgeweb.device.storage.store import Store

from .hardware import FAIL, LATE, Hardware, HardwareDriver
from .rig import HeldRig, Rig


class Board:
    """Hardware with faults, and a rig on it; `held`: calls wait until the test lets them go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, held: bool, table: Mapping[str, Any]) -> None:
        #: What the hardware did: the moment and the new level.
        self.changes: list[tuple[float, Any]] = []
        self.hardware = Hardware(
            lambda name, level: None,
            lambda name, level: self.changes.append((self.rig.now, level)),
            lambda name, level: None,
        )
        self.hardware.levels.update(dict.fromkeys(table, False))
        driver = self.driver = HardwareDriver(self.hardware)
        monkeypatch.setattr(driver_calls_module, "make_driver", lambda name: driver)
        self.rig = HeldRig(**table) if held else Rig(**table)
        self.rig.controller._machine.calls.drivers["memory"] = driver

    @property
    def faults(self) -> dict[str, str]:
        return self.hardware.faults


@pytest.fixture
def board(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    made: list[Board] = []

    def make(held: bool = False, beside: Mapping[str, Any] | None = None, **options: Any) -> Board:
        made.append(Board(monkeypatch, held, {"x": options} | ({"y": beside} if beside else {})))
        return made[-1]

    yield make
    for one in made:
        one.rig.timers.close()


def test_off_that_fails_late_on_the_way_back_is_followed_by_a_rest(board: Any) -> None:
    made = board(busy_delay=2.5)
    made.rig.controller.open()
    made.faults["x"] = LATE
    with pytest.raises(ChannelOffline):
        made.rig.controller.pulse("x", 20.0)
    made.rig.step(RETRY)
    made.faults.clear()
    assert made.changes == [(100.0, True), (105.0, False)]
    with pytest.raises(ChannelBusy):
        made.rig.controller.pulse("x", 20.0)
    made.rig.step(2.5)
    made.rig.controller.pulse("x", 20.0)
    assert made.changes[2:] == [(107.5, True)]


def test_the_longest_time_on_counts_from_a_call_that_failed_late(board: Any) -> None:
    made = board(max_on=4.0, at_start="on")
    made.faults["x"] = LATE
    made.rig.controller.open()
    made.rig.step(4.0)
    assert made.changes == [(100.0, True), (104.0, False)], "and not with the next attempt, nor the last one"
    made.faults.clear()
    made.rig.step(60.0)
    assert made.changes[2:] == []


def test_what_failed_before_it_had_an_effect_has_a_whole_longest_time_later(board: Any) -> None:
    made = board(max_on=8.0)
    made.rig.controller.open()
    made.faults["x"] = FAIL
    with pytest.raises(ChannelOffline):
        made.rig.controller.set("x", True)
    made.faults.clear()
    made.rig.step(RETRY)
    assert made.rig.state() is False, "so it is known that it is off"
    made.rig.controller.set("x", True)
    made.rig.step(7.9)
    assert made.rig.state() is True


def test_on_is_refused_where_the_longest_time_on_is_over(board: Any) -> None:
    """Off comes first, because the hardware may be on all the time. That is no success of an "on"."""
    made = board(max_on=2.0)
    made.rig.controller.set("x", True)
    made.faults["x"] = FAIL
    made.rig.step(2.5)
    made.faults.clear()
    with pytest.raises(ChannelBusy, match="goes off first, and on if you ask again"):
        made.rig.controller.set("x", True)
    assert made.rig.state() is False
    assert made.rig.controller.set("x", True).state is True


def test_off_by_a_ramp_that_fails_is_made_when_the_hardware_comes_back(board: Any) -> None:
    made = board(mode="pwm", ramp=1.0)
    made.rig.controller.set("x", True)
    made.rig.step(2.0)
    made.faults["x"] = FAIL
    with pytest.raises(ChannelOffline):
        made.rig.controller.set("x", False)
    made.faults.clear()
    made.rig.step(RETRY)
    assert made.rig.state() is False


def test_off_of_another_client_is_kept_where_the_attempt_fails(board: Any) -> None:
    made = board(held=True, at_start="on")
    made.rig.controller.set("x", True)
    made.faults["x"] = FAIL
    with pytest.raises(ChannelOffline):
        made.rig.controller.set("x", True)

    def ask_for_off() -> None:
        with pytest.raises(ChannelBusy, match="goes off when that answers"):
            made.rig.controller.set("x", False)

    made.rig.meanwhile = ask_for_off
    with pytest.raises(ChannelOffline):
        made.rig.controller.pulse("x", 0.5)
    made.rig.meanwhile = lambda: None
    made.faults.clear()
    made.rig.step(RETRY)
    made.rig.executor.let_go()
    assert made.rig.state() is False


def test_a_value_that_another_client_turns_to_off_is_what_on_brings_back(board: Any) -> None:
    made = board(held=True, mode="pwm", ramp=1.0)
    made.rig.controller.open()
    made.rig.meanwhile = lambda: made.rig.controller.set_value("x", 0.0)
    made.rig.controller.set_value("x", 0.3)
    made.rig.meanwhile = lambda: None
    for _ in range(30):
        made.rig.step(0.1)
        made.rig.executor.let_go()
    made.rig.controller.set("x", True)
    for _ in range(30):
        made.rig.step(0.1)
        made.rig.executor.let_go()
    assert made.rig.controller["x"].current.value == pytest.approx(0.3)


def test_a_value_that_cannot_be_read_back_is_what_on_brings_back(board: Any) -> None:
    made = board(mode="pwm")
    made.rig.controller.open()
    made.faults["x"] = FAIL
    with pytest.raises(ChannelOffline):
        made.rig.controller.set_value("x", 0.8)
    made.faults.clear()
    made.hardware.unknown.add("x")
    made.rig.controller.set_value("x", 0.3)
    made.rig.controller.set("x", False)
    assert made.rig.controller.set("x", True).value == 0.3


def test_a_kill_while_the_driver_is_at_work_is_followed_by_a_rest(board: Any) -> None:
    """It has had its effect, and has not answered yet."""
    made = board(held=True, busy_delay=10.0)
    store = Store("")
    made.rig.remember(ChannelMemory(store, made.rig.timers.after, "a"))
    made.rig.controller.open()
    made.rig.step(60.0)
    found = []

    def kill() -> None:
        made.rig.step(LIMIT_DELAY)
        found.extend(store.read("SELECT rest_until FROM channels"))

    made.hardware.at_work = lambda place, name: kill() if place == "after" else None
    made.rig.controller.set("x", True)
    assert found == [(float("inf"),)]


def test_a_limit_of_the_last_process_that_ends_in_the_queue_keeps_it_off(board: Any) -> None:
    made = board(held=True, max_on=30.0, busy_delay=DEADLINE, at_start="restore")
    store = Store("")
    memory = ChannelMemory(store, made.rig.timers.after, "a")
    made.rig.remember(memory)
    made.rig.controller.set("x", True)
    made.rig.step(27.5)
    made.rig.controller.close()
    memory.flush()
    made.hardware.levels["x"] = False
    del made.changes[:]
    made.rig.controller.open()
    made.rig.step(DEADLINE)
    made.rig.step(0.5)
    made.rig.executor.let_go()
    assert made.changes == [] and made.rig.state() is False


def test_on_behind_an_off_that_comes_late_waits_for_the_rest(board: Any) -> None:
    """The driver is stuck for longer than a client waits: then off and on come one after the other."""
    made = board(held=True, busy_delay=2.5)
    made.rig.controller.set("x", True)
    made.rig.step(60.0)
    executor = made.rig.executor
    made.hardware.at_work = lambda place, name: executor.stop(place)
    executor.sticky["memory"] = "before"
    with pytest.raises(ChannelOffline):
        made.rig.controller.set("x", False)
    made.rig.step(3.0)
    made.rig.meanwhile = executor.free
    with pytest.raises(ChannelBusy, match="rests"):
        made.rig.controller.set("x", True)
    executor.let_go()
    assert made.rig.state() is False
    made.rig.step(2.5)
    assert made.rig.controller.set("x", True).state is True
    (_, off), (_, on) = made.changes[1:]
    assert (off, on) == (False, True)
    assert made.changes[2][0] - made.changes[1][0] >= 2.5


def test_what_was_acknowledged_comes_back_on_after_the_rest_of_a_call_that_came_late(board: Any) -> None:
    made = board(held=True, busy_delay=2.5)
    made.rig.controller.set("x", True)
    made.rig.step(60.0)
    executor = made.rig.executor
    made.hardware.at_work = lambda place, name: executor.stop(place)
    executor.sticky["memory"] = "after"
    with pytest.raises(ChannelOffline):
        made.rig.controller.set("x", True)
    made.rig.step(RETRY)
    executor.free()
    executor.let_go()
    for _ in range(30):
        made.rig.step(0.1)
        executor.let_go()
    assert made.rig.state() is True


def test_the_longest_time_on_counts_from_a_call_that_came_late(board: Any) -> None:
    """Another command took its place while it was under way, and its driver does not answer."""
    made = board(held=True, max_on=6.0, at_start="on")
    executor = made.rig.executor
    executor.hung.add("memory")
    made.rig.controller.open()
    executor.hung.clear()
    made.rig.step(RETRY)
    made.hardware.at_work = lambda place, name: executor.stop(place)
    executor.sticky["memory"] = "after"
    executor.let_go()
    ((began, on),) = made.changes
    assert on is True
    with pytest.raises(ChannelOffline):
        made.rig.controller.pulse("x", 1.0)
    executor.free()
    assert made.rig.controller["x"].off_at == began + 6.0


def test_nothing_goes_on_beside_one_that_was_lost_while_it_waited_for_its_turn(board: Any) -> None:
    made = board(held=True, interlock="blind", beside={"interlock": "blind"})
    made.rig.controller.open()
    made.rig.meanwhile = lambda: made.driver.lose("y")
    with pytest.raises(ChannelBusy, match="another output of its group may be on"):
        made.rig.controller.set("x", True)
    assert made.changes == [] and made.rig.state() is False


def test_a_call_that_never_had_its_turn_is_followed_by_no_rest(board: Any) -> None:
    """So people read why the hardware does not answer, and not that it rests."""
    made = board(held=True, busy_delay=10.0)
    made.rig.controller.open()
    made.rig.executor.hung.add("memory")
    for _ in range(2):
        with pytest.raises(ChannelOffline, match="did not answer"):
            made.rig.controller.set("x", True)


def test_a_switch_that_came_too_late_is_undone_at_once(board: Any) -> None:
    made = board(held=True)
    made.rig.controller.open()
    executor = made.rig.executor
    made.hardware.at_work = lambda place, name: executor.stop(place)
    executor.sticky["memory"] = "before"
    with pytest.raises(ChannelOffline):
        made.rig.controller.set("x", True)
    executor.free()
    executor.let_go()
    (on_at, on), (off_at, off) = made.changes
    assert (on, off) == (True, False)
    assert off_at == on_at, "and not with the next attempt"


def test_in_a_rest_hardware_that_is_gone_is_not_waited_for(board: Any) -> None:
    """A call may have had its effect. On is refused then at once, and not after the driver's deadline."""
    made = board(held=True, busy_delay=10.0)
    made.rig.controller.set("x", True)
    made.rig.step(10.0)
    made.faults["x"] = LATE
    with pytest.raises(ChannelOffline):
        made.rig.controller.set("x", False)
    made.rig.executor.hung.add("memory")
    before = made.rig.now
    with pytest.raises(ChannelBusy, match="rests"):
        made.rig.controller.set("x", True)
    assert made.rig.now == before and made.rig.executor.idle


def test_beside_one_that_a_hand_switched_on_hardware_comes_back_off_and_at_once(board: Any) -> None:
    """Both are on until then: that must not last for the rest that the hand has begun."""
    row = {"interlock": "blind", "busy_delay": 20.0}
    made = board(**row, beside={"poll": 1.0, **row})
    made.rig.controller.open()
    made.rig.step(20.0)
    made.rig.controller.set("x", True)
    made.rig.step(20.0)
    made.driver.lose("x")
    made.hardware.levels["y"] = True
    made.rig.step(RETRY)
    assert made.rig.state("y") is True and made.rig.busy("y")
    assert made.hardware.levels["x"] is False


def test_the_longest_time_on_that_ends_in_the_queue_is_reported(board: Any) -> None:
    made = board(held=True, max_on=6.0)
    made.rig.controller.set("x", True)
    made.rig.step(5.5)
    made.rig.meanwhile = lambda: made.rig.step(0.5)
    with pytest.raises(ChannelBusy, match="longest time"):
        made.rig.controller.set("x", True)
    assert made.hardware.levels["x"] is False
    assert made.rig.happened == [("x", "channel.max_on", "off")]


def test_a_limit_that_ends_during_a_slow_start_stays_over(board: Any) -> None:
    """It was found on, and is lost when its longest time on ends, while the start waits for another one."""
    made = board(held=True, at_start="leave", max_on=1.0, beside={"timeout": 5.0})
    made.driver.parallel = True
    made.hardware.levels["x"] = True
    executor = made.rig.executor
    executor.hung.add("memory y")
    made.rig.controller.open()
    assert made.rig.controller["x"].phase == "offline"
    executor.hung.clear()
    with pytest.raises(ChannelBusy, match="longest time"):
        made.rig.controller.set("x", True)
    assert made.hardware.levels["x"] is False


def test_off_by_a_ramp_is_no_refusal_where_the_longest_time_on_ends_in_the_queue(board: Any) -> None:
    made = board(held=True, mode="pwm", max_on=3.0)
    made.rig.controller.set("x", True)
    table = {"x": {**made.rig.controller["x"].options, "ramp": 1.0}}
    made.rig.controller.adopt(table)
    made.rig.step(2.5)
    made.rig.meanwhile = lambda: made.rig.step(0.5)
    assert made.rig.controller.set("x", False).state is False
    assert made.hardware.levels["x"] == 0.0


def test_a_call_whose_client_has_gone_is_never_made(board: Any) -> None:
    made = board(held=True)
    made.rig.controller.open()
    made.rig.executor.hung.add("memory")
    with pytest.raises(ChannelOffline, match="did not answer"):
        made.rig.controller.set("x", True)
    made.rig.executor.hung.clear()
    made.rig.executor.let_go()
    assert made.changes == []


def test_off_that_is_asked_for_while_a_call_is_about_to_fail_is_kept(board: Any) -> None:
    made = board(held=True)
    made.rig.controller.set("x", True)

    def ask_for_off(place: str, name: str) -> None:
        made.hardware.at_work = lambda place, name: None
        made.faults["x"] = FAIL
        with pytest.raises(ChannelBusy, match="goes off when that answers"):
            made.rig.controller.set("x", False)

    made.hardware.at_work = ask_for_off
    with pytest.raises(ChannelOffline):
        made.rig.controller.set("x", True)
    made.faults.clear()
    made.rig.step(RETRY)
    made.rig.executor.let_go()
    assert made.rig.state() is False


def _ask_for_off_at_work(made: Board) -> None:
    def ask(place: str, name: str) -> None:
        if place == "after":
            made.rig.executor.hung.add("memory")
            with pytest.raises(ChannelBusy, match="goes off when that answers"):
                made.rig.controller.set("x", False)

    made.hardware.at_work = ask
    made.rig.controller.set("x", True)


def _fail(made: Board) -> None:
    made.faults["x"] = FAIL
    with pytest.raises(ChannelOffline, match="gone"):
        made.rig.controller.set("x", True)


#: Calls that no client waits for: the output, what leads to the call, and the seconds until then.
UNAWAITED: dict[str, tuple[dict[str, Any], Callable[[Any], object], float]] = {
    "end of a pulse": ({}, lambda made: made.rig.controller.pulse("x", 1.0), 1.0),
    "longest time on": ({"max_on": 1.0}, lambda made: made.rig.controller.set("x", True), 1.0),
    "ramp": ({"mode": "pwm", "ramp": 9.0}, lambda made: made.rig.controller.set("x", True), RAMP_STEP),
    "off after the call before": ({}, _ask_for_off_at_work, 0.0),
    "attempt": ({}, _fail, RETRY),
    "on after the rest of the start": (
        {"interlock": "blind", "busy_delay": 1.0, "at_start": "on"},
        lambda made: None,
        1.0,
    ),
}


@pytest.mark.parametrize("call", UNAWAITED)
def test_a_call_that_no_client_waits_for_has_a_deadline(board: Any, call: str) -> None:
    options, begin, seconds = UNAWAITED[call]
    made = board(held=True, **options)
    made.rig.controller.open()
    begin(made)
    made.rig.executor.hung.add("memory")
    made.rig.step(seconds + DEADLINE - 0.01)
    assert "did not answer" not in made.rig.controller["x"].current.reason
    made.rig.step(0.01)
    assert "did not answer" in made.rig.controller["x"].current.reason


def test_a_call_that_ends_after_the_controller_begins_nothing(board: Any) -> None:
    made = board(held=True)
    made.rig.controller.open()
    executor = made.rig.executor
    made.hardware.at_work = lambda place, name: executor.stop(place)
    executor.sticky["memory"] = "after"
    with pytest.raises(ChannelOffline):
        made.rig.controller.set("x", True)
    made.rig.controller.close()
    executor.free()
    executor.let_go()
    assert made.changes == [(100.0, True)]


def test_a_loss_that_is_reported_during_an_attempt_counts(board: Any) -> None:
    made = board(held=True)
    made.rig.controller.open()
    made.driver.lose("x")
    attempts: list[float] = []

    def lose(place: str, name: str) -> None:
        if place == "before":
            attempts.append(made.rig.now)
            if len(attempts) == 1:
                made.driver.lose("x")

    made.hardware.at_work = lose
    made.rig.step(RETRY)
    made.rig.executor.let_go()
    assert attempts == [105.0, 105.0], "the first one's success is from before the loss"
    assert made.rig.controller["x"].current.online
