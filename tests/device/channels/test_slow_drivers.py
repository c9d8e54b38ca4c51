"""The longest time on of an output whose driver takes a second: it counts from when the driver was asked."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

import pytest

from edgeweb.device.channels import driver_calls as driver_calls_module
from edgeweb.device.channels.drivers import Level, Options, Report
from edgeweb.device.channels.drivers.memory import SLOW, Driver

from .rig import Rig


class Passing(Event):
    """An event whose waits end after all their time, which passes at once."""

    def __init__(self, passes: Callable[[float], object]) -> None:
        super().__init__()
        self.passes = passes

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.passes(timeout)
        return self.is_set()


class Recorded(Driver):
    """The memory driver, with a rig's clock, and its changes with the moments of that."""

    __slots__ = ("now", "passes", "seconds", "switched")

    def __init__(self, now: Callable[[], float], passes: Callable[[float], object]) -> None:
        super().__init__()
        self.now = now
        self._closed = Passing(passes)
        self.passes = passes
        #: What `attach` takes.
        self.seconds = 0.0
        self.switched: list[tuple[float, object]] = []

    def attach(self, name: str, options: Options, level: Level | None, report: Report) -> Level:
        self.passes(self.seconds)
        return super().attach(name, options, level, report)

    def _set(self, name: str, level: Level) -> None:
        super()._set(name, level)
        self.switched.append((self.now(), level))


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Rig, Recorded]]:
    def make(attach: float = 0.0, **options: object) -> tuple[Rig, Recorded]:
        rig = Rig(x={"fault": "slow", **options})

        def passes(seconds: float) -> None:
            rig.now += seconds

        driver = Recorded(lambda: rig.now, passes)
        driver.seconds = attach
        monkeypatch.setattr(driver_calls_module, "make_driver", lambda name: driver)
        rig.controller.open()
        driver.switched.clear()
        return rig, driver

    return make


Slow = Callable[..., tuple[Rig, Recorded]]


def test_the_longest_time_on_counts_from_when_the_driver_was_asked(slow: Slow) -> None:
    rig, driver = slow(max_on=5.0)
    rig.controller.set("x", True)
    assert rig.now == 100.0 + SLOW
    assert rig.controller["x"].off_at == 105.0, "it may have been on for all the driver's time"
    rig.step(105.0 - rig.now - 0.01)
    assert rig.state() is True
    rig.step(0.01)
    assert driver.switched == [(101.0, True), (105.0 + SLOW, False)], "asked at 105, on the same thread"
    assert rig.happened == [("x", "channel.max_on", "off")]


def test_a_driver_that_is_slower_than_the_longest_time_on_is_asked_again_at_once(slow: Slow) -> None:
    rig, driver = slow(max_on=SLOW / 2)
    rig.controller.set("x", True)
    rig.step(0)
    assert driver.switched == [(100.0 + SLOW, True), (100.0 + 2 * SLOW, False)]
    assert rig.state() is False


def test_on_again_does_not_begin_the_longest_time_on_of_a_slow_driver(slow: Slow) -> None:
    rig, _ = slow(max_on=5.0)
    rig.controller.set("x", True)
    rig.controller.set("x", True)
    assert (rig.now, rig.controller["x"].off_at) == (102.0, 105.0)


def test_the_longest_time_on_counts_from_when_hardware_was_asked_at_the_start(slow: Slow) -> None:
    """What takes hold of the hardware may be slow as well."""
    rig, _ = slow(max_on=5.0, at_start="on", attach=1.5)
    assert rig.now == 101.5
    assert rig.controller["x"].off_at == 105.0
