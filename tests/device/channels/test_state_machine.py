"""All commands, faults and ends in any order: outputs do what `reference.py` allows, and nothing else.

Hypothesis draws what happens to a `World`, and shortens what fails. `EDGEWEB_MACHINE_STEPS` is the number of
steps of a long run, which draws others each time. A short run draws the same ones each time, as long as the
same modules are loaded: hypothesis takes constants from them, so a run of all tests has other histories than
one of this file.

`Machine` has drivers that answer at once. `HeldMachine` has two clients and drivers that take their time: the
second one asks, or time passes, while the first one's call waits for its turn, before it has its effect, or
after it. A lane may hang before a call or within it, and a client then goes after its deadline. Everything
is in one thread's hands, so a history runs the same way each time. What the machines have found is in
`test_failed_calls.py`, `test_polls.py` and the tests with `HeldRig`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from edgeweb.device.channels import controller as controller_module
from edgeweb.device.channels import driver_calls as driver_calls_module
from edgeweb.device.channels.drivers import BaseDriver
from edgeweb.device.storage.store import Store

from .hardware import FAIL, LATE, SURPRISE
from .world import LANES, OUTPUTS, World

LONG = "EDGEWEB_MACHINE_STEPS" in os.environ
STEPS = int(os.environ.get("EDGEWEB_MACHINE_STEPS", "10000"))
#: Steps of one world.
LENGTH = 50

_COMMANDS: list[tuple[Any, ...]] = [
    (name, *command)
    for name in OUTPUTS
    for command in (
        *(("on",), ("off",), ("toggle",), ("pulse", 0.5), ("pulse", 20.0)),
        *(("value", 0.0), ("value", 0.3), ("value", 1.0)),
    )
    if command[0] != "value" or name in ("fan", "light", "fill", "lamp")
]
_TIMES = (0.01, 0.05, 0.3, 0.6, 1.0, 2.0, 3.5, 5.0, 6.0, 30.0)
_PLACES = ("queued", "before", "after")
_FAULTS = [(name, kind) for name in OUTPUTS for kind in (FAIL, LATE, SURPRISE)]
_MAX_ON = [("up", 2.0), ("heater", 0.0), ("lamp", 3.0), ("light", 4.0), ("fan", 6.0)]


class Steps:
    """Counts the steps of all worlds."""

    count = 0
    world: World
    store: Store


class Machine(RuleBasedStateMachine):
    """What may happen to a board whose drivers answer at once."""

    held = False

    def __init__(self) -> None:
        super().__init__()
        Steps.store.write(lambda execute: execute("DELETE FROM channels") and None, backup=False)
        Steps.world = World.__new__(World)
        Steps.world.__init__(Steps.store, held=self.held)  # type: ignore[misc]
        self.world = Steps.world

    @rule(command=st.sampled_from(_COMMANDS))
    def command(self, command: tuple[Any, ...]) -> None:
        self.world.command(*command)

    @rule(command=st.sampled_from(_COMMANDS))
    def another_command(self, command: tuple[Any, ...]) -> None:
        self.world.command(*command)

    @rule(seconds=st.sampled_from(_TIMES))
    def step(self, seconds: float) -> None:
        self.world.step(seconds)

    @rule(fault=st.sampled_from(_FAULTS))
    def fail(self, fault: tuple[str, str]) -> None:
        self.world.fail(*fault)

    @rule()
    def mend(self) -> None:
        self.world.mend_all()

    @rule(name=st.sampled_from(OUTPUTS), gone=st.booleans())
    def lose(self, name: str, gone: bool) -> None:
        if gone:
            self.world.lose(name)
        else:
            self.world.make_unknown(name)

    @rule(how=st.sampled_from(("restart", "kill", "reboot")))
    def end(self, how: str) -> None:
        if how == "restart":
            self.world.restart()
        else:
            self.world.kill(reboot=how == "reboot")

    @rule(change=st.sampled_from(_MAX_ON))
    def adopt(self, change: tuple[str, float]) -> None:
        self.world.adopt(*change)

    def check_invariants(self, *args: Any, **kwargs: Any) -> None:
        Steps.count += 1
        self.world.check()
        super().check_invariants(*args, **kwargs)

    def teardown(self) -> None:
        try:
            self.world.settle()
        finally:
            self.world.close()


class HeldMachine(Machine):
    """What may happen to a board whose drivers take their time."""

    held = True

    @rule(first=st.sampled_from(_COMMANDS), place=st.sampled_from(_PLACES), second=st.sampled_from(_COMMANDS))
    def two_clients(self, first: tuple[Any, ...], place: str, second: tuple[Any, ...]) -> None:
        self.world.meet(first, place, lambda: self.world.command(*second))

    @rule(command=st.sampled_from(_COMMANDS), place=st.sampled_from(_PLACES), seconds=st.sampled_from(_TIMES))
    def client_and_time(self, command: tuple[Any, ...], place: str, seconds: float) -> None:
        self.world.meet(command, place, lambda: self.world.hold(min(seconds, 1.9)))

    @rule(seconds=st.sampled_from(_TIMES))
    def hold(self, seconds: float) -> None:
        self.world.hold(seconds)

    @rule()
    def let_go(self) -> None:
        self.world.let_go()

    @rule(lane=st.sampled_from(LANES))
    def hang(self, lane: str) -> None:
        self.world.hang(lane)

    @rule(lane=st.sampled_from(LANES), place=st.sampled_from(("before", "after")))
    def stick(self, lane: str, place: str) -> None:
        self.world.stick(lane, place)

    @rule()
    def free(self) -> None:
        self.world.free()


@pytest.fixture
def exact(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Has controllers use the world's drivers, and never wait for real time; a timer's exception counts."""

    def make_driver(name: str) -> BaseDriver:
        return Steps.world.make_driver(name)

    monkeypatch.setattr(driver_calls_module, "make_driver", make_driver)
    monkeypatch.setattr(controller_module, "TURN_TIME", 0.0)
    Steps.store = Store("")

    def note(*error: Any) -> None:
        Steps.world.reference.faults.append(f"a timer raised {error[1]!r}")

    monkeypatch.setattr(sys, "excepthook", note)
    yield


