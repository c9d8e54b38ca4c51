"""Schedules as the API has them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.device.schedules.schedule import Schedule

from ..people import add_user, client_of, device_of
from ..process import DeviceServer

SPAN = {"channel": "lamp", "action": "on", "kind": "span", "at": "07:00", "until": "08:30"}
DAILY = {"channel": "lamp", "action": "on", "kind": "daily", "at": "07:00", "days": ["mon", "fri"]}


def test_from_the_first_definition_to_the_last(app: Flask) -> None:
    client = app.test_client()
    empty = client.get("/api/v1/schedules")
    assert empty.json["schedules"] == []
    assert isinstance(empty.json["waiting"], bool)

    made = client.put("/api/v1/schedules/morning", json={**DAILY, "title": "Morning"})
    assert made.status_code == 201
    assert made.json | {"next_at": None} == {
        "name": "morning",
        "title": "Morning",
        "channel": "lamp",
        "action": "on",
        "pulse_ms": None,
        "value": None,
        "kind": "daily",
        "at": "07:00",
        "offset_minutes": None,
        "until": None,
        "until_offset_minutes": None,
        "days": ["mon", "fri"],
        "every": None,
        "enabled": True,
        "next_at": None,
        "last_at": None,
        "last_result": "",
    }
    assert client.put("/api/v1/schedules/morning", json={**DAILY, "enabled": False}).status_code == 200
    (row,) = client.get("/api/v1/schedules").json["schedules"]
    assert (row["title"], row["enabled"], row["next_at"]) == ("morning", False, None)
    assert client.get("/api/v1/schedules/morning").json == row
    assert client.delete("/api/v1/schedules/morning").status_code == 204
    for method in ("GET", "DELETE"):
        assert client.open("/api/v1/schedules/morning", method=method).status_code == 404


def test_polling(app: Flask) -> None:
    client = app.test_client()
    tag = client.get("/api/v1/schedules").headers["ETag"]
    assert client.get("/api/v1/schedules", headers={"If-None-Match": tag}).status_code == 304
    changed = client.put("/api/v1/schedules/morning", json=DAILY).headers["ETag"]
    again = client.get("/api/v1/schedules", headers={"If-None-Match": tag})
    assert (again.status_code, again.headers["ETag"]) == (200, changed)
    one = client.get("/api/v1/schedules/morning", headers={"If-None-Match": changed})
    assert one.status_code == 304


def test_an_interval_says_when_it_is_next(app: Flask) -> None:
    device = device_of(app)
    body = {"channel": "lamp", "action": "pulse", "pulse_ms": 500, "kind": "interval", "every": 3600}
    made = app.test_client().put("/api/v1/schedules/hourly", json=body)
    assert made.json["next_at"] == device.clock.iso(device.schedules["hourly"].due)


def test_a_span(app: Flask) -> None:
    client = app.test_client()
    body = {**SPAN, "days": ["mon", "tue", "wed", "thu", "fri"]}
    made = client.put("/api/v1/schedules/grow", json=body)
    assert made.status_code == 201
    assert {key: made.json[key] for key in body} == body
    again = {key: value for key, value in made.json.items() if key in Schedule("x", SPAN).definition()}
    assert client.put("/api/v1/schedules/grow", json={**again, "until": "06:00"}).json["until"] == "06:00"


def test_the_sun_needs_the_place(app: Flask) -> None:
    client = app.test_client()
    body = {**SPAN, "until": "sunset", "until_offset_minutes": -30}
    refused = client.put("/api/v1/schedules/grow", json=body)
    assert (refused.status_code, [row["pointer"] for row in refused.json["errors"]]) == (422, ["/until"])
    assert "device.latitude and device.longitude" in refused.json["errors"][0]["detail"]
    place = {"device.latitude": -33.87, "device.longitude": 151.21}
    assert client.patch("/api/v1/settings", json=place, headers={"If-Match": "*"}).status_code == 200
    made = client.put("/api/v1/schedules/grow", json=body)
    assert (made.status_code, made.json["until_offset_minutes"]) == (201, -30)


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/channel", "/action", "/kind"]),
        ({**DAILY, "at": "25:00"}, ["/at"]),
        ({**DAILY, "a/b": 1, "next_at": None}, ["/a~1b", "/next_at"]),
        ({**DAILY, "channel": "door"}, ["/channel"]),
        ({**SPAN, "until": "07:00", "days": []}, ["/until", "/days"]),
        ({**SPAN, "action": "toggle"}, ["/action"]),
    ],
)
def test_faults_are_pointed_at(app: Flask, body: Any, pointers: list[str]) -> None:
    answer = app.test_client().put("/api/v1/schedules/one", json=body)
    assert (answer.status_code, answer.json["key"]) == (422, "invalid-fields")
    assert [found["pointer"] for found in answer.json["errors"]] == pointers
    assert len(device_of(app).schedules) == 0


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"[]", 422),
        (b"", 400),
        (b'{"every": NaN}', 400),
        (b'{"every": 1, "every": 2}', 400),
        (b"[" * 30_000, 400),
        (b'{"title": "' + b"x" * 70_000 + b'"}', 413),
        (json.dumps(dict.fromkeys(map(str, range(3000)), 1)).encode(), 422),
    ],
)
def test_hostile_bodies(app: Flask, content: bytes, status: int) -> None:
    answer = app.test_client().put("/api/v1/schedules/one", data=content, content_type="application/json")
    assert answer.status_code == status
    assert len(answer.data) < 10_000


def test_names_and_media_types(app: Flask) -> None:
    client = app.test_client()
    assert client.put("/api/v1/schedules/a%0d%0ab", json=DAILY).status_code == 422
    assert (
        client.put("/api/v1/schedules/one", data=json.dumps(DAILY), content_type="text/plain").status_code
        == 415
    )


def test_who_may(app: Flask) -> None:
    viewer = client_of(app, add_user(app, "vera", "viewer"))
    operator = client_of(app, add_user(app, "olga", "operator"))
    assert viewer.get("/api/v1/schedules").status_code == 200
    assert viewer.put("/api/v1/schedules/one", json=DAILY).status_code == 403
    assert operator.put("/api/v1/schedules/one", json=DAILY).status_code == 201
    assert viewer.delete("/api/v1/schedules/one").status_code == 403


def test_no_room(app: Flask) -> None:
    client = app.test_client()
    for number in range(64):
        assert client.put(f"/api/v1/schedules/s{number}", json=DAILY).status_code == 201
    answer = client.put("/api/v1/schedules/another", json=DAILY)
    assert (answer.status_code, answer.json["detail"]) == (
        409,
        "there are 64 schedules already: remove one first",
    )
    assert client.delete("/api/v1/schedules/s0").status_code == 204


@pytest.mark.slow
def test_a_real_server_runs_what_is_due_and_not_again_after_sigkill(tmp_path: Path) -> None:
    server = DeviceServer(tmp_path)
    server.claim()
    headers = {"If-Match": "*", "Content-Type": "application/json"}
    trusting = server.ask("PATCH", "/api/v1/settings", '{"schedules.wait_for_clock": false}', headers)
    assert trusting.status == 200, trusting.text
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3))
    body = {"channel": "relay1", "action": "toggle", "kind": "once", "at": at}
    assert server.put_json("/api/v1/schedules/soon", body).json["next_at"] == at.replace("Z", ".000Z")
    deadline = time.monotonic() + 30
    while (found := server.get("/api/v1/schedules/soon").json)["last_result"] != "ok":
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    assert found["last_at"] >= at.removesuffix("Z"), "not before"
    assert server.get("/api/v1/channels/relay1").json["state"] is True
    server.process.kill()
    server.process.wait()
    token, server = server.token, DeviceServer(tmp_path)
    server.token = token
    try:
        again = server.get("/api/v1/schedules/soon").json
        assert (again["last_at"], again["last_result"]) == (found["last_at"], "ok")
        assert server.get("/api/v1/channels/relay1").json["state"] is False, "within the grace, and not again"
    finally:
        assert server.stop() == 0
    assert "Traceback" not in server.log


@pytest.mark.slow
def test_a_real_server_is_on_within_a_span_after_sigkill(tmp_path: Path) -> None:
    server = DeviceServer(tmp_path)
    server.claim()
    headers = {"If-Match": "*", "Content-Type": "application/json"}
    server.ask("PATCH", "/api/v1/settings", '{"schedules.wait_for_clock": false}', headers)
    at, until = (time.strftime("%H:%M", time.localtime(time.time() + offset)) for offset in (-3600, 36_000))
    body = {"channel": "relay1", "action": "on", "kind": "span", "at": at, "until": until}
    assert server.put_json("/api/v1/schedules/long", body).status == 201

    def wait_until_on() -> None:
        deadline = time.monotonic() + 60
        while not server.get("/api/v1/channels/relay1").json["state"]:
            assert time.monotonic() < deadline, server.get("/api/v1/schedules/long").json
            time.sleep(0.1)

    wait_until_on()
    server.process.kill()
    server.process.wait()
    token, server = server.token, DeviceServer(tmp_path)
    server.token = token
    try:
        wait_until_on()
        assert server.get("/api/v1/schedules/long").json["last_result"] == "ok"
    finally:
        assert server.stop() == 0
    assert "Traceback" not in server.log
