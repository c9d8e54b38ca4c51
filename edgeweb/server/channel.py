"""One client's connection: how long it may stay in each phase, and how answers are sent on it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Condition, RLock, get_ident
from typing import TYPE_CHECKING

from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.utilities import InternalServerError

from .answer import Answer
from .buffers import WholeBytes
from .limits import Limits
from .log import logger
from .loop import PEER_CLOSED, READ, WRITE
from .parking import HEARTBEAT_SECONDS, EventStream
from .parser import RequestParser
from .task import RefusalTask, Task, connection_environ

if TYPE_CHECKING:
    from waitress.buffers import ReadOnlyFileBasedBuffer

#: Bytes that wait for one client in waitress's buffers, which copy. A larger chunk waits uncopied.
COPIED_BYTES = 65_536

# How long, and how many bytes, to read from a client after a refusal, so that it can read the answer.
_LINGER_SECONDS = 2.0
_LINGER_BYTES = 262_144

# Bytes to read at a time.
_RECEIVED_BYTES = 8192

# Seconds after which an idle connection no longer remembers its last request.
_REPEAT_SECONDS = 2.0


class Channel(HTTPChannel):
    """One client's connection. It is in one of six phases, each with a time limit: see `_OVERDUE`."""

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

    def parser_class(self, adj: object) -> RequestParser:
        self._requests_begun += 1
        return RequestParser(adj, self.local_address, self.addr[0], self.server)

    # -- time ------------------------------------------------------------------------------------------

    def is_idle(self) -> bool:
        """Return whether every request is answered and every answer sent."""
        return self.stream is None and not (
            self.requests or self.request or self.total_outbufs_len or self._lingers
        )

    def is_fresh(self) -> bool:
        """Return whether no request has come yet."""
        return self._requests_begun == 0

    def idle_for(self, now: float) -> float:
        """Return the seconds for which this connection is known to be idle, also with nothing unread."""
        if self._phase != ("idle", self._requests_begun) or not self.is_idle():
            return 0.0
        try:
            self.socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return now - self._since
        except OSError:
            pass
        return 0.0  # bytes, or an end, that the loop has not read yet

    def pace(self, now: float) -> tuple[float, float] | None:
        """Return the seconds in this phase and its bytes a second; None while the application works.

        A phase counts from the check at which it was first seen, as in `is_overdue`.
        """
        name, number, progress = self._current_phase()
        if name in ("work", "idle", "stream") or (name, number) != self._phase:
            return None
        seconds = now - self._since
        return seconds, (progress - self._progress) / seconds if seconds > 0 else 0.0

    def is_overdue(self, now: float) -> bool:
        """Return whether the phase is over its time limit. `now` is monotonic; called once a second."""
        name, number, progress = self._current_phase()
        if (name, number) != self._phase:
            self._phase, self._since, self._progress = (name, number), now, progress
        seconds, progress = now - self._since, progress - self._progress
        if name == "idle" and seconds >= _REPEAT_SECONDS:
            self._head, self._repeated = b"", None
        return _OVERDUE[name](self.adj.limits, seconds, progress / self.server.rate_factor())

    def close_overdue(self) -> None:
        """Close, with 408 where a request has begun to arrive (RFC 9110, section 15.5.9)."""
        if self._phase[0] in ("header", "body"):
            try:
                self.socket.send(self.adj.too_late)
            except OSError:
                pass
        self.handle_close()

    def _current_phase(self) -> tuple[str, int, int]:
        if self._lingers:
            return "linger", 0, 0
        if self.total_outbufs_len:
            return "send", self._buffers_emptied, self._bytes_sent
        if self.stream is not None:
            return "stream", self._bytes_sent, 0
        request = self.request
        if self.requests:
            return "work", self._requests_begun, 0
        if request is None:
            return "idle", self._requests_begun, 0
        if request.headers_finished:
            return "body", self._requests_begun, request.body_bytes_received
        return "header", self._requests_begun, len(request.header_plus)

    # -- reading ---------------------------------------------------------------------------------------

    def wanted(self) -> int:
        """Return what to poll for."""
        if self.total_outbufs_len or self.will_close or self.close_when_flushed:
            return READ | WRITE if self._lingers else WRITE
        if self._lingers if self.requests else self.stream is None:
            return READ
        # While the application works nothing is read, but it may ask whether the client has gone. Once that
        # is known do not poll for it again: `poll` would return at once, every time.
        return 0 if self.peer_closed else PEER_CLOSED

    def handle_read(self) -> None:
        if self._lingers:
            self._discard()
            return
        try:
            data = self.socket.recv(_RECEIVED_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        repeated = self._repeated
        if (
            repeated is not None
            and data == self._head
            and not (self.requests or self.request or self.total_outbufs_len)
            and not (self.will_close or self.close_when_flushed)
            and self.stream is None
            and repeated.error is None  # set by the listener where it refuses a request
            and (self._generation == self.adj.hosts.generation or self._is_still_accepted(repeated))
        ):
            self._requests_begun += 1
            repeated.repeats = True
            # Without `requests_lock`, which costs 2,000 instructions: `requests` is empty, and becomes so
            # only in the last step of an answer.
            self.requests.append(repeated)
            if not self.server.task_dispatcher.offer(self):
                self.server.refuse_task(self)
                self._answer_itself()
        elif data:
            self.received(data)
        else:
            self.handle_close()

    handle_read_event = handle_read

    def _discard(self) -> None:
        try:
            data = self.recv(65_536)
        except OSError:
            data = b""
        self._discarded += len(data)
        if not data or self._discarded > _LINGER_BYTES:
            self.handle_close()

    def received(self, data: bytes) -> bool:
        begun, fresh = self._requests_begun, self.request is None
        received = bool(super().received(data))
        if fresh and received and self._requests_begun == begun + 1 and len(self.requests) == 1:
            found = self.requests[0]
            if found.may_repeat():
                self._head, self._repeated = data, found
                self._generation = self.adj.hosts.generation
        if self.answers_itself:
            self._answer_itself()
        return received

    def _is_still_accepted(self, request: RequestParser) -> bool:
        if not request.is_still_accepted():
            return False
        self._generation = self.adj.hosts.generation
        return True

    def service(self) -> None:
        """Answer the first request. The next one waits for its turn."""
        request = self.requests[0]
        task: Answer | None = None
        ends = False
        try:
            if request.foreign is not None:
                self._ask_other_site(request)
            task = Task(self, request) if request.error is None else RefusalTask(self, request)
            if not self.connected:
                raise ClientDisconnected
            task.execute()
            if task.chunked_response or not task.wrote_header:
                task.finish()
        except ClientDisconnected:
            logger.info("Client disconnected while serving %s", request.path)
            ends = True
        except Exception:
            logger.exception("Exception while serving %s", request.path)
            if task is None or not task.wrote_header:
                self._answer_failure(request)
            ends = True
        except BaseException:  # such as KeyboardInterrupt, raised by a view
            self.will_close = True
            self._drop_requests()
            raise
        if ends or task is None or task.close_on_finish or not self.connected:
            # First, and after all was written: the loop closes a connection that has nothing more to send.
            self.close_when_flushed = True
            self._drop_requests()
            return
        if self.current_outbuf_count:
            self._end_buffer()
        if request.body_rcv is not None or request.reserved:
            request.close()
        with self.requests_lock:
            if len(self.requests) > 1:
                del self.requests[0]
                self.server.add_task(self)
            else:
                if self.request is not None:
                    self._continue(self.request)
                # Last: see `handle_read`.
                del self.requests[0]
        if self.answers_itself:
            self._answer_itself()

    def _answer_failure(self, request: RequestParser) -> None:
        """Answer 500 in place of an answer of which nothing was sent."""
        failed = self.parser_class(self.adj)
        failed.error = InternalServerError("the application has failed; see the log of the server")
        failed.version, failed.path = request.version, request.path
        with suppress(ClientDisconnected):
            RefusalTask(self, failed).execute()

    def _end_buffer(self) -> None:
        # The next answer begins a new one, so that a long connection gives memory back.
        if len(self.requests) > 1:
            self._flush_outbufs_below_high_watermark()
        self.current_outbuf_count = self.adj.outbuf_high_watermark

    def _continue(self, request: RequestParser) -> None:
        # Not while the answer before it was under way.
        if request.expect_continue and request.headers_finished and not self.sent_continue:
            self.send_continue()

    def _ask_other_site(self, request: RequestParser) -> None:
        """Refuse a change from another site's page unless the application permits it."""
        if request.error is None:
            from .cors import permits

            if not permits(self.server.application, Task(self, request).get_environment()):
                request.error = request.foreign

    def _drop_requests(self) -> None:
        with self.requests_lock:
            for request in self.requests:
                request.close()  # gives its share of the budget back
            self.requests = []

    def _answer_itself(self) -> None:
        # The listener requests this while our locks are held, so do it here, on the same thread.
        me = get_ident()
        while self.answers_itself == me:
            self.answers_itself = 0
            self.service()

    def check_client_disconnected(self) -> bool:
        return self.peer_closed or bool(super().check_client_disconnected())

    # -- writing ---------------------------------------------------------------------------------------

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

    # -- events ----------------------------------------------------------------------------------------

    def park(self, stream: EventStream) -> None:
        """Wait for events, whose head is sent, and take no request any more."""
        with self.requests_lock:
            for request in self.requests[1:]:  # sent behind the one that is answered by this stream
                request.close()
            del self.requests[1:]
        self.stream = stream
        stream.park(lambda: self.server.parking.announce(self))
        if not self.connected:  # closed by another thread before there was a stream to close
            stream.close()

    def write_events(self) -> None:
        """Write what waits in the stream, unless the client still has to take what was written before."""
        stream = self.stream
        if stream is None:
            return
        if not (stream.ended or self.total_outbufs_len) and (waiting := stream.take()):
            self._write_to_viewer(waiting)
        if stream.ended:
            self.handle_close()

    def beat(self, now: float) -> None:
        """Send a comment where no byte was sent for long. Called once a second, after `is_overdue`."""
        if self._phase[0] == "stream" and now - self._since >= HEARTBEAT_SECONDS and self.stream is not None:
            self._write_to_viewer(self.stream.heartbeat)

    def end_stream(self) -> None:
        """Close, and have the client connect again in a moment."""
        if self.stream is not None and not self.total_outbufs_len:
            self._write_to_viewer(self.stream.farewell)
        self.handle_close()

    def _write_to_viewer(self, data: bytes) -> None:
        try:
            self.write_soon(data)
        except ClientDisconnected:  # closed by another thread
            return
        if self.total_outbufs_len:
            self.server.parking.ask(self._fileno)

    def handle_peer_closed(self) -> None:
        """Note that the client sends nothing any more: it may have gone, or wait for the answer."""
        self.peer_closed = True
        if self.stream is not None:
            self.handle_close()

    # -- the end ---------------------------------------------------------------------------------------

    def handle_write(self) -> None:
        if not (self.refused and self.close_when_flushed):
            super().handle_write()
            if self.stream is not None and not self.total_outbufs_len:
                self.write_events()
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

    def handle_close(self) -> None:
        if self.request is not None:
            self.request.close()  # gives its share of the budget back
            self.request = None
        stream, self.stream = self.stream, None
        if stream is not None:
            stream.close()
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


def _too_slow(limits: Limits, seconds: float, progress: float) -> bool:
    return progress < (seconds - limits.grace_time) * limits.least_rate


#: Phase of a connection, to the test whether it takes too long: of the limits, its seconds, and the bytes
#: moved in it, which count less while few places are free.
_OVERDUE: dict[str, Callable[[Limits, float, float], bool]] = {
    "idle": lambda limits, seconds, progress: seconds >= limits.idle_timeout,
    "header": lambda limits, seconds, progress: seconds >= limits.header_timeout,
    "body": _too_slow,
    "work": lambda limits, seconds, progress: False,  # the application's time, not the client's
    "stream": lambda limits, seconds, progress: False,
    "send": _too_slow,
    "linger": lambda limits, seconds, progress: seconds >= _LINGER_SECONDS,
}
