"""`GET /api/v1/hardware`: all of a board, for admins. `conformity.py` compares it with OpenAPI."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.config.profile import Profile
from edgeweb.device.hardware import reader
from edgeweb.device.hardware.reader import BUSES, Hardware

from ..hardware.trees import BOARDS, plant
from ..people import add_owner, add_user, client_of, device_of

PROFILE = """
[channels.lamp]
driver = "led"
mode = "output"
line = "ACT"
[channels.pump]
driver = "gpio"
mode = "output"
pin = 11
"""


@pytest.fixture(params=BOARDS)
def app(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    make_profile: Callable[..., Profile],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Flask]:
    root, kernel = plant(tmp_path / "root", request.param)
    monkeypatch.setattr(reader, "Hardware", partial(Hardware, str(root), kernel))
    app = add_owner(create_app(make_profile(PROFILE)))
    yield app
    device_of(app).close()


def test_a_board_is_described(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/hardware")
    found: dict[str, Any] = answer.json
    assert list(found) == list(BUSES)
    assert not [name for name, bus in found.items() if bus["truncated"] or "reason" in bus]
    assert [led["used_by"] for led in found["leds"]["rows"] if led["led"] == "ACT"] == [["lamp"]]
    lines = [line for chip in found["gpio"]["rows"] for line in chip["lines"]]
    assert [line["used_by"] for line in lines if line["pin"] == 11] == [["pump"]]
    assert sum("channel" in line for line in lines) > 20
    again = app.test_client().get("/api/v1/hardware", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_only_admins_see_it(app: Flask, role: str) -> None:
    assert client_of(app, add_user(app, "vera", role)).get("/api/v1/hardware").status_code == 403
    assert client_of(app).get("/api/v1/hardware").status_code == 401


def test_a_bus_that_fails_has_its_reason_and_the_others_their_rows(
    app: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*arguments: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("edgeweb.device.hardware.leds.names", fail)
    found = app.test_client().get("/api/v1/hardware").json
    assert found["leds"] == {"rows": [], "truncated": False, "reason": "Input/output error"}
    assert found["gpio"]["rows"] and "reason" not in found["gpio"]
    assert capsys.readouterr().err.count("hardware leds cannot be read: Input/output error") == 1


def test_a_device_that_is_never_asked_imports_none_of_it() -> None:
    program = """
import json, sys
from edgeweb.device import create_app, start
app = create_app("generic-linux")
start(app)
app.test_client().get("/livez")
print(json.dumps([name for name in sys.modules if "device.hardware" in name or "gpiochip" in name]))
"""
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(found.stdout.splitlines()[-1]) == []
