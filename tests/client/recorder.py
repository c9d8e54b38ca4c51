"""A real HTTP server that writes down what it is asked, and answers what a test has laid out."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from threading import Thread
from typing import Any, NamedTuple


class Asked(NamedTuple):
    """One request."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]


class Answer(NamedTuple):
    """One answer: what is not `content` is sent as JSON."""

    status: int = 200
    document: Any = None
    headers: dict[str, str] = {}
    content: bytes | None = None


class Recorder:
    """A server on a free port. `answers` are given in turn, then `default` of each request."""

    def __init__(self, default: Callable[[Asked], Answer] = lambda asked: Answer(200, {})) -> None:
        self.asked: list[Asked] = []
        self.answers: deque[Answer] = deque()
        self.default = default
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except (OSError, ValueError):  # the client has enough
                    self.close_connection = True

            def answer(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                asked = Asked(self.command, self.path, dict(self.headers), self.rfile.read(length))
                recorder.asked.append(asked)
                found = recorder.answers.popleft() if recorder.answers else recorder.default(asked)
                content = found.content
                if content is None:
                    content = b"" if found.document is None else json.dumps(found.document).encode()
                self.send_response(found.status)
                headers = {"Content-Type": "application/json", "Content-Length": str(len(content))}
                for name, value in (headers | found.headers).items():
                    if value:
                        self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)
                if not (headers | found.headers)["Content-Length"]:
                    self.close_connection = True

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def wrap(self, context: SSLContext) -> None:
        """Speak TLS from now on. The handshake is made by the thread of each connection."""
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
