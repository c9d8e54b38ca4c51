"""For the tests of channels."""

from __future__ import annotations

import pytest

from edgeweb.device.channels import driver_calls as driver_calls_module

from .fragile import Fragile


@pytest.fixture
def fragile(monkeypatch: pytest.MonkeyPatch) -> Fragile:
    driver = Fragile()
    monkeypatch.setattr(driver_calls_module, "make_driver", lambda name: driver)
    return driver
