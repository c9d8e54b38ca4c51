"""What avahi is given to announce: the port that the server has told systemd, where others can reach it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from edgeweb.server import addresses, systemd
from edgeweb.server.late import Latecomers
from edgeweb.server.limits import Limits, Policy
from edgeweb.server.runner import Server

SCRIPT = Path(__file__).parents[2] / "systemd" / "avahi" / "announce"
FILE = "edgeweb.service"


class Machine:
    """A folder of avahi's, and a service whose status is given."""

    def __init__(self, folder: Path) -> None:
        self.services = folder / "services"
        self.services.mkdir()
        self._programs = folder / "bin"
        self._programs.mkdir()

    def announce(self, status: str, word: str = "write") -> None:
        program = self._programs / "systemctl"
        program.write_text(f"#!/bin/sh\ncat <<'END'\n{status}\nEND\n")
        program.chmod(0o755)
        path = f"{self._programs}:{os.environ['PATH']}"
        environ = {"PATH": path, "EDGEWEB_AVAHI": str(self.services)}
        done = subprocess.run(
            ["sh", str(SCRIPT), word], env=environ, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")

    @property
    def ports(self) -> dict[str, str]:
        """Port of each announced type of service."""
        if not (self.services / FILE).exists():
            return {}
        group = ElementTree.parse(self.services / FILE).getroot()
        return {str(one.findtext("type")): str(one.findtext("port")) for one in group.iter("service")}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize(
    ("status", "port"),
    [
        ("serving http://0.0.0.0:8080/", "8080"),
        ("serving http://0.0.0.0:80/ http://[::]:80/", "80"),
        ("serving http://127.0.0.1:8080/ http://192.168.1.20:81/", "81"),
        ("serving http://[::1]:9/ http://[fd00::5]:82/, 2 changed keys of the profile wait", "82"),
    ],
)
def test_the_port_that_others_reach(machine: Machine, status: str, port: str) -> None:
    machine.announce(status)
    assert machine.ports == {"_http._tcp": port, "_edgeweb._tcp": port}
    assert (machine.services / FILE).stat().st_mode & 0o777 == 0o644
    assert [path.name for path in machine.services.iterdir()] == [FILE]


def test_a_port_with_tls(machine: Machine) -> None:
    machine.announce("serving http://0.0.0.0:80/ https://0.0.0.0:443/")
    assert machine.ports == {"_http._tcp": "80", "_edgeweb._tcp": "80"}
    machine.announce("serving https://0.0.0.0:443/")
    assert machine.ports == {"_https._tcp": "443", "_edgeweb._tcp": "443"}


@pytest.mark.parametrize(
    "status",
    [
        "serving http://127.0.0.1:8080/",
        "serving http://127.0.0.1:8080/ http://[::1]:8080/",
        "serving unix:/run/edgeweb/socket",
        "serving http://127.0.0.1:8080/ and, as soon as they are there, http://localhost:8080/",
        "serving http://0.0.0.0:80$(touch x)/",
        "serving http://0.0.0.0:<port>/",
        "",
    ],
)
def test_nothing_where_others_reach_nothing(machine: Machine, status: str) -> None:
    machine.announce("serving http://0.0.0.0:8080/")
    machine.announce(status)
    assert machine.ports == {}


def test_the_end_of_the_service_removes_it(machine: Machine) -> None:
    machine.announce("serving http://0.0.0.0:8080/")
    machine.announce("serving http://0.0.0.0:8080/", "remove")
    assert list(machine.services.iterdir()) == []


def test_without_avahi_nothing_is_made(machine: Machine) -> None:
    machine.services.rmdir()
    machine.announce("serving http://0.0.0.0:8080/")
    assert not machine.services.exists()


@pytest.mark.parametrize(
    ("hosts", "is_announced"), [(["0.0.0.0"], True), (["::"], True), (["localhost"], False)]
)
def test_it_reads_what_the_server_writes(machine: Machine, hosts: list[str], is_announced: bool) -> None:
    sockets, _ = addresses.bind(hosts, 0)
    server = Server(lambda environ, start: [], sockets, Limits(), Policy())
    machine.announce("serving " + " ".join(server.addresses()))
    ports = {str(sock.getsockname()[1]) for sock in sockets}
    assert set(machine.ports.values()) == (ports if is_announced else set())
    for listener in server.listeners:
        listener.close()


def test_what_has_no_address_yet_is_announced_at_once(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The unit calls the script once. Avahi follows the networks by itself."""
    statuses: list[str] = []
    monkeypatch.setattr(systemd, "notify", lambda *assignments: statuses.append(assignments[-1]))
    sockets, late = addresses.bind(["127.0.0.1", "no.such.invalid"], 0)
    port = sockets[0].getsockname()[1]
    server = Server(lambda environ, start: [], sockets, Limits(), Policy())
    server._late.append((latecomers := Latecomers(late, port, 1), False))
    server._report_ready()
    latecomers.hosts.clear()  # ends its thread
    (status,) = statuses
    machine.announce(status.removeprefix("STATUS="))
    assert set(machine.ports.values()) == {str(port)}
    for listener in server.listeners:
        listener.close()


def test_the_units_socket_is_of_both_families() -> None:
    """ListenStream=80 makes one socket of IPv6 for both, and the server names both."""
    sock = addresses.bind(["::"], 0)[0][0]
    assert addresses.takes_both(sock)
    sock.close()
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as one:
        assert not addresses.takes_both(one)


def test_the_service_calls_it() -> None:
    unit = (SCRIPT.parents[1] / "edgeweb.service").read_text()
    calls = re.findall(r"^Exec(\w+)=\+-(\S+)/announce (\w+)$", unit, re.MULTILINE)
    assert calls == [
        ("StartPost", "/opt/edgeweb/libexec", "write"),
        ("StopPost", "/opt/edgeweb/libexec", "remove"),
    ]
