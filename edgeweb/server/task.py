"""Calling the application for one request, and sending its answer (PEP 3333)."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from waitress.buffers import ReadOnlyFileBasedBuffer
from waitress.channel import ClientDisconnected
from waitress.task import ErrorTask, WSGITask, hop_by_hop
from waitress.utilities import build_http_date

from .limits import Policy
from .log import logger
from .origin import security_headers
from .parking import EventStream
from .refusals import OBSERVERS, Refusal, busy, log
from .signals import Ended

if TYPE_CHECKING:
    from typing import Protocol

    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

    from .leadership import Leadership
    from .parser import RequestParser

    class Server(Protocol):
        """What an answer needs of the listener of its connection."""

        application: WSGIApplication
        task_dispatcher: Leadership
        draining: bool
        effective_port: int | str
        server_name: str

        def has_place_for_stream(self, channel: Any) -> bool: ...

    class Settings(Protocol):
        """What an answer needs of the listener's settings."""

        policy: Policy
        security_lines: dict[str, str]
        security_block: str
        url_scheme: str

    class Connection(Protocol):
        """What an answer needs of its connection, which is above this module: see `channel.Channel`."""

        addr: tuple[str, int]
        adj: Settings
        environ: WSGIEnvironment
        refused: bool
        server: Server

        def check_client_disconnected(self) -> bool: ...
        def park(self, stream: EventStream) -> None: ...
        def write_soon(self, data: bytes | ReadOnlyFileBasedBuffer) -> int: ...


# Up to this size a first chunk is copied behind its header; above, a second system call costs less.
_JOINED_BYTES = 16_384

# Status codes whose answers have no body (RFC 9110, section 6.4.1).
_WITHOUT_BODY = ("1", "204", "304")


class _Answer:
    """The sending of header and body, for answers of the application and of the server."""

    logger = logger

    # Attributes of waitress's tasks.
    channel: Connection
    request: RequestParser
    status: str
    version: str
    complete: bool
    wrote_header: bool
    close_on_finish: bool
    chunked_response: bool
    content_length: int | None
    content_bytes_written: int
    response_headers: list[tuple[str, str]]
    environ: WSGIEnvironment | None

    #: The connection waits for events after the head, and takes no request any more.
    parks = False

    #: The lines of `response_headers` and their lower-case names, where `start_response` has made them.
    _lines: list[str] | None = None
    _names: set[str]

    def start(self) -> None:
        """Do nothing: the time of an answer is taken when its header is written."""

    def sends_body(self) -> bool:
        return getattr(self.request, "command", "") != "HEAD" and not self.status.startswith(_WITHOUT_BODY)

    def build_response_header(self) -> bytes:
        """Return the status line and all fields: first the application's, as it wrote them."""
        has_body = not self.status.startswith(_WITHOUT_BODY)
        lines = [f"HTTP/{self.version} {self.status}"]
        if self._lines is not None and has_body:
            lines += self._lines
            names = self._names
        else:
            names = set()
            for name, value in self.response_headers:
                lower = name.lower()
                if has_body or lower != "content-length":
                    names.add(lower)
                    lines.append(f"{name}: {value}")
        if has_body and "content-length" not in names:
            if self.content_length is not None:
                lines.append(f"Content-Length: {self.content_length}")
            elif self.version == "1.1" and not self.parks:
                lines.append("Transfer-Encoding: chunked")
                self.chunked_response = True
            elif not self.parks:
                self.close_on_finish = True  # the end of the connection is the end of the body
        lines += self._connection_lines()
        if "date" not in names:
            lines.append(_date_line())
        settings = self.channel.adj
        security = settings.security_lines
        if names.isdisjoint(security):
            lines.append(settings.security_block)
        else:
            lines += [line for name, line in security.items() if name not in names]
            lines.append("\r\n")
        return "\r\n".join(lines).encode("latin-1")

    def _connection_lines(self) -> list[str]:
        if self.parks:
            return ["Connection: close"]
        asked = self.request.headers.get("CONNECTION", "").lower()
        if "," in asked:
            options = {option.strip(" \t") for option in asked.split(",")}
            asked = next((option for option in ("close", "keep-alive") if option in options), "other")
        if not asked and self.version == "1.1" and not self.channel.server.draining:
            return ["Connection: close"] if self.close_on_finish else []
        if self.version == "1.0":
            if asked == "keep-alive" and not self.close_on_finish and not self.channel.server.draining:
                return ["Connection: Keep-Alive"]
            self.close_on_finish = True
        elif asked == "close" or self.channel.server.draining:
            self.close_on_finish = True
        return ["Connection: close"] if self.close_on_finish else []

    def set_close_on_finish(self) -> None:
        self.close_on_finish = True

    def write(self, data: bytes) -> None:
        """Send a part of the body. The first part goes with the header, in one system call and one packet."""
        if not self.complete:
            raise RuntimeError("the application wrote before it had called start_response (PEP 3333)")
        out = b""
        if not self.wrote_header:
            out = self.build_response_header()
            self.wrote_header = True
        if data and self.sends_body():
            data = self._framed(data)
            if out and len(data) > _JOINED_BYTES:
                self.channel.write_soon(out)
                out = data
            else:
                out += data
        if out:
            self.channel.write_soon(out)

    def _framed(self, data: bytes) -> bytes:
        if self.chunked_response:
            return b"%X\r\n%b\r\n" % (len(data), data)
        if self.content_length is not None:
            left = self.content_length - self.content_bytes_written
            if len(data) > left:
                self.logger.warning(
                    "application has written more than its Content-Length of %d", self.content_length
                )
                data = data[:left]
            self.content_bytes_written += len(data)
        return data

    def finish(self) -> None:
        if not self.wrote_header:
            self.write(b"")
        if self.chunked_response and self.sends_body():
            self.channel.write_soon(b"0\r\n\r\n")


