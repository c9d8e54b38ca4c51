"""An input that is held at the start: on pins of a fake kernel and in memory, with a clock that is moved."""

from __future__ import annotations

from _thread import LockType
from collections.abc import Callable
from typing import Any

import pytest

from edgeweb.device.channels import held
from edgeweb.device.channels.driver_calls import DEADLINE
from edgeweb.device.channels.drivers import DriverError, Level, Options, Report, gpio, memory
from edgeweb.device.channels.held import SECONDS, STEP, Held
from edgeweb.device.config.schema import defaults
from edgeweb.device.system.executor import Executor, Inline

from .drivers.fake_kernel import FakeKernel
from .drivers.pins import bcm2835


class Hand:
    """What holds an input: the clock, and what happens at which of its seconds."""

    def __init__(self, *events: tuple[float, Callable[[], object]]) -> None:
        self.now = 50.0
        self.begun = 0
        self._events = [(50.0 + seconds, call) for seconds, call in events]

    def clock(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds
        while self._events and self._events[0][0] <= self.now:
            self._events.pop(0)[1]()

    def begin(self) -> None:
        self.begun += 1

    def watch(self, executor: Executor | Inline | None = None, seconds: float = SECONDS, **row: Any) -> Held:
        options = defaults("channels.*", **{"driver": "memory", "mode": "input", **row})
        executor = executor or Inline()
        return held.watch("door", options, executor, self.clock, self.pause, seconds, self.begin)


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> FakeKernel:
    found = FakeKernel(bcm2835())
    real = gpio.Driver
    monkeypatch.setattr(gpio, "Driver", lambda: real(found))
    return found


@pytest.mark.parametrize(
    ("level", "released", "expected"),
    [
        (True, None, Held(True, True)),
        (True, 3.0, Held(True, False)),
        (True, SECONDS - STEP, Held(True, False)),
        (True, SECONDS + 1, Held(True, True)),
        (False, None, Held(False, False)),
    ],
)
@pytest.mark.parametrize("inverted", [False, True])
def test_a_pin(
    kernel: FakeKernel, level: bool, released: float | None, expected: Held, inverted: bool
) -> None:
    kernel.drive("gpiochip0", 17, level != inverted)
    events = [(released, lambda: kernel.drive("gpiochip0", 17, inverted))] if released else []
    hand = Hand(*events)
    assert hand.watch(driver="gpio", line="17", inverted=inverted) == expected
    assert hand.begun == expected.began
    assert hand.now <= 50.0 + SECONDS + STEP
    assert (kernel.opened, kernel.requests) == ({}, {}), "the channels take the pin after that"


def test_a_pin_that_fails_meanwhile(kernel: FakeKernel) -> None:
    kernel.drive("gpiochip0", 17, True)

    def fail() -> None:
        kernel.line("gpiochip0", 17).broken = 5

    found = Hand((4.0, fail)).watch(driver="gpio", line="17")
    assert (found.began, found.held) == (True, False)
    assert "line 17 does not answer" in found.fault


def test_a_pin_that_another_program_has(kernel: FakeKernel) -> None:
    kernel.line("gpiochip0", 17).used = True
    hand = Hand()
    found = hand.watch(driver="gpio", line="17")
    assert (found.began, found.held, hand.begun) == (False, False, 0)
    assert found.fault


class Pressed(memory.Driver):
    """A memory driver whose inputs are active at the start; the last one made is `made`."""

    made: Pressed

    def __init__(self) -> None:
        super().__init__()
        Pressed.made = self

    def attach(self, name: str, options: Options, level: Level | None, report: Report) -> Level:
        super().attach(name, options, level, report)
        self.feed(name, True)
        return True


@pytest.fixture
def pressed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "Driver", Pressed)


@pytest.mark.usefixtures("pressed")
def test_a_release_between_two_readings_counts() -> None:
    """The driver reports both edges, and the level is the same at both readings."""

    def let_go() -> None:
        Pressed.made.feed("door", False)
        Pressed.made.feed("door", True)

    assert Hand((5.0, let_go)).watch() == Held(True, False)


@pytest.mark.usefixtures("pressed")
def test_an_error_that_the_driver_reports_counts() -> None:
    def lose() -> None:
        Pressed.made._reports["door"]("door", DriverError("gone"))

    assert Hand((5.0, lose)).watch() == Held(True, False)


@pytest.mark.usefixtures("pressed")
def test_no_time_at_all() -> None:
    hand = Hand()
    assert hand.watch(seconds=0) == Held(True, True)
    assert hand.now == 50.0


class Impatient(Executor):
    """Threads for which nobody waits long; the seconds that were allowed are added up."""

    allowed = 0.0

    def wait(self, done: LockType, seconds: float) -> bool:
        found = super().wait(done, min(seconds, 0.5))
        if not found:
            self.allowed += seconds
        return found


@pytest.mark.usefixtures("pressed")
@pytest.mark.parametrize("fault", ["hang", "fail"])
def test_a_rehearsal_of_a_fault_is_not_held(fault: str) -> None:
    executor = Impatient()
    found = Hand().watch(executor, fault=fault)
    assert (found.held, found.fault != "") == (False, True)
    assert executor.allowed <= 4 * DEADLINE


@pytest.mark.parametrize("own", [False, True])
def test_a_driver_that_hangs_is_let_go_when_it_comes_back(monkeypatch: pytest.MonkeyPatch, own: bool) -> None:
    """Also where the input has a thread of its own, and the driver is closed on another one meanwhile."""
    import threading

    go_on, closed = threading.Event(), threading.Event()

    class Hanging(Pressed):
        def has_own_thread(self, options: Options) -> bool:
            return own

        def attach(self, name: str, options: Options, level: Level | None, report: Report) -> Level:
            assert go_on.wait(60)
            return super().attach(name, options, level, report)

        def close(self) -> None:
            super().close()
            if go_on.is_set():
                closed.set()

    monkeypatch.setattr(memory, "Driver", Hanging)
    executor = Impatient()
    assert Hand().watch(executor) == Held(False, False, "its driver did not answer")
    assert executor.allowed <= 4 * DEADLINE
    go_on.set()
    assert closed.wait(60), "the line is free for the channels"
