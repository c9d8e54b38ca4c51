from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.server.conftest import serve as unwatched
from tests.server.process import ServerProcess, status, wait_until

__all__ = ["unwatched"]

LIVEZ = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
MIB = 1024  # in the unit of /proc, KiB
#: What the first traceback of a process loads, once: 1.4 MiB from .pyc files, with the server's own sources.
TRACEBACK = 1.5 * MIB


class Watch:
    """A server before an attack; `check` after it: it answers within a second, and has kept no memory."""

    def __init__(self, server: ServerProcess) -> None:
        self.server = server
        for _ in range(3):  # what the first requests load is there
            server.ask(LIVEZ)
            server.ask(b"GET / HTTP/1.1\r\n\r\n")
            server.ask(b"GET / HTTP/1.1\r\nHost: stranger.example\r\n\r\n")  # has a line in the log
        self._before = server.anonymous_kib()

    def check(self) -> None:
        # A machine that is busy otherwise may hold up either side, so a client may ask again.
        wait_until(self._answers_within_a_second)
        asked_for = self.server.log.count("Exception while serving /fail\n")
        most = MIB + (TRACEBACK if asked_for else 0)
        # The end of each connection has to reach the server first.
        wait_until(lambda: self.server.anonymous_kib() - self._before < most)
        assert self.server.log.count("Traceback") == asked_for, self.server.log

    def _answers_within_a_second(self) -> bool:
        with contextlib.suppress(OSError), self.server.connect() as sock:
            sock.settimeout(1)
            sock.sendall(LIVEZ)
            return status(sock.recv(4096)) == 200
        return False


@pytest.fixture
def serve(unwatched: Callable[..., ServerProcess]) -> Iterator[Callable[..., ServerProcess]]:
    """As the server's own tests have it, and each server is watched."""
    watches = []

    def start(app: str = "app:app", **server: Any) -> ServerProcess:
        running = unwatched(app, **server)
        watches.append(Watch(running))
        return running

    yield start
    for watch in watches:
        watch.check()


@pytest.fixture(scope="session")
def survivor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    """One server for all tests that only send it something, because it has to survive them all."""
    running = ServerProcess(tmp_path_factory.mktemp("hostile"), body_bytes=65_536)
    yield Watch(running)
    assert running.stop() == 0, running.log


@pytest.fixture
def server(survivor: Watch) -> Iterator[ServerProcess]:
    """The memory it had before the first of them is what it has after each."""
    yield survivor.server
    survivor.check()