class Task(_Answer, WSGITask):
    """A request that the application answers."""

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
        self.content_length = None
        lines = []
        names = set()
        for name, value in headers:
            lower = name.lower()
            names.add(lower)
            if lower == "content-length":
                self.content_length = int(value)
            elif lower in hop_by_hop:
                raise AssertionError(f"{name} is for the server to set, not for an application (PEP 3333)")
            lines.append(name + ": " + value)  # TypeError for what is no text
        whole = status + "".join(lines)
        if "\n" in whole or "\r" in whole:
            raise ValueError("line end in a status or a header field")
        self.status = status
        self._lines, self._names = lines, names
        self.response_headers = list(headers)
        return self.write

    def execute(self) -> None:
        try:
            self._run()
        except Ended:
            raise
        except SystemExit as error:
            # It would end the worker's thread, or the server, and leave the client without an answer.
            raise RuntimeError("the application has called sys.exit()") from error

    def _run(self) -> None:
        body: Any = self.channel.server.application(self.get_environment(), self.start_response)
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
                self.logger.warning("application has written %d bytes less than its Content-Length", missing)
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
        self._lines, self.content_length = None, len(body)
        self.write(body)

    def _send_file(self, file: ReadOnlyFileBasedBuffer) -> bool:
        size = file.prepare(self.content_length)
        if not size or not self.sends_body():
            return False
        if size != self.content_length:
            self.response_headers = [
                pair for pair in self.response_headers if pair[0].lower() != "content-length"
            ]
            self._lines = None
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
        environ["wsgi.input"] = request.get_body_stream()
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


class RefusalTask(_Answer, ErrorTask):
    """A request that the server refuses."""

    def execute(self) -> None:
        self.channel.refused = True
        log(self.request.error, self.channel.addr[0], self.request.path)
        for call in OBSERVERS:
            call(self.request.error.code, self.channel.addr[0])
        super().execute()


def security_lines(policy: Policy) -> dict[str, str]:
    """Return by its lower-case name each line that an answer has which brings none of its own."""
    headers = security_headers(policy.frame_ancestors) if policy.security_headers else {}
    return {name.lower(): f"{name}: {value}" for name, value in headers.items()}


def security_block(lines: dict[str, str]) -> str:
    """Return the end of a head: these lines, and the empty one."""
    return "".join(line + "\r\n" for line in lines.values()) + "\r\n"


def unasked(refusal: Refusal, policy: Policy) -> bytes:
    """Return a complete answer for a connection on which no request was read.

    It is made once, and so has no date.
    """
    status, headers, body = refusal.to_response()
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
    lines += ["Connection: close", f"Content-Length: {len(body)}"]
    lines += security_lines(policy).values()
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


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


# Initially None and not 0, which is the time of a board without a clock.
_date: tuple[int | None, str] = (None, "")


def _date_line() -> str:
    """Return the Date field. It is formatted once a second."""
    global _date
    now = int(time.time())
    if _date[0] != now:
        _date = (now, "Date: " + build_http_date(now))
    return _date[1]
