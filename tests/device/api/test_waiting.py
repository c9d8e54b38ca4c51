"""`?wait=1`: an answer that comes when the channel is no longer busy."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from edgeweb import Flask
from edgeweb.device.channels import controller
from edgeweb.device.config.profile import Profile
from edgeweb.device.device import Device
from edgeweb.device.http.current import attach
from edgeweb.device.http.settled import Settled
from edgeweb.device.operations import MAX_WAIT
from edgeweb.device.system.clock import WallClock

from ..people import device_of
from ..process import DeviceServer

PULSE = "/api/v1/channels/{}/pulse?wait=1"


def test_under_any_other_server_few_threads_wait(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer is then the channel as it is: the change is made."""
    monkeypatch.setattr(controller, "MAX_WAITING", 0)
    attach(app, Device(device_of(app).profile))
    answer = app.test_client().post(PULSE.format("lamp"), json={"ms": 1000})
    assert answer.status_code == 200
    assert (answer.get_json()["state"], answer.get_json()["busy"]) == (True, True)


class Waited:
    """An answer that is parked by hand, on a device whose clock and timers a test moves."""

    def __init__(self, profile: Profile) -> None:
        self.now = 1000.0
        self.device = Device(profile, WallClock(lambda: self.now), threaded=False)
        self.device.channels.pulse("lamp", 2.0)
        self.rung = 0
        self.answer = Settled(self.device, self.device.channels["lamp"])
        self.answer.park(self.ring)

    def ring(self) -> None:
        self.rung += 1

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.device.channel_timers.run_due()
        self.device.timers.run_due()


@pytest.fixture
def waited(make_profile: Callable[..., Profile]) -> Iterator[Waited]:
    found = Waited(make_profile('[channels.lamp]\ndriver = "memory"\nmode = "output"\n'))
    yield found
    found.device.close()


def test_the_answer_comes_with_the_end_of_the_pulse(waited: Waited) -> None:
    assert (waited.rung, waited.answer.take(), waited.answer.ended) == (0, b"", False)
    waited.pass_time(2.0)
    assert waited.rung
    # what finds clients that have gone stands before the document
    found = json.loads(waited.answer.heartbeat * 2 + waited.answer.take())
    assert (found["state"], waited.answer.ended) == (False, True)
    waited.answer.close()
    assert not waited.device.waiting


def test_no_answer_waits_for_ever(waited: Waited) -> None:
    waited.device.channels.set("lamp", False)
    waited.device.channels.pulse("lamp", 3000.0)
    waited.answer.close()
    assert waited.answer.ended
    rung = waited.rung
    answer = Settled(waited.device, waited.device.channels["lamp"])
    answer.park(waited.ring)
    waited.pass_time(MAX_WAIT - 1)
    assert (waited.rung, answer.take()) == (rung, b"")
    waited.pass_time(1.0)
    assert waited.rung == rung + 1, "by its timer, and not by that of the one which was closed"
    assert json.loads(answer.take())["busy"] is True
    answer.close()


def test_a_channel_that_is_settled_before_the_answer_is_parked(waited: Waited) -> None:
    waited.device.channels.set("lamp", False)
    answer = Settled(waited.device, waited.device.channels["lamp"])
    rung = waited.rung
    answer.park(waited.ring)
    assert waited.rung > rung
    assert json.loads(answer.take())["busy"] is False
    answer.close()


# -- a real server ----------------------------------------------------------------------------------------


def ask(server: DeviceServer, name: str, ms: int) -> HTTPConnection:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    headers = {"Authorization": f"Bearer {server.token}", "Content-Type": "application/json"}
    connection.request("POST", PULSE.format(name), json.dumps({"ms": ms}), headers)
    return connection


@pytest.fixture
def server(tmp_path: Path) -> Iterator[DeviceServer]:
    """A server with two threads, and four lamps."""
    profile = tmp_path / "lamps.toml"
    lamps = (f'[channels.lamp{n}]\ndriver = "memory"\nmode = "output"\n' for n in range(4))
    profile.write_text("[server]\nthreads = 2\n" + "".join(lamps))
    running = DeviceServer(tmp_path / "run", "--profile", str(profile))
    running.claim()
    yield running
    assert running.stop() == 0, running.log


def test_those_who_wait_keep_no_thread(server: DeviceServer) -> None:
    """Four wait on two threads, and others are served; each has its answer as soon as its channel is off."""
    waiting = [ask(server, f"lamp{n}", 60_000) for n in range(4)]
    heads = [connection.getresponse() for connection in waiting]
    assert [head.status for head in heads] == [200] * 4, "the head comes at once"
    assert server.get("/livez").status == 200
    for number, head in enumerate(heads):
        assert server.get("/api/v1/status").json["channels"][f"lamp{number}"]["busy"] is True
        assert server.ask("POST", f"/api/v1/channels/lamp{number}/off").status == 200
        found = json.loads(head.read())
        assert (found["id"], found["state"], found["busy"]) == (f"lamp{number}", False, False)
    for connection in waiting:
        connection.close()


def test_at_the_end_of_the_server_they_have_what_is_known(server: DeviceServer) -> None:
    connection = ask(server, "lamp0", 60_000)
    head = connection.getresponse()
    assert server.stop() == 0
    found = json.loads(head.read())
    assert (found["id"], found["online"]) == ("lamp0", True)
    connection.close()


def test_one_who_leaves_is_forgotten(server: DeviceServer) -> None:
    """The places of those who leave are free again: one address has five."""
    for _ in range(12):
        connection = ask(server, "lamp0", 60_000)
        assert connection.getresponse().status == 200
        connection.close()
        assert server.ask("POST", "/api/v1/channels/lamp0/off").status == 200
