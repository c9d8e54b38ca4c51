"""The documentation of profiles says what the schema says, and its example is right."""

from __future__ import annotations

import re
from pathlib import Path

from edgeweb.device.channels.drivers import DRIVERS
from edgeweb.device.config.profile import load
from edgeweb.device.config.schema import KEYS, driver_rows, kind_rows
from edgeweb.device.sensors.kinds import KINDS
from scripts import profile_tables
from tests.device.process import ROOT

README = (ROOT / "firmware_configs" / "README.md").read_text()


def test_every_driver_and_every_key_is_documented() -> None:
    assert profile_tables.with_tables(README) == README, "run scripts/profile_tables.py"
    paths = [row.path for row in KEYS]
    assert re.findall(r"^\| `([a-z].*?)`", README, re.M) == paths
    rows = [(driver, row.path) for driver in DRIVERS for row in driver_rows(driver)]
    assert re.findall(r"^\| (\w+) \| `(channels\..*?)`", README, re.M) == rows
    rows = [(kind, row.path) for kind in KINDS for row in kind_rows(kind)]
    assert re.findall(r"^\| (\w+) \| `(sensors\..*?)`", README, re.M) == rows


def test_the_examples_are_drop_ins(tmp_path: Path) -> None:
    folder = tmp_path / "edgeweb.toml.d"
    folder.mkdir()
    for number, example in enumerate(re.findall(r"^```toml\n(.*?)^```$", README, re.M | re.S)):
        (folder / f"{number}.toml").write_text(example)
    profile = load("raspberry-pi-zero-2-w", system=str(tmp_path))
    assert list(profile["channels"]) == ["pump", "tank", "blind_up", "meter"]
    assert profile["channels"]["tank"]["inverted"] is True
    assert list(profile.things("sensors")) == ["soil", "boiler"]
