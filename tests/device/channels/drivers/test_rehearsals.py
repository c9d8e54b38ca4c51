"""Faults of one channel, rehearsed on a real server: the others and the server go on."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.device.process import DeviceServer

#: Seconds after which another channel or /livez has waited for the one with the fault. A busy machine takes
#: some; what waits for a driver that hangs would never end.
GENEROUS = 5.0

PROFILE = """
[channels.stuck]
driver = "memory"
mode = "output"
fault = "hang"

[channels.float]
driver = "memory"
mode = "input"
poll = 0.1
fault = "hang"

[channels.broken]
driver = "memory"
mode = "output"
fault = "fail"

[channels.slow]
driver = "memory"
mode = "output"
fault = "slow"

[channels.lamp]
driver = "memory"
mode = "output"
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeviceServer]:
    folder = tmp_path_factory.mktemp("rehearsal")
    profile = Path(folder / "profile.toml")
    profile.write_text(PROFILE)
    server = DeviceServer(folder, "--profile", str(profile))
    try:
        server.claim()
        yield server
    finally:
        assert server.stop() == 0, server.log


def put(server: DeviceServer, name: str, on: bool) -> tuple[int, Any, float]:
    began = time.monotonic()
    answer = server.put_json(f"/api/v1/channels/{name}/state", {"on": on})
    return answer.status, answer.json, time.monotonic() - began


def settled(server: DeviceServer, name: str) -> Any:
    """Return a channel once its driver has answered, or was given up."""
    end = time.monotonic() + 60
    while (found := server.get(f"/api/v1/channels/{name}").json)["busy"] and time.monotonic() < end:
        time.sleep(0.1)
    return found


@pytest.mark.slow
def test_one_channel_that_hangs_keeps_nothing_else_waiting(server: DeviceServer) -> None:
    assert server.get("/api/v1/channels/stuck").json["online"], "the start is good"
    answers: list[tuple[int, Any, float]] = []
    threads = [threading.Thread(target=lambda: answers.append(put(server, "stuck", True))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for on in (True, False, True):
        status, state, seconds = put(server, "lamp", on)
        assert (status, state["state"]) == (200, on) and seconds < GENEROUS
        began = time.monotonic()
        assert server.get("/livez").status == 200
        assert time.monotonic() - began < GENEROUS
    for thread in threads:
        thread.join(60)
    assert {status for status, _, _ in answers} <= {202, 409}, answers
    stuck = settled(server, "stuck")
    assert (stuck["online"], stuck["state"]) == (False, None)
    assert "did not answer within 2 s" in stuck["reason"]
    assert put(server, "lamp", False)[0] == 200


def test_a_poll_that_hangs_leaves_no_old_state_behind(server: DeviceServer) -> None:
    end = time.monotonic() + 60
    while (state := server.get("/api/v1/channels/float").json)["online"] and time.monotonic() < end:
        time.sleep(0.1)
    assert (state["online"], state["state"]) == (False, None)
    assert "did not answer within 2 s" in state["reason"]


def test_one_channel_that_fails_is_offline_with_its_reason(server: DeviceServer) -> None:
    status, problem, _ = put(server, "broken", True)
    assert status == 503 and 'remove fault = "fail"' in problem["detail"]
    assert put(server, "lamp", True)[0] == 200


def test_one_channel_that_is_slow_does_its_work(server: DeviceServer) -> None:
    status, state, _ = put(server, "slow", True)
    assert (status, state["state"], state["busy"]) == (202, False, True)
    assert settled(server, "slow")["state"] is True
