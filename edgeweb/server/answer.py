"""Sending one answer: the head, and how its body is framed (RFC 9112)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from waitress.buffers import ReadOnlyFileBasedBuffer

from .head import WITHOUT_BODY, Fields, Head, Heads, security_block, security_lines
from .limits import Policy
from .log import logger
from .refusals import Refusal

if TYPE_CHECKING:
    from typing import Protocol

    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

    from .leadership import Leadership
    from .parking import EventStream
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
        heads: Heads
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

_CLOSE = "Connection: close\r\n"


class Answer:
    """The sending of header and body, for answers of the application and of the server."""

    __slots__ = (
        "channel",
        "chunked_response",
        "close_on_finish",
        "complete",
        "content_bytes_written",
        "content_length",
        "environ",
        "head",
        "parks",
        "request",
        "response_headers",
        "status",
        "version",
        "wrote_header",
    )

    def __init__(self, channel: Connection, request: RequestParser) -> None:
        self.channel = channel
        self.request = request
        self.version = request.version
        #: Whether status and `response_headers` are there.
        self.complete = False
        self.status = "200 OK"
        self.response_headers: Fields = ()
        #: Both, where they are as `start_response` got them.
        self.head: Head | None = None
        self.content_length: int | None = None
        self.content_bytes_written = 0
        self.wrote_header = False
        self.chunked_response = False
        self.close_on_finish = False
        #: The connection waits for events after the head, and takes no request any more.
        self.parks = False
        self.environ: WSGIEnvironment | None = None

    def execute(self) -> None:
        """Send the answer, all of it but what `finish` sends."""
        raise NotImplementedError

    def sends_body(self) -> bool:
        return getattr(self.request, "command", "") != "HEAD" and not self.status.startswith(WITHOUT_BODY)

    def build_response_header(self) -> bytes:
        """Return the status line and all fields: first the application's, as it wrote them."""
        has_body = not self.status.startswith(WITHOUT_BODY)
        head = self.head
        if head is not None and has_body:
            text = f"HTTP/{self.version} {head.block}\r\n"
            names = head.names
        else:
            names = set()
            text = f"HTTP/{self.version} {self.status}\r\n"
            for name, value in self.response_headers:
                lower = name.lower()
                if has_body or lower != "content-length":
                    names.add(lower)
                    text += f"{name}: {value}\r\n"
        if has_body and "content-length" not in names:
            if self.content_length is not None:
                text += f"Content-Length: {self.content_length}\r\n"
            elif self.version == "1.1" and not self.parks:
                text += "Transfer-Encoding: chunked\r\n"
                self.chunked_response = True
            elif not self.parks:
                self.close_on_finish = True  # the end of the connection is the end of the body
        text += self._connection_line()
        heads = self.channel.adj.heads
        if "date" not in names:
            text += heads.date()
        if names.isdisjoint(heads.security):
            text += heads.security_block
        else:
            lines = heads.security.items()
            text += security_block({name: line for name, line in lines if name not in names})
        return text.encode("latin-1")

    def _connection_line(self) -> str:
        if self.parks:
            return _CLOSE
        asked = self.request.headers.get("CONNECTION", "").lower()
        if "," in asked:
            options = {option.strip(" \t") for option in asked.split(",")}
            asked = next((option for option in ("close", "keep-alive") if option in options), "other")
        if self.version == "1.0":
            if asked == "keep-alive" and not self.close_on_finish and not self.channel.server.draining:
                return "Connection: Keep-Alive\r\n"
            self.close_on_finish = True
        elif asked == "close" or self.channel.server.draining:
            self.close_on_finish = True
        return _CLOSE if self.close_on_finish else ""

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

    def write_whole(self, body: bytes) -> bool:
        """Send head and body of an answer in one piece; return False where that is not the whole answer."""
        size = len(body)
        if not size or not self.complete or self.wrote_header or self.content_length not in (None, size):
            return False
        head, request, channel = self.head, self.request, self.channel
        # Most answers: to HTTP/1.1, of a client that asks for nothing about its connection.
        if (
            head is not None
            and head.start
            and self.version == "1.1"
            and "CONNECTION" not in request.headers
            and request.command != "HEAD"
            and size <= _JOINED_BYTES
            and not (self.close_on_finish or channel.server.draining)
        ):
            self.wrote_header = True
            channel.write_soon(b"".join((head.start, channel.adj.heads.end(), body)))
            return True
        self.content_length = size
        out = self.build_response_header()
        self.wrote_header = True
        if request.command != "HEAD" and not self.status.startswith(WITHOUT_BODY):
            if size > _JOINED_BYTES:
                self.channel.write_soon(out)
                out = body
            else:
                out += body
        self.channel.write_soon(out)
        return True

    def _framed(self, data: bytes) -> bytes:
        if self.chunked_response:
            return b"%X\r\n%b\r\n" % (len(data), data)
        if self.content_length is not None:
            left = self.content_length - self.content_bytes_written
            if len(data) > left:
                logger.warning(
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


def unasked(refusal: Refusal, policy: Policy) -> bytes:
    """Return a complete answer for a connection on which no request was read.

    It is made once, and so has no date.
    """
    status, headers, body = refusal.to_response()
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
    lines += ["Connection: close", f"Content-Length: {len(body)}"]
    lines += security_lines(policy).values()
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
