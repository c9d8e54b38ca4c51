"""For the tests of channels."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from edgeweb.device.channels import driver_calls as driver_calls_module
from edgeweb.device.channels.drivers.memory import Driver as MemoryDriver

from .fragile import Fragile
from .hanging import Slow


@pytest.fixture
def fragile(monkeypatch: pytest.MonkeyPatch) -> Fragile:
    driver = Fragile()
    monkeypatch.setattr(driver_calls_module, "make_driver", lambda name: driver)
    return driver


@pytest.fixture(autouse=True)
def timers_raise_nothing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fails a test in which the call of a timer raises, which the device only logs."""
    raised: list[object] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: raised.append(error))
    yield
    assert raised == []


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    """The driver `slow` of the controllers of a test; every other one is the memory's."""
    driver = Slow()
    monkeypatch.setattr(
        driver_calls_module, "make_driver", lambda name: driver if name == "slow" else MemoryDriver()
    )
    yield driver
    driver.go_on.set()
