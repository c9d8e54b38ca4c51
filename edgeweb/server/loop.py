"""Waiting for sockets: one `epoll` for all of them, by the thread that leads; on macOS one `poll`.

What an object wants to be polled for is asked when it may have changed, not at each turn:

| object                              | asked                                                        |
|-------------------------------------|--------------------------------------------------------------|
| new in the map, or handled          | at the beginning of the next turn                            |
| connection with requests in work    | at each turn: another thread serves it, and wakes the leader |
| listener that does not accept       | at each turn: room may be made                               |
| listener                            | after each new connection, which may have taken the last place |
"""

from __future__ import annotations

import select
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from waitress.wasyncore import readwrite

# The bits of epoll and of poll are the same.
READ = select.POLLIN | select.POLLPRI
WRITE = select.POLLOUT
#: The client has closed its side. 0 where the system does not report it (macOS): it shows at the next write.
PEER_CLOSED: int = getattr(select, "POLLRDHUP", 0)

_HAS_COME = select.POLLIN


class _Poll:
    """The methods of an `epoll` that a loop calls, by `poll`: each turn costs the more, the more sockets."""

    def __init__(self) -> None:
        self._poll = select.poll()
        self.register = self.modify = self._poll.register

    def unregister(self, descriptor: int) -> None:
        try:
            self._poll.unregister(descriptor)
        except KeyError:  # it was not polled for
            pass

    def poll(self, timeout: float | None, most: int) -> list[tuple[int, int]]:
        """Wait `timeout` seconds, in milliseconds rounded up as epoll's are; return all that is ready."""
        return self._poll.poll(None if timeout is None else -int(-1000 * timeout // 1))


_make_poller = getattr(select, "epoll", _Poll)


if TYPE_CHECKING:

    class Watched(Protocol):
        """An object with a socket, as in waitress's `wasyncore`: a listener, a connection, a wake-up."""

        accepting: bool
        #: In work, each on some thread.
        requests: Sequence[object]

        def wanted(self) -> int: ...
        def handle_read_event(self) -> None: ...
        def handle_error(self) -> None: ...
        def handle_peer_closed(self) -> None: ...


class Loop:
    """The loop over all sockets. `map` holds their objects by descriptor.

    `waiting` are requests that have come, and `serve` runs one of them; it returns False where this thread
    leads no more.
    """

    def __init__(self, waiting: Sequence[object] = (), serve: Callable[[], bool] = lambda: True) -> None:
        self.map: dict[int, Watched] = _Map(self)
        self._waiting = waiting
        self._serve = serve
        self._epoll = _make_poller()
        self._wanted: dict[int, int] = {}
        self._unsettled: dict[int, None] = {}  # a set in order
        self._listeners: set[int] = set()
        #: Events to take at once: all, so that listeners come last among them.
        self._most = 1

    def turn(self, timeout: float | None) -> bool:
        """Wait at most `timeout` seconds, without end with None, and let what is ready read or write.

        Return whether this thread still leads.

        Serve as many requests as objects were ready, and one more. Return at once when the lead is lost: what
        was found ready is found again by the thread that leads now.
        """
        if self._unsettled:
            self._ask()
        events = self._epoll.poll(timeout, self._most)
        if len(events) == 1:
            descriptor, event = events[0]
            ready = [(descriptor, self.map.get(descriptor), event)]
        else:
            # Listeners last. A client that closed a connection and opened another then counts once, and a
            # connection that would be closed as idle can read the request that has arrived on it.
            ready = [(descriptor, self.map.get(descriptor), event) for descriptor, event in events]
            ready.sort(key=self._is_listener)
        for descriptor, found, event in ready:
            if found is None:
                self.removed(descriptor)  # closed by another thread while it was asked
                continue
            # An object before it may have closed it, and a new connection may have its number.
            if len(ready) > 1 and self.map.get(descriptor) is not found:
                continue
            # Before the view: another thread may lead when it ends.
            self._unsettled[descriptor] = None
            if event == _HAS_COME:  # as `readwrite` does
                try:
                    found.handle_read_event()
                except Exception:
                    found.handle_error()
            elif self._wanted.get(descriptor) == PEER_CLOSED:
                found.handle_peer_closed()
            else:
                readwrite(found, event & ~PEER_CLOSED)
            if self._waiting and not self._serve():
                return False
            # Mostly it waits for the same as before, and no other thread is at work for it.
            if not found.accepting and not found.requests and found.wanted() == self._wanted.get(descriptor):
                del self._unsettled[descriptor]
        return not self._waiting or self._serve()

    def ask(self, descriptor: int) -> None:
        """Ask again, at the next turn, what to poll for. Called by the leader."""
        self._unsettled[descriptor] = None

    def ask_listeners(self) -> None:
        """Ask again, at the next turn, whether listeners accept."""
        self._unsettled.update(dict.fromkeys(self._listeners))

    def _is_listener(self, row: tuple[int, Watched | None, int]) -> bool:
        return row[0] in self._listeners

    def _ask(self) -> None:
        settled = []
        for descriptor in self._unsettled:
            found = self.map.get(descriptor)
            if found is None:
                settled.append(descriptor)
                continue
            # First: a view that ends from here on is seen by the next turn.
            works = bool(found.requests)
            wanted = found.wanted()
            if wanted != self._wanted.get(descriptor, 0):
                self._poll_for(descriptor, wanted)
            if found.accepting:
                self._listeners.add(descriptor)
                if wanted:
                    settled.append(descriptor)
            elif not works:
                settled.append(descriptor)
        for descriptor in settled:
            del self._unsettled[descriptor]

    def _poll_for(self, descriptor: int, wanted: int) -> None:
        before = self._wanted.get(descriptor, 0)
        self._wanted[descriptor] = wanted
        try:
            if not before:
                self._epoll.register(descriptor, wanted)
            elif wanted:
                self._epoll.modify(descriptor, wanted)
            else:
                self._epoll.unregister(descriptor)
        except OSError:  # another thread has closed it
            self._wanted.pop(descriptor, None)

    def added(self, descriptor: int) -> None:
        """Ask a new object at the next turn. Called by the map."""
        self._unsettled[descriptor] = None
        self._most = len(self.map)
        self.ask_listeners()

    def removed(self, descriptor: int) -> None:
        """Poll no more for a descriptor that will be closed. Called by the map."""
        self._listeners.discard(descriptor)
        self._wanted.pop(descriptor, None)
        self._most = len(self.map) or 1
        try:
            self._epoll.unregister(descriptor)
        except OSError:  # it was not polled for
            pass


class _Map(dict[int, "Watched"]):
    """Objects by descriptor; waitress adds and removes them one by one."""

    def __init__(self, loop: Loop) -> None:
        super().__init__()
        self._loop = loop

    def __setitem__(self, descriptor: int, found: Watched) -> None:
        super().__setitem__(descriptor, found)
        if hasattr(found, "wanted"):  # not the trigger of waitress's servers, which is never pulled
            self._loop.added(descriptor)

    def __delitem__(self, descriptor: int) -> None:
        super().__delitem__(descriptor)
        self._loop.removed(descriptor)
