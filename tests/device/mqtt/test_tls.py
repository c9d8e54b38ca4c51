"""TLS: the broker's certificate is checked, and what is wrong with it is said in words."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edgeweb.device.mqtt import faults

from ..process import DeviceServer
from . import certificates
from .broker import PASSWORD, PATIENCE, USER, Broker
from .conftest import PROFILE

pytestmark = pytest.mark.slow

TLS = """
tls = true
ca = "FOLDER/tls/ca.crt"
"""
CLIENT = """
certificate = "FOLDER/tls/client.crt"
key = "FOLDER/tls/client.key"
"""

Serve = Callable[[Broker, str], DeviceServer]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """`serve(broker, lines)`: a server with these lines in `[mqtt]`, and an owner."""
    servers: list[DeviceServer] = []
    (tmp_path / "soil").write_text("21.5")
    (tmp_path / "password").write_text(PASSWORD)

    def make(broker: Broker, lines: str) -> DeviceServer:
        profile = PROFILE.replace('host = "127.0.0.1"', 'host = "localhost"').replace("MORE", lines)
        for word, text in {"PORT": broker.port, "USER": USER, "FOLDER": tmp_path}.items():
            profile = profile.replace(word, str(text))
        (tmp_path / "garden.toml").write_text(profile)
        servers.append(DeviceServer(tmp_path / "device", "--profile", str(tmp_path / "garden.toml")))
        servers[-1].claim()
        return servers[-1]

    yield make
    for server in servers:
        assert server.stop() == 0, server.log


def until_it_says(server: DeviceServer, text: str) -> None:
    """Wait until the link's error has these words; the log has them, too."""
    deadline = time.monotonic() + PATIENCE
    while True:
        answer = server.get("/api/v1/mqtt").json
        if text in answer["error"]:
            break
        assert answer["state"] != "connected" and time.monotonic() < deadline, str(answer)
        time.sleep(0.05)
    assert text in server.log
    assert answer["broker"].startswith("localhost:")


def test_a_certificate_of_a_known_authority_is_right(serve: Serve, tmp_path: Path) -> None:
    folder = certificates.make(tmp_path / "tls")
    broker = Broker(tmp_path / "broker", folder, "require_certificate true")
    try:
        server = serve(broker, TLS + CLIENT)
        deadline = time.monotonic() + PATIENCE
        while server.get("/api/v1/mqtt").json["state"] != "connected":
            assert time.monotonic() < deadline, server.log
            time.sleep(0.05)
        assert server.get("/api/v1/mqtt").json["error"] == ""
    finally:
        broker.kill()


@pytest.mark.parametrize(
    ("made", "lines", "text"),
    [
        ({}, "tls = true", "name the authority's file in mqtt.ca"),
        ({"host": "attic"}, TLS, "its certificate is for another name"),
        ({"days": ("20200101000000Z", "20210101000000Z")}, TLS, "its certificate is expired on 20"),
        ({"days": ("20900101000000Z", "20910101000000Z")}, TLS, "its certificate is not valid yet on 20"),
        ({}, "", "the broker has ended the connection"),
    ],
)
def test_what_is_wrong_is_said(
    serve: Serve, tmp_path: Path, made: dict[str, object], lines: str, text: str
) -> None:
    folder = certificates.make(tmp_path / "tls", **made)  # type: ignore[arg-type]
    broker = Broker(tmp_path / "broker", folder)
    try:
        until_it_says(serve(broker, lines), text)
    finally:
        broker.kill()


def test_tls_of_a_broker_without_it_is_said(serve: Serve, tmp_path: Path) -> None:
    certificates.make(tmp_path / "tls")
    broker = Broker(tmp_path / "broker")
    try:
        until_it_says(serve(broker, TLS), "mqtt.tls")
    finally:
        broker.kill()


def test_a_clock_of_1970_is_named() -> None:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code = 9
    said = faults.of_error(error, "shed", 86_400.0)
    assert "1970-01-02" in said and "timedatectl set-ntp true" in said
    assert "not valid yet on 2026" in faults.of_error(error, "shed", 1_795_000_000.0)
