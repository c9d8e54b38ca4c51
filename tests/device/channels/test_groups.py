"""Groups: one output at most is on, and all rest after a switch of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from edgeweb.device.channels import driver_calls as driver_calls_module
from edgeweb.device.channels.channel import (
    ChannelBusy,
    ChannelError,
    ChannelOffline,
    Interlocked,
)
from edgeweb.device.channels.drivers import DriverError, Report
from edgeweb.device.channels.machine import RETRY

from .fragile import Fragile
from .rig import HeldRig, Rig


def test_of_a_group_one_at_most_is_on() -> None:
    rig = Rig(up={"interlock": "blind"}, down={"interlock": "blind"}, lamp={})
    rig.controller.set("up", True)
    with pytest.raises(Interlocked, match=r'"up" is on\. Switch it off first\.'):
        rig.controller.set("down", True)
    with pytest.raises(Interlocked):
        rig.controller.pulse("down", 1.0)
    assert rig.controller.set("lamp", True).state is True
    assert rig.controller.set("down", False).state is False, "off is always possible"
    rig.controller.set("up", False)
    assert rig.controller.set("down", True).state is True


def test_a_state_that_nobody_knows_may_be_on(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Fragile()
    monkeypatch.setattr(driver_calls_module, "make_driver", lambda name: driver)
    rig = Rig(up={"interlock": "blind"}, down={"interlock": "blind"})
    rig.controller.open()
    driver.broken = {"up"}
    with pytest.raises(ChannelOffline):
        rig.controller.set("up", False)
    with pytest.raises(Interlocked):
        rig.controller.set("down", True)


#: Of a group of two, each way in which "up" goes off, and the seconds until then.
GOES_OFF: dict[str, tuple[Callable[[Rig], object], float]] = {
    "command": (lambda rig: (rig.controller.set("up", True), rig.controller.set("up", False)), 0.0),
    "pulse": (lambda rig: rig.controller.pulse("up", 1.0), 1.0),
    "max_on": (lambda rig: rig.controller.set("up", True), 10.0),
    "pulse cut short": (lambda rig: (rig.controller.pulse("up", 9.0), rig.controller.set("up", False)), 0.0),
}


@pytest.mark.parametrize("way", GOES_OFF)
def test_a_motor_stops_before_it_turns(way: str) -> None:
    call, seconds = GOES_OFF[way]
    row = {"interlock": "blind", "busy_delay": 2.0, "max_on": 10.0}
    rig = Rig(up=row, down=row, lamp={})
    rig.controller.open()
    rig.step(2)
    call(rig)
    rig.step(seconds)
    assert [rig.state(name) for name in ("up", "down")] == [False, False]
    for moment in (0.0, 1.9):
        rig.step(moment)
        assert rig.busy("up") and rig.busy("down") and not rig.busy("lamp")
        for name in ("up", "down"):
            for go in (lambda: rig.controller.set(name, True), lambda: rig.controller.pulse(name, 1.0)):  # noqa: B023
                with pytest.raises(ChannelBusy):
                    go()
            assert rig.controller.set(name, False).state is False
    rig.step(0.1)
    assert rig.controller.set("down", True).state is True


def test_a_group_rests_after_a_ramp_that_was_turned() -> None:
    row = {"interlock": "tank", "busy_delay": 2.0}
    rig = Rig(fill={"mode": "pwm", "ramp": 1.0, **row}, drain=row)
    rig.controller.open()
    rig.step(2)
    rig.controller.set_value("fill", 1.0)
    rig.step(0.3)
    rig.controller.set_value("fill", 0.0)
    rig.step(0.5)
    assert rig.state("fill") is False
    with pytest.raises(ChannelBusy):
        rig.controller.set("drain", True)


def test_a_ramp_that_turns_at_off_rests_and_keeps_its_group_off() -> None:
    row = {"interlock": "tank", "busy_delay": 2.0}
    rig = HeldRig(fill={"mode": "pwm", "ramp": 0.1, **row}, drain=row)
    rig.controller.open()
    rig.step(2)
    rig.controller.set("fill", True)
    rig.step(0.05)
    rig.executor.let_go()
    rig.step(2)
    rig.controller.set("fill", False)
    rig.step(0.05)
    rig.controller.set("fill", True)  # while the last step is on its way
    rig.executor.let_go()
    assert rig.state("fill") is False
    rig.step(1.9)
    rig.executor.let_go()
    assert rig.state("fill") is False and rig.busy("fill")
    with pytest.raises(ChannelError):
        rig.controller.set("drain", True)
    rig.step(0.2)
    with pytest.raises(ChannelError):
        rig.controller.set("drain", True)
    rig.executor.let_go()
    assert rig.state("fill") is True


def test_a_ramp_that_has_rested_keeps_its_group_off_until_its_next_step() -> None:
    row = {"interlock": "tank", "busy_delay": 2.0}
    rig = HeldRig(fill={"mode": "pwm", "ramp": 0.05, **row}, drain=row)
    rig.controller.open()
    rig.step(2)
    rig.controller.set("fill", True)
    rig.step(2)
    rig.meanwhile = lambda: rig.controller.set("fill", True)
    rig.controller.set("fill", False)
    rig.meanwhile = lambda: None
    assert rig.state("fill") is False and rig.controller["fill"].phase == "ramping"
    rig.step(2)
    assert rig.controller["fill"].group.rest is None
    with pytest.raises(Interlocked):
        rig.controller.set("drain", True)


def test_off_again_does_not_end_the_rest_of_a_ramp() -> None:
    rig = Rig(x={"mode": "pwm", "ramp": 1.0, "busy_delay": 5.0})
    rig.controller.set("x", True)
    rig.step(10)
    rig.controller.set("x", False)
    rig.step(1.0)
    assert rig.state() is False
    rig.controller.set("x", False)
    with pytest.raises(ChannelBusy):
        rig.controller.set("x", True)


def test_of_two_that_are_found_on_one_stays_on(fragile: Fragile) -> None:
    row = {"interlock": "blind", "at_start": "leave"}
    rig = Rig(up=row, down=row)
    fragile._levels = {"up": True, "down": True}
    rig.controller.open()
    assert [rig.state(name) for name in ("up", "down")] == [False, True]
    assert rig.happened == [("up", "channel.start", "off")]


def test_one_that_comes_back_off_unread_beside_one_that_is_on_is_not_switched_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Blind(Fragile):
        """Cannot read a level."""

        def attach(  # type: ignore[override]
            self, name: str, options: Mapping[str, Any], level: bool | float | None, report: Report
        ) -> None:
            super().attach(name, options, level, report)

    driver = Blind()
    monkeypatch.setattr(driver_calls_module, "make_driver", lambda name: driver)
    rig = Rig(up={"interlock": "blind"}, down={"interlock": "blind"})
    for name in ("up", "down"):
        rig.controller.set(name, False)
    rig.controller.set("up", True)
    driver._reports["down"]("down", DriverError("pulled out"))
    rig.step(RETRY)
    assert rig.controller["down"].current[:2] == (True, None)
    assert rig.happened == []


def test_a_ramp_waits_for_the_end_of_a_rest_that_a_hand_has_prolonged() -> None:
    row = {"interlock": "tank", "busy_delay": 2.0}
    rig = HeldRig(fill={"mode": "pwm", "ramp": 0.05, **row}, drain=row)
    rig.controller.open()
    rig.step(2)
    rig.controller.set("fill", True)
    rig.step(2)
    rig.meanwhile = lambda: rig.controller.set("fill", True)
    rig.controller.set("fill", False)
    rig.meanwhile = lambda: None
    rig.step(1)
    for level in (True, False):
        rig.memory().feed("drain", level)
    rig.step(1.9)
    rig.executor.let_go()
    assert (rig.state("fill"), rig.controller["fill"].phase) == (False, "ramping")
    rig.step(0.2)
    rig.executor.let_go()
    assert rig.state("fill") is True


def test_what_goes_on_at_the_start_waits_for_the_rest_of_another_one() -> None:
    """That one may have been on until then, and is the only one of its group with a rest."""
    rig = Rig(up={"interlock": "blind", "at_start": "on"}, down={"interlock": "blind", "busy_delay": 5.0})
    rig.controller.open()
    rig.step(4.9)
    assert rig.state("up") is False and rig.busy("up")
    rig.step(0.1)
    assert rig.state("up") is True
