"""The device application as people run it: a process, its sockets, its end."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.import_path import import_path

from .process import ROOT, DeviceServer


@pytest.mark.slow
def test_the_dashboard_shows_this_machine(server: DeviceServer) -> None:
    page = server.get("/", Accept="text/html")
    assert page.status == 200
    assert os.uname().nodename in page.text
    status = server.get("/api/v1/status").json
    assert status["metrics"]["memory_total_bytes"] == psutil.virtual_memory().total
    assert abs(status["metrics"]["uptime_seconds"] - time.clock_gettime(time.CLOCK_BOOTTIME)) < 60
    assert list(status["channels"]) == ["relay1", "relay2", "lamp", "door"]


def test_no_page_loads_openssl(server: DeviceServer) -> None:
    """It is 8 MB with what imports it. Werkzeug before 3.1.4 takes `urllib.request` to read a list."""
    for path in ("/", "/channels", "/settings", "/api/v1/status", "/api/v1/openapi.json", "/metrics"):
        assert server.get(path, Accept="text/html, */*", **{"Accept-Encoding": "gzip"}).status == 200, path
    maps = Path(f"/proc/{server.process.pid}/maps").read_text()
    assert "python" in maps
    assert "libssl" not in maps and "libcrypto" not in maps


def test_switching_over_http(server: DeviceServer) -> None:
    for on in (True, False):
        answer = server.put_json("/api/v1/channels/relay1/state", {"on": on})
        assert (answer.status, answer.json["state"]) == (200, on)
        assert server.get("/api/v1/channels/relay1").json["state"] is on


def test_polling_costs_little(server: DeviceServer) -> None:
    tag = server.get("/api/v1/channels").headers["ETag"]
    answer = server.get("/api/v1/channels", **{"If-None-Match": tag})
    assert (answer.status, answer.content) == (304, b"")


@pytest.mark.parametrize(
    ("method", "path", "body", "content_type", "status", "key"),
    [
        ("PUT", "/api/v1/channels/lamp/state", "{", "application/json", 400, "malformed-json"),
        ("PUT", "/api/v1/channels/lamp/state", '{"on": 1}', "application/json", 422, "invalid-fields"),
        ("PUT", "/api/v1/channels/lamp/state", "{}", "application/json", 422, "invalid-fields"),
        ("PUT", "/api/v1/channels/lamp/state", '{"on": true}', "text/plain", 415, "unsupported-media-type"),
        ("PUT", "/api/v1/channels/lmap/state", '{"on": true}', "application/json", 404, "unknown-channel"),
        ("PUT", "/api/v1/channels/door/state", '{"on": true}', "application/json", 409, "not-an-output"),
        (
            "POST",
            "/api/v1/channels/lamp/state",
            '{"on": true}',
            "application/json",
            405,
            "method-not-allowed",
        ),
        ("GET", "/api/v1/nothing", None, "", 404, "not-found"),
    ],
)
def test_refusals_over_http(
    server: DeviceServer, method: str, path: str, body: str | None, content_type: str, status: int, key: str
) -> None:
    answer = server.ask(method, path, body, {"Content-Type": content_type} if content_type else None)
    assert (answer.status, answer.json["key"]) == (status, key)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_body_over_the_limit_of_the_profile(tmp_path: Path) -> None:
    profile = tmp_path / "small.toml"
    profile.write_text(
        '[server]\nbody_bytes = "1 KiB"\n[channels.lamp]\ndriver = "memory"\nmode = "output"\n'
    )
    server = DeviceServer(tmp_path, "--profile", str(profile))
    server.claim()
    try:
        path, headers = "/api/v1/channels/lamp/state", {"Content-Type": "application/json"}
        assert server.ask("PUT", path, b'{"on": true}'.ljust(1024), headers).status == 200
        assert server.ask("PUT", path, b'{"on": true}'.ljust(1025), headers).status == 413
    finally:
        assert server.stop() == 0


POLICY = """
[channels.kept]
driver = "memory"
mode = "output"
at_start = "restore"
[channels.off]
driver = "memory"
mode = "output"
"""


@pytest.mark.slow
def test_sigkill_and_restart_follow_the_channels_policy(tmp_path: Path) -> None:
    profile = tmp_path / "policy.toml"
    profile.write_text(POLICY)
    server = DeviceServer(tmp_path, "--profile", str(profile))
    server.claim()
    for name in ("kept", "off"):
        assert server.ask("POST", f"/api/v1/channels/{name}/on").json["state"] is True
    deadline = time.monotonic() + 30
    while not _remembered(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.1)  # a switch is on the disk some seconds later
    server.process.kill()
    server.process.wait(30)
    token = server.token
    server = DeviceServer(tmp_path, "--profile", str(profile))
    server.token = token
    try:
        states = {name: server.get(f"/api/v1/channels/{name}").json["state"] for name in ("kept", "off")}
        assert states == {"kept": True, "off": False}
    finally:
        assert server.stop() == 0, server.log


def _remembered(folder: Path) -> bool:
    connection = sqlite3.connect(folder / "state" / "state.db")
    try:
        return connection.execute("SELECT state FROM channels WHERE name = 'kept'").fetchall() == [(1,)]
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("toml", "fault"),
    [
        ("[server]\nprot = 1\n", ":2: server.prot = 1: expected a known key of [server]"),
        ('[server]\nthreads = "4"\n', ':2: server.threads = "4": expected a whole number from 1 to 64'),
        (None, ": expected a TOML file that can be read (No such file or directory)"),
    ],
)
def test_a_faulty_profile_does_not_start(tmp_path: Path, toml: str | None, fault: str) -> None:
    file = tmp_path / "faulty.toml"
    if toml is not None:
        file.write_text(toml)
    ended = subprocess.run(
        [sys.executable, "-m", "edgeweb", "serve", "--port", "0", "--profile", str(file)],
        capture_output=True,
        text=True,
        timeout=30,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": import_path(ROOT), "CONFIGURATION_DIRECTORY": str(tmp_path / "etc")},
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    assert f"{file}{fault}" in ended.stderr


PUMP = """
[channels.pump]
driver = "command"
mode = "output"
on = ["true"]
off = ["touch", "FILE"]
at_exit = "off"
"""
#: The threads of drivers end after a minute without a call; here at once.
PROGRAM = """
import os, time
from edgeweb.device import create_app, start
from edgeweb.device.http.current import device_of
from edgeweb.device.system import executor

