"""The README's profile and ACL, on a real broker: the device connects, and switches as it says there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .broker import README, Broker, Ear, block
from .conftest import MakeServer

CHANNELS = """
[channels.lamp]
driver = "memory"
mode = "output"
[channels.fan]
driver = "memory"
mode = "pwm"
"""


def commands() -> list[str]:
    """The payloads that the README's table has for a command."""
    (row,) = re.findall(r"^\| `channels/lamp/set` \| (.*?) \|", README, re.M)
    return re.findall(r"`(.*?)`", row)


@pytest.mark.slow
def test_the_profile_and_the_commands_of_the_readme(
    make_server: MakeServer, broker: Broker, ear: Ear, tmp_path: Path
) -> None:
    profile = block("toml", "[mqtt]")
    for before, after in (
        ('"homeassistant.local"', f'"127.0.0.1"\nport = {broker.port}\nid = "shed"'),
        ("/etc/edgeweb/mqtt-password", str(tmp_path / "password")),
    ):
        assert before in profile
        profile = profile.replace(before, after)
    server = make_server("", profile + CHANNELS)
    server.claim()
    ear.has("edgeweb/shed/channels/lamp/state", state="OFF")
    assert len(commands()) == 8
    for payload in commands():
        name = "fan" if "0.4" in payload else "lamp"
        ear.say(f"edgeweb/shed/channels/{name}/set", payload)
        if "PULSE" in payload or "ms" in payload:
            ear.has("edgeweb/shed/channels/lamp/state", busy=True)
            assert server.ask("POST", "/api/v1/channels/lamp/off?wait=1").status == 200
        elif name == "fan":
            ear.has("edgeweb/shed/channels/fan/state", value=0.4)
        ear.has("edgeweb/shed/channels/lamp/state", busy=False)
    assert "edgeweb/shed/errors" not in ear.last
    assert server.get("/api/v1/mqtt").json["id"] == "shed"
