"""Hardware that goes and comes, and hardware that cannot be read back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from edgeweb.device.channels import driver_calls as driver_calls_module
from edgeweb.device.channels.channel import (
    ChannelBusy,
    ChannelError,
    ChannelOffline,
)
from edgeweb.device.channels.drivers import DriverError, Report
from edgeweb.device.channels.drivers.memory import Driver as MemoryDriver
from edgeweb.device.channels.machine import RETRY

from .fragile import Fragile
from .rig import HeldRig, Rig


def test_an_output_that_comes_back_is_as_it_was_acknowledged(fragile: Fragile) -> None:
    rig = Rig(x={}, y={}, z={})
    rig.controller.set("x", True)
    fragile.broken = {"x", "z"}
    for name in ("x", "z"):
        with pytest.raises(ChannelOffline, match=f'"{name}" is offline: gone'):
            rig.controller.set(name, True)
        assert rig.controller[name].current[:3] == (False, None, False)
    assert rig.controller.set("y", True).state is True, "the rest works"
    rig.step(RETRY)
    assert not rig.controller["x"].current.online
    fragile.broken = set()
    rig.step(RETRY)
    assert rig.controller["x"].current[:2] == (True, True)
    assert rig.controller["z"].current[:2] == (True, False), (
        "what was refused is not done when it is forgotten"
    )


def test_an_output_that_could_not_go_off_comes_back_off(fragile: Fragile) -> None:
    rig = Rig(x={})
    rig.controller.set("x", True)
    fragile.broken = {"x"}
    with pytest.raises(ChannelOffline):
        rig.controller.set("x", False)
    fragile.broken = set()
    rig.step(RETRY)
    assert rig.controller["x"].current[:2] == (True, False)


def test_a_refused_on_changes_nothing_of_what_was_acknowledged(fragile: Fragile) -> None:
    rig = Rig(x={})
    rig.controller.set("x", True)
    fragile.broken = {"x"}
    for _ in range(2):  # the second time it is offline already
        with pytest.raises(ChannelOffline):
            rig.controller.set("x", True)
    fragile.broken = set()
    rig.step(RETRY)
    assert rig.controller["x"].current[:2] == (True, True)


def test_at_the_exit_hardware_that_is_gone_is_left_alone(fragile: Fragile) -> None:
    rig = Rig(x={"at_exit": "off"})
    rig.controller.open()
    fragile._reports["x"]("x", DriverError("pulled out"))
    fragile.broken = {"x"}
    rig.controller.close()
    assert rig.happened == [] and list(fragile.changes) == []


def test_an_off_while_offline_is_kept(fragile: Fragile) -> None:
    rig = Rig(x={})
    rig.controller.set("x", True)
    fragile.broken = {"x"}
    with pytest.raises(ChannelOffline):
        rig.controller.set("x", True)
    with pytest.raises(ChannelOffline):
        rig.controller.set("x", False)
    fragile.broken = set()
    rig.step(RETRY)
    assert rig.controller["x"].current[:2] == (True, False)


def test_a_pulse_whose_end_fails_comes_back_off(fragile: Fragile) -> None:
    rig = Rig(x={})
    rig.controller.pulse("x", 1.0)
    fragile.broken = {"x"}
    rig.step(1.0)
    assert rig.happened == [("x", "channel.pulse", "off: channel-offline")]
    fragile.broken = set()
    rig.step(RETRY)
    assert rig.controller["x"].current[:3] == (True, False, False)
    assert fragile._levels["x"] is False


def test_hardware_that_is_missing_at_the_start_is_tried_again(fragile: Fragile) -> None:
    fragile.broken = {"x"}
    rig = Rig(x={"at_start": "on"}, y={})
    assert rig.controller["x"].current.reason == "gone"
    assert rig.controller["y"].current.online
    fragile.broken = set()
    rig.step(RETRY)
    assert rig.controller["x"].current[:2] == (True, True)


def test_whoever_asks_need_not_wait_for_the_next_attempt(fragile: Fragile) -> None:
    fragile.broken = {"x"}
    rig = Rig(x={})
    rig.controller.open()
    fragile.broken = set()
    assert rig.controller.set("x", True).state is True
    rig.step(3 * RETRY)
    assert rig.state() is True


def test_a_driver_that_reports_its_end(fragile: Fragile) -> None:
    rig = Rig(x={"mode": "input"})
    rig.controller.open()
    fragile.broken = {"x"}
    fragile._reports["x"]("x", DriverError("the chip was pulled out"))
    assert rig.controller["x"].current.reason == "the chip was pulled out"
    fragile.broken = set()
    rig.step(RETRY)
    assert rig.controller["x"].current.online


def test_a_poll_that_fails_goes_on_afterwards(fragile: Fragile) -> None:
    rig = Rig(x={"mode": "input", "poll": 1.0})
    rig.controller.open()
    fragile.broken = {"x"}
    rig.step(1.0)
    assert rig.controller["x"].current.online is False
    fragile.broken = set()
    rig.step(RETRY)
    fragile._levels["x"] = True
    rig.step(1.0)
    assert rig.state() is True
    assert len([timer for timer in rig.timers._heap if not timer.cancelled]) == 1


def test_a_ramp_that_is_lost_on_its_way_comes_back_at_its_goal(fragile: Fragile) -> None:
    rig = Rig(x={"mode": "pwm", "ramp": 1.0})
    for value in (1.0, 0.0, 0.4):
        rig.controller.set_value("x", value)
        rig.step(0.2)
        fragile.broken = {"x"}
        rig.step(0.1)
        assert not rig.controller["x"].current.online
        fragile.broken = set()
        rig.step(RETRY)
        assert rig.controller["x"].current.value == value


def test_a_ramp_that_was_turned_to_off_does_not_come_back_on(fragile: Fragile) -> None:
    rig = Rig(x={"mode": "pwm", "ramp": 1.0})
    rig.controller.set("x", True)
    rig.step(0.3)
    rig.controller.set("x", False)
    fragile.broken = {"x"}
    rig.step(0.05)
    assert not rig.controller["x"].current.online
    fragile.broken = set()
    rig.step(RETRY)
    assert rig.controller["x"].current[:2] == (True, False)


class Late(Fragile):
    """Fails after it has had its effect."""

    def write(self, name: str, level: bool | float) -> None:
        MemoryDriver.write(self, name, level)
        if name in self.broken:
            raise DriverError("gone")


@pytest.mark.parametrize("interlock", ["", "blind"])
def test_a_call_that_failed_may_have_been_a_switch(monkeypatch: pytest.MonkeyPatch, interlock: str) -> None:
    driver = Late()
    monkeypatch.setattr(driver_calls_module, "make_driver", lambda name: driver)
    rig = Rig(x={"interlock": interlock, "busy_delay": 9.0}, y={"interlock": interlock})
    rig.controller.open()
    rig.step(9)
    rig.controller.set("x", True)
    rig.step(9)
    driver.broken = {"x"}
    with pytest.raises(ChannelOffline):
        rig.controller.set("x", False)
    driver.broken = set()
    with pytest.raises(ChannelBusy):
        rig.controller.set("x", True)
    rig.step(RETRY)
    assert rig.controller["x"].current[:2] == (True, False)
    with pytest.raises(ChannelBusy):
        rig.controller.set("x", True)


def test_an_output_of_a_group_comes_back_after_the_rest(fragile: Fragile) -> None:
    row = {"interlock": "blind", "busy_delay": 20.0}
    rig = Rig(up=row, down=row)
    rig.controller.open()
    rig.step(20)
    rig.controller.set("up", True)
    rig.step(1)
    fragile._reports["up"]("up", DriverError("pulled out"))
    fragile._levels["up"] = False
    rig.step(18)
    assert not rig.controller["up"].current.online
    with pytest.raises(ChannelError):
        rig.controller.set("down", True)
    rig.step(1.1)
    assert rig.controller["up"].current[:2] == (True, True)


def test_a_limit_that_is_over_stays_over_until_the_output_is_off(fragile: Fragile) -> None:
    rig = Rig(x={"max_on": 2.0})
    rig.controller.set("x", True)
    fragile.broken = {"x"}
    rig.step(2.5)
    fragile.broken = set()
    with pytest.raises(ChannelBusy, match="goes off first"):
        rig.controller.pulse("x", 60.0)
    assert rig.state() is False, "it was on all the time"
    rig.controller.pulse("x", 60.0)
    rig.step(1.9)
    assert rig.state() is True


def test_a_limit_that_ends_while_offline_is_kept_at_once(fragile: Fragile) -> None:
    rig = Rig(x={"max_on": 2.0})
    rig.controller.set("x", True)
    fragile._reports["x"]("x", DriverError("pulled out"))
    rig.step(2)
    assert fragile._levels["x"] is False, "and not with the next attempt"
    assert rig.controller["x"].current[:2] == (True, False)


class Blind(MemoryDriver):
    """Cannot read a level."""

    def attach(  # type: ignore[override]
        self, name: str, options: Mapping[str, Any], level: bool | float | None, report: Report
    ) -> None:
        super().attach(name, options, level, report)


@pytest.fixture
def blind(monkeypatch: pytest.MonkeyPatch) -> Blind:
    driver = Blind()
    monkeypatch.setattr(driver_calls_module, "make_driver", lambda name: driver)
    return driver


def test_the_longest_time_on_of_an_output_that_may_be_on(blind: Blind) -> None:
    rig = Rig(x={"max_on": 5.0, "at_start": "on"})
    rig.controller.open()
    assert rig.state() is None
    rig.step(5)
    assert (rig.state(), blind._levels["x"]) == (False, False)


def test_the_longest_time_on_begins_with_going_on_where_nothing_can_be_read(blind: Blind) -> None:
    rig = Rig(x={"max_on": 5.0})
    rig.controller.open()
    rig.step(4)
    rig.controller.set("x", True)
    rig.step(4.9)
    assert rig.state() is True, "it was switched off at the start"
    rig.step(0.1)
    assert rig.state() is False


def test_no_limit_begins_with_a_poll_that_cannot_read(blind: Blind) -> None:
    rig = Rig(x={"max_on": 5.0})
    rig.controller.set("x", False)
    blind._reports["x"]("x", None)
    rig.step(4)
    rig.controller.set("x", True)
    rig.step(4.9)
    assert blind._levels["x"] is True


def test_a_group_rests_after_a_start_that_cannot_be_read_back(blind: Blind) -> None:
    row = {"interlock": "blind", "busy_delay": 2.0}
    rig = Rig(up=row, down=row)
    rig.controller.open()
    assert rig.busy("up")
    with pytest.raises(ChannelError):
        rig.controller.set("up", True)


def test_hardware_that_is_back_before_a_lost_call_ends_stays_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A client's command has taken hold of it meanwhile: no other attempt is needed."""
    attached: list[object] = []

    class Loose(MemoryDriver):
        """Goes with each switch to on, and a client asks for off before the call ends."""

        def attach(
            self, name: str, options: Mapping[str, Any], level: bool | float | None, report: Report
        ) -> bool | float:
            attached.append(level)
            return super().attach(name, options, level, report)

        def write(self, name: str, level: bool | float) -> None:
            super().write(name, level)
            if level:
                self._reports[name](name, DriverError("gone"))
                rig.controller.set(name, False)

    monkeypatch.setattr(driver_calls_module, "make_driver", lambda name: Loose())
    rig = Rig(x={})
    rig.controller.open()
    with pytest.raises(ChannelOffline, match="gone"):
        rig.controller.set("x", True)
    assert attached == [False, False]
    assert rig.state() is False


