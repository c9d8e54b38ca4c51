"""A small HTTP client over one keep-alive connection: the same bytes every time, and every status checked."""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence

from .bench import Fault
from .scenarios import HEADERS, LOGIN, Scenario

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.I)
_COOKIE = re.compile(rb"\r\nset-cookie: *([^;\r]+)", re.I)


class WrongAnswer(Fault):
    """A peer answered something else than the scenario says."""


def as_bytes(scenario: Scenario, port: int, cookie: str = "", keep_alive: bool = True) -> bytes:
    """The request on the wire."""
    fields = HEADERS | {"Host": f"127.0.0.1:{port}"}
    if scenario.body:
        fields |= {"Content-Type": scenario.content_type, "Content-Length": str(len(scenario.body))}
    if scenario.session:
        fields["Cookie"] = cookie
    if not keep_alive:
        fields["Connection"] = "close"
    lines = [f"{scenario.method} {scenario.path} HTTP/1.1", *(f"{k}: {v}" for k, v in fields.items())]
    return ("\r\n".join(lines) + "\r\n\r\n" + scenario.body).encode()


class Client:
    """One connection, opened when needed and again after it was closed; without `keep_alive` one each."""

    def __init__(self, port: int, timeout: float = 30, keep_alive: bool = True) -> None:
        self.port = port
        self.timeout = timeout
        self.keep_alive = keep_alive
        self.cookie = ""
        self._socket: socket.socket | None = None
        self._requests: dict[str, bytes] = {}

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def fileno(self) -> int:
        """Of the open connection; -1 if there is none."""
        return -1 if self._socket is None else self._socket.fileno()

    def connect(self) -> None:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self.port), self.timeout)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, scenario: Scenario) -> bytes:
        """Make one request; the body of the answer. Raises `WrongAnswer`."""
        if scenario.session and not self.cookie:
            self.ask(LOGIN)
        request = self._requests.get(scenario.name)
        if request is None:
            request = self._requests[scenario.name] = as_bytes(
                scenario, self.port, self.cookie, self.keep_alive
            )
        head, body = self._exchange(request)
        if not self.keep_alive:
            self.close()
        status = int(head[9:12])
        if status != scenario.status or scenario.text.encode() not in body:
            raise WrongAnswer(f"{scenario.title}: {status}, expected {scenario.status}: {body[:200]!r}")
        if scenario.name == LOGIN.name and not self.cookie:
            found = _COOKIE.search(head)
            if found is None:
                raise WrongAnswer(f"login set no cookie: {head!r}")
            self.cookie = found[1].decode()
        return body

    def ask_all(self, scenarios: Sequence[Scenario], times: int) -> None:
        """`times` requests in all, the scenarios in turn."""
        for number in range(times):
            self.ask(scenarios[number % len(scenarios)])

    def _exchange(self, request: bytes) -> tuple[bytes, bytes]:
        reused = self._socket is not None
        self.connect()
        assert self._socket is not None
        try:
            self._socket.sendall(request)
            data = self._socket.recv(65536)
        except (ConnectionResetError, BrokenPipeError):
            data = b""
        if not data:
            self.close()
            if not reused:
                raise WrongAnswer("the server closed the connection without an answer")
            # A server may close an idle connection at any time; what was not answered is asked again.
            return self._exchange(request)
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        parts = [body]
        length = _LENGTH.search(head)
        if length is None:
            self._until_closed(head, parts)
            return head, b"".join(parts)
        have = len(body)
        while have < int(length[1]):
            parts.append(self._more())
            have += len(parts[-1])
        if b"\r\nconnection: close" in head.lower():
            self.close()
        return head, b"".join(parts)

    def _more(self) -> bytes:
        assert self._socket is not None
        data = self._socket.recv(65536)
        if not data:
            raise WrongAnswer("the answer is shorter than its header says")
        return data

    def _until_closed(self, head: bytes, parts: list[bytes]) -> None:
        """The body of an answer without a length: in chunks, or up to the end of the connection."""
        assert self._socket is not None
        chunked = b"\r\ntransfer-encoding: chunked" in head.lower()
        while not (chunked and b"".join(parts[-2:]).endswith(b"0\r\n\r\n")):
            data = self._socket.recv(65536)
            if not data:
                self.close()
                return
            parts.append(data)
        if b"\r\nconnection: close" in head.lower():
            self.close()
