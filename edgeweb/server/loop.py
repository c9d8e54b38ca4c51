"""Waiting for sockets: one `poll` for all of them, on the main thread."""

from __future__ import annotations

import select
from typing import Protocol

from waitress.wasyncore import readwrite

_READ = select.POLLIN | select.POLLPRI
_PEER_CLOSED = select.POLLRDHUP


class Watched(Protocol):
    """An object with a socket, as waitress's `wasyncore` has them: a listener, a connection, a trigger."""

    accepting: bool
    peer_closed: bool

    def readable(self) -> bool: ...
    def writable(self) -> bool: ...


class Loop:
    """The loop over all sockets. `map` holds their objects by descriptor."""

    def __init__(self) -> None:
        self.map: dict[int, Watched] = {}
        self._poll = select.poll()
        self._asked: dict[int, int] = {}

    def turn(self, timeout: float) -> None:
        """Wait at most `timeout` seconds, then let every object that is ready read or write."""
        self._ask()
        ready = [(number, self.map[number], event) for number, event in self._poll.poll(timeout * 1000)]
        # Listeners last. A client that closed a connection and opened another then counts once, and a
        # connection that would be closed as idle can read the request that has arrived on it.
        if len(ready) > 1:
            ready.sort(key=_accepts)
        for descriptor, found, event in ready:
            # An object before it may have closed it, and a new connection may have its number.
            if self.map.get(descriptor, self) is not found:
                continue
            if self._asked[descriptor] == _PEER_CLOSED:
                found.peer_closed = True
            else:
                readwrite(found, event & ~_PEER_CLOSED)

    def _ask(self) -> None:
        asked = self._asked
        for descriptor, found in self.map.items():
            wanted = _wanted(found)
            if asked.get(descriptor, 0) != wanted:
                if wanted:
                    self._poll.register(descriptor, wanted)
                else:
                    self._poll.unregister(descriptor)
                asked[descriptor] = wanted
        for descriptor in [number for number in asked if number not in self.map]:
            if asked.pop(descriptor):
                self._poll.unregister(descriptor)


def _accepts(row: tuple[int, Watched, int]) -> bool:
    accepting: bool = row[1].accepting
    return accepting


def _wanted(found: Watched) -> int:
    wanted = _READ if found.readable() else 0
    if found.writable() and not found.accepting:
        wanted |= select.POLLOUT
    # While the application works nothing is read, but it may ask whether the client has gone. Once that is
    # known do not poll for it again: `poll` would return at once, every time.
    if not wanted and getattr(found, "peer_closed", None) is False:
        return _PEER_CLOSED
    return wanted
