from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.channels.drivers.memory import Driver
from edgeweb.device.config.profile import Profile
from edgeweb.device.device import Device
from edgeweb.device.http.current import attach
from edgeweb.device.metrics.catalogue import METRICS

from ..people import add_owner, device_of

STATE = "/api/v1/channels/lamp/state"


@pytest.fixture
def client(app: Flask) -> Any:
    return app.test_client()


def memory_of(app: Flask) -> Driver:
    driver = device_of(app).channels.driver("memory")
    assert isinstance(driver, Driver)
    return driver


def test_status(client: Any) -> None:
    answer = client.get("/api/v1/status")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    document = answer.json
    names = ["device", "sampled_at", "metrics", "channels", "sensors", "storage", "warnings"]
    assert list(document) == names
    assert document["device"]["profile"] == "test"
    assert list(document["metrics"]) == [name for name, *_ in METRICS]
    assert document["channels"]["lamp"].keys() == {"online", "state", "busy", "changed_at"}


def test_metrics_have_units(client: Any) -> None:
    rows = client.get("/api/v1/metrics").json["metrics"]
    assert {row["name"]: row["unit"] for row in rows} == {name: unit for name, unit, *_ in METRICS}


def test_channels_in_the_order_of_the_profile(client: Any) -> None:
    assert [channel["id"] for channel in client.get("/api/v1/channels").json["channels"]] == ["lamp", "door"]


def test_how_a_channel_is_shown(make_profile: Callable[..., Profile]) -> None:
    look = 'group = "Garden"\nicon = "lamp"\norder = 7\n'
    profile = make_profile(f'[channels.lamp]\ndriver = "memory"\nmode = "output"\n{look}')
    found = add_owner(create_app(profile)).test_client().get("/api/v1/channels/lamp").json
    assert (found["group"], found["icon"], found["order"]) == ("Garden", "lamp", 7)


def test_one_channel(client: Any) -> None:
    channel = client.get("/api/v1/channels/door").json
    assert channel.pop("changed_at").endswith("Z")
    assert channel == {
        "id": "door",
        "title": "door",
        "mode": "input",
        "driver": "memory",
        "online": True,
        "state": False,
        "busy": False,
        "on_count": 0,
    }


def test_switching_is_seen_everywhere_and_reaches_the_driver(client: Any, app: Flask) -> None:
    answer = client.put(STATE, json={"on": True})
    assert (answer.status_code, answer.json["state"]) == (200, True)
    assert client.get("/api/v1/channels/lamp").json == answer.json
    assert client.get("/api/v1/status").json["channels"]["lamp"]["state"] is True
    assert [(name, level) for _, name, level in memory_of(app).changes] == [("lamp", True)]


def test_switching_twice_does_no_harm(client: Any, app: Flask) -> None:
    first = client.put(STATE, json={"on": True}).json
    assert client.put(STATE, json={"on": True}).json == first
    assert len(memory_of(app).changes) == 1


def test_commands_for_the_command_line(client: Any) -> None:
    states = [
        client.post(f"/api/v1/channels/lamp/{word}").json["state"]
        for word in ("on", "toggle", "toggle", "off")
    ]
    assert states == [True, False, True, False]
    assert client.post("/api/v1/channels/lamp/explode").status_code == 404
    assert client.post("/api/v1/channels/door/on").json["key"] == "not-an-output"
    assert client.get("/api/v1/channels/lamp/on").status_code == 405, "no change by GET"


def test_a_pulse_and_waiting_for_its_end(client: Any, app: Flask) -> None:
    answer = client.post("/api/v1/channels/lamp/pulse", json={"ms": 2000})
    assert (answer.status_code, answer.json["state"], answer.json["busy"]) == (200, True, True)
    busy = client.post("/api/v1/channels/lamp/on")
    assert (busy.status_code, busy.json["key"]) == (409, "channel-busy")
    off = client.post("/api/v1/channels/lamp/off")
    assert (off.status_code, off.json["state"], off.json["busy"]) == (200, False, False), "off ends a pulse"
    answer = client.post("/api/v1/channels/lamp/pulse?wait=1", json={"ms": 50})
    assert (answer.json["state"], answer.json["busy"]) == (False, False)
    rows = client.get("/api/v1/audit").json["audit"]
    assert ("timer", "channel.pulse", "lamp", "off") in {
        (row["who"], row["action"], row["target"], row["result"]) for row in rows
    }


@pytest.mark.parametrize("ms", [0, 49, 60_001, 1.5, "500", None])
def test_the_length_of_a_pulse_is_bounded(client: Any, ms: Any) -> None:
    answer = client.post("/api/v1/channels/lamp/pulse", json={"ms": ms})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["detail"] == "expected a whole number from 50 to 60000"


def test_a_pulse_without_a_body_has_the_length_of_the_profile(client: Any, app: Flask) -> None:
    assert client.post("/api/v1/channels/lamp/pulse").status_code == 200
    device_of(app).audit.flush()
    assert device_of(app).store.read("SELECT result FROM audit WHERE action = 'channel.pulse'") == [
        ("500 ms",)
    ]


