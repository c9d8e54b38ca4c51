"""A device with everything that a page can show, and with names that somebody hostile has chosen."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.device.process import DeviceServer

HOSTILE = '"><img src=x onerror=alert(1)>'

PROFILE = f"""
[dashboard]
title = 'Greenhouse'
[board]
model = 'A board with a {HOSTILE}'
[sensors]
interval = 0.5
[history]
interval = 1
length = 120
[system]
services = ["nginx.service", "mosquitto.service"]
[channels.pump]
driver = "memory"
mode = "output"
title = "Pump"
interlock = "water"
max_on = 600
[channels.valve]
driver = "memory"
mode = "output"
title = "Valve"
interlock = "water"
[channels.fan]
driver = "memory"
mode = "pwm"
title = "Fan"
[channels.gate]
driver = "memory"
mode = "button"
title = "Gate"
[channels.window]
driver = "memory"
mode = "input"
title = '{HOSTILE}'
[channels.heater]
driver = "led"
mode = "output"
line = "no-such-led"
title = "Heater"
"""

#: What systemd says of the services.
UNITS = f"""Id=nginx.service
Description=A web server {HOSTILE}
LoadState=loaded
ActiveState=active
SubState=running

Id=mosquitto.service
Description=A broker
LoadState=loaded
ActiveState=failed
SubState=failed
"""

LINES = [
    ("6", "Started nginx.service - A web server."),
    ("6", "127.0.0.1 - - GET / HTTP/1.1 200"),
    ("4", "client sent a header that is too large"),
    ("3", "open() /srv/missing failed (2: No such file or directory)"),
    ("6", HOSTILE),
]


def furnish(folder: Path) -> DeviceServer:
    """Starts the server, with stand-ins for the programs of systemd and some life in its state."""
    folder.mkdir(exist_ok=True)
    programs = folder / "programs"
    programs.mkdir()
    rows = [
        {"__REALTIME_TIMESTAMP": str(1_795_240_000_000_000 + at), "PRIORITY": priority, "MESSAGE": text}
        for at, (priority, text) in enumerate(LINES)
    ]
    (folder / "journal").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "units").write_text(UNITS)
    for name, file in {"systemctl": "units", "journalctl": "journal"}.items():
        (programs / name).write_text(f"#!/bin/sh\nexec cat '{folder}/{file}'\n")
        (programs / name).chmod(0o755)
    profile = folder / "greenhouse.toml"
    profile.write_text(PROFILE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
        server = DeviceServer(folder, "--profile", str(profile))
    server.claim()
    server.put_json("/api/v1/channels/pump/state", {"on": True})
    server.put_json("/api/v1/channels/fan/value", {"value": 0.4})
    server.post_json("/api/v1/users", {"name": "vera", "password": "correct horse battery", "role": "viewer"})
    server.post_json("/api/v1/tokens", {"note": HOSTILE, "role": "operator"})
    server.post_json("/api/v1/session", {"name": HOSTILE, "password": "wrong password"})
    server.ask(
        "POST",
        "/api/v1/session",
        json.dumps({"name": "owner", "password": "correct horse battery"}),
        {"Content-Type": "application/json", "User-Agent": HOSTILE},
    )
    schedule = {"title": HOSTILE, "channel": "pump", "action": "pulse", "pulse_ms": 2000, "kind": "daily"}
    server.put_json("/api/v1/schedules/morning", {**schedule, "at": "07:30", "days": ["mon", "sat"]})
    server.put_json(
        "/api/v1/schedules/air", {"channel": "fan", "action": "off", "kind": "interval", "every": 900}
    )
    return server
