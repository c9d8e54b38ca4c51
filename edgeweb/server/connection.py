"""One client's connection: what it keeps, how answers are sent on it, and how it is closed."""

from __future__ import annotations

import socket
from threading import Condition, RLock
from typing import TYPE_CHECKING

from waitress.channel import ClientDisconnected, HTTPChannel

from .buffers import WholeBytes
from .log import logger
from .parser import RequestParser
from .task import connection_environ

if TYPE_CHECKING:
    from waitress.buffers import ReadOnlyFileBasedBuffer

    from .parking import EventStream

#: Bytes that wait for one client in waitress's buffers, which copy. A larger chunk waits uncopied.
COPIED_BYTES = 65_536

# How many bytes to read from a client after a refusal, so that it can read the answer.
_LINGER_BYTES = 262_144


class Connection(HTTPChannel):
    """A connection as it is sent to and closed. `time_limits`, `viewer` and `channel` add what it does."""

    logger = logger

    # What is read at each request. In slots, as an attribute that stands on the class costs 180 instructions
    # more to read, and a place in the dict of each connection three times the memory.
    __slots__ = (
        "_answer_lock",
        "_buffers_emptied",
        "_bytes_sent",
        "_discarded",
        "_generation",
        "_head",
        "_lingers",
        "_phase",
        "_progress",
        "_repeated",
        "_requests_begun",
        "_since",
        "announced",
        "answers_itself",
        "close_when_flushed",
        "connected",
        "current_outbuf_count",
        "environ",
        "local_address",
        "outbuf_lock",
        "peer",
        "peer_closed",
        "refused",
        "request",
        "requests",
        "sent_continue",
        "stream",
        "total_outbufs_len",
        "will_close",
    )

    def __init__(
        self,
        server: object,
        sock: socket.socket,
        addr: object,
        adj: object,
        map: object = None,
    ) -> None:
        self.local_address = plain_address(sock.getsockname())
        #: The client, for counting its connections; empty where they are not counted.
        self.peer = ""
        #: Set by a refusal: keep reading what the client sends, so that it can read the answer.
        self.refused = False
        #: The client closed its side while the application works. It may have gone, or wait for the answer.
        self.peer_closed = False
        #: The events that this connection waits for, and the mark of `Parking`. None: it takes requests.
        self.stream: EventStream | None = None
        self.announced = False
        #: The identity of the thread that has to send a refusal.
        self.answers_itself = 0
        #: The last head that came in one piece, without a body, and its request: a client that polls sends
        #: the same bytes each time. Dropped when the connection is idle.
        self._head = b""
        self._repeated: RequestParser | None = None
        #: That of the names of this machine when its Host field was accepted.
        self._generation = 0
        self._lingers = False
        self._discarded = 0
        # Counters, so that a phase that ended and began again between two checks is seen as a new one.
        self._requests_begun = 0
        self._buffers_emptied = 0
        self._bytes_sent = 0
        # The phase at the last check, when it was first seen, and the progress at that time.
        self._phase: tuple[str, int] = ("", 0)
        self._since = 0.0
        self._progress = 0
        # Those of waitress that have a slot here.
        self.connected = self.will_close = self.close_when_flushed = self.sent_continue = False
        self.total_outbufs_len = self.current_outbuf_count = 0
        self.request: RequestParser | None = None
        self.requests: list[RequestParser] = []
        super().__init__(server, sock, addr, adj, map)
        # A lock without a call of Python's around it; waitress waits on the condition of the same lock.
        self._answer_lock = RLock()
        self.outbuf_lock = Condition(self._answer_lock)
        self.environ = connection_environ(self)

    def check_client_disconnected(self) -> bool:
        return self.peer_closed or bool(super().check_client_disconnected())

    # -- sending -----------------------------------------------------------------------------------------

    def write_soon(self, data: bytes | ReadOnlyFileBasedBuffer) -> int:
        """Send now what the socket takes, and buffer the rest for the loop."""
        size = len(data)
        if isinstance(data, bytes):
            with self._answer_lock:
                if not self.connected:
                    raise ClientDisconnected
                if not self.total_outbufs_len:
                    try:
                        sent = self.socket.send(data)
                    except OSError:
                        sent = 0  # the loop meets the same error, and closes
                    self._bytes_sent += sent
                    if sent == size:
                        return size
                    data = data[sent:]
                # Still under the lock, so that no other thread's bytes get in between.
                super().write_soon(WholeBytes(data) if len(data) > COPIED_BYTES else data)
        else:
            super().write_soon(data)
        return size

    def _flush_outbufs_below_high_watermark(self) -> None:
        # Wait for the client only when the memory for all answers is used up, and never on the thread that
        # would have to send to it.
        if self.total_outbufs_len > COPIED_BYTES and self._is_memory_used_up():
            if not self.server.task_dispatcher.hand_over():
                raise BufferError("no thread can wait for a client: the memory for answers is used up")
            super()._flush_outbufs_below_high_watermark()

    def _is_memory_used_up(self) -> bool:
        waiting = sum(channel.total_outbufs_len for channel in list(self.server.active_channels.values()))
        return bool(waiting > self.adj.limits.buffer_bytes // 2)

    def send(self, data: bytes, do_close: bool = True) -> int:
        sent = int(super().send(data, do_close))
        self._bytes_sent += sent
        if sent == self.total_outbufs_len:
            self._buffers_emptied += 1
        return sent

    def handle_write(self) -> None:
        if not (self.refused and self.close_when_flushed):
            super().handle_write()
            return
        # Closing while the client sends would reset the connection, and the answer would be lost.
        self._flush_exception(self._flush_some)
        if self.will_close or not self.connected:
            self.handle_close()
        elif not self.total_outbufs_len:
            self.close_when_flushed = False
            self._lingers = True
            try:
                self.socket.shutdown(socket.SHUT_WR)
            except OSError:
                self.handle_close()

    # -- the end -----------------------------------------------------------------------------------------

    def _discard(self) -> None:
        try:
            data = self.recv(65_536)
        except OSError:
            data = b""
        self._discarded += len(data)
        if not data or self._discarded > _LINGER_BYTES:
            self.handle_close()

    def handle_close(self) -> None:
        if self.request is not None:
            self.request.close()  # gives its share of the budget back
            self.request = None
        super().handle_close()


def plain_address(address: object) -> str:
    """Return the host of a socket address, without a zone; an IPv4 address as such if it came through IPv6.

    >>> plain_address(("::ffff:192.0.2.1", 80, 0, 0)), plain_address("/run/edgeweb.sock")
    ('192.0.2.1', '')
    """
    if not isinstance(address, tuple):
        return ""
    host = str(address[0]).partition("%")[0]
    return host.removeprefix("::ffff:") if "." in host else host
