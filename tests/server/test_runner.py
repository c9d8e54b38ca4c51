"""Start, ready, serve, drain, end: with the real process."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.server.process import APPS, ServerProcess, read_all

Serve = Callable[..., ServerProcess]


def test_serves_a_request(serve: Serve) -> None:
    answer = serve().get("/")
    head, body = answer.split(b"\r\n\r\n", 1)
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert body == b"hello"


def test_a_factory_is_called(serve: Serve) -> None:
    assert serve("app:create_app()").get("/").endswith(b"hello")


def test_keep_alive_serves_a_second_request(serve: Serve) -> None:
    request = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with serve().connect() as sock:
        for _ in range(2):
            sock.sendall(request)
            answer = b""
            while not answer.endswith(b"hello"):
                answer += sock.recv(4096)


def test_header_and_body_come_in_one_piece(serve: Serve) -> None:
    with serve().connect() as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert sock.recv(4096).endswith(b"\r\n\r\nhello")


def test_a_stream_is_chunked(serve: Serve) -> None:
    answer = serve().get("/stream")
    assert b"Transfer-Encoding: chunked" in answer
    assert answer.endswith(b"\r\n\r\n3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n")


def test_a_large_body_arrives_whole(serve: Serve) -> None:
    assert serve().get("/large").split(b"\r\n\r\n", 1)[1] == b"x" * 2_000_000


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(serve: Serve, number: signal.Signals) -> None:
    server = serve()
    server.get("/")
    assert server.stop(number) == 0
    assert "Traceback" not in server.log


def test_what_runs_is_finished_and_told_to_close(serve: Serve) -> None:
    server = serve()
    with server.connect() as sock:
        sock.sendall(b"GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        server.get("/")  # answered after /slow was taken up, so that one is running now
        server.process.send_signal(signal.SIGTERM)
        answer = b""
        while data := sock.recv(4096):
            answer += data
    assert answer.endswith(b"slow")
    assert b"Connection: close" in answer
    assert server.process.wait(20) == 0


def test_an_idle_connection_does_not_hold_up_the_end(serve: Serve) -> None:
    server = serve()
    with server.connect() as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        sock.recv(4096)
        assert server.stop() == 0
        assert sock.recv(4096) == b""


@pytest.mark.parametrize(
    ("app", "complaint"),
    [
        ("app", '"module:app" or "module:create_app()"'),
        ("nowhere:app", "no module 'nowhere'"),
        ("app:nothing", "module 'app' has no 'nothing'"),
        ("app:not_an_app", "is a int, not a WSGI application"),
    ],
)
def test_a_wrong_application_is_one_line_and_code_1(app: str, complaint: str) -> None:
    command = [sys.executable, "-m", "edgeweb", "serve", app]
    done = subprocess.run(command, cwd=APPS, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 1
    assert complaint in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.slow
def test_requests_leave_no_line_in_the_log(serve: Serve) -> None:
    server = serve("app:app", threads=1)
    sockets = [server.connect() for _ in range(6)]
    for sock in sockets:  # all but the first have to wait
        sock.sendall(b"GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    for sock in sockets:
        with sock:
            assert read_all(sock).endswith(b"slow")
    server.ask(b"GET / HTTP/1.1\r\n\r\n")  # 400
    assert server.stop() == 0
    assert server.log == f"edgeweb serves on http://127.0.0.1:{server.port}/\n"
