"""TLS by `edgeweb serve`, asked by a client that checks the certificate."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .certificates import make, trusting
from .process import APPS, GET, GET_AND_CLOSE, STUCK, ServerProcess, read_all, read_answer, status, wait_until

Serve = Callable[..., ServerProcess]

VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


class Secured:
    """A server with TLS on one port and HTTP on another, and a client that trusts its certificate."""

    def __init__(self, serve: Serve, folder: Path, *options: str, **server: Any) -> None:
        self.certificate, self.key = make(folder)
        files = ("--tls-certificate", str(self.certificate), "--tls-key", str(self.key))
        self.server = serve(options=(*files, "--tls-port", "0", *options), **server)
        self.port = int(self.server.wait_for_log(r"https://\S+?:(\d+)/")[1])

    def connect(self, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> ssl.SSLSocket:
        return trusting(self.certificate, newest).wrap_socket(self.raw(), server_hostname="localhost")

    def raw(self) -> socket.socket:
        """Return a connection to the port with TLS that has sent nothing."""
        return socket.create_connection(("127.0.0.1", self.port), STUCK)

    def ask(self, request: bytes) -> bytes:
        with self.connect() as sock:
            sock.sendall(request)
            return read_all(sock)


@pytest.fixture
def secured(serve: Serve, tmp_path: Path) -> Secured:
    return Secured(serve, tmp_path / "tls")


@pytest.mark.parametrize("newest", VERSIONS)
def test_requests_and_answers_pass(secured: Secured, newest: ssl.TLSVersion) -> None:
    with secured.connect(newest) as sock:
        assert sock.version() == {VERSIONS[0]: "TLSv1.2", VERSIONS[1]: "TLSv1.3"}[newest]
        for _ in range(3):
            sock.sendall(GET)
            assert read_answer(sock).endswith(b"hello")


def test_the_program_sees_https(secured: Secured) -> None:
    answer = secured.ask(b"GET /environ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").decode()
    assert "wsgi.url_scheme=https\n" in answer and f"SERVER_PORT={secured.port}\n" in answer


def test_large_answers_and_bodies(secured: Secured) -> None:
    answer = secured.ask(b"GET /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert answer.partition(b"\r\n\r\n")[2] == b"x" * 2_000_000
    head = b"POST /size HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 3000000\r\n\r\n"
    assert secured.ask(head + b"y" * 3_000_000).endswith(b"\r\n\r\n3000000")


def test_a_request_in_many_records(secured: Secured) -> None:
    with secured.connect() as sock:
        for byte in GET_AND_CLOSE:
            sock.sendall(bytes([byte]))
        assert read_all(sock).endswith(b"hello")


def test_two_requests_in_one_record(secured: Secured) -> None:
    assert secured.ask(GET + GET_AND_CLOSE).count(b"hello") == 2


def test_the_end_of_an_answer_is_said(secured: Secured) -> None:
    # an answer without a length, which ends with the connection; a client must see that it was not cut off
    context = trusting(secured.certificate)
    with context.wrap_socket(secured.raw(), server_hostname="localhost", suppress_ragged_eofs=False) as sock:
        sock.sendall(b"GET /stream HTTP/1.0\r\nHost: localhost\r\n\r\n")
        assert read_all(sock).endswith(b"onetwothree")


def test_a_refusal_arrives_while_the_client_sends(secured: Secured) -> None:
    with secured.connect() as sock:
        sock.sendall(
            b"POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n" + b"z" * 99_999
        )
        assert status(read_all(sock)) == 413


@pytest.mark.parametrize("newest", VERSIONS)
def test_a_session_is_resumed(secured: Secured, newest: ssl.TLSVersion) -> None:
    context = trusting(secured.certificate, newest)
    with context.wrap_socket(secured.raw(), server_hostname="localhost") as sock:
        sock.sendall(GET)
        read_answer(sock)  # the tickets of TLS 1.3 come after the handshake
        session = sock.session
    with context.wrap_socket(secured.raw(), server_hostname="localhost", session=session) as sock:
        assert sock.session_reused


def test_what_is_old_is_refused(secured: Secured) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl (Debian: apt install openssl)")
    address = f"127.0.0.1:{secured.port}"
    weak = [
        ["-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0"],
        ["-groups", "ffdhe8192"],
        ["-groups", "secp521r1"],
        ["-tls1_2", "-cipher", "AES128-GCM-SHA256:@SECLEVEL=0"],
        ["-tls1_2", "-cipher", "ECDHE+AES:!AESGCM:@SECLEVEL=0"],
    ]
    for options in weak:
        command = ["openssl", "s_client", "-connect", address, *options]
        done = subprocess.run(command, input=b"", capture_output=True, timeout=STUCK, check=False)
        assert done.returncode == 1 and b"alert" in done.stderr, (options, done.stderr)


def test_http_on_the_port_with_tls_is_told(secured: Secured) -> None:
    with secured.raw() as sock:
        sock.sendall(GET)
        assert status(answer := read_all(sock)) == 400
        assert b"https://" in answer


@pytest.mark.parametrize(
    ("request_line", "location"),
    [
        ("GET /", "/"),
        ("GET /a%20b/%C3%A9?x=1&y=%2F", "/a%20b/%C3%A9?x=1&y=%2F"),
        ("HEAD //host/path", "/host/path"),  # which would lead to another machine
    ],
)
def test_http_leads_to_tls(secured: Secured, request_line: str, location: str) -> None:
    answer = secured.server.ask(
        f"{request_line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
    )
    assert status(answer) == 307
    assert f"\r\nLocation: https://localhost:{secured.port}{location}\r\n" in answer.decode()


def test_http_takes_no_change(secured: Secured) -> None:
    answer = secured.server.ask(
        b"POST /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"
    )
    assert status(answer) == 403 and b"https://localhost:" in answer
    assert (
        "/echo"
        not in secured.ask(b"GET /served HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").decode()
    )


def test_http_may_be_served_as_well(serve: Serve, tmp_path: Path) -> None:
    secured = Secured(serve, tmp_path / "tls", "--tls-http", "serve")
    assert secured.server.get().endswith(b"hello") and secured.ask(GET_AND_CLOSE).endswith(b"hello")


def test_one_port_for_tls_only(serve: Serve, tmp_path: Path) -> None:
    certificate, key = make(tmp_path / "tls")
    server = ServerProcessOnOnePort(tmp_path, certificate, key)
    try:
        with trusting(certificate).wrap_socket(server.connect(), server_hostname="localhost") as sock:
            sock.sendall(GET_AND_CLOSE)
            assert read_all(sock).endswith(b"hello")
        assert "http://" not in server.log
    finally:
        server.close()


def test_one_port_for_tls_and_a_unix_socket(tmp_path: Path) -> None:
    """The socket is a proxy's on this machine, which has the other end of TLS."""
    certificate, key = make(tmp_path / "tls")
    path = tmp_path / "socket"
    server = ServerProcessOnOnePort(tmp_path, certificate, key, "127.0.0.1", f"unix:{path}")
    try:
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(str(path))
            sock.sendall(GET_AND_CLOSE.replace(b"127.0.0.1", b"localhost"))
            assert read_all(sock).endswith(b"hello")
        with trusting(certificate).wrap_socket(server.connect(), server_hostname="localhost") as secured:
            secured.sendall(GET_AND_CLOSE)
            assert read_all(secured).endswith(b"hello")
        assert "http://" not in server.log
    finally:
        server.close()


