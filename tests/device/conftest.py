from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.access import passwords
from edgeweb.device.config.profile import Profile, load
from edgeweb.device.device import Device
from edgeweb.device.http import gate
from edgeweb.device.system.timers import Timers

from .conformity import Conformity
from .people import add_owner, device_of
from .process import DeviceServer


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """State of the test's own, passwords that cost nothing (the real ones are in `access/`), and no end."""
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    monkeypatch.setattr(passwords, "COST", (16, 8, 1))
    # a reset ends the process of its device, which is that of the tests
    monkeypatch.setattr(Device, "end_process", lambda device: None)


@pytest.fixture(autouse=True)
def timers_end(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ends the timers of devices that a test leaves open.

    A minute later their thread would look for the database, which is closed by then, in the midst of another
    test; one that counts garbage has counted that.
    """
    made: list[Timers] = []
    make = Timers.__init__

    def remembered(timers: Timers, *args: Any, **kwargs: Any) -> None:
        make(timers, *args, **kwargs)
        made.append(timers)

    monkeypatch.setattr(Timers, "__init__", remembered)
    yield
    for timers in made:
        timers.close()


@pytest.fixture(scope="session")
def conformity(tmp_path_factory: pytest.TempPathFactory) -> Conformity:
    return Conformity(create_app(load("generic-linux", system=str(tmp_path_factory.mktemp("etc")))))


@pytest.fixture(autouse=True)
def every_answer_is_as_described(conformity: Conformity, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a test asks of an application of its own process, OpenAPI document and answer agree."""
    init_app = gate.init_app

    def watched(app: Flask) -> None:
        init_app(app)
        app.after_request(conformity.compare)

    monkeypatch.setattr(gate, "init_app", watched)
    conformity.faults.clear()
    yield
    assert conformity.faults == []


@pytest.fixture
def make_profile(tmp_path: Path) -> Callable[..., Profile]:
    """`make_profile(toml, **overrides)`: a loaded profile, with no system layers."""

    def make(toml: str = "", overrides: dict[str, object] | None = None) -> Profile:
        file = tmp_path / "test.toml"
        file.write_text(toml)
        return load(file, overrides, system=str(tmp_path / "etc"))

    return make


#: Something of each kind that a request can change, and a sensor.
BOARD = """
[sensors.uptime]
kind = "file"
path = "/proc/uptime"
keep = true
[system]
services = ["nginx.service"]
[fleet]
boards = ["greenhouse.local:80"]
[vendor]
contact = "mailto:psirt@example.com"
expires = "2099-12-31"
privacy = "Nothing is kept."
[channels.lamp]
driver = "memory"
mode = "output"
[channels.fan]
driver = "memory"
mode = "pwm"
group = "Hall"
"""

CHANNELS = """
[channels.lamp]
driver = "memory"
mode = "output"
title = "Lamp"
[channels.door]
driver = "memory"
mode = "input"
"""


@pytest.fixture
def app(make_profile: Callable[..., Profile]) -> Iterator[Flask]:
    """The device application with an output `lamp` and an input `door`; its test clients are the owner's."""
    app = add_owner(create_app(make_profile(CHANNELS)))
    yield app
    device_of(app).close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeviceServer]:
    """A server with generic-linux for all tests that leave it as they found it."""
    running = DeviceServer(tmp_path_factory.mktemp("server"), "--profile", "generic-linux")
    running.claim()
    yield running
    assert running.stop() == 0, running.log
    assert "Traceback" not in running.log
