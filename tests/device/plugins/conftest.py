"""A folder for packages of the test's own, and registers that know no other's."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgeweb.device.channels import outside as drivers
from edgeweb.device.channels.drivers import DRIVERS
from edgeweb.device.sensors import outside as kinds
from edgeweb.device.sensors.kinds import KINDS


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of `sys.path`; what is imported from it, and what is known of it, ends with the test."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    made = drivers.OutsideDrivers("edgeweb.channel_drivers", DRIVERS, drivers.OutsideDriverModule)
    monkeypatch.setattr(drivers, "OUTSIDE", made)
    others = kinds.OutsideKinds("edgeweb.sensor_kinds", [*KINDS, "program"], kinds.OutsideKindModule)
    monkeypatch.setattr(kinds, "OUTSIDE", others)
    yield folder
    for path in folder.glob("*.py"):
        sys.modules.pop(path.stem, None)
