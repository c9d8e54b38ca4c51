"""The parts of TLS without a running server: a certificate's files, a socket, and a connection."""

from __future__ import annotations

import os
import select
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from math import inf
from pathlib import Path
from typing import Any

import pytest

from edgeweb.server import tls
from edgeweb.server.limits import Limits, Policy
from edgeweb.server.loop import READ, WRITE
from edgeweb.server.runner import Server
from edgeweb.server.tls import Certificate, Tls, TlsChannel, TlsError, TlsSocket

from .certificates import make
from .process import GET, STUCK


class Client:
    """A client on the other end of a socket, which takes any certificate and shakes hands step by step."""

    def __init__(self, sock: socket.socket, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.maximum_version = newest
        context.options |= ssl.OP_NO_TICKET
        self.sock = sock
        self.sock.setblocking(False)
        self._coming, self._going = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.layer = context.wrap_bio(self._coming, self._going)

    def step(self) -> None:
        """Take what has come, and send what follows it."""
        with suppress(BlockingIOError):
            while data := self.sock.recv(65536):
                self._coming.write(data)
        with suppress(ssl.SSLWantReadError):
            self.layer.do_handshake()
        self.flush()

    def flush(self) -> None:
        if self._going.pending:
            self.sock.sendall(self._going.read())


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    certificate, key = make(tmp_path / "tls")
    return str(certificate), str(key)


@pytest.fixture
def sockets() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def served(certificate: Certificate, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> bytes:
    """Return the certificate that a new connection gets."""
    ours, theirs = socket.socketpair()
    with theirs, certificate.wrap(ours) as sock:
        client = Client(theirs, newest)
        for _ in range(4):
            client.step()
            with suppress(BlockingIOError):
                sock.recv(1)
        found = client.layer.getpeercert(binary_form=True)
        assert found is not None
        sock.shutdown(socket.SHUT_WR)  # OpenSSL forgets the session of a connection that was cut off
        return found


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(tls, "monotonic", found)
    return found


def replace(files: tuple[str, str], folder: Path) -> None:
    for new, old in zip(make(folder), files, strict=True):
        os.replace(new, old)


# -- the files -------------------------------------------------------------------------------------------


def test_files_are_looked_at_each_minute(files: tuple[str, str], tmp_path: Path, clock: Clock) -> None:
    certificate = Certificate(*files)
    first = served(certificate)
    for number in range(2):
        replace(files, tmp_path / f"next-{number}")
        clock.now += 59
        assert served(certificate) == first, "it is not a minute yet"
        clock.now += 1
        second = served(certificate)
        assert second != first
        first = second


def test_files_that_stay_are_not_read_again(files: tuple[str, str], clock: Clock) -> None:
    certificate = Certificate(*files)
    context = certificate._context
    for _ in range(3):
        clock.now += 60
        served(certificate)
    assert certificate._context is context


def test_a_key_that_comes_later_mends_it(
    files: tuple[str, str], tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """A program replaces one file after the other, and a look may come between the two."""
    certificate = Certificate(*files)
    first = served(certificate)
    new = make(tmp_path / "next")
    os.unlink(files[1])
    os.replace(new[0], files[0])
    for _ in range(3):
        clock.now += 60
        assert served(certificate) == first
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith(f"{files[1]} is not there: ") and line.endswith(
        "; the certificate of before stays"
    )
    os.replace(new[1], files[1])
    clock.now += 60
    assert served(certificate) != first


def test_a_file_that_the_service_may_not_read(
    files: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: path != files[1])
    with pytest.raises(TlsError) as caught:
        Certificate(*files)
    assert str(caught.value) == (
        f"{files[1]} cannot be read by this user: name a file of PEM that the service may read"
    )


@pytest.mark.parametrize(("kind", "other"), [("ec", "rsa"), ("rsa", "ec")])
def test_a_key_of_another_kind(tmp_path: Path, kind: str, other: str) -> None:
    files = str(make(tmp_path / kind, key=kind)[0]), str(make(tmp_path / other, key=other)[1])
    with pytest.raises(TlsError, match="the key is not that of the certificate"):
        Certificate(*files)


def test_openssl_keeps_a_bounded_number_of_sessions(
    files: tuple[str, str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tls, "_MAX_SESSIONS", 2)
    certificate = Certificate(*files)

    def kept() -> list[int]:
        found = []
        for _ in range(5):
            served(certificate, ssl.TLSVersion.TLSv1_2)
            found.append(certificate._context.session_stats()["number"])
        return found

    assert kept() == [1, 2, 3, 1, 2]
    os.unlink(files[0])
    assert kept() == [3, 4, 5, 6, 7], "the old context serves on"
    assert len(caplog.records) == 1, "once, and not at each connection"


# -- a socket --------------------------------------------------------------------------------------------


def pair(files: tuple[str, str], sockets: ExitStack) -> tuple[TlsSocket, socket.socket]:
    ours, theirs = socket.socketpair()
    sock = sockets.enter_context(Certificate(*files).wrap(ours))
    assert isinstance(sock, TlsSocket)
    return sock, sockets.enter_context(theirs)


def test_a_look_at_what_has_come_sees_it_as_it_was_sent(files: tuple[str, str], sockets: ExitStack) -> None:
    sock, theirs = pair(files, sockets)
    theirs.sendall(b"\x16\x03\x01")
    assert sock.recv(1, socket.MSG_PEEK) == b"\x16"
    assert sock.recv(9, socket.MSG_PEEK) == b"\x16\x03\x01"


def test_http_has_an_answer_and_rubbish_none(files: tuple[str, str], sockets: ExitStack) -> None:
    for sent, answered in ((GET, True), (bytes(99), False)):
        sock, theirs = pair(files, sockets)
        theirs.sendall(sent)
        with pytest.raises(ssl.SSLError):
            sock.recv(8192)
        received = b""
        theirs.setblocking(False)
        with suppress(BlockingIOError):
            received = theirs.recv(65536)
        assert (b"400 Bad Request" in received) == answered


def test_after_the_end_it_is_a_plain_socket_that_sends_nothing(
    files: tuple[str, str], sockets: ExitStack
) -> None:
    sock, theirs = pair(files, sockets)
    assert not sock.is_agreed()
    sock.shutdown(socket.SHUT_WR)
    assert sock.is_agreed()
    theirs.sendall(b"what a client still sends")
    assert sock.recv(8192) == b"what a client still sends"
    with pytest.raises(BrokenPipeError):
        sock.send(b"answer")
    sock.say_end()  # of a connection that is closed twice


def test_an_answer_of_the_handshake_waits_for_the_socket(files: tuple[str, str], sockets: ExitStack) -> None:
    ours, theirs = socket.socketpair()
    sockets.enter_context(theirs)
    ours.setblocking(False)
    full = 0
    with suppress(BlockingIOError):
        while True:
            full += ours.send(bytes(65536))
    sock = sockets.enter_context(Certificate(*files).wrap(ours))
    assert isinstance(sock, TlsSocket)
    assert not sock.waits_to_write
    client = Client(theirs)
    with pytest.raises(BlockingIOError):
        sock.recv(1)
    assert not sock.waits_to_write, "nothing has come"
    with suppress(ssl.SSLWantReadError):
        client.layer.do_handshake()
    client.flush()
    with pytest.raises(BlockingIOError):
        sock.recv(1)
    assert sock.waits_to_write
    while full:
        full -= len(theirs.recv(min(full, 65536)))
    for _ in range(3):
        with suppress(BlockingIOError):
            sock.recv(1)
        client.step()
    assert not sock.waits_to_write and sock.is_agreed()


# -- a connection ----------------------------------------------------------------------------------------


def app(environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


class Connected:
    """A connection with TLS, whose handshake has not begun, to a server without a loop."""

    def __init__(self, files: tuple[str, str], sockets: ExitStack) -> None:
        self.tls = Tls(Certificate(*files), 0, redirects=True)
        self.server = Server(app, [], Limits(), Policy(), tls=self.tls)
        self.server.bind(["127.0.0.1"], self.tls.port)
        for listener in self.server.listeners:
            sockets.callback(listener.close)
        raw = sockets.enter_context(socket.create_connection(self.server.listeners[0].socket.getsockname()))
        while not self.server.channels:
            self.server.listeners[0].handle_accept()
        (channel,) = self.server.channels.values()
        assert isinstance(channel, TlsChannel)
        self.channel = channel
        sockets.callback(self.close)
        self.client = Client(raw)

    def arrive(self) -> None:
        """Read what the client sends, when it has come."""
        if not select.select([self.channel.socket], [], [], STUCK)[0]:
            pytest.fail("nothing has come")
        self.channel.handle_read()

    def shake_hands(self) -> None:
        while self.channel.shakes_hands():
            self.client.step()
            self.arrive()

    def close(self) -> None:
        if self.channel.connected:
            self.channel.handle_close()


@pytest.fixture
def connected(files: tuple[str, str], sockets: ExitStack, clock: Clock) -> Connected:
    return Connected(files, sockets)


def test_a_handshake_is_no_idle_connection(connected: Connected, clock: Clock) -> None:
    channel = connected.channel
    assert channel.wanted() == READ
    assert channel.shakes_hands() and not channel.is_idle()
    assert not channel.is_overdue(50)
    assert channel.is_overdue(50 + Limits().header_timeout), "its limit is that of a head"
    # a second after a quarter of one: others are as slow only then
    assert channel.pace(clock.now + 0.5) == (2.0, 0.0)
    connected.shake_hands()
    assert channel.is_idle() and channel.pace(clock.now + 0.5) is None
    assert not channel.is_overdue(100)
    assert not channel.is_overdue(100 + Limits().header_timeout)


def test_a_connection_that_has_asked_shakes_hands_no_more(connected: Connected) -> None:
    connected.shake_hands()
    connected.client.layer.write(GET)
    connected.client.flush()
    connected.arrive()
    assert list(connected.server.threads.queue) == [connected.channel]
    assert not connected.channel.shakes_hands() and not connected.channel.is_idle()


def test_a_closed_connection_shakes_hands_no_more(connected: Connected) -> None:
    connected.channel.handle_close()
    assert not connected.channel.shakes_hands()
    assert connected.channel.wanted() == READ


def test_it_waits_to_write_where_the_handshake_does(connected: Connected) -> None:
    connected.client.step()
    connected.channel.socket.waits_to_write = True
    assert connected.channel.wanted() == WRITE
    connected.channel.handle_write()
    assert connected.channel.wanted() == READ, "the answer of the handshake is sent"
    connected.shake_hands()


def test_stalled_handshakes_are_looked_for(connected: Connected) -> None:
    found = connected.tls.next_look
    assert found([]) == inf
    assert found([connected.channel]) == 0.1
    connected.shake_hands()
    assert found([connected.channel]) == inf