class ServerProcessOnOnePort(ServerProcess):
    """A server whose port speaks TLS and nothing else; the port is free when it is looked for."""

    def __init__(self, folder: Path, certificate: Path, key: Path, *hosts: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self._wanted = str(probe.getsockname()[1])
        files = ("--tls-certificate", str(certificate), "--tls-key", str(key))
        ports = ("--port", self._wanted, "--tls-port", self._wanted)
        named = [word for host in hosts for word in ("--host", host)]
        super().__init__(folder, options=(*files, *ports, *named))

    def wait_for_log(self, pattern: str) -> re.Match[str]:
        return super().wait_for_log(rf"https://\S+:({self._wanted})/")


def test_a_new_certificate_is_taken_at_sighup(secured: Secured, tmp_path: Path) -> None:
    certificate, key = make(tmp_path / "next")
    os.replace(certificate, secured.certificate)
    os.replace(key, secured.key)
    secured.server.process.send_signal(signal.SIGHUP)

    def is_new() -> bool:
        try:
            return secured.ask(GET_AND_CLOSE).endswith(b"hello")
        except ssl.SSLCertVerificationError:
            return False

    wait_until(is_new)


def test_a_faulty_certificate_changes_nothing(secured: Secured) -> None:
    before = trusting(secured.certificate)
    secured.certificate.write_text("nothing\n")
    secured.server.process.send_signal(signal.SIGHUP)
    secured.server.wait_for_log("the certificate of before stays")
    with before.wrap_socket(secured.raw(), server_hostname="localhost") as sock:
        sock.sendall(GET_AND_CLOSE)
        assert read_all(sock).endswith(b"hello")


@pytest.mark.slow
def test_a_drain_ends_connections_with_tls(secured: Secured) -> None:
    with secured.connect() as idle, secured.connect() as busy, secured.raw() as silent:
        idle.sendall(GET)
        read_answer(idle)
        busy.sendall(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
        wait_until(
            lambda: (
                "/slow"
                in secured.ask(
                    b"GET /served HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                ).decode()
            )
        )
        assert secured.server.stop() == 0, secured.server.log
        assert read_answer(busy).endswith(b"slow")
        assert read_all(idle) == b"" and read_all(silent) == b""


def test_openssl_stays_away_without_tls(serve: Serve) -> None:
    names = serve().body("/modules").split("\n")
    assert not {"_ssl", "ssl", "edgeweb.server.tls", "edgeweb.server.to_tls"} & set(names)


def test_events_by_tls(serve: Serve, tmp_path: Path) -> None:
    secured = Secured(serve, tmp_path / "tls")
    with secured.connect() as sock:
        sock.sendall(b"GET /ticks HTTP/1.1\r\nHost: localhost\r\n\r\n")
        wait_until(lambda: b"." in sock.recv(65536))
    # its client has gone, which another thread sees, and the server serves on
    wait_until(
        lambda: (
            b"ended" in secured.ask(b"GET /served HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        )
    )


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (lambda certificate, key: certificate.unlink(), "is not there"),
        (lambda certificate, key: key.write_text("no key\n"), "no PEM file"),
        (
            lambda certificate, key: shutil.copy(make(key.parent / "other")[1], key),
            "not that of the certificate",
        ),
        (
            lambda certificate, key: shutil.copy(make(key.parent / "p", passphrase="word")[1], key),
            "passphrase",
        ),
    ],
)
def test_files_that_cannot_be_served(
    tmp_path: Path, break_it: Callable[[Path, Path], Any], said: str
) -> None:
    certificate, key = make(tmp_path / "tls")
    break_it(certificate, key)
    done = run_serve("--tls-certificate", str(certificate), "--tls-key", str(key))
    assert done.returncode == 1 and said in done.stderr and str(tmp_path) in done.stderr


@pytest.mark.parametrize(
    "options", [["--tls-certificate", "a.crt"], ["--tls-key", "a.key"], ["--tls-port", "1"]]
)
def test_a_certificate_needs_its_key(options: list[str]) -> None:
    done = run_serve(*options)
    assert done.returncode == 2 and "TLS needs both --tls-certificate and --tls-key" in done.stderr


def run_serve(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "edgeweb", "serve", "app:app", "--port", "0", *options]
    return subprocess.run(command, cwd=APPS, capture_output=True, text=True, timeout=STUCK, check=False)
