"""The addresses that `edgeweb serve` prints can be opened."""

from __future__ import annotations

import re
import socket
import urllib.request
from pathlib import Path

import pytest

from edgeweb.commands.addresses import describe, from_network
from edgeweb.device.system import addresses
from tests.server.process import ServerProcess


def test_one_address_is_printed_as_it_is() -> None:
    assert describe(["http://127.0.0.1:8080/"]) == "http://127.0.0.1:8080/"
    assert describe(["unix:/run/edgeweb/socket"]) == "unix:/run/edgeweb/socket"
    both = ["http://127.0.0.1:80/", "http://[::1]:80/"]
    assert describe(both) == "http://127.0.0.1:80/ http://[::1]:80/"


def test_the_wildcard_is_this_machine_and_its_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "ipv4_addresses", lambda: ["192.0.2.7", "198.51.100.7"])
    monkeypatch.setattr(addresses, "ipv6_addresses", lambda: ["2001:db8::7"])
    assert describe(["http://0.0.0.0:80/"]) == (
        "http://127.0.0.1:80/ and, from the network, http://192.0.2.7:80/ http://198.51.100.7:80/"
    )
    assert describe(["http://[::]:80/"]) == (
        "http://[::1]:80/ and, from the network, http://[2001:db8::7]:80/"
    )


def test_avahis_name_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "socket").touch()
    monkeypatch.setattr(addresses, "AVAHI", str(tmp_path / "socket"))
    monkeypatch.setattr(socket, "gethostname", lambda: "Board.example")
    monkeypatch.setattr(addresses, "ipv4_addresses", lambda: ["192.0.2.7"])
    monkeypatch.setattr(addresses, "ipv6_addresses", lambda: ["2001:db8::7"])
    both = ["http://0.0.0.0:80/", "http://[::]:80/"]
    found = ["http://board.local:80/", "http://192.0.2.7:80/", "http://[2001:db8::7]:80/"]
    assert describe(both).endswith(f" and, from the network, {' '.join(found)}")
    assert from_network(both) == found
    assert from_network(["http://127.0.0.1:80/", "unix:/run/x", "http://192.0.2.7:80/"]) == [found[1]]
    (tmp_path / "socket").unlink()
    assert "board.local" not in describe(both)


def test_the_wildcard_before_there_is_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "ipv4_addresses", list)
    said = describe(["http://0.0.0.0:80/"])
    assert said == "http://127.0.0.1:80/ and, as soon as there is a network, on all addresses of this machine"


def test_every_address_of_this_machine_can_be_opened(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path, options=("--host", "0.0.0.0"))
    try:
        urls = re.findall(r"http://\S+", server.log)
        assert urls[0] == f"http://127.0.0.1:{server.port}/"
        assert len(urls) == 1 + len(addresses.ipv4_addresses())
        for url in urls:
            with urllib.request.urlopen(url, timeout=20) as answer:
                assert answer.status == 200
    finally:
        server.close()
