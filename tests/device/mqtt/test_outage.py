"""A broker that is killed, or hangs: control goes on, memory is bounded, and all is right after."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest

from edgeweb.device.mqtt.outbox import MAX_EVENTS

from ..process import DeviceServer
from .broker import PATIENCE, Broker, Ear
from .conftest import PROFILE, MakeServer

pytestmark = pytest.mark.slow

ROOT = "edgeweb/shed"
OPERATOR = 'role = "operator"'

#: Switches during an outage: as many as a day of a busy house has.
SWITCHES = 400


def switch(server: DeviceServer, name: str, on: bool) -> None:
    answer = server.put_json(f"/api/v1/channels/{name}/state", {"on": on})
    assert answer.status == 200, answer.text


def memory(server: DeviceServer) -> int:
    """Bytes of the process that are its own."""
    for line in Path(f"/proc/{server.process.pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Private_Dirty:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no Private_Dirty")


def until_link(server: DeviceServer, *states: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while (found := server.get("/api/v1/mqtt").json)["state"] not in states:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


def switch_much(server: DeviceServer) -> None:
    """Switch the lamp until it is on, and the fan once."""
    for number in range(SWITCHES):
        switch(server, "lamp", number % 2 == 0)
    switch(server, "lamp", True)
    answer = server.put_json("/api/v1/channels/fan/value", {"value": 0.25})
    assert answer.status == 200, answer.text


def test_a_killed_broker_finds_every_state_right(make_server: MakeServer, broker: Broker, ear: Ear) -> None:
    server = make_server(OPERATOR)
    server.claim()
    ear.has(f"{ROOT}/channels/lamp/state", state="OFF")
    switch_much(server)
    switch(server, "lamp", False)
    before = memory(server)
    broker.kill()
    until_link(server, "waiting", "connecting")
    switch_much(server)
    assert server.get("/api/v1/mqtt").json["waiting"] <= MAX_EVENTS
    # 0.5 MB; an allocator takes some of it for what is gone by then
    assert memory(server) - before < 512 * 1024
    ear.last.clear()
    broker.start()
    ear.has(f"{ROOT}/channels/lamp/state", state="ON")
    ear.has(f"{ROOT}/channels/fan/state", value=0.25)
    ear.has(f"{ROOT}/sensors/soil/state", value=21.5)
    ear.says(f"{ROOT}/availability", "online")
    assert ear.has("homeassistant/device/shed/config")["components"]
    until_link(server, "connected")
    assert "connected to" in server.log


def test_a_broker_that_hangs_stops_nothing(make_server: MakeServer, broker: Broker, ear: Ear) -> None:
    server = make_server(OPERATOR)
    server.claim()
    ear.has(f"{ROOT}/channels/lamp/state", state="OFF")
    switch_much(server)
    switch(server, "lamp", False)
    ear.has(f"{ROOT}/channels/lamp/state", state="OFF")
    before = memory(server)
    broker.send(signal.SIGSTOP)
    try:
        switch_much(server)
        # the states of two channels, and what the window does not hold
        assert server.get("/api/v1/mqtt").json["waiting"] <= MAX_EVENTS
        assert memory(server) - before < 512 * 1024
    finally:
        broker.send(signal.SIGCONT)
    ear.has(f"{ROOT}/channels/lamp/state", state="ON")
    ear.has(f"{ROOT}/channels/fan/state", value=0.25)


def test_a_command_before_an_outage_is_not_run_after_it(
    make_server: MakeServer, broker: Broker, ear: Ear
) -> None:
    server = make_server(OPERATOR)
    server.claim()
    ear.has(f"{ROOT}/channels/lamp/state", state="OFF")
    server.process.send_signal(signal.SIGSTOP)
    ear.say(f"{ROOT}/channels/lamp/set", "TOGGLE")
    broker.kill()
    broker.start()
    heard = len(ear.all)
    server.process.send_signal(signal.SIGCONT)
    # The new broker has it from the new connection, which has subscribed before.
    ear.until(lambda: (f"{ROOT}/availability", "online") in ear.all[heard:])
    ear.say(f"{ROOT}/channels/fan/set", "0.5")
    ear.has(f"{ROOT}/channels/fan/state", value=0.5)
    rows = server.get("/api/v1/audit").json["audit"]
    assert sum(row["target"] == "lamp" and row["who"] == "mqtt" for row in rows) <= 1


def test_a_server_ends_with_a_hung_broker(make_server: MakeServer, broker: Broker, ear: Ear) -> None:
    profile = PROFILE.replace('title = "Lamp"', 'at_exit = "off"')
    server = make_server(OPERATOR, profile)
    ear.says(f"{ROOT}/availability", "online")
    broker.send(signal.SIGSTOP)
    try:
        assert server.stop() == 0, server.log
    finally:
        broker.send(signal.SIGCONT)
    ear.says(f"{ROOT}/availability", "offline")


def test_the_end_leaves_the_hardware_as_the_profile_has_it(
    make_server: MakeServer, ear: Ear, tmp_path: Path
) -> None:
    calls = tmp_path / "calls"
    lamp = '[channels.lamp]\ndriver = "command"\nmode = "output"\nat_start = "on"\nat_exit = "off"\n'
    for word in ("on", "off"):
        lamp += f'{word} = ["/bin/sh", "-c", "echo {word} >> {calls}"]\n'
    server = make_server(OPERATOR, PROFILE.partition("[channels.lamp]")[0] + lamp)
    ear.has(f"{ROOT}/channels/lamp/state", state="ON")
    assert server.stop() == 0, server.log
    assert calls.read_text().split() == ["on", "off"]
    ear.says(f"{ROOT}/availability", "offline")
    assert json.loads(ear.last[f"{ROOT}/channels/lamp/state"])["state"] == "OFF"


def test_events_that_are_too_many_are_counted(make_server: MakeServer, broker: Broker, ear: Ear) -> None:
    server = make_server(f"{OPERATOR}\naudit = true")
    server.claim()
    ear.says(f"{ROOT}/availability", "online")
    broker.kill()
    until_link(server, "waiting", "connecting")
    switch_much(server)
    server.get("/api/v1/audit")
    deadline = time.monotonic() + PATIENCE
    while (found := server.get("/api/v1/mqtt").json)["lost_events"] < SWITCHES - MAX_EVENTS:
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    assert found["waiting"] == MAX_EVENTS
    # The device must not be back before who listens.
    before, heard = ear.subscriptions, len(ear.all)
    server.process.send_signal(signal.SIGSTOP)
    try:
        broker.start()
        ear.until(lambda: ear.subscriptions > before)
    finally:
        server.process.send_signal(signal.SIGCONT)
    # The newest are kept: the last of them is that of the fan.
    ear.until(lambda: '"target":"fan"' in ear.last.get(f"{ROOT}/events", "").replace(" ", ""))
    assert sum(topic == f"{ROOT}/events" for topic, _ in ear.all[heard:]) >= MAX_EVENTS


def test_two_devices_of_the_same_id_are_named(
    make_server: MakeServer, broker: Broker, ear: Ear, tmp_path: Path
) -> None:
    first = make_server()
    first.claim()
    ear.says(f"{ROOT}/availability", "online")
    second = DeviceServer(tmp_path / "other", "--profile", str(tmp_path / "garden.toml"))
    try:
        deadline = time.monotonic() + PATIENCE
        while "each device has an mqtt.id of its own" not in first.log + second.log:
            assert time.monotonic() < deadline, first.log + second.log
            time.sleep(0.1)
    finally:
        assert second.stop() == 0


def test_a_wrong_password_is_named(make_server: MakeServer, broker: Broker, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("wrong")
    server = make_server()
    deadline = time.monotonic() + PATIENCE
    while "check mqtt.user, mqtt.password_file" not in server.log:
        assert time.monotonic() < deadline, server.log
        time.sleep(0.1)
