"""The answers to requests that the server refuses. Each refusal ends its connection."""

from __future__ import annotations

from collections.abc import Callable

from waitress.utilities import Error

_REASONS = {
    400: "Bad Request",
    403: "Forbidden",
    405: "Method Not Allowed",
    408: "Request Timeout",
    411: "Length Required",
    413: "Content Too Large",
    421: "Misdirected Request",
    431: "Request Header Fields Too Large",
    501: "Not Implemented",
    503: "Service Unavailable",
    505: "HTTP Version Not Supported",
}

#: Called with the status code and the client's address of each request that is refused. They must not wait.
OBSERVERS: list[Callable[[int, str], object]] = []


class Refusal(Error):
    """A status code, the reason in words, and headers that go with the answer.

    >>> Refusal(413, "the body is larger than 65536 bytes").to_response()[0]
    '413 Content Too Large'
    """

    def __init__(self, code: int, body: str, *headers: tuple[str, str]) -> None:
        super().__init__(body)
        self.code = code
        self.reason = _REASONS[code]
        self.headers = headers

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        headers = [("Content-Type", "text/plain; charset=utf-8"), *self.headers]
        return f"{self.code} {self.reason}", headers, f"{self.reason}: {self.body}\n".encode()


def busy(reason: str) -> Refusal:
    """Return a 503 that asks the client to come back in a moment."""
    return Refusal(503, reason, ("Retry-After", "2"))
