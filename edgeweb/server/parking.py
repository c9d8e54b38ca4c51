"""Connections that wait for events: each costs memory, and no thread.

A view returns a stream as the iterable of its response. The task sends the head, and the connection is
parked: its place in the loop stays, and no thread serves it any more. What is published later becomes ready
in any thread; the leader takes it and writes it.

| event                             | what the leader does                                                |
|-----------------------------------|---------------------------------------------------------------------|
| something is ready                | takes all that waits, and writes it                                 |
| the client did not take all of it | leaves what comes next in the stream until the socket takes more    |
| 15 seconds without a byte         | writes a comment, which finds clients that have gone                |
| the stream has ended              | closes: access was withdrawn, or more waited than a stream may hold |
| the client closes                 | closes the stream                                                   |
| SIGTERM                           | writes when to connect again, and closes                            |
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol

#: Seconds without a byte after which a comment is sent.
HEARTBEAT_SECONDS = 15.0


if TYPE_CHECKING:

    class EventStream(Protocol):
        """The iterable of a response that can be parked, such as `edgeweb.events.Stream`."""

        ended: bool
        heartbeat: bytes
        farewell: bytes

        def park(self, on_ready: Callable[[], object]) -> None: ...
        def take(self) -> bytes: ...
        def close(self) -> None: ...

    class Parked(Protocol):
        """A connection, as it counts here."""

        peer: str
        #: Whether it is among those that are ready: each is there once, however much is published.
        announced: bool
        stream: EventStream | None

        def write_events(self) -> None: ...


class Parking:
    """The parked connections of all listeners that have something to write."""

    def __init__(self, wake: Callable[[], object], ask: Callable[[int], object]) -> None:
        self._wake = wake
        #: Has the loop ask again what a descriptor is polled for.
        self.ask = ask
        #: Connections that have something to write.
        self.ready: deque[Parked] = deque()

    def announce(self, channel: Parked) -> None:
        """Have the leader write to a connection. From any thread."""
        if not channel.announced:
            channel.announced = True
            self.ready.append(channel)
            self._wake()

    def write(self) -> None:
        """Write to the connections that are ready now. Called by the leader."""
        for _ in range(len(self.ready)):
            channel = self.ready.popleft()
            channel.announced = False
            channel.write_events()


def has_place(peer: str, channels: Iterable[Parked], places: int) -> bool:
    """Return whether one more stream may open: one address has a sixth of the places, all three quarters.

    So requests find a connection, however many viewers there are. While many places are taken one address has
    a quarter of them (`pressure`): a browser whose windows had all of these could not even load a page. An
    empty `peer` is a proxy's.
    """
    peers = [channel.peer for channel in channels if channel.stream is not None]
    if len(peers) >= max(1, places * 3 // 4):
        return False
    return not peer or peers.count(peer) < max(1, places // 6)
