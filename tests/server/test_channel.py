"""One connection, asked by two threads: the leader reads while a worker ends an answer."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterable
from typing import Any

import pytest

from edgeweb.server import channel, connection
from edgeweb.server.channel import Channel
from edgeweb.server.limits import Limits, Policy
from edgeweb.server.runner import Server
from tests.interleaving import WatchedLock, every_stop, watch_locks
from tests.server.process import GET, STUCK


def app(environ: Any, start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return (b"ok",)


class Connected:
    """A connection to a server whose threads are those of the test; one request was answered on it."""

    def __init__(self) -> None:
        self.bound = socket.create_server(("127.0.0.1", 0))
        self.server = Server(app, [self.bound], Limits(), Policy())
        self.client = socket.create_connection(self.bound.getsockname())
        listener = self.server.listeners[0]
        while not self.server.channels:
            listener.handle_accept()
        (self.channel,) = self.server.channels.values()
        self.channel.requests_lock = WatchedLock(threading.Lock())
        self.ask()
        self.channel.handle_read()
        self.answer()

    def ask(self) -> None:
        """Send a request, and return when it has come."""
        self.client.sendall(GET)
        if not select.select([self.channel.socket], [], [], STUCK)[0]:
            pytest.fail("the request has not come")

    def answer(self) -> None:
        work = self.server.threads.queue.popleft()
        assert isinstance(work, Channel)
        work.service()

    def close(self) -> None:
        self.channel.handle_close()
        self.client.close()
        for listener in self.server.listeners:
            listener.close()


@pytest.mark.slow
@pytest.mark.parametrize("is_first", [True, False])
def test_the_next_request_comes_while_an_answer_ends(monkeypatch: pytest.MonkeyPatch, is_first: bool) -> None:
    """It waits once in the queue, wherever the other thread was: never twice, and never left behind."""
    watch_locks(monkeypatch, connection)
    met = 0
    for meeting in every_stop(channel):
        world = Connected()
        try:
            world.ask()
            world.channel.handle_read()
            world.ask()
            calls = (world.answer, world.channel.handle_read)
            first, second = calls if is_first else calls[::-1]
            for future in meeting.run(first, second):
                future.result()
            assert list(world.server.threads.queue) == [world.channel]
            assert len(world.channel.requests) == 1
            met += meeting.met
        finally:
            world.close()
    assert met > 20
