"""Streams that programs return: how many threads they keep, and when their clients are known to have left."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest

from edgeweb.server.leadership import Leadership
from tests.server.process import ServerProcess, status, until_served

Serve = Callable[..., ServerProcess]


def request(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def test_a_silent_stream_ends_when_its_client_has_left(serve: Serve) -> None:
    server = serve(threads=2)
    with server.connect() as sock:
        sock.sendall(request("/silent"))
        until_served(server, b"/silent", 1)
    until_served(server, b"ended", 1)
    # Its place is free again.
    with server.connect() as sock:
        sock.sendall(request("/ticks"))
        assert status(sock.recv(4096)) == 200
    assert "Traceback" not in server.log


@pytest.mark.parametrize(("threads", "streams"), [(1, 1), (2, 1), (4, 3)])
def test_streams_leave_a_thread(serve: Serve, threads: int, streams: int) -> None:
    server = serve(threads=threads)
    with contextlib.ExitStack() as stack:
        for _ in range(streams):
            sock = stack.enter_context(server.connect())
            sock.sendall(request("/ticks"))
            assert status(sock.recv(4096)) == 200
        if threads > 1:
            answer = server.get("/ticks")
            assert status(answer) == 503 and b"\r\nRetry-After: 2\r\n" in answer
            assert b"too many streams at once (see server.threads)" in answer
            assert server.body("/livez") == "ok"
            server.wait_for_log(r"refused '/ticks' of 127\.0\.0\.1 with 503")
    until_served(server, b"ended", streams + (threads > 1))  # the refused one is closed as well
    assert server.get("/stream").endswith(b"\r\n0\r\n\r\n")


def test_an_answer_with_a_length_is_no_stream(serve: Serve) -> None:
    server = serve(threads=2)
    with server.connect() as sock:
        sock.sendall(request("/ticks"))
        assert status(sock.recv(4096)) == 200
        for path in ("/file", "/large", "/"):
            assert status(server.get(path)) == 200


def test_streams_are_counted() -> None:
    state = Leadership(3, 1)
    assert state.begin_stream() and state.begin_stream() and not state.begin_stream()
    state.end_stream()
    state.limit = 2
    assert not state.begin_stream()
    state.end_stream()
    assert state.begin_stream() and state.streams == 1
