"""Levels that drivers read or report by themselves: switches by a hand, and reads that a switch overtakes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from edgeweb.device.channels import driver_calls as driver_calls_module
from edgeweb.device.channels.channel import ChannelBusy
from edgeweb.device.channels.driver_calls import DEADLINE
from edgeweb.device.channels.drivers import DriverError, Report
from edgeweb.device.channels.drivers.memory import Driver as MemoryDriver
from edgeweb.device.channels.machine import RETRY

from .fragile import Fragile
from .rig import HeldRig, Rig


class Read(MemoryDriver):
    """Calls `after_read` when it has read a level, and before it returns it."""

    __slots__ = ("after_read",)

    def __init__(self) -> None:
        super().__init__()
        self.after_read: Callable[[], object] = lambda: None

    def read(self, name: str) -> bool | float:
        level = super().read(name)
        self.after_read()
        return level


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Read:
    made = Read()
    monkeypatch.setattr(driver_calls_module, "make_driver", lambda name: made)
    return made


def test_a_level_that_was_read_before_a_switch_does_not_undo_it(driver: Read) -> None:
    """A client's own thread makes an instant switch while the driver's thread reads."""
    rig = Rig(x={"poll": 1.0, "max_on": 5.0})
    rig.controller.open()
    driver.after_read = lambda: rig.controller.set("x", True)
    rig.step(1.0)
    driver.after_read = lambda: None
    assert rig.state() is True
    assert rig.controller["x"].off_at == rig.now + 5.0, "its longest time on has begun"


def test_a_switch_by_a_hand_is_seen_and_rests(driver: Read) -> None:
    rig = Rig(x={"poll": 1.0, "busy_delay": 3.0, "max_on": 20.0})
    rig.controller.set("x", True)
    rig.step(4.0)
    driver._levels["x"] = False
    rig.step(1.0)
    assert rig.state() is False and rig.busy()
    with pytest.raises(ChannelBusy):
        rig.controller.set("x", True)
    rig.step(3.0)
    assert rig.controller.set("x", True).state is True


def test_two_of_a_group_that_were_left_on_do_not_stay_on(fragile: Fragile) -> None:
    """One of them is found on first, and the other one when its hardware comes back."""
    row: Mapping[str, Any] = {"interlock": "blind", "at_start": "leave"}
    rig = Rig(up=row, down=row)
    fragile._levels = {"up": True, "down": True}
    fragile.broken = {"down"}
    rig.controller.open()
    assert rig.state("up") is True and rig.state("down") is None
    fragile.broken = set()
    rig.step(RETRY)
    assert (rig.state("up"), rig.state("down")) == (True, False)
    assert fragile._levels == {"up": True, "down": False}
    assert rig.happened[-1] == ("down", "channel.start", "off")


def test_a_report_that_names_an_unknown_level_ends_the_unknown_state(monkeypatch: pytest.MonkeyPatch) -> None:
    class Blind(MemoryDriver):
        def attach(  # type: ignore[override]
            self, name: str, options: Mapping[str, Any], level: bool | float | None, report: Report
        ) -> None:
            super().attach(name, options, level, report)

    made = Blind()
    monkeypatch.setattr(driver_calls_module, "make_driver", lambda name: made)
    rig = Rig(x={"at_start": "leave"})
    rig.controller.open()
    assert rig.controller["x"].phase == "unknown"
    made._reports["x"]("x", False)
    assert (rig.state(), rig.controller["x"].phase) == (False, "idle")


def test_hardware_that_is_gone_is_not_polled_until_it_is_back(driver: Read) -> None:
    rig = Rig(x={"poll": 1.0, "mode": "input"})
    rig.controller.open()
    reads: list[float] = []

    def fail() -> None:
        reads.append(rig.now)
        raise DriverError("gone")

    driver.after_read = fail
    rig.step(1.0 + RETRY + 1.0)
    assert reads == [101.0, 107.0], "it was back with the attempt at 106"


def test_a_value_that_another_program_sets_is_seen(driver: Read) -> None:
    rig = Rig(x={"poll": 1.0, "mode": "pwm"}, y={"poll": 1.0})
    rig.controller.open()
    driver._levels = {"x": 0.5, "y": True}
    rig.step(1.0)
    assert (rig.state("x"), rig.controller["x"].current.value) == (True, 0.5)
    assert (rig.state("y"), rig.controller["y"].current.value) == (True, None)
    driver._reports["x"]("x", None)
    assert (rig.state("x"), rig.controller["x"].current.value) == (None, None)


def test_only_a_change_from_off_to_on_counts(driver: Read) -> None:
    rig = Rig(x={"mode": "input"})
    rig.controller.open()
    counts = []
    for level in (False, True, True, None, True, None, False, True):
        driver._reports["x"]("x", level)
        assert rig.state() is level
        counts.append(rig.controller["x"].current.on_count)
    assert counts == [0, 1, 1, 1, 1, 1, 1, 2]


@pytest.mark.parametrize("mode", ["input", "output"])
def test_a_level_of_hardware_that_is_gone_is_not_taken(driver: Read, mode: str) -> None:
    rig = Rig(x={"mode": mode})
    rig.controller.open()
    driver._reports["x"]("x", DriverError("gone"))
    driver._reports["x"]("x", True)
    assert rig.controller["x"].current[:2] == (False, None)


class Slow(Read):
    """Is called on a thread of its own."""

    __slots__ = ()

    def is_instant(self, name: str) -> bool:
        return False


@pytest.fixture
def held() -> HeldRig:
    """An input that is polled every half second, whose driver gets its turn when the test lets it."""
    rig = HeldRig(x={"mode": "input", "poll": 0.5})
    rig.controller._machine.calls.drivers["memory"] = Slow()
    rig.controller.open()
    return rig


def test_a_poll_that_hangs_is_not_made_again_and_takes_its_channel_offline(held: HeldRig) -> None:
    reads: list[float] = []
    driver = held.memory()
    assert isinstance(driver, Slow)
    driver.after_read = lambda: reads.append(held.now)
    held.step(0.5 + DEADLINE)
    assert held.controller["x"].current.online
    held.step(0.5)
    assert "did not answer" in held.controller["x"].current.reason
    held.executor.let_go()
    assert reads == [held.now]
    held.step(RETRY)
    held.executor.let_go()
    held.step(0.5)
    held.executor.let_go()
    assert held.controller["x"].current.online and len(reads) == 2


def test_a_poll_for_which_there_is_no_room_is_made_the_next_time(held: HeldRig) -> None:
    submit = held.executor.submit
    held.executor.submit = lambda lane, call: False  # type: ignore[method-assign]
    held.step(0.5)
    held.executor.submit = submit  # type: ignore[method-assign]
    held.memory()._levels["x"] = True
    held.step(0.5)
    held.executor.let_go()
    assert held.state() is True


def test_the_end_leaves_no_timer() -> None:
    rig = Rig(x={"mode": "input", "poll": 1.0}, door={"mode": "input", "debounce": 1.0})
    rig.controller.open()
    rig.memory().feed("door", True)
    assert rig.timers.run_due() is not None
    rig.controller.close()
    assert rig.timers.run_due() is None
    rig.controller.open()
    rig.step(2.0)
    assert rig.state("door") is False


def test_a_level_that_waited_for_the_lock_settles_no_later_one() -> None:
    rig = Rig(door={"mode": "input", "debounce": 0.1})
    rig.controller.open()
    rig.memory().feed("door", True)
    late = rig.timers._heap[0]
    rig.step(0.05)
    for level in (False, True):
        rig.memory().feed("door", level)
        rig.now += 0.05 * level
        late.call()
        assert rig.state("door") is False
    rig.step(0.05)
    assert rig.state("door") is True


def test_another_report_of_a_loss_does_not_put_off_the_next_attempt(driver: Read) -> None:
    rig = Rig(x={})
    rig.controller.open()
    for _ in range(2):
        driver._reports["x"]("x", DriverError("gone"))
        rig.step(RETRY / 2)
    assert rig.controller["x"].current.online
