"""Addresses that are not there yet, that go and come, and those of both families."""

from __future__ import annotations

import errno
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgeweb.server import addresses
from edgeweb.server import late as late_hosts
from edgeweb.server.addresses import AddressError
from edgeweb.server.late import Latecomers
from tests.server.namespace import Namespace
from tests.server.process import APPS, STUCK, ServerProcess, wait_until


@pytest.fixture
def namespace() -> Iterator[Namespace]:
    made = Namespace()
    yield made
    made.close()


def serve_in(namespace: Namespace, folder: Path, *hosts: str) -> ServerProcess:
    options = [word for host in hosts for word in ("--host", host)]
    return ServerProcess(folder, options=options, within=namespace.within)


def close(sockets: list[socket.socket]) -> None:
    for sock in sockets:
        sock.close()


def test_an_address_that_comes_later_is_served_when_it_is_there(tmp_path: Path, namespace: Namespace) -> None:
    server = serve_in(namespace, tmp_path, "10.77.0.5")
    try:
        assert server.log.count("10.77.0.5:0 is no address of this machine yet") == 1
        namespace.run("ip", "address", "add", "10.77.0.5/32", "dev", "lo")
        assert namespace.get("10.77.0.5", server.port).endswith("hello")
        namespace.run("ip", "address", "del", "10.77.0.5/32", "dev", "lo")
        namespace.run("ip", "address", "add", "10.77.0.5/32", "dev", "lo")
        assert namespace.get("10.77.0.5", server.port).endswith("hello")
    finally:
        server.close()


def test_an_ipv6_address_that_comes_later(tmp_path: Path, namespace: Namespace) -> None:
    server = serve_in(namespace, tmp_path, "fd00::5")
    try:
        namespace.run("ip", "address", "add", "fd00::5/128", "dev", "lo", "nodad")
        assert namespace.get("fd00::5", server.port).endswith("hello")
    finally:
        server.close()


def test_both_families_on_one_address(tmp_path: Path, namespace: Namespace) -> None:
    server = serve_in(namespace, tmp_path, "::")
    try:
        assert f"http://127.0.0.1:{server.port}" in server.log and f"http://[::1]:{server.port}" in server.log
        answer = namespace.get("127.0.0.1", server.port, "/environ")
        assert "\nREMOTE_ADDR=127.0.0.1\n" in answer and "::ffff" not in answer
        assert "\nREMOTE_ADDR=::1\n" in namespace.get("::1", server.port, "/environ")
    finally:
        server.close()


def test_without_ipv6_localhost_is_served_on_its_other_address(tmp_path: Path, namespace: Namespace) -> None:
    namespace.switch_ipv6_off()
    server = serve_in(namespace, tmp_path, "localhost")
    try:
        ports = re.findall(r"http://127\.0\.0\.1:(\d+)/", server.log)
        assert namespace.get("127.0.0.1", int(ports[0])).endswith("hello")
    finally:
        server.close()


def test_several_hosts(tmp_path: Path, namespace: Namespace) -> None:
    namespace.run("ip", "address", "add", "10.77.0.5/32", "dev", "lo")
    server = serve_in(namespace, tmp_path, "127.0.0.1", "10.77.0.5")
    try:
        for address, port in re.findall(r"http://([\d.]+):(\d+)/", server.log):
            assert namespace.get(address, int(port)).endswith("hello")
        assert len(re.findall("http://", server.log)) == 2
    finally:
        server.close()


def test_a_link_local_address_with_and_without_its_zone(tmp_path: Path, namespace: Namespace) -> None:
    namespace.run("ip", "link", "add", "eth9", "type", "veth", "peer", "name", "eth8")
    for link in ("eth8", "eth9"):
        namespace.run("ip", "link", "set", link, "up")
    namespace.run("ip", "address", "add", "fe80::1234/64", "dev", "eth9", "nodad")
    server = serve_in(namespace, tmp_path, "fe80::1234%eth9")
    try:
        for host in ("[fe80::1234]", "[FE80:0::1234]", "[fe80::1234%25eth9]", "[fe80::1234%eth9]:80"):
            answer = namespace.get("fe80::1234%eth9", server.port, "/environ", host)
            assert answer.startswith("HTTP/1.1 200 "), host
            assert "%" not in answer.partition("\nHTTP_HOST=")[2].partition("\n")[0]
        for host in ("[fe80::1235%25eth9]", "[fe80::1234%25evil.example]x", "[%25eth9]", "a%25eth9"):
            assert namespace.get("fe80::1234%eth9", server.port, "/", host).startswith("HTTP/1.1 4"), host
    finally:
        server.close()


