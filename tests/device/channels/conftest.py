"""For the tests of channels."""

from __future__ import annotations

import pytest

from edgeweb.device.channels import machine as machine_module

from .fragile import Fragile


@pytest.fixture
def fragile(monkeypatch: pytest.MonkeyPatch) -> Fragile:
    driver = Fragile()
    monkeypatch.setattr(machine_module, "make_driver", lambda name: driver)
    return driver