def test_pwm(make_profile: Any) -> None:
    toml = '[channels.fan]\ndriver = "memory"\nmode = "pwm"\ninverted = true\n'
    client = add_owner(create_app(make_profile(toml))).test_client()
    answer = client.put("/api/v1/channels/fan/value", json={"value": 0.25})
    assert (answer.json["state"], answer.json["value"], answer.json["mode"]) == (True, 0.25, "pwm")
    assert client.post("/api/v1/channels/fan/off").json["value"] == 0.0
    assert client.put("/api/v1/channels/fan/value", json={"value": 1.01}).status_code == 422
    assert client.get("/api/v1/status").json["channels"]["fan"]["value"] == 0.0


def test_on_and_off_have_no_value(client: Any) -> None:
    answer = client.put("/api/v1/channels/lamp/value", json={"value": 0.5})
    assert (answer.status_code, answer.json["key"]) == (409, "not-an-output")


def test_an_input_that_changes(client: Any, app: Flask) -> None:
    client.get("/api/v1/status")
    memory_of(app).feed("door", True)
    assert client.get("/api/v1/channels/door").json["state"] is True


@pytest.mark.parametrize(
    "path", ["/api/v1/status", "/api/v1/metrics", "/api/v1/channels", "/api/v1/channels/lamp"]
)
def test_304_while_nothing_changes(path: str, client: Any) -> None:
    first = client.get(path)
    tag = first.headers["ETag"]
    again = client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag
    assert client.get(path, headers={"If-None-Match": f"W/{tag}"}).status_code == 304
    assert client.get(path, headers={"If-None-Match": "*"}).status_code == 304
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200

    client.put(STATE, json={"on": True})
    changed = client.get(path, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_a_new_reading_is_a_new_tag_for_figures_only(client: Any, app: Flask) -> None:
    status, channels = (client.get(path).headers["ETag"] for path in ("/api/v1/status", "/api/v1/channels"))
    device_of(app).metrics._interval = 0.0
    assert client.get("/api/v1/status", headers={"If-None-Match": status}).status_code == 200
    assert client.get("/api/v1/channels", headers={"If-None-Match": channels}).status_code == 304


def test_a_tag_of_the_last_process_does_not_match(app: Flask, client: Any) -> None:
    tag = client.get("/api/v1/channels").headers["ETag"]
    attach(app, Device(device_of(app).profile))
    assert client.get("/api/v1/channels", headers={"If-None-Match": tag}).status_code == 200


def test_head_and_options(client: Any) -> None:
    head = client.head("/api/v1/channels")
    assert (head.status_code, head.data) == (200, b"")
    options = client.options(STATE)
    assert options.status_code == 200
    assert set(options.headers["Allow"].split(", ")) == {"PUT", "OPTIONS"}


def test_livez(client: Any) -> None:
    answer = client.get("/livez")
    assert (answer.status_code, answer.text, answer.headers["Cache-Control"]) == (200, "ok\n", "no-store")


def test_a_button_is_only_pulsed(make_profile: Any) -> None:
    toml = '[channels.gate]\ndriver = "memory"\nmode = "button"\ntitle = "Gate"\n'
    client = add_owner(create_app(make_profile(toml))).test_client()
    for path in ("on", "toggle"):
        answer = client.post(f"/api/v1/channels/gate/{path}")
        assert (answer.status_code, answer.json["key"]) == (409, "not-an-output")
        assert answer.json["detail"] == '"Gate" is a button: it can be pulsed, not switched on.'
    assert client.put("/api/v1/channels/gate/state", json={"on": True}).status_code == 409
    assert client.put("/api/v1/channels/gate/value", json={"value": 1}).status_code == 409
    pulsed = client.post("/api/v1/channels/gate/pulse", json={"ms": 2000}).json
    assert (pulsed["mode"], pulsed["state"], pulsed["busy"]) == ("button", True, True)
    assert client.post("/api/v1/channels/gate/off").json["state"] is False, "but it can be ended"
    schedule = {"channel": "gate", "action": "on", "kind": "daily", "at": "07:00"}
    refused = client.put("/api/v1/schedules/morning", json=schedule, headers={"If-None-Match": "*"})
    assert refused.status_code == 422 and "off, pulse" in refused.json["errors"][0]["detail"]


@pytest.mark.slow
def test_a_slow_driver_is_not_waited_for(make_profile: Callable[..., Profile]) -> None:
    """A rehearsal's driver takes a second for a switch. 202 names a change that is under way."""
    lamp = '[channels.lamp]\ndriver = "memory"\nmode = "output"\nfault = "slow"\n'
    app = add_owner(create_app(make_profile(lamp)))
    device_of(app).channels.patience = 0.1
    client = app.test_client()
    try:
        answer = client.put(STATE, json={"on": True})
        assert (answer.status_code, answer.json["state"], answer.json["busy"]) == (202, False, True)
        assert client.put(STATE, json={"on": True}).json["type"].endswith("channel-busy")
        device_of(app).wait(device_of(app).channels["lamp"])
        answer = client.put(STATE + "?wait=1", json={"on": False})
        assert (answer.status_code, answer.json["state"], answer.json["busy"]) == (200, False, False)
    finally:
        device_of(app).close()