_OFF_AND_ON = (("command", "siren", "off"), ("step", 1.0), ("command", "siren", "on"))
_UNREADABLE = (("make_unknown", "drain"), ("make_unknown", "siren"))


@pytest.mark.usefixtures("exact")
@pytest.mark.parametrize(
    "steps",
    [
        pytest.param((*_OFF_AND_ON, ("restart",)), id="restarted in the rest of a switch on"),
        pytest.param((*_OFF_AND_ON, ("step", 0.3), ("kill",)), id="killed before that was written"),
        pytest.param((*_OFF_AND_ON, ("step", 0.6), ("kill",)), id="killed after that was written"),
        pytest.param(
            (("command", "siren", "off"), ("restart",), ("step", 1.0), ("restart",)),
            id="restarted in the rest that a start put on after another",
        ),
        pytest.param(
            (*_UNREADABLE, ("kill",), ("step", 3.0), ("command", "drain", "on"), ("step", 6.0)),
            id="unreadable from the start on, so its longest time on counts from there",
        ),
        pytest.param(
            (*_UNREADABLE, ("step", 5.0), ("reboot",), ("restart",), ("fail", "siren", LATE), ("reboot",)),
            id="unreadable, and off fails in a rest at the start",
        ),
        pytest.param(
            (*_UNREADABLE, ("step", 2.0), ("reboot",), ("step", 6.0), ("restart",), ("step", 5.0), ("kill",)),
            id="unreadable, on at the end, and off in a rest at the start",
        ),
        pytest.param(
            (("step", 5.0), *_UNREADABLE, ("kill",), ("step", 30.0), ("kill",)),
            id="its longest time on ends in a rest at the start",
        ),
        pytest.param(
            (("fail", "siren", SURPRISE), ("step", 8.0), *_UNREADABLE, ("mend_all",), ("kill",)),
            id="on for longer than its longest time, and off in a rest at the start",
        ),
    ],
)
def test_a_history_that_random_steps_seldom_find(steps: tuple[tuple[Any, ...], ...]) -> None:
    world = Steps.world = World.__new__(World)
    world.__init__(Steps.store)  # type: ignore[misc]
    for name, *arguments in steps:
        if name == "reboot":
            world.kill(reboot=True)
        else:
            getattr(world, name)(*arguments)
        world.check()
    world.settle()
    world.close()