executor.IDLE = 0.01
app = create_app(os.environ["PUMP_PROFILE"])
start(app)
lanes = device_of(app).executor._lanes.values()
while any(lane._runs for lane in lanes):
    time.sleep(0.01)
os.unlink(os.environ["PUMP_OFF"])
"""


@pytest.mark.slow
@pytest.mark.parametrize("served", [True, False])
def test_a_program_switches_off_at_the_end(tmp_path: Path, served: bool) -> None:
    """In Python 3.12 an exit function can start no thread."""
    profile, off = tmp_path / "pump.toml", tmp_path / "off"
    profile.write_text(PUMP.replace("FILE", str(off)))
    program = tmp_path / "garden.py"
    program.write_text(PROGRAM)
    variables = {"PUMP_PROFILE": str(profile), "PUMP_OFF": str(off)}
    if served:
        server = DeviceServer(tmp_path / "device", "garden:app", python_path=tmp_path, variables=variables)
        assert server.stop() == 0, server.log
        said = server.log
    else:
        env = {
            **os.environ,
            **variables,
            "PYTHONPATH": import_path(ROOT),
            "STATE_DIRECTORY": str(tmp_path / "state"),
        }
        done = subprocess.run(
            [sys.executable, program], env=env, stderr=subprocess.PIPE, text=True, timeout=60, check=True
        )
        said = done.stderr
    assert off.exists(), said
    assert "Traceback" not in said
