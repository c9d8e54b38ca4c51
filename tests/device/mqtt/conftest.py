"""A broker, somebody who listens there, and a real server process between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ..process import DeviceServer
from .broker import PASSWORD, USER, Broker, Ear

MakeServer = Callable[..., DeviceServer]

PROFILE = """
[mqtt]
host = "127.0.0.1"
port = PORT
id = "shed"
user = "USER"
password_file = "FOLDER/password"
retry = "1 s"
MORE

[channels.lamp]
driver = "memory"
mode = "output"
title = "Lamp"

[channels.fan]
driver = "memory"
mode = "pwm"

[channels.gate]
driver = "memory"
mode = "button"

[channels.door]
driver = "memory"
mode = "input"

[sensors.soil]
kind = "file"
path = "FOLDER/soil"
unit = "°C"
interval = 0.5
group = "Garden"
"""


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    made = Broker(tmp_path / "broker")
    yield made
    made.kill()


@pytest.fixture
def ear(broker: Broker) -> Iterator[Ear]:
    made = Ear(broker)
    yield made
    made.close()


@pytest.fixture
def make_server(broker: Broker, tmp_path: Path) -> Iterator[MakeServer]:
    """`make_server('role = "operator"')`: a server with these lines in `[mqtt]`, started again each time."""
    servers: list[DeviceServer] = []
    (tmp_path / "soil").write_text("21.5")
    (tmp_path / "password").write_text(f"{PASSWORD}\n")

    def make(more: str = "", profile: str = PROFILE) -> DeviceServer:
        file = tmp_path / "garden.toml"
        for word, text in {"PORT": broker.port, "USER": USER, "FOLDER": tmp_path, "MORE": more}.items():
            profile = profile.replace(word, str(text))
        file.write_text(profile)
        servers.append(DeviceServer(tmp_path / "device", "--profile", str(file)))
        return servers[-1]

    yield make
    for server in servers:
        if server.process.poll() is None:
            assert server.stop() == 0, server.log
        assert "Traceback" not in server.log, server.log
