"""Calling the application for one request, and sending its answer (PEP 3333)."""

from __future__ import annotations

import sys
from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING, Any

from waitress.buffers import ReadOnlyFileBasedBuffer
from waitress.channel import ClientDisconnected

from .answer import Answer
from .log import logger
from .refusals import OBSERVERS, busy, log
from .signals import Ended

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from .answer import Connection
    from .parking import EventStream


#: What has its parts ready, and no `close`.
_SEQUENCES = (tuple, list)


class Task(Answer):
    """A request that the application answers."""

    __slots__ = ()

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], None]:
        """Take status and headers from the application; return the function by which it may write a body."""
        if exc_info:
            try:
                if self.wrote_header:
                    raise exc_info[1]
            finally:
                exc_info = None  # a traceback refers to this frame
        elif self.complete:
            raise AssertionError("start_response was called a second time without exc_info")
        self.complete = True
        head = self.channel.adj.heads.find(status, headers)
        self.head = head
        self.status, self.response_headers = status, head.fields
        self.content_length = head.content_length
        return self.write

    def execute(self) -> None:
        try:
            body: Any = self.channel.server.application(self.get_environment(), self.start_response)
            # What most views return, in one step instead of the general loop.
            if type(body) in _SEQUENCES and len(body) == 1 and self.write_whole(body[0]):
                return
            self._send(body)
        except Ended:
            raise
        except SystemExit as error:
            # It would end the worker's thread, or the server, and leave the client without an answer.
            raise RuntimeError("the application has called sys.exit()") from error

    def _send(self, body: Any) -> None:
        is_stream = False
        try:
            if isinstance(body, ReadOnlyFileBasedBuffer) and self._send_file(body):
                body = None  # the channel closes the file after sending it
                return
            if self.content_length is None and hasattr(body, "park"):
                self._park(body)
                body = None  # the channel closes the stream, which is not open before it is parked
                return
            first = True
            for chunk in body:
                if first:
                    first = False
                    if self.content_length is None:
                        if not hasattr(body, "__len__"):
                            is_stream = self.channel.server.task_dispatcher.begin_stream()
                            if not is_stream and not self.wrote_header:
                                self._refuse("too many streams at once", "threads")
                                return
                        elif len(body) == 1:
                            self.content_length = len(chunk)
                if chunk:
                    self.write(chunk)
                elif self.channel.check_client_disconnected():
                    raise ClientDisconnected
            missing = (self.content_length or 0) - self.content_bytes_written
            if missing and self.sends_body():
                self.close_on_finish = True  # the client would wait for the rest
                logger.warning("application has written %d bytes less than its Content-Length", missing)
        finally:
            if is_stream:
                self.channel.server.task_dispatcher.end_stream()
            if hasattr(body, "close"):
                body.close()

    def _refuse(self, reason: str, limit: str) -> None:
        """Answer with 503 in place of the application's head, of which nothing is sent."""
        refusal = busy(reason, self.channel.adj.policy.describe(limit))
        log(refusal, self.channel.addr[0], self.request.path)
        self.status, self.response_headers, body = refusal.to_response()
        self.head, self.content_length = None, len(body)
        self.write(body)

    def _send_file(self, file: ReadOnlyFileBasedBuffer) -> bool:
        size = file.prepare(self.content_length)
        if not size or not self.sends_body():
            return False
        if size != self.content_length:
            self.response_headers = [
                pair for pair in self.response_headers if pair[0].lower() != "content-length"
            ]
            self.head = None
            self.content_length = size
        self.write(b"")
        self.channel.write_soon(file)
        return True

    def _park(self, stream: EventStream) -> None:
        """Send the head of a stream and park the connection, or refuse: there are too many."""
        if not self.sends_body():
            return
        if not self.channel.server.has_place_for_stream(self.channel):
            self._refuse("too many streams of events are open", "connections")
            return
        self.parks = True
        self.write(b"")
        self.channel.park(stream)

    def get_environment(self) -> WSGIEnvironment:
        """Return the environment of this request; a second call returns the same one."""
        if self.environ is not None:
            return self.environ
        request = self.request
        if request.environ is not None:
            environ = request.environ.copy()
        else:
            environ = self._make_environ()
            if request.repeats:
                request.environ = environ.copy()
        environ["wsgi.input"] = BytesIO() if request.body_rcv is None else request.get_body_stream()
        # Not in the environment of the connection: that would be a reference cycle.
        environ["waitress.client_disconnected"] = self.channel.check_client_disconnected
        self.environ = environ
        return environ

    def _make_environ(self) -> WSGIEnvironment:
        """Return what is the same for all requests with this head on this connection."""
        request = self.request
        environ: WSGIEnvironment = self.channel.environ.copy()
        environ["REQUEST_METHOD"] = request.command
        environ["SERVER_PROTOCOL"] = f"HTTP/{self.version}"
        # Merge the slashes at the beginning: as a link, "//host/" leads to another machine.
        path = request.path
        environ["PATH_INFO"] = "/" + path.lstrip("/") if path.startswith("//") else path
        environ["REQUEST_URI"] = request.request_uri
        environ["QUERY_STRING"] = request.query
        headers = request.headers
        for key, value in headers.items():
            environ["HTTP_" + key] = value
        for key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            if key in headers:
                environ[key] = environ.pop("HTTP_" + key)
        return environ


class RefusalTask(Answer):
    """A request that the server refuses, by `request.error`."""

    __slots__ = ()

    def execute(self) -> None:
        error = self.request.error
        assert error is not None
        self.channel.refused = True
        log(error, self.channel.addr[0], self.request.path)
        for call in OBSERVERS:
            call(error.code, self.channel.addr[0])
        self.status, self.response_headers, body = error.to_response()
        self.complete = self.close_on_finish = True
        self.content_length = len(body)
        self.write(body)


def process_environ() -> WSGIEnvironment:
    """Return what is the same for all requests of this process (PEP 3333)."""
    return {
        "SERVER_SOFTWARE": "edgeweb",
        "SCRIPT_NAME": "",
        "wsgi.version": (1, 0),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def connection_environ(channel: Connection) -> WSGIEnvironment:
    """Return what is the same for all requests of a connection (PEP 3333, and what waitress adds)."""
    server = channel.server
    return {
        **process_environ(),
        "REMOTE_ADDR": channel.addr[0],
        "REMOTE_HOST": channel.addr[0],
        "REMOTE_PORT": str(channel.addr[1]),
        "SERVER_NAME": server.server_name,
        "SERVER_PORT": str(server.effective_port),
        "wsgi.url_scheme": channel.adj.url_scheme,
        "wsgi.file_wrapper": ReadOnlyFileBasedBuffer,
        "wsgi.input_terminated": True,
    }