def test_a_new_name_counts_at_once(tmp_path: Path, namespace: Namespace) -> None:
    namespace.rename("old")
    server = serve_in(namespace, tmp_path, "127.0.0.1")
    try:
        assert namespace.get("127.0.0.1", server.port, host="old.local").endswith("hello")
        assert namespace.get("127.0.0.1", server.port, host="new.local").startswith("HTTP/1.1 421 ")
        namespace.rename("new")
        for host in ("new", "new.local", "new-2.local", "new.lan"):
            assert namespace.get("127.0.0.1", server.port, host=host).endswith("hello"), host
        assert namespace.get("127.0.0.1", server.port, host="old.lan").startswith("HTTP/1.1 421 ")
    finally:
        server.close()


def test_a_name_that_is_not_known_yet_is_served_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late_hosts, "RETRY_SECONDS", 0.01)
    found, late = addresses.bind(["no.such.invalid", "127.0.0.1"], 0)
    close(found)
    assert late == ["no.such.invalid"] and len(found) == 1
    known: list[object] = []
    lookup = socket.getaddrinfo

    def resolve(name: bytes, *rest: object, **named: object) -> object:
        known.append(name)
        return lookup("127.0.0.1" if len(known) > 3 else name, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    waiting = Latecomers(late, 0, 8)
    sockets: list[socket.socket] = []
    wait_until(lambda: bool(sockets.extend(waiting.taken()) or sockets))
    assert waiting.hosts == [] and waiting.taken() == []
    with socket.create_connection(sockets[0].getsockname(), STUCK):
        close(sockets)


def test_a_server_that_waits_for_its_only_name_ends_on_a_signal(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-m", "edgeweb", "serve", "app:app", "--host", "no.such.invalid"]
    with log.open("w") as stream, subprocess.Popen(command, cwd=APPS, stderr=stream) as process:
        wait_until(lambda: "serves as soon as its address is there" in log.read_text())
        process.terminate()
        assert process.wait(STUCK) == 0
    assert log.read_text().count("cannot serve on no.such.invalid:8080 yet") == 1


def test_a_taken_port_says_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for hosts in (["127.0.0.1"], ["127.0.0.2", "127.0.0.1"], ["::"]):
            with pytest.raises(AddressError, match=rf":{port}: Address already in use. Another"):
                addresses.bind(hosts, port)


class KernelWithoutIPv6:
    """In place of `socket.socket`: as after a start with `ipv6.disable=1`."""

    def __init__(self, real: type[socket.socket]) -> None:
        self._real = real

    def __call__(self, family: int, kind: int) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, "no such family")
        return self._real(family, kind)


def test_a_kernel_without_ipv6(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(socket, "socket", KernelWithoutIPv6(socket.socket))
    everything, _ = addresses.bind(["::"], 0)
    assert [sock.getsockname()[0] for sock in everything] == ["0.0.0.0"]
    close(everything)
    both = [(socket.AF_INET6, 1, 6, "", ("::1", 0, 0, 0)), (socket.AF_INET, 1, 6, "", ("127.0.0.1", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *rest, **named: both)
    found, _ = addresses.bind(["localhost"], 0)
    assert [sock.getsockname()[0] for sock in found] == ["127.0.0.1"]
    close(found)
    assert "[::1]:0: Address family not supported" in caplog.text
    with pytest.raises(AddressError, match="no IPv6: give an IPv4 address"):
        monkeypatch.setattr(socket, "getaddrinfo", lambda *rest, **named: both[:1])
        addresses.bind(["::1"], 0)


@pytest.mark.parametrize(
    ("hosts", "left"),
    [
        (["::", "127.0.0.1", "::1"], ["::"]),
        (["0.0.0.0", "192.0.2.1", "::1"], ["0.0.0.0", "::1"]),
        (["[::]"], ["::"]),
        (["127.0.0.1", "127.0.0.1"], ["127.0.0.1"]),
        (["::", "unix:/run/x"], ["::", "unix:/run/x"]),
    ],
)
def test_what_a_wildcard_covers_is_not_bound_again(hosts: list[str], left: list[str]) -> None:
    assert addresses._without_covered(hosts) == left


def test_a_link_local_address_without_its_interface_says_what_is_missing() -> None:
    with pytest.raises(AddressError, match=r"needs its interface, as in fe80::1%eth0"):
        addresses.bind(["fe80::1"], 0)
