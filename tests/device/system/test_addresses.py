"""The addresses of this machine, of the kernel's own tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeweb.device.system.addresses import ipv4_addresses, ipv6_addresses, ipv6_networks

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
