"""The documentation of profiles says what the schema says, and its example is right."""

from __future__ import annotations

import re
from pathlib import Path

from edgeweb.device.channels.drivers import DRIVERS
from edgeweb.device.config.checks import REQUIRED, as_written, expectation
from edgeweb.device.config.errors import toml_text
from edgeweb.device.config.profile import load
from edgeweb.device.config.schema import KEYS
from tests.device.process import ROOT

README = (ROOT / "firmware_configs" / "README.md").read_text()


def test_every_key_is_documented() -> None:
    rows = []
    for row in KEYS:
        text = "required" if row.default is REQUIRED else f"`{toml_text(as_written(row.kind, row.default))}`"
        rows.append(f"| `{row.path}` | {expectation(row.kind, row.limits)} | {text} | {row.meaning} |")
    assert re.findall(r"^\| `[a-z].*$", README, re.M) == rows


def test_the_examples_are_drop_ins(tmp_path: Path) -> None:
    folder = tmp_path / "edgeweb.toml.d"
    folder.mkdir()
    for number, example in enumerate(re.findall(r"^```toml\n(.*?)^```$", README, re.M | re.S)):
        (folder / f"{number}.toml").write_text(example)
    profile = load("raspberry-pi-zero-2-w", system=str(tmp_path))
    assert list(profile["channels"]) == ["pump", "tank", "blind_up", "meter"]
    assert profile["channels"]["tank"]["inverted"] is True


def test_every_driver_is_documented() -> None:
    (table,) = re.findall(r"^\| driver .*\n.*\n((?:\|.*\n)+)", README, re.M)
    assert re.findall(r"^\| (\w+) \|", table, re.M) == list(DRIVERS)
