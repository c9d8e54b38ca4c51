"""What a profile asks of a channel: pulses, rests, ramps, debouncing, polls."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from threading import Thread
from time import sleep

import pytest

from edgeweb.device.channels.channel import (
    ChannelBusy,
    NotAnOutput,
)
from edgeweb.device.channels.controller import ChannelController
from edgeweb.device.channels.machine import RAMP_STEP
from edgeweb.device.config.schema import defaults
from tests.interleaving import STUCK

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


def test_a_timer_whose_state_was_left_while_it_waited_for_the_lock_does_nothing() -> None:
    rig = Rig(x={})
    rig.controller.pulse("x", 1.0)
    late = rig.controller["x"].timer
    assert late is not None
    rig.controller.set("x", False)
    late.call()
    assert rig.happened == []


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


def test_the_end_of_a_rest_ends_the_waiting_for_it() -> None:
    rig = Rig(x={"busy_delay": 3.0})
    rig.controller.set("x", True)
    lock = rig.controller._machine.lock
    waiting = Thread(target=lambda: rig.controller.wait("x", 10 * STUCK), daemon=True)
    waiting.start()
    while waiting.is_alive() and not lock._waiters:  # type: ignore[attr-defined]
        sleep(0.001)
    rig.step(3.0)
    waiting.join(STUCK)
    assert not waiting.is_alive()


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


def test_a_limit_that_waited_for_the_lock_ends_no_later_time_on() -> None:
    rig = Rig(x={"max_on": 2.0})
    rig.controller.set("x", True)
    late = rig.controller["x"].limit
    assert late is not None
    rig.step(1)
    rig.controller.set("x", False)
    late.call()
    rig.controller.set("x", True)
    rig.now += 1
    late.call()
    assert rig.state() is True
    assert rig.happened == []


def test_a_rest_that_waited_for_the_lock_ends_no_later_one() -> None:
    rig = Rig(x={"busy_delay": 3.0})
    rig.controller.set("x", True)
    late = rig.controller["x"].group.rest
    assert late is not None
    rig.step(1)
    rig.controller.set("x", False)
    rig.now += 2
    late.call()
    assert rig.busy()


def test_of_a_rest_whose_timer_is_late_nothing_is_left() -> None:
    rig = Rig(x={"busy_delay": 3.0})
    rig.controller.set("x", True)
    rig.now += 4
    group = rig.controller["x"].group
    assert group.rest is not None
    assert rig.controller._machine.rests.left(group) == 0.0


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


def test_a_pulse_has_the_level_of_its_kind() -> None:
    rig = Rig(x={"mode": "pwm"}, y={})
    for name in ("x", "y"):
        rig.controller.pulse(name, 1.0)
    assert [repr(level) for _, _, level in rig.memory().changes] == ["1.0", "True"]


def test_in_a_rest_a_value_of_zero_is_off_and_every_other_one_is_on() -> None:
    rig = Rig(x={"mode": "pwm", "busy_delay": 5.0})
    rig.controller.set_value("x", 0.5)
    with pytest.raises(ChannelBusy):
        rig.controller.set_value("x", 0.01)
    assert rig.controller.set_value("x", 0.0).state is False


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


@pytest.mark.parametrize(
    ("ask", "value"),
    [
        (lambda controller: controller.set_value("x", 0.3), 0.3),
        (lambda controller: controller.pulse("x", 1.0), 0.6),
    ],
    ids=["a value", "a pulse"],
)
def test_after_an_off_before_the_drivers_turn_on_brings_back_the_last_value(
    ask: Callable[[ChannelController], object], value: float
) -> None:
    rig = HeldRig(x={"mode": "pwm"})
    rig.controller.set_value("x", 0.6)
    rig.controller.set("x", False)

    def off() -> None:
        rig.meanwhile = lambda: None
        with pytest.raises(ChannelBusy, match="it goes off when that answers"):
            rig.controller.set("x", False)

    rig.meanwhile = off
    ask(rig.controller)
    assert rig.state() is False
    assert rig.controller.set("x", True).value == value


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


@pytest.mark.parametrize("on", [True, None])
def test_a_button_is_pulsed_or_switched_off_and_not_switched_on(on: bool | None) -> None:
    rig = Rig(gate={"mode": "button"})
    with pytest.raises(NotAnOutput, match="it can be pulsed, not switched on"):
        rig.controller.set("gate", on)
    assert rig.controller.pulse("gate", 5.0).state is True
    assert rig.controller.set("gate", False).state is False
