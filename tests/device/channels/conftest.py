"""For the tests of channels."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from edgeweb.device.channels import driver_calls as driver_calls_module

from .fragile import Fragile


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