def test_an_output_that_was_left_on_comes_back_on(fragile: Fragile) -> None:
    fragile._levels["x"] = True
    rig = Rig(x={"at_start": "leave"})
    rig.controller.open()
    fragile._reports["x"]("x", DriverError("pulled out"))
    fragile._levels["x"] = False
    rig.step(RETRY)
    assert (rig.state(), fragile._levels["x"]) == (True, True)


def test_a_value_comes_back_as_it_was_acknowledged_and_not_as_it_was_read_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Coarse(MemoryDriver):
        """Has ten levels."""

        def write(self, name: str, level: bool | float) -> float:  # type: ignore[override]
            super().write(name, level)
            return round(level, 1)

    driver = Coarse()
    monkeypatch.setattr(driver_calls_module, "make_driver", lambda name: driver)
    rig = Rig(x={"mode": "pwm"})
    assert rig.controller.set_value("x", 0.43).value == 0.4
    driver._reports["x"]("x", DriverError("pulled out"))
    rig.step(RETRY)
    assert driver._levels["x"] == 0.43


def test_an_instant_driver_attaches_on_its_own_thread_and_writes_on_the_clients() -> None:
    rig = HeldRig(x={})
    rig.controller._machine.calls.drivers["memory"] = MemoryDriver()
    rig.controller.open()
    rig.executor.hung.add("memory")
    assert rig.controller.set("x", True).state is True
    rig.memory()._reports["x"]("x", DriverError("pulled out"))
    rig.step(RETRY)
    assert not rig.controller["x"].current.online
    rig.executor.hung.clear()
    rig.executor.let_go()
    assert rig.state() is True
