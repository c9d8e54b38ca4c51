"""How long a connection may stay in each of its phases.

| phase    | until                           | over its limit                                     |
|----------|---------------------------------|----------------------------------------------------|
| `idle`   | the first byte of a request     | after `idle_timeout`                               |
| `header` | the head of a request is whole  | after `header_timeout`                             |
| `body`   | its body is whole               | with fewer bytes a second than the least rate      |
| `work`   | the application has answered    | never: it is not the client's time                 |
| `send`   | the client has taken the answer | with fewer bytes a second than the least rate      |
| `stream` | the stream of events ends       | never                                              |
| `linger` | the client has read a refusal   | after two seconds                                  |
"""

from __future__ import annotations

import socket
from collections.abc import Callable

from .connection import Connection
from .limits import Limits

# Seconds to read from a client after a refusal.
_LINGER_SECONDS = 2.0

# Seconds after which an idle connection no longer remembers its last request.
_REPEAT_SECONDS = 2.0


class TimedConnection(Connection):
    """A connection that is in one of seven phases, each with a time limit: see `_OVERDUE`."""

    __slots__ = ()

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
