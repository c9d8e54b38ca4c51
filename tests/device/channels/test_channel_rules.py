"""What a profile asks of a channel: pulses, rests, interlocks, ramps, debouncing, retries, start and end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from edgeweb.device.channels import machine as machine_module
from edgeweb.device.channels.channel import (
    Channel,
    ChannelBusy,
    ChannelError,
    ChannelOffline,
    Interlocked,
    NotAnOutput,
)
from edgeweb.device.channels.controller import ChannelController
from edgeweb.device.channels.drivers import DriverError, Report
from edgeweb.device.channels.drivers.memory import Driver as MemoryDriver
from edgeweb.device.channels.machine import RAMP_STEP, RETRY
from edgeweb.device.channels.memory import COUNT_DELAY, LIMIT_DELAY, STATE_DELAY, ChannelMemory, Remembered
from edgeweb.device.config.schema import defaults
from edgeweb.device.storage.store import Store

from .rig import HeldRig, Rig

# -- pulses and rests ----------------------------------------------------------------------------------


def test_a_pulse_ends_and_is_logged() -> None:
    rig = Rig(x={})
    rig.controller.pulse("x", 2.0)
    rig.step(1.9)
    assert (rig.state(), rig.busy()) == (True, True)
    for call in (lambda: rig.controller.set("x", True), lambda: rig.controller.pulse("x", 1.0)):
        with pytest.raises(ChannelBusy):
            call()
    rig.step(0.2)
    assert (rig.state(), rig.busy()) == (False, False)
    assert rig.happened == [("x", "channel.pulse", "off")]


def test_a_rest_after_each_switch_but_not_after_none() -> None:
    rig = Rig(x={"busy_delay": 3.0})
    assert rig.controller.set("x", True).busy is True
    for call in (lambda: rig.controller.set("x", True), lambda: rig.controller.pulse("x", 1.0)):
        with pytest.raises(ChannelBusy):
            call()
    rig.step(3.0)
    assert rig.controller.set("x", True).busy is False, "it was on"
    rig.controller.pulse("x", 1.0)
    rig.step(1.0)
    assert rig.busy(), "the end of a pulse is a switch too"
    rig.step(3.0)
    assert not rig.busy()


def test_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    controller = ChannelController({"x": defaults("channels.*", driver="memory", mode="output")})
    controller.pulse("x", 0.05)
    assert controller.wait("x", 20).state is False
    controller.pulse("x", 30.0)
    assert controller.wait("x", 0.01).busy is True, "the time is over"
    controller.close()


def test_the_longest_time_on() -> None:
    rig = Rig(x={"max_on": 60.0})
    rig.controller.set("x", True)
    rig.step(30)
    rig.controller.set("x", True)
    rig.step(29)
    assert rig.state() is True
    rig.step(1)
    assert rig.state() is False, "switching on again does not prolong it"
    assert rig.happened == [("x", "channel.max_on", "off")]
    rig.controller.set("x", True)
    rig.step(59)
    rig.controller.set("x", False)
    rig.controller.set("x", True)
    rig.step(59)
    assert rig.state() is True, "but off and on does"


def test_the_longest_time_on_begins_with_the_start() -> None:
    rig = Rig(x={"max_on": 60.0, "at_start": "on"})
    rig.controller.open()
    rig.step(60)
    assert rig.state() is False


def test_a_pulse_longer_than_the_longest_time_on() -> None:
    rig = Rig(x={"max_on": 5.0})
    rig.controller.pulse("x", 50.0)
    rig.step(5)
    assert (rig.state(), rig.busy()) == (False, False)
    rig.controller.set("x", True)
    rig.step(4)
    assert rig.state() is True


def test_the_longest_time_on_ends_a_ramp_too() -> None:
    rig = Rig(x={"mode": "pwm", "ramp": 10.0, "max_on": 1.0})
    rig.controller.set_value("x", 1.0)
    rig.step(0.95)
    assert rig.state() is True and rig.busy()
    rig.step(0.1)
    assert (rig.controller["x"].current.value, rig.busy()) == (0.0, False)
    rig.step(20)
    assert rig.controller["x"].current.value == 0.0, "and it stays off"
    assert rig.happened == [("x", "channel.max_on", "off")]


# -- interlock -----------------------------------------------------------------------------------------


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
    monkeypatch.setattr(machine_module, "make_driver", lambda name: driver)
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


# -- PWM -----------------------------------------------------------------------------------------------


def test_a_ramp_takes_its_time_and_can_be_turned() -> None:
    rig = Rig(x={"mode": "pwm", "ramp": 1.0})
    state = rig.controller.set_value("x", 1.0)
    assert state.value == pytest.approx(RAMP_STEP) and state.busy
    rig.step(0.5)
    half = rig.controller["x"].current.value
    assert half == pytest.approx(0.55, abs=0.06)
    rig.controller.set_value("x", 0.0)
    rig.step(1.0)
    assert (rig.controller["x"].current.value, rig.state(), rig.busy()) == (0.0, False, False)
    values = [level for _, _, level in rig.memory().changes]
    assert max(abs(a - b) for a, b in pairwise(values)) <= RAMP_STEP + 1e-9


def test_pwm_switches_too() -> None:
    rig = Rig(x={"mode": "pwm"}, y={"mode": "pwm", "inverted": True})
    assert rig.controller.set("x", True).value == 1.0
    assert rig.controller.set("x", None).value == 0.0
    assert rig.controller.set_value("y", 0.25).value == 0.25
    assert rig.memory()._levels["y"] == 0.75
    with pytest.raises(NotAnOutput):
        Rig(z={}).controller.set_value("z", 0.5)


def test_off_then_on_gives_the_last_value() -> None:
    for ramp in (0.0, 1.0):
        rig = Rig(x={"mode": "pwm", "ramp": ramp})
        rig.controller.set_value("x", 0.3)
        rig.step(1)
        rig.controller.pulse("x", 1.0)
        rig.step(1)
        for on in (True, False, None):
            rig.controller.set("x", on)
            rig.step(1)
            assert rig.controller["x"].current.value == (0.0 if on is False else 0.3)


def test_a_ramp_ends_at_its_goal() -> None:
    rig = Rig(x={"mode": "pwm", "ramp": 1.0, "inverted": True})
    rig.controller.set_value("x", 0.1)
    rig.step(0.05)
    assert (rig.controller["x"].current.value, rig.busy()) == (pytest.approx(0.1), False)
    rig.controller.set("x", False)
    rig.step(0.05)
    assert (rig.controller["x"].current.value, rig.busy()) == (0.0, False)


# -- inputs --------------------------------------------------------------------------------------------


def test_debouncing_and_counting() -> None:
    rig = Rig(x={"mode": "input", "debounce": 0.1})
    rig.controller.open()
    for level in (True, False, True, False, True):
        rig.memory().feed("x", level)
        rig.step(0.05)
    assert rig.state() is False
    rig.step(0.05)
    assert (rig.state(), rig.controller["x"].current.on_count) == (True, 1)
    rig.memory().feed("x", False)
    rig.step(0.05)
    rig.memory().feed("x", True)
    rig.step(1.0)
    assert (rig.state(), rig.controller["x"].current.on_count) == (True, 1), "it has only bounced"


def test_without_debouncing_every_edge_counts() -> None:
    rig = Rig(x={"mode": "input", "inverted": True})
    rig.controller.open()
    for level in (True, False, True, False):
        rig.memory().feed("x", level)
    assert rig.controller["x"].current.on_count == 2


def test_polling() -> None:
    rig = Rig(x={"mode": "input", "poll": 2.0})
    rig.controller.open()
    rig.memory()._levels["x"] = True
    rig.step(1.9)
    assert rig.state() is False
    rig.step(0.2)
    assert rig.state() is True


# -- hardware that goes and comes ----------------------------------------------------------------------


class Fragile(MemoryDriver):
    """Fails for the channels in `broken`."""

    __slots__ = ("broken",)

    def __init__(self) -> None:
        super().__init__()
        self.broken: set[str] = set()

    def attach(
        self, name: str, options: Mapping[str, Any], level: bool | float | None, report: Report
    ) -> bool | float:
        if name in self.broken:
            raise DriverError("gone")
        return super().attach(name, options, level, report)

    def write(self, name: str, level: bool | float) -> None:
        if name in self.broken:
            raise DriverError("gone")
        super().write(name, level)

    def read(self, name: str) -> bool:
        if name in self.broken:
            raise DriverError("gone")
        return super().read(name)


@pytest.fixture
def fragile(monkeypatch: pytest.MonkeyPatch) -> Fragile:
    driver = Fragile()
    monkeypatch.setattr(machine_module, "make_driver", lambda name: driver)
    return driver


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
    monkeypatch.setattr(machine_module, "make_driver", lambda name: driver)
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
    rig.controller.pulse("x", 60.0)
    rig.step(0)
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
    monkeypatch.setattr(machine_module, "make_driver", lambda name: driver)
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


# -- while the driver is at work -----------------------------------------------------------------------


def test_an_off_before_the_drivers_turn_replaces_what_was_asked_for() -> None:
    rig = HeldRig(x={}, y={})
    rig.controller.open()

    def off() -> None:
        rig.meanwhile = lambda: None
        with pytest.raises(ChannelBusy, match="it goes off when that answers"):
            rig.controller.set("x", False)

    rig.meanwhile = off
    assert rig.controller.set("x", True).state is False
    assert [name for _, name, _ in rig.memory().changes] == [], "it did not go on first"
    assert rig.happened == [("x", "channel.set", "off")]


def test_off_is_possible_in_every_state() -> None:
    rig = Rig(x={"busy_delay": 5.0}, y={"mode": "pwm", "ramp": 5.0})
    rig.controller.pulse("x", 3.0)
    assert rig.controller.set("x", False).state is False
    assert rig.controller.set("x", False).busy, "in the rest"
    rig.step(5)
    rig.controller.set("x", True)
    assert rig.controller.set("x", False).state is False, "in the rest of going on"
    rig.controller.set("y", True)
    rig.step(1)
    rig.controller.set("y", False)
    rig.step(1.1)
    assert rig.controller["y"].current[:3] == (True, False, False)


# -- start and end -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("at_exit", "expected"), [("leave", True), ("off", False), ("on", True)])
def test_at_exit(fragile: Fragile, at_exit: str, expected: bool) -> None:
    levels: list[bool | float] = []
    rig = Rig(x={"at_exit": at_exit})
    rig.controller.set("x", True)
    close = fragile.close

    def watching() -> None:
        levels.append(fragile._levels["x"])
        close()

    type(fragile).close = lambda self: watching()  # type: ignore[method-assign]
    try:
        rig.controller.close()
    finally:
        del type(fragile).close
    assert levels == [expected]


def test_at_the_exit_a_group_keeps_its_rules() -> None:
    row = {"interlock": "blind", "at_exit": "on"}
    rig = Rig(up=row, down=row)
    rig.controller.set("down", True)
    memory = rig.memory()
    memory.changes.clear()
    rig.controller.close()
    assert list(memory.changes) == [], "up stays off"
    assert rig.happened == [("up", "channel.exit", "failed: interlocked")]

    rig = Rig(up={"busy_delay": 2.0, **row}, down={"busy_delay": 2.0, "interlock": "blind", "at_exit": "off"})
    rig.controller.open()
    rig.step(2)
    rig.controller.set("down", True)
    rig.step(2)
    memory = rig.memory()
    memory.changes.clear()
    rig.controller.close()
    assert [(name, level) for _, name, level in memory.changes] == [("down", False)], "and up may rest first"

    rig = Rig(up=row, down={**row, "at_exit": "off"})
    rig.controller.set("down", True)
    memory = rig.memory()
    memory.changes.clear()
    rig.controller.close()
    assert [(name, level) for _, name, level in memory.changes] == [("down", False), ("up", True)]


def test_at_start_restores_what_was_last_and_counters_go_on(tmp_path: Path) -> None:
    table: dict[str, Mapping[str, Any]] = {
        "x": {"at_start": "restore"},
        "y": {"at_start": "restore"},
        "z": {},
        "door": {"mode": "input"},
    }

    def start() -> tuple[Rig, Store]:
        store = Store(str(tmp_path))
        rig = Rig(**table)
        rig.remember(ChannelMemory(store, rig.timers.after))
        rig.controller.open()
        return rig, store

    first, store = start()
    assert [first.state(name) for name in "xyz"] == [False, False, False], "the first time"
    for name in "xyz":
        first.controller.set(name, name != "y")
    first.memory().feed("door", True)
    first.step(STATE_DELAY)
    store.close()

    second, store = start()
    assert [second.state(name) for name in "xyz"] == [True, False, False]
    first.step(COUNT_DELAY)
    third, store = start()
    assert third.controller["door"].current.on_count == 1


def test_what_is_again_as_it_was_is_not_written(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    rig = Rig(x={"at_start": "restore"})
    rig.remember(ChannelMemory(store, rig.timers.after))
    rig.controller.open()
    rig.step(STATE_DELAY)
    writes: list[Any] = []
    store.write = lambda *arguments, **options: writes.append(arguments)  # type: ignore[method-assign, assignment]
    for _ in range(500):
        rig.controller.set("x", True)
        rig.controller.set("x", False)
    rig.step(STATE_DELAY)
    assert writes == []
    rig.controller.set("x", True)
    rig.step(STATE_DELAY)
    assert len(writes) == 1


class Remembers:
    """A memory that has the same of each channel."""

    def __init__(self, found: Remembered) -> None:
        self.found = found

    def recall(self, channel: Channel) -> Remembered:
        return self.found

    def remember(self, channel: Channel) -> None:
        pass


def test_a_limit_that_ends_in_the_rest_at_the_start(fragile: Fragile) -> None:
    row = {"interlock": "blind", "busy_delay": 5.0, "max_on": 60.0, "at_start": "restore"}
    rig = Rig(Remembers(Remembered(True, off_at=105.0)), up=row)
    rig.controller.open()
    rig.step(10)
    assert list(fragile.changes) == [], "it does not go on for a moment"
    assert rig.controller["up"].current[:3] == (True, False, False)


@pytest.mark.parametrize("policy", ["leave", "restore", "on"])
@pytest.mark.parametrize("group", [{}, {"interlock": "blind", "busy_delay": 1.0}])
def test_a_limit_that_ends_before_the_hardware_comes_back(
    fragile: Fragile, policy: str, group: dict[str, Any]
) -> None:
    fragile._levels["x"] = True
    fragile.broken = {"x"}
    rig = Rig(Remembers(Remembered(True, off_at=103.0)), x={"at_start": policy, "max_on": 60.0, **group})
    rig.controller.open()
    fragile.broken = set()
    rig.step(RETRY)
    assert rig.controller["x"].current[:2] == (True, False)
    assert [level for _, _, level in fragile.changes] == [False]


def test_a_pulse_of_the_last_process_ends_when_the_hardware_comes_back(fragile: Fragile) -> None:
    fragile._levels["x"] = True
    fragile.broken = {"x"}
    rig = Rig(Remembers(Remembered(False)), x={"at_start": "leave"})
    rig.controller.open()
    fragile.broken = set()
    rig.step(RETRY)
    assert rig.controller["x"].current[:2] == (True, False)


@pytest.mark.parametrize("ends", ["off", "pulse"])
def test_what_went_off_is_off_after_a_kill(tmp_path: Path, ends: str) -> None:
    store = Store(str(tmp_path))
    rig = Rig(x={"at_start": "restore"})
    rig.remember(ChannelMemory(store, rig.timers.after))
    rig.controller.set("x", True)
    rig.step(STATE_DELAY)
    if ends == "off":
        rig.controller.set("x", False)
    else:
        rig.controller.pulse("x", 60.0)
    rig.step(LIMIT_DELAY)
    store.close()
    after = Rig(x={"at_start": "restore"})
    after.remember(ChannelMemory(Store(str(tmp_path)), after.timers.after))
    assert after.state("x") is False


def test_a_group_is_not_restored_with_two_on(tmp_path: Path) -> None:
    class BothOn:
        def recall(self, channel: Channel) -> Remembered:
            return Remembered(True)

        def remember(self, channel: Channel) -> None:
            pass

    row = {"interlock": "blind", "at_start": "restore"}
    rig = Rig(BothOn(), up=row, down=row)
    assert [rig.state(name) for name in ("up", "down")] == [True, False]


def test_closing_ends_every_timer(fragile: Fragile) -> None:
    rig = Rig(x={"max_on": 5.0}, y={}, z={"mode": "input", "poll": 1.0})
    rig.controller.set("x", True)
    rig.controller.pulse("y", 9.0)
    rig.controller.close()
    rig.step(100.0)
    assert rig.happened == []
    assert not rig.controller._machine.drivers
