"""A real server and a real broker: states, commands and the last will."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .broker import Broker, Ear
from .conftest import MakeServer

ROOT = "edgeweb/shed"
LAMP = f"{ROOT}/channels/lamp"


@pytest.mark.slow
def test_a_killed_server_is_offline_and_one_that_ends_says_so(make_server: MakeServer, ear: Ear) -> None:
    server = make_server()
    ear.says(f"{ROOT}/availability", "online")
    server.process.kill()
    server.process.wait()
    ear.says(f"{ROOT}/availability", "offline")
    server = make_server()
    ear.says(f"{ROOT}/availability", "online")
    assert server.stop() == 0
    ear.says(f"{ROOT}/availability", "offline")


@pytest.mark.slow
def test_states_are_published_when_they_change(make_server: MakeServer, ear: Ear, tmp_path: Path) -> None:
    server = make_server()
    server.claim()
    ear.has(f"{LAMP}/state", state="OFF", online=True, busy=False)
    ear.has(f"{ROOT}/channels/fan/state", state="OFF", value=0.0)
    ear.has(f"{ROOT}/channels/door/state", on_count=0)
    ear.has(f"{ROOT}/sensors/soil/state", value=21.5, level="ok")
    figures = ear.has(f"{ROOT}/figures")
    assert figures["memory_total_bytes"] > 0
    server.put_json("/api/v1/channels/lamp/state", {"on": True})
    ear.has(f"{LAMP}/state", state="ON")
    (tmp_path / "soil").write_text("19")
    ear.has(f"{ROOT}/sensors/soil/state", value=19.0)
    ear.has(f"{ROOT}/warnings", problem="OFF")
    (tmp_path / "soil").unlink()
    assert ear.has(f"{ROOT}/warnings", problem="ON")["warnings"][0]["source"] == "sensor soil"
    ear.until(lambda: any(one["event"] == "warning" for one in ear.events(f"{ROOT}/events")))
    (tmp_path / "soil").write_text("20")
    ear.has(f"{ROOT}/warnings", problem="OFF", warnings=[])
    ear.until(lambda: any(one["event"] == "warning-ended" for one in ear.events(f"{ROOT}/events")))


@pytest.mark.slow
def test_everything_is_published_again_by_the_interval(make_server: MakeServer, ear: Ear) -> None:
    make_server('interval = "1 s"')
    ear.until(lambda: sum(topic == f"{LAMP}/state" for topic, _ in ear.all) >= 4)


@pytest.mark.slow
def test_an_operator_switches_as_by_http(make_server: MakeServer, ear: Ear) -> None:
    server = make_server('role = "operator"')
    server.claim()
    ear.has(f"{LAMP}/state", state="OFF")
    for payload, state in (("ON", "ON"), ("OFF", "OFF"), ('{"on": true}', "ON"), ("toggle", "OFF")):
        ear.say(f"{LAMP}/set", payload)
        ear.has(f"{LAMP}/state", state=state)
    ear.say(f"{ROOT}/channels/fan/set", "0.4")
    ear.has(f"{ROOT}/channels/fan/state", state="ON", value=0.4)
    ear.say(f"{ROOT}/channels/gate/set", "PULSE 300")
    ear.has(f"{ROOT}/channels/gate/state", state="ON", busy=True)
    ear.has(f"{ROOT}/channels/gate/state", state="OFF", busy=False)
    rows = server.get("/api/v1/audit").json["audit"]
    ours = [(row["action"], row["target"], row["result"]) for row in rows if row["who"] == "mqtt"]
    assert ours[-1] == ("channel.set", "lamp", "on")
    assert ("channel.value", "fan", "0.4") in ours and ("channel.pulse", "gate", "300 ms") in ours


@pytest.mark.slow
def test_without_a_role_nothing_is_switched(make_server: MakeServer, ear: Ear) -> None:
    server = make_server()
    server.claim()
    ear.has(f"{LAMP}/state", state="OFF")
    ear.say(f"{LAMP}/set", "ON")
    error = ear.has(f"{ROOT}/errors", error="forbidden")
    assert 'role = "operator"' in error["detail"] and error["command"] == "ON"
    assert server.get("/api/v1/channels/lamp").json["state"] is False
    rows = server.get("/api/v1/audit").json["audit"]
    assert [(row["target"], row["result"]) for row in rows if row["who"] == "mqtt"] == [("lamp", "refused")]


@pytest.mark.slow
def test_what_is_no_command_is_answered(make_server: MakeServer, ear: Ear) -> None:
    make_server('role = "operator"')
    ear.has(f"{LAMP}/state", state="OFF")
    for topic, payload, error in (
        (f"{LAMP}/set", "SING", "invalid-command"),
        (f"{LAMP}/set", "0.4", "invalid-command"),
        (f"{ROOT}/channels/fan/set", "1.5", "invalid-command"),
        (f"{ROOT}/channels/door/set", "ON", "not-an-output"),
        (f"{ROOT}/channels/moon/set", "ON", "unknown-channel"),
    ):
        ear.say(topic, payload)
        ear.has(f"{ROOT}/errors", error=error, topic=topic, command=payload)
    ear.has(f"{LAMP}/state", state="OFF")


@pytest.mark.slow
def test_a_retained_command_is_not_run(make_server: MakeServer, ear: Ear) -> None:
    ear.say(f"{LAMP}/set", "ON", retain=True)
    server = make_server('role = "operator"')
    server.claim()
    ear.has(f"{ROOT}/errors", error="retained-command", command="ON")
    assert server.get("/api/v1/channels/lamp").json["state"] is False
    ear.say(f"{LAMP}/set", "", retain=True)


@pytest.mark.slow
def test_the_audit_log_is_published_where_it_is_asked_for(make_server: MakeServer, ear: Ear) -> None:
    server = make_server('role = "operator"\naudit = true')
    server.claim()
    ear.has(f"{LAMP}/state", state="OFF")
    ear.say(f"{LAMP}/set", "ON")

    def switched() -> bool:
        audits = [one for one in ear.events(f"{ROOT}/events") if one["event"] == "audit"]
        return any(one["who"] == "mqtt" and one["target"] == "lamp" for one in audits)

    server.get("/api/v1/audit")  # writes the rows that are gathered
    ear.until(switched)


@pytest.mark.slow
def test_the_password_is_shown_nowhere(make_server: MakeServer, ear: Ear, broker: Broker) -> None:
    from .broker import PASSWORD

    server = make_server()
    server.claim()
    ear.says(f"{ROOT}/availability", "online")
    seen = [server.log, json.dumps(ear.all)]
    seen += [server.get(f"/api/v1/{path}").text for path in ("mqtt", "settings", "status", "audit")]
    assert not any(PASSWORD in text for text in seen)


@pytest.mark.slow
def test_a_channel_that_comes_and_goes_does_so_at_the_broker(make_server: MakeServer, ear: Ear) -> None:
    server = make_server('role = "operator"')
    server.claim()
    config = "homeassistant/device/shed/config"
    ear.has(f"{LAMP}/state", state="OFF")
    pump = {"id": "pump", "driver": "memory", "mode": "output", "title": "Pump"}
    assert server.post_json("/api/v1/channels", pump).status == 201
    ear.has(f"{ROOT}/channels/pump/state", state="OFF")
    key = "switch_channel_pump"
    ear.until(lambda: json.loads(ear.last[config])["components"].get(key, {}).get("name") == "Pump")
    ear.say(f"{ROOT}/channels/pump/set", "ON")
    ear.has(f"{ROOT}/channels/pump/state", state="ON")
    assert server.ask("DELETE", "/api/v1/channels/pump").status == 204
    ear.until(lambda: json.loads(ear.last[config])["components"].get(key) == {"platform": "switch"})
    ear.says(f"{ROOT}/channels/pump/state", "")
    ear.say(f"{ROOT}/channels/pump/set", "ON")
    ear.has(f"{ROOT}/errors", error="unknown-channel")


@pytest.mark.slow
def test_home_assistant_is_shown_the_device_again_when_it_starts(make_server: MakeServer, ear: Ear) -> None:
    make_server()
    config = "homeassistant/device/shed/config"
    ear.until(lambda: config in ear.last)
    ear.has(f"{ROOT}/figures")
    heard = sum(topic == config for topic, _ in ear.all)
    ear.say("homeassistant/status", "online")
    ear.until(lambda: sum(topic == config for topic, _ in ear.all) > heard)
