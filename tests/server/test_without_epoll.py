"""The server on macOS, by what that system lacks: no `epoll`, no report of clients that have left."""

from __future__ import annotations

import signal
import socket
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server.process import GET, STUCK, ServerProcess, read_all, read_answer, status

LAPTOP = Path(__file__).parent.parent / "laptop.py"
MACOS = (sys.executable, "-P", str(LAPTOP), "macos")

pytestmark = pytest.mark.slow


@pytest.fixture
def server(serve: Callable[..., ServerProcess]) -> ServerProcess:
    return serve(python=MACOS, options=["--threads", "2"])


def _request(path: str) -> bytes:
    return GET.replace(b" / ", f" {path} ".encode())


def test_epoll_is_taken_away(server: ServerProcess) -> None:
    modules = server.body("/modules").splitlines()
    assert "edgeweb.server.loop" in modules
    assert "[eventpoll]" not in [
        link.readlink().name for link in Path(f"/proc/{server.process.pid}/fd").iterdir()
    ]


def test_connections_are_kept(server: ServerProcess) -> None:
    connections = [server.connect() for _ in range(8)]
    try:
        for _ in range(3):
            for connection in connections:
                connection.sendall(GET)
            assert all(read_answer(connection).endswith(b"hello") for connection in connections)
        connections[0].sendall(GET + _request("/stream") + GET)
        assert status(read_answer(connections[0])) == 200
    finally:
        for connection in connections:
            connection.close()
    assert server.body("/livez") == "ok"


def test_a_body_and_a_large_answer(server: ServerProcess) -> None:
    with server.connect() as connection:
        connection.sendall(_request("/size")[:-2] + b"Content-Length: 300000\r\n\r\n")
        for _ in range(3):
            connection.sendall(b"x" * 100_000)
        assert read_answer(connection).endswith(b"300000")
    assert len(server.body("/large")) == 2_000_000


def test_a_stream(server: ServerProcess) -> None:
    assert server.body("/stream").replace("\r\n", "") == "3one3two5three0"


def test_a_slow_view_holds_up_no_other(server: ServerProcess) -> None:
    with server.connect() as slow:
        slow.sendall(_request("/wait"))
        while "/wait" not in server.body("/served"):
            time.sleep(0.01)
        assert server.body("/livez") == "ok"
        server.get("/open")
        assert read_answer(slow).endswith(b"waited")


def test_a_client_that_leaves_a_stream(server: ServerProcess) -> None:
    with server.connect() as connection:
        connection.sendall(_request("/ticks"))
        assert connection.recv(1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end = time.monotonic() + STUCK
    while "ended" not in server.body("/served") and time.monotonic() < end:
        time.sleep(0.01)
    assert "ended" in server.body("/served")


def test_a_request_in_work_is_answered_before_the_end(server: ServerProcess) -> None:
    with server.connect() as slow, server.connect() as idle:
        idle.sendall(GET)
        assert read_answer(idle).endswith(b"hello")
        slow.sendall(_request("/slow"))
        while "/slow" not in server.body("/served"):
            time.sleep(0.01)
        server.process.send_signal(signal.SIGTERM)
        assert read_all(idle) == b""
        assert read_all(slow).endswith(b"slow")
    assert server.process.wait(STUCK) == 0
