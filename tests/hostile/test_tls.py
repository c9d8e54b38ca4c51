"""Clients that mean harm by their handshakes: they stall in them, leave, send rubbish, or make many."""

from __future__ import annotations

import contextlib
import random
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.certificates import make, trusting
from tests.server.process import GET_AND_CLOSE, STUCK, ServerProcess, read_all, wait_until

from .conftest import Watch

#: Handshakes at once; a server has 32 places unless it is told otherwise.
FLOOD = 500
HEADER_SECONDS = 2


class Target:
    """A server with TLS, and the addresses of its attackers, of whom each is another client."""

    def __init__(self, folder: Path) -> None:
        self.certificate, key = make(folder / "tls")
        files = ("--tls-certificate", str(self.certificate), "--tls-key", str(key), "--tls-port", "0")
        options = (*files, "--tls-http", "serve")
        self.server = ServerProcess(folder, options=options, header_timeout=HEADER_SECONDS, idle_timeout=3600)
        self.port = int(self.server.wait_for_log(r"https://\S+?:(\d+)/")[1])
        # OpenSSL's memory for as many handshakes at once as there are places, 2 to 3 MiB, stays with the
        # process, and a flood leaves it in more pieces than a few clients do. A second one may not take more.
        self.stall(FLOOD)
        wait_until(self.is_served)
        self.watch = Watch(self.server)

    def stall(self, count: int) -> None:
        """Open connections from as many addresses, whose handshakes go on no further; then close them."""
        hello = hello_of_a_client(self.certificate)
        with contextlib.ExitStack() as stack:
            for number in range(count):
                with contextlib.suppress(OSError):  # refused, or closed for another
                    sock = stack.enter_context(self.connect(number))
                    sock.sendall(hello[: 9 * number % len(hello)])
            wait_until(self.is_served)

    def connect(self, attacker: int = 0) -> socket.socket:
        source = (f"127.0.{1 + attacker // 200}.{1 + attacker % 200}", 0)
        return socket.create_connection(("127.0.0.1", self.port), STUCK, source)

    def is_served(self) -> bool:
        """Return whether another client gets an answer by a handshake of its own."""
        with (
            contextlib.suppress(OSError),
            trusting(self.certificate).wrap_socket(
                socket.create_connection(("127.0.0.1", self.port), 2), server_hostname="localhost"
            ) as sock,
        ):
            sock.sendall(GET_AND_CLOSE)
            return read_all(sock).endswith(b"hello")
        return False


@pytest.fixture(scope="module")
def survivor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """One server for all tests, because it has to survive them all."""
    made = Target(tmp_path_factory.mktemp("tls"))
    yield made
    assert made.server.stop() == 0, made.server.log


@pytest.fixture
def target(survivor: Target) -> Iterator[Target]:
    """The memory that it had before the first test is what it has after each."""
    yield survivor
    survivor.watch.check()


def hello_of_a_client(certificate: Path) -> bytes:
    """Return the first bytes that a client sends."""
    going = ssl.MemoryBIO()
    client = trusting(certificate).wrap_bio(ssl.MemoryBIO(), going, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return going.read()


@pytest.mark.parametrize("size", [0, 1, 100, 10_000])
def test_a_handshake_that_stalls_is_cut_off(target: Target, size: int) -> None:
    with target.connect() as sock:
        sock.sendall(hello_of_a_client(target.certificate)[:size])
        read_all(sock)  # until the server closes, whatever it has answered
    assert target.is_served()


def test_500_stalled_handshakes_keep_nobody_out(target: Target) -> None:
    target.stall(FLOOD)


@pytest.mark.parametrize("seed", range(20))
def test_rubbish_ends_its_connection_only(target: Target, seed: int) -> None:
    source = random.Random(seed)
    hello = bytearray(hello_of_a_client(target.certificate))
    for rubbish in (source.randbytes(source.randrange(1, 20_000)), changed(hello, source)):
        with target.connect() as sock, contextlib.suppress(OSError):
            sock.sendall(rubbish)
            read_all(sock)
    assert target.is_served()


def changed(hello: bytearray, source: random.Random) -> bytes:
    """Return the bytes with some others in their middle."""
    for _ in range(5):
        hello[source.randrange(5, len(hello))] = source.randrange(256)
    return bytes(hello)


def test_clients_that_leave_after_their_handshake(target: Target) -> None:
    context = trusting(target.certificate)
    for number in range(200):
        context.wrap_socket(target.connect(number), server_hostname="localhost").close()
    assert target.is_served()


def without_tickets(certificate: Path) -> Iterator[ssl.SSLContext]:
    """Yield clients of TLS 1.2, for each of which the server has to keep a session itself."""
    context = trusting(certificate, ssl.TLSVersion.TLSv1_2)
    context.options |= ssl.OP_NO_TICKET
    while True:
        yield context


def test_files_that_have_gone_cost_no_connection(tmp_path: Path) -> None:
    """A new context is made of them after 500 sessions, while a program may be replacing them."""
    target = Target(tmp_path)
    clients = without_tickets(target.certificate)
    context = next(clients)
    target.certificate.unlink()
    for number in range(600):
        with context.wrap_socket(target.connect(number % 400), server_hostname="localhost") as sock:
            sock.sendall(GET_AND_CLOSE)
            assert read_all(sock).endswith(b"hello")
    assert target.server.log.count("the certificate of before stays") == 1
    assert target.server.stop() == 0


def test_sessions_of_the_server_have_a_bound(target: Target) -> None:
    clients = without_tickets(target.certificate)
    before = 0
    for number in range(1200):
        if number == 600:  # more than are kept: the context is the second one
            before = target.server.anonymous_kib()
        with (
            contextlib.suppress(OSError),
            next(clients).wrap_socket(target.connect(number % 400), server_hostname="localhost") as sock,
        ):
            sock.sendall(GET_AND_CLOSE)
            assert read_all(sock).endswith(b"hello")
    assert target.server.anonymous_kib() - before < 256
