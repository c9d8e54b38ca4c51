"""Eight programs that toggle one output, a thousand times a second: nothing is lost, and nothing grows.

Some seconds by default; the whole of it with EDGEWEB_TEST_TOGGLE_SECONDS=60.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.server.process import read_answer, status

from .process import DeviceServer

SECONDS = float(os.environ.get("EDGEWEB_TEST_TOGGLE_SECONDS", "5"))
CONNECTIONS = 8
RATE = 1000

# The audit log's bound is above what this test writes: "complete" is within it (access.audit_rows).
PROFILE = """
[access]
audit_rows = 1_000_000
[channels.lamp]
driver = "memory"
mode = "output"
"""


@pytest.fixture
def device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DeviceServer]:
    profile = tmp_path / "load.toml"
    profile.write_text(PROFILE)
    monkeypatch.setenv("TEST_PROFILE", str(profile))
    monkeypatch.setenv("TEST_BACKUP_DELAY", "0.5")
    server = DeviceServer(tmp_path, "tests.device.programs.device:app", "--profile", str(profile))
    server.claim()
    yield server
    assert server.stop() == 0, server.log
    assert "Traceback" not in server.log


def memory_of(server: DeviceServer) -> int:
    return int(psutil.Process(server.process.pid).memory_full_info().uss)


class Load:
    """Toggles from one connection, at its share of the rate or as fast as the machine can."""

    def __init__(self, server: DeviceServer) -> None:
        request = "POST /api/v1/channels/lamp/toggle HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        self._request = f"{request}Authorization: Bearer {server.token}\r\nContent-Length: 0\r\n\r\n".encode()
        self._port = server.port
        self.done = 0
        self.failures: list[bytes] = []

    def run(self, seconds: float) -> None:
        with socket.create_connection(("127.0.0.1", self._port), timeout=30) as sock:
            begin = time.monotonic()
            while (now := time.monotonic()) < begin + seconds:
                early = begin + self.done * CONNECTIONS / RATE - now
                if early > 0:
                    time.sleep(early)
                sock.sendall(self._request)
                answer = read_answer(sock)
                if status(answer) == 200:
                    self.done += 1
                else:
                    self.failures.append(answer)


def toggle(server: DeviceServer, seconds: float) -> int:
    """Toggles over all connections; the number of toggles that were acknowledged."""
    loads = [Load(server) for _ in range(CONNECTIONS)]
    threads = [threading.Thread(target=load.run, args=(seconds,)) for load in loads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + 60)
    assert [failure for load in loads for failure in load.failures] == []
    return sum(load.done for load in loads)


@pytest.mark.slow
def test_a_thousand_toggles_a_second(device: DeviceServer) -> None:
    # what is made once is there: psutil, a backup, buffers, statements, threads
    assert device.get("/api/v1/status").status == 200
    done = toggle(device, 2.0)
    before = memory_of(device)
    begin = time.monotonic()
    done += toggle(device, SECONDS)
    took = time.monotonic() - begin
    grown = memory_of(device) - before

    assert device.get("/test/writes").json == {"changed": done, "same": 0}, "each toggle is one write"
    assert device.get("/api/v1/channels/lamp").json["state"] is (done % 2 == 1)
    rows: list[int] = []
    query = ""
    while page := device.get(f"/api/v1/audit?limit=500{query}").json["audit"]:
        rows += [row["id"] for row in page if (row["action"], row["result"]) == ("channel.set", "toggle")]
        query = f"&before={page[-1]['id']}"
    assert len(rows) == done, "each is in the audit log"
    assert rows == list(range(rows[0], rows[0] - done, -1)), "without a gap"
    print(
        f"{done} toggles, {done / (took + 2):.0f} a second; memory of its own grew by {grown / 1024:.0f} KiB"
    )
    assert grown < 1024 * 1024
