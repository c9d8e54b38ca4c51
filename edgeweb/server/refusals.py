"""The answers to requests that the server refuses. Each refusal ends its connection."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from waitress.utilities import Error

from .log import logger

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


# Seconds between two lines in the log that name the same setting.
_LOG_SECONDS = 60.0

# Characters of a path in the log.
_LOGGED_CHARACTERS = 100

# Setting to the time from which on it has another line.
_logged: dict[str, float] = {}


class Refusal(Error):
    """A status code, the reason in words, and headers that go with the answer.

    `see` names the setting that would let the request through, empty where there is none.

    >>> Refusal(413, "the body is larger than 65536 bytes", see="--body-size").to_response()[2]
    b'Content Too Large: the body is larger than 65536 bytes (see --body-size)\n'
    """

    def __init__(self, code: int, body: str, *headers: tuple[str, str], see: str = "") -> None:
        super().__init__(f"{body} (see {see})" if see else body)
        self.code = code
        self.reason = _REASONS[code]
        self.headers = headers
        self.see = see

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        headers = [("Content-Type", "text/plain; charset=utf-8"), *self.headers]
        return f"{self.code} {self.reason}", headers, f"{self.reason}: {self.body}\n".encode()


def busy(reason: str, see: str = "") -> Refusal:
    """Return a 503 that asks the client to come back in a moment."""
    return Refusal(503, reason, ("Retry-After", "2"), see=see)


def log(refusal: Error, peer: str, path: str = "") -> None:
    """Log a refusal that a setting would avoid: a line a minute for each setting, as clients send any number.

    `path` is the client's, so it is escaped and cut.
    """
    see = getattr(refusal, "see", "")
    now = monotonic()
    if not see or now < _logged.get(see, now):
        return
    _logged[see] = now + _LOG_SECONDS
    what = ascii(path[:_LOGGED_CHARACTERS]) if path else "a connection"
    text = refusal.body if f"(see {see})" in refusal.body else f"{refusal.body} (see {see})"
    logger.warning("refused %s of %s with %d: %s", what, peer or "a local client", refusal.code, text)
