"""A log that is not read: the server goes on, and the log says later how much is missing."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgeweb.server.streams import MAX_WAITING, Output, never_wait
from tests.server.process import STUCK, wait_until

APP = """\
import sys

def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    print("x" * 1000, file=sys.stderr)
    print("y" * 1000)
    return [b"hello"]
"""


@pytest.fixture(params=["pipe", "socket"])
def ends(request: pytest.FixtureRequest) -> Iterator[tuple[int, int]]:
    """The end that is read, and the end that is written to, of a pipe or of a pair of sockets."""
    if request.param == "pipe":
        reading, writing = os.pipe()
    else:
        pair = socket.socketpair()
        reading, writing = (each.detach() for each in pair)
    yield reading, writing
    os.close(reading)
    os.close(writing)


def read_all(descriptor: int) -> bytes:
    """Return what waits at an end now."""
    os.set_blocking(descriptor, False)
    read = b""
    try:
        while piece := os.read(descriptor, 65536):
            read += piece
    except BlockingIOError:
        pass
    return read


def test_what_is_read_in_time_is_whole(ends: tuple[int, int]) -> None:
    reading, writing = ends
    output = Output(writing)
    assert output.write(b"one\n") == 4
    assert output.write(b"two\n") == 4
    assert read_all(reading) == b"one\ntwo\n"
    output.close()


def test_a_stuck_reader_costs_lines_and_no_time(ends: tuple[int, int]) -> None:
    reading, writing = ends
    output = Output(writing)
    line = b"z" * 999 + b"\n"
    for _ in range(2000):
        assert output.write(line) == len(line)
    read = b""
    while piece := read_all(reading):
        read += piece
        output.flush()
    missing = 2000 - read.count(line)
    assert missing > 1000
    # every line that came is whole
    assert read.replace(line, b"") == b"edgeweb: %d lines were not logged: their reader was stuck\n" % missing
    output.write(b"back\n")
    assert read_all(reading) == b"back\n"
    output.close()


def test_what_waits_has_a_bound(ends: tuple[int, int]) -> None:
    _, writing = ends
    output = Output(writing)
    output.write(b"a" * (MAX_WAITING + 1))
    for _ in range(1000):
        output.write(b"b" * 1000)
        assert len(output._waiting) <= MAX_WAITING
    output.close()


def test_a_reader_that_is_gone_is_no_error(ends: tuple[int, int]) -> None:
    other, writing = os.pipe()
    os.close(other)
    output = Output(writing)
    assert output.write(b"one\n") == 4
    assert output.write(b"two\n") == 4
    output.close()
    os.close(writing)


def test_files_and_replaced_streams_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "log").open("w") as file:
        monkeypatch.setattr(sys, "stderr", file)
        monkeypatch.setattr(sys, "__stderr__", file)
        mine = sys.stdout
        never_wait()
        assert sys.stderr is file
        assert sys.stdout is mine


@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_a_server_whose_log_is_not_read_answers(tmp_path: Path, kind: str) -> None:
    (tmp_path / "chatty.py").write_text(APP)
    if kind == "pipe":
        reading, writing = os.pipe()
    else:
        reading, writing = (each.detach() for each in socket.socketpair())
    command = [sys.executable, "-m", "edgeweb", "serve", "chatty:app", "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=writing, stderr=writing) as process:
        os.close(writing)
        try:
            port = port_from(reading)
            # each request logs 2 KB; 64 KiB fit in a pipe, some 200 KiB in a socket
            for _ in range(400):
                ask(port)
            read = bytearray()
            reader = threading.Thread(target=drain, args=(reading, read), daemon=True)
            reader.start()

            def is_noticed() -> bool:
                ask(port)
                return re.search(rb"edgeweb: \d+ lines were not logged", read) is not None

            wait_until(is_noticed)
            process.terminate()
            assert process.wait(STUCK) == 0
            reader.join(STUCK)
        finally:
            process.kill()
            os.close(reading)


def ask(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 200")


def drain(descriptor: int, into: bytearray) -> None:
    while piece := os.read(descriptor, 65536):
        into += piece


def port_from(descriptor: int) -> int:
    """Return the port of the server's first line."""
    read = b""
    end = time.monotonic() + STUCK
    while (match := re.search(rb"serves on http://\S+:(\d+)/", read)) is None:
        assert time.monotonic() < end
        read += os.read(descriptor, 4096)
    return int(match[1])
