"""The documentation of profiles says what the schema says, and its example is right."""

from __future__ import annotations

import re
from pathlib import Path

from edgeweb.device.faults import toml_text
from edgeweb.device.profile import load
from edgeweb.device.schema import KEYS, REQUIRED, expectation, size_text

README = (Path(__file__).parent.parent.parent / "firmware_configs" / "README.md").read_text()


def test_every_key_is_documented() -> None:
    rows = []
    for path, kind, limits, default, meaning in KEYS:
        shown = toml_text(size_text(default) if kind == "size" and default is not REQUIRED else default)
        text = "required" if default is REQUIRED else f"`{shown}`"
        rows.append(f"| `{path}` | {expectation(kind, limits)} | {text} | {meaning} |")
    assert re.findall(r"^\| `[a-z].*$", README, re.M) == rows


def test_the_example_is_a_drop_in(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```toml\n(.*?)^```$", README, re.M | re.S)
    folder = tmp_path / "edgeweb.toml.d"
    folder.mkdir()
    (folder / "channels.toml").write_text(example)
    profile = load("raspberry-pi-zero-2-w", system=str(tmp_path))
    assert list(profile["channels"]) == ["pump", "tank"]
    assert profile["channels"]["tank"]["inverted"] is True
