"""A channel by itself: levels and states, its lane, and whether it may be on."""

from __future__ import annotations

import math
from typing import Any

import pytest

from edgeweb.device.channels.channel import (
    Channel,
    ChannelState,
    Group,
    Job,
    TooManyWaiting,
    may_be_on,
    others_are_off,
    others_may_be_off,
    phase_of,
)
from edgeweb.device.channels.states import IDLE, RAMPING
from edgeweb.device.config.schema import defaults
from edgeweb.device.system.timers import Timer


def channel(group: Group | None = None, **options: Any) -> Channel:
    row = defaults("channels.*", **{"driver": "memory", "mode": "output", **options})
    return Channel("x", row, 7.0, group or Group())


def known(state: bool | None, group: Group | None = None) -> Channel:
    """A channel whose state is known, or not, and with which nothing is under way."""
    made = channel(group)
    made.phase = IDLE
    made.current = made.current._replace(state=state)
    return made


def test_a_channel_before_the_start() -> None:
    made = channel()
    assert made.current == ChannelState(False, None, False, 7.0, "not opened yet", None, 0)
    assert (made.phase, made.wanted, made.last_value, made.off_at) == ("offline", None, 1.0, None)
    assert not made.is_instant, "that is known once it is attached"
    assert made.group.members == [made]


@pytest.mark.parametrize(
    ("mode", "inverted", "wanted", "level"),
    [
        ("output", False, True, True),
        ("output", True, True, False),
        ("output", True, False, True),
        ("pwm", False, 0.25, 0.25),
        ("pwm", True, 0.25, 0.75),
        ("pwm", True, 0.0, 1.0),
    ],
)
def test_a_state_is_a_level_and_back(
    mode: str, inverted: bool, wanted: bool | float, level: bool | float
) -> None:
    made = channel(mode=mode, inverted=inverted)
    assert repr(made.level(wanted)) == repr(level)
    assert repr(made.state_of(level)) == repr(wanted)


@pytest.mark.parametrize(
    ("mode", "inverted", "level", "state"),
    [
        *(("pwm", False, 1.5, 1.0), ("pwm", False, -0.5, 0.0), ("pwm", True, 1.5, 0.0)),
        *(("pwm", False, True, 1.0), ("pwm", False, None, None), ("output", True, None, None)),
        *(("output", False, 0.4, True), ("output", False, 0.0, False), ("output", True, 0.4, False)),
    ],
)
def test_what_a_driver_reads_is_a_state_of_the_channels_kind(
    mode: str, inverted: bool, level: bool | float | None, state: bool | float | None
) -> None:
    assert repr(channel(mode=mode, inverted=inverted).state_of(level)) == repr(state)


@pytest.mark.parametrize(("mode", "off"), [("output", False), ("button", False), ("pwm", 0.0)])
def test_off_is_of_the_channels_kind(mode: str, off: bool | float) -> None:
    assert repr(channel(mode=mode).off) == repr(off)


@pytest.mark.parametrize(
    ("mode", "kinds"),
    [
        ("input", (False, False, False)),
        ("output", (True, False, False)),
        ("pwm", (True, True, False)),
        ("button", (True, False, True)),
    ],
)
def test_kinds_of_channels(mode: str, kinds: tuple[bool, ...]) -> None:
    made = channel(mode=mode)
    assert (made.is_output, made.is_pwm, made.is_button) == kinds


@pytest.mark.parametrize(
    ("chip", "lane"), [({}, "memory"), ({"chip": ""}, "memory"), ({"chip": "a"}, "memory a")]
)
def test_channels_of_a_chip_hang_together(chip: dict[str, str], lane: str) -> None:
    row = {**defaults("channels.*", driver="memory", mode="output"), **chip}
    assert Channel("x", row, 0.0, Group()).lane == lane


def test_the_title_is_the_name_where_there_is_none() -> None:
    assert [channel(title=title).title for title in ("", "Lamp")] == ["x", "Lamp"]


def test_a_limit_that_runs_counts_before_one_of_an_earlier_process() -> None:
    made = channel()
    made.known_off_at = 9.0
    assert made.off_at == 9.0
    made.limit = Timer(8.0, 1, lambda: None)
    assert made.off_at == 8.0


def test_the_rest_of_what_may_be_on_has_no_end_yet() -> None:
    made = known(False)
    assert made.rest_until is None
    made.group.rest_until = 12.0
    assert made.rest_until == 12.0
    made.job = Job(False, IDLE)
    assert made.rest_until == math.inf
    for state in (True, None):
        assert known(state).rest_until == math.inf


def test_timers_are_taken_once() -> None:
    made = channel()
    made.timer, made.limit = timers = (Timer(1.0, 1, lambda: None), Timer(2.0, 2, lambda: None))
    assert made.take_timers() == list(timers)
    assert made.take_timers() == []
    made.limit = timers[1]
    assert made.take_timers() == [timers[1]]


def test_a_job_waits_for_its_answer_only_where_it_was_asked_to() -> None:
    job = Job(True, IDLE)
    job.end()
    assert job.done is None
    job.wait_for_answer()
    assert job.done is not None and job.done.locked()
    job.end()
    assert not job.done.locked()


@pytest.mark.parametrize(("state", "phase"), [(False, "idle"), (True, "idle"), (None, "unknown")])
def test_the_state_with_which_nothing_is_under_way(state: bool | None, phase: str) -> None:
    made = known(state)
    assert phase_of(made) == phase
    made.group.rest = Timer(1.0, 1, lambda: None)
    assert phase_of(made) == "resting"


@pytest.mark.parametrize(
    ("state", "is_on", "may_be"), [(False, False, False), (True, True, True), (None, False, True)]
)
def test_others_of_a_group(state: bool | None, is_on: bool, may_be: bool) -> None:
    group = Group()
    one, other = known(True, group), known(state, group)
    assert may_be_on(other) is may_be
    assert others_are_off(one) is not may_be
    assert others_may_be_off(one) is not is_on


def test_what_is_on_its_way_may_be_on() -> None:
    group = Group()
    one, other = known(False, group), known(False, group)
    other.job = Job(False, IDLE)
    assert not others_are_off(one) and others_may_be_off(one)
    other.job = None
    for phase, goal, may_be in ((RAMPING, 0.01, True), (RAMPING, 0.0, False), (IDLE, 0.5, False)):
        other.phase, other.goal = phase, goal
        assert may_be_on(other) is may_be


def test_a_client_that_finds_too_many_waiting_may_try_again_in_a_second() -> None:
    assert TooManyWaiting.retry_after == 1
