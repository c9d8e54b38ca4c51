"""Channels and sensors that come and go by the interface."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

import edgeweb.device
from edgeweb import Flask
from edgeweb.device import operations

from ..people import device_of
from ..process import DeviceServer

API = "/api/v1"
LAMP = {"driver": "memory", "mode": "output"}
README = Path(edgeweb.device.__file__).parent / "README.md"


@pytest.fixture
def client(app: Flask) -> Any:
    return app.test_client()


def ids(client: Any) -> list[str]:
    return [channel["id"] for channel in client.get(f"{API}/channels").json["channels"]]


def test_from_nothing_to_a_lamp_and_back(client: Any) -> None:
    made = client.post(f"{API}/channels", json={"id": "porch", **LAMP, "title": "Porch"})
    assert made.status_code == 201
    assert made.json == {"id": "porch", "origin": "device", "definition": {**LAMP, "title": "Porch"}}
    assert client.put(f"{API}/channels/porch/state", json={"on": True}).json["state"] is True
    tag = made.headers["ETag"]
    shown = client.get(f"{API}/channels/porch/definition")
    assert (shown.json, shown.headers["ETag"]) == (made.json, tag), "switching is no change of it"
    changed = client.patch(
        f"{API}/channels/porch", json={"title": None, "pulse": "2 s"}, headers={"If-Match": tag}
    )
    assert changed.json["definition"] == {**LAMP, "pulse": 2.0}
    old = client.patch(f"{API}/channels/porch", json={"title": "x"}, headers={"If-Match": tag})
    assert old.status_code == 412
    assert client.delete(f"{API}/channels/porch", headers={"If-Match": tag}).status_code == 412
    now = changed.headers["ETag"]
    assert client.delete(f"{API}/channels/porch", headers={"If-Match": now}).status_code == 204
    assert ids(client) == ["lamp", "door"]
    assert client.get(f"{API}/channels/porch/definition").json["key"] == "unknown-channel"


def test_faults_have_pointers_and_nothing_is_kept(client: Any) -> None:
    answer = client.post(f"{API}/channels", json={"id": "pump", "driver": "gpio", "mode": "pwm", "pin": 41})
    assert answer.status_code == 422
    assert [row["pointer"] for row in answer.json["errors"]] == ["/pin", "/mode"]
    answer = client.post(f"{API}/channels", json={"id": "a/b", **LAMP})
    assert [row["pointer"] for row in answer.json["errors"]] == ["/id"]
    assert client.post(f"{API}/channels", json=LAMP).status_code == 422
    answer = client.post(f"{API}/channels", json={"id": "lamp", **LAMP})
    assert (answer.status_code, answer.json["key"]) == (409, "conflict")
    assert ids(client) == ["lamp", "door"]


def test_a_change_names_what_it_is_for(client: Any) -> None:
    assert client.patch(f"{API}/channels/lamp", json={"title": "x"}).json["key"] == "precondition-required"
    none = client.patch(f"{API}/channels/none", json={"title": "x"}, headers={"If-Match": "*"})
    assert none.status_code in (404, 412)
    assert client.delete(f"{API}/sensors/none").json["key"] == "unknown-sensor"


def test_trying_keeps_nothing(client: Any, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "TRIAL", 0.05)
    before = client.get(f"{API}/channels/lamp").json
    tried = client.post(f"{API}/channels/porch/test", json=LAMP)
    assert (tried.status_code, tried.json["state"], tried.json["busy"]) == (200, False, False)
    memory = device_of(app).channels.driver("memory")
    assert [row[1:] for row in memory.changes] == [("porch", True), ("porch", False)]  # type: ignore[attr-defined]
    assert client.get(f"{API}/channels/lamp").json == before, "the others go on"
    assert ids(client) == ["lamp", "door"]
    read = client.post(f"{API}/channels/gate/test", json={"driver": "memory", "mode": "input"})
    assert read.json["state"] is False
    gone = client.post(f"{API}/channels/porch/test", json={"driver": "led", "mode": "output", "line": "none"})
    assert (gone.status_code, gone.json["key"]) == (503, "channel-offline")
    assert client.post(f"{API}/channels/lamp/test", json=LAMP).json["key"] == "conflict"
    assert ids(client) == ["lamp", "door"]


def test_a_sensor(client: Any, tmp_path: Path) -> None:
    file = tmp_path / "rain"
    file.write_text("5\n")
    made = client.post(f"{API}/sensors", json={"id": "rain", "kind": "file", "path": str(file), "unit": "mm"})
    assert made.status_code == 201
    assert [sensor["id"] for sensor in client.get(f"{API}/sensors").json["sensors"]] == ["rain"]
    assert client.delete(f"{API}/sensors/rain").status_code == 204
    assert client.get(f"{API}/sensors").json["sensors"] == []


def test_the_commands_of_the_readme(server: DeviceServer) -> None:
    section = README.read_text().partition("## Channels and sensors without a file")[2]
    (block,) = re.findall(r"^```sh\n(.*?)^```$", section.partition("\n## ")[0], re.M | re.S)
    commands = [line for line in block.replace("\\\n", " ").splitlines() if line]
    assert [re.findall(r"-X (\w+)", line)[0] for line in commands] == ["POST", "PATCH", "DELETE"]
    answers = []
    for command in commands:
        line = command.replace("curl ", "curl -s -w '%{http_code}' ", 1).replace(":8080", f":{server.port}")
        done = subprocess.run(
            ["sh", "-c", line],
            env={"PATH": os.environ["PATH"], "TOKEN": server.token},
            check=True,
            capture_output=True,
            text=True,
        )
        answers.append(done.stdout[-3:])
    assert answers == ["201", "200", "204"]
