"""A device whose world a test changes: a program with a card, sensors and channels that refuse each other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.device.process import DeviceServer

#: A program with a card, sensors of its profile and of its own, and an address that changes them.
PROGRAM = """
from edgeweb import request
from edgeweb.device import create_app, device_of, start

app = create_app("greenhouse.toml")
shown = {"Window": "closed"}
app.blueprints["dashboard"].card("Greenhouse")(lambda: shown)
start(app)
tank = device_of(app).sensor("tank", unit="l", title="Rain water", low=100)
tank.set(640)


@app.post("/world")
def world() -> dict[str, object]:
    sent = request.get_json()
    shown.update(sent.get("card", {}))
    if "tank" in sent:
        tank.set(sent["tank"])
    if "fault" in sent:
        tank.fail(sent["fault"])
    return {}
"""

PROFILE = """
[sensors.soil]
kind = "file"
path = "soil"
title = "Soil"
unit = "%"
low = 25
[channels.pump]
driver = "memory"
mode = "output"
title = "Pump"
interlock = "water"
[channels.valve]
driver = "memory"
mode = "output"
title = "Valve"
interlock = "water"
[channels.lamp]
driver = "memory"
mode = "output"
title = "Lamp"
[channels.fan]
driver = "memory"
mode = "pwm"
title = "Fan"
"""


def serve(tmp_path: Path) -> Iterator[DeviceServer]:
    """Runs the program for a test: the body of its fixture."""
    folder = tmp_path / "server"
    folder.mkdir()
    (tmp_path / "greenhouse_program.py").write_text(PROGRAM)
    (folder / "soil").write_text("31.5")
    (folder / "greenhouse.toml").write_text(PROFILE.replace('"soil"\n', f'"{folder}/soil"\n'))
    server = DeviceServer(folder, "greenhouse_program:app", python_path=tmp_path)
    server.claim()
    yield server
    assert server.stop() == 0, server.log
    assert "Traceback" not in server.log
