"""What a connection reads, and the answering of its requests, one after the other."""

from __future__ import annotations

from threading import get_ident
from typing import TYPE_CHECKING

from waitress.channel import ClientDisconnected
from waitress.utilities import InternalServerError

from .log import logger
from .loop import PEER_CLOSED, READ, WRITE
from .parser import RequestParser
from .task import RefusalTask, Task
from .viewer import Viewer

if TYPE_CHECKING:
    from .answer import Answer

# Bytes to read at a time.
_RECEIVED_BYTES = 8192


class Channel(Viewer):
    """One client's connection, as the listener makes it and the loop asks it."""

    __slots__ = ()

    def parser_class(self, adj: object) -> RequestParser:
        self._requests_begun += 1
        return RequestParser(adj, self.local_address, self.addr[0], self.server)

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
        try:
            RefusalTask(self, failed).execute()
        except ClientDisconnected:
            pass

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
