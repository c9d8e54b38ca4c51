"""A device that serves with a certificate of its own: the first hour of who has just switched it on."""

from __future__ import annotations

import json
import re
import ssl
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.device.process import DeviceServer

from .conftest import STUCK, openssl

PROFILE = """
[server.tls]
certificate = "own"
port = 0
"""


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeviceServer]:
    folder = tmp_path_factory.mktemp("own")
    (folder / "board.toml").write_text(PROFILE)
    server = DeviceServer(folder, "--profile", str(folder / "board.toml"))
    yield server
    assert server.stop() == 0


@pytest.fixture
def secured(device: DeviceServer) -> str:
    """The address with TLS."""
    found = re.search(r"https://127\.0\.0\.1:(\d+)/", device.log)
    assert found is not None, device.log
    return f"https://localhost:{found[1]}"


def test_a_browser_is_led_to_the_explanation(device: DeviceServer, secured: str) -> None:
    for path in ("/", "/sign-in", "/channels?x=1"):
        answer = device.get(path, Accept="text/html,*/*;q=0.8", Host="localhost")
        assert (answer.status, answer.headers["Location"]) == (307, "/tls")
    page = device.get("/tls", Accept="text/html", Host="localhost")
    assert page.status == 200 and f'href="{secured}/"' in page.text
    # with what the page needs, and the other languages
    for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text):
        assert device.get(address).status == 200
    chosen = device.ask(
        "POST",
        "/language",
        "language=de&back=/tls",
        {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"},
    )
    assert chosen.status == 303


def test_a_program_is_led_to_the_other_port(device: DeviceServer, secured: str) -> None:
    answer = device.get("/api/v1/status", Host="localhost")
    assert (answer.status, answer.headers["Location"]) == (307, f"{secured}/api/v1/status")
    assert device.get("/livez").text == "ok\n"
    assert device.post_json("/api/v1/setup", {}).status == 403


def test_who_has_imported_the_authority_claims_the_device(
    device: DeviceServer, secured: str, tmp_path: Path
) -> None:
    file = tmp_path / "authority.crt"
    file.write_bytes(device.get("/tls/authority.crt").content)
    assert "Name Constraints: critical" in openssl("x509", "-in", str(file), "-noout", "-text").stdout
    context = ssl.create_default_context(cafile=file)
    code = re.findall(r"set-up code ([A-Z0-9-]+)", device.log)[-1]
    body = json.dumps({"code": code, "name": "ada", "password": "correct horse battery"}).encode()
    request = urllib.request.Request(f"{secured}/api/v1/setup", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=STUCK, context=context) as answer:
        assert answer.status == 201
        assert answer.headers["Strict-Transport-Security"] is None


def test_keys_are_for_the_service_only(device: DeviceServer) -> None:
    folder = device.log_file.parent / "state" / "tls"
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in folder.iterdir()}
    assert modes == {"authority.pem": "0o600", "host.pem": "0o600", "authority.crt": "0o644"}


def test_a_state_in_memory_has_no_authority(tmp_path: Path) -> None:
    (tmp_path / "board.toml").write_text(PROFILE + '[storage]\nstate = "memory"\n')
    with pytest.raises(AssertionError, match="an authority has to stay: name a folder for"):
        DeviceServer(tmp_path, "--profile", str(tmp_path / "board.toml"))
