"""waitress, subclassed: what listens, and what holds one client's connection."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterable
from typing import Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher, WSGITask
from waitress.wasyncore import dispatcher

from .limits import Limits

WSGIApplication = Callable[[dict[str, Any], Any], Iterable[bytes]]

# Up to this size a first chunk is copied behind its header; above, a second system call costs less.
_JOINED_BYTES = 16_384


class Settings(Adjustments):  # type: ignore[misc]
    """waitress's settings, from our limits. Sockets are bound by us, so there is nothing to look up."""

    listen: list[Any] = []
    ident = None
    asyncore_use_poll = True  # select() fails at descriptor 1024
    backlog = 64

    def __init__(self, limits: Limits) -> None:
        super().__init__(
            threads=limits.threads,
            connection_limit=limits.connections,
            max_request_header_size=limits.header_bytes,
            max_request_body_size=limits.body_bytes + 1,  # waitress refuses from this size on
        )
        # Buffers stay in memory: /tmp is a memory card, or memory again.
        self.inbuf_overflow = self.outbuf_overflow = sys.maxsize


class Task(WSGITask):  # type: ignore[misc]
    """One request on its way through the application."""

    def write(self, data: bytes) -> None:
        """Send the header together with the first bytes of the body: one system call and one packet."""
        if self.wrote_header or len(data) > _JOINED_BYTES:
            super().write(data)
            return
        self.channel.cork()
        try:
            super().write(data)
        finally:
            self.channel.uncork()

    def build_response_header(self) -> bytes:
        if self.channel.server.draining:
            # What the client asked for with "Connection: close", so that both protocol versions are told.
            self.request.headers["CONNECTION"] = "close"
        return bytes(super().build_response_header())


class Channel(HTTPChannel):  # type: ignore[misc]
    """One client's connection."""

    task_class = Task

    _corked: list[bytes] | None = None

    def is_idle(self) -> bool:
        """Nothing was asked that is not answered, and nothing waits to be sent."""
        return not (self.requests or self.request or self.total_outbufs_len)

    def cork(self) -> None:
        """Keep what is written until :meth:`uncork`; nothing bounds it, so never across a call to the app."""
        self._corked = []

    def uncork(self) -> None:
        corked, self._corked = self._corked, None
        if corked:
            self.write_soon(b"".join(corked))

    def write_soon(self, data: Any) -> int:
        if self._corked is not None:
            self._corked.append(data)
            return len(data)
        return int(super().write_soon(data))


class Listener(TcpWSGIServer):  # type: ignore[misc]
    """One bound socket, and the connections that came in through it."""

    channel_class = Channel
    #: Set once the process is to end: each answer then closes its connection.
    draining = False

    def readable(self) -> bool:
        return bool(self.accepting and len(self.active_channels) < self.adj.connection_limit)

    def accept_one(self) -> bool:
        """Take a connection out of the kernel's queue; False when the queue is empty."""
        before = len(self.active_channels)
        self.handle_accept()
        return len(self.active_channels) > before

    def stop_listening(self) -> None:
        """Close the socket, but not the trigger: workers still use it to wake the loop."""
        self.draining = True
        dispatcher.close(self)


def make_listener(
    app: WSGIApplication,
    sock: socket.socket,
    settings: Settings,
    workers: ThreadedTaskDispatcher,
    map: dict[int, Any],
) -> Listener:
    """A listener on a socket that is bound already, in waitress's map of things to wait for."""
    return Listener(
        app,
        map=map,
        _sock=sock,
        dispatcher=workers,
        adj=settings,
        bind_socket=False,
        sockinfo=(sock.family, sock.type, sock.proto, sock.getsockname()),
    )