#: Steps of two clients: ("meet", a command, a place, the other one's command, or the seconds that pass).
_TWO_CLIENTS = {
    "a ramp is turned before its last step to off": (
        *(("step", 5.0), ("meet", ("light", "on"), "before", ("fan", "value", 0.0))),
        *(("command", "light", "value", 0.0), ("hold", 0.05)),
        ("meet", ("tilt", "pulse", 0.5), "after", ("light", "on")),
    ),
    "a ramp is turned before its first step from off": (
        ("meet", ("light", "value", 0.0), "queued", ("light", "toggle")),
        *(("meet", ("motor", "pulse", 0.5), "after", 2.0), ("command", "light", "value", 0.0)),
    ),
    "the limit ends while the driver brings on what the start restores": (
        *(("step", 30.0), ("command", "fill", "value", 0.3)),
        *(("meet", ("lamp", "pulse", 0.5), "before", ("tilt", "off")), ("kill",)),
        *(("meet", ("heater", "pulse", 20.0), "queued", 1.9), ("hold", 1.0)),
        ("meet", ("pump", "pulse", 20.0), "before", 1.9),
    ),
    "off while its own resumption is under way": (
        *(("command", "siren", "pulse", 0.5), ("step", 0.6), ("kill",), ("hold", 1.0)),
        ("meet", ("gate", "pulse", 0.5), "before", ("siren", "off")),
    ),
    "a value, off before it has its effect, and on": (
        *(("meet", ("fan", "value", 0.3), "before", ("fan", "off")), ("command", "motor", "pulse", 20.0)),
        ("command", "fan", "toggle"),
    ),
    "a value, off before its turn, and on": (
        *(("meet", ("fan", "value", 0.3), "queued", ("fan", "off")), ("command", "fan", "toggle")),
    ),
    "a ramp to off is turned as its longest time on ends in the queue": (
        *(("command", "light", "value", 1.0), ("meet", ("heater", "toggle"), "before", ("horn", "off"))),
        ("meet", ("fill", "value", 1.0), "before", ("vent", "on")),
        ("meet", ("valve", "toggle"), "after", ("pump", "pulse", 20.0)),
        *(("command", "fill", "off"), ("command", "up", "off")),
        ("meet", ("tilt", "pulse", 20.0), "after", ("light", "pulse", 20.0)),
        *(("command", "light", "on"), ("meet", ("down", "off"), "after", ("gate", "pulse", 0.5))),
        *(("command", "fill", "value", 0.3), ("command", "gate", "off")),
    ),
    "an off that fails after another client's on": (
        *(("step", 6.0), ("command", "fill", "value", 0.0), ("stick", "memory", "after")),
        *(("meet", ("fill", "value", 0.0), "before", ("fill", "toggle")), ("mend_all",)),
    ),
    "the last process's limit, and a pulse before it was known to be off": (
        *(("meet", ("lamp", "pulse", 20.0), "after", 1.0), ("meet", ("fill", "on"), "queued", 0.01)),
        *(("step", 0.6), ("restart",), ("hold", 5.0), ("command", "fill", "pulse", 0.5)),
    ),
    "a command takes the place of an attempt that has its effect": (
        *(("hold", 5.0), ("step", 6.0), ("reboot",), ("hold", 30.0)),
        ("meet", ("fan", "on"), "after", ("siren", "pulse", 0.5)),
        *(("meet", ("light", "on"), "after", ("fill", "value", 0.0)), ("command", "lamp", "off")),
        *(("hold", 1.0), ("meet", ("horn", "pulse", 20.0), "queued", 1.9)),
    ),
}


@pytest.mark.usefixtures("exact")
@pytest.mark.parametrize("history", _TWO_CLIENTS)
def test_a_history_of_two_clients(history: str) -> None:
    Steps.store = Store("")
    world = Steps.world = World.__new__(World)
    world.__init__(Steps.store, held=True)  # type: ignore[misc]
    for name, *arguments in _TWO_CLIENTS[history]:
        if name == "meet":
            first, place, second = arguments
            if isinstance(second, float):
                world.meet(first, place, lambda seconds=second: world.hold(seconds))
            else:
                world.meet(first, place, lambda command=second: world.command(*command))
        elif name == "reboot":
            world.kill(reboot=True)
        else:
            getattr(world, name)(*arguments)
        world.check()
    world.settle()
    world.close()


@pytest.mark.slow
@pytest.mark.usefixtures("exact")
@pytest.mark.parametrize("machine", [Machine, HeldMachine])
def test_outputs_do_what_the_reference_allows(machine: type[Machine]) -> None:
    Steps.count = 0
    run_state_machine_as_test(
        machine,
        settings=settings(
            # Some worlds end before their last step.
            max_examples=max(STEPS // (LENGTH - 5), 1),
            stateful_step_count=LENGTH,
            deadline=None,
            database=None,
            print_blob=True,
            derandomize=not LONG,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate,),
        ),
    )
    print(f"{machine.__name__}: {Steps.count} steps")
