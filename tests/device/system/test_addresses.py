"""The addresses of this machine, of the kernel's own tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeweb.device.system import addresses
from edgeweb.device.system.addresses import ipv4_addresses, ipv6_addresses, ipv6_networks, private_addresses

TABLE = (
    "20010db8000100020000000000000001 02 40 00 80     eth0\n"
    "fe80000000000000021122fffe334455 02 40 20 80     eth0\n"
    "damaged\n"
    "zzzz0000000000000000000000000000 02 40 00 80     eth0\n"
)


def test_the_table_of_ipv6(tmp_path: Path) -> None:
    file = tmp_path / "if_inet6"
    file.write_text(TABLE)
    assert ipv6_networks(str(file)) == {"2001:db8:1:2", "fe80:0:0:0"}
    assert ipv6_addresses(str(file)) == ["2001:db8:1:2::1"]
    assert ipv6_networks(str(tmp_path / "missing")) == frozenset()
    assert ipv6_addresses(str(tmp_path / "missing")) == []


def test_a_machine_without_a_socket_has_no_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise OSError(97, "Address family not supported by protocol")

    monkeypatch.setattr("socket.socket", refuse)
    assert ipv4_addresses() == []


def test_private_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not those that mean this machine everywhere, and none that is given up tomorrow."""
    file = tmp_path / "if_inet6"
    file.write_text(
        TABLE
        + "fd000000000000000000000000000002 02 40 00 80     eth0\n"
        + "fd000000000000000000000000000003 02 40 00 01     eth0\n"
        + "fc000000000000000000000000000004 02 40 00\n"
    )
    found = [
        "10.1.2.3",
        "172.15.0.1",
        "172.16.0.1",
        "172.31.9.9",
        "172.32.0.1",
        "192.168.1.20",
        "192.169.0.1",
    ]
    found += ["169.254.3.4", "100.64.0.1", "8.8.8.8"]
    monkeypatch.setattr(addresses, "ipv4_addresses", lambda: found)
    private = ["10.1.2.3", "172.16.0.1", "172.31.9.9", "192.168.1.20", "169.254.3.4"]
    assert private_addresses(str(file)) == [*private, "fd00::2", "fc00::4"]
    assert private_addresses(str(tmp_path / "missing")) == private
