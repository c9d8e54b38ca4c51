from __future__ import annotations

import socket

from edgeweb.server.loop import READ, WRITE, Loop


class Waiting:
    """What the loop has in its map, on a socket that can be read."""

    peer_closed = None
    requests = ()

    def __init__(self, told: list[str], name: str, *, accepting: bool = False) -> None:
        self._told = told
        self._name = name
        self.accepting = accepting
        self.socket, self._other = socket.socketpair()
        self._other.send(b"x")

    def wanted(self) -> int:
        return READ

    def handle_error(self) -> None: ...

    def handle_peer_closed(self) -> None: ...

    def handle_read_event(self) -> None:
        self._told.append(self._name)

    def close(self) -> None:
        self.socket.close()
        self._other.close()


def test_what_has_come_is_read_before_others_are_let_in() -> None:
    """A listener may close who is idle; that is not known before everybody was read."""
    told: list[str] = []
    waiting = [
        Waiting(told, "listener", accepting=True),
        Waiting(told, "one"),
        Waiting(told, "second listener", accepting=True),
        Waiting(told, "two"),
    ]
    loop = Loop()
    for found in waiting:
        loop.map[found.socket.fileno()] = found
    try:
        loop.turn(1)
        assert told == ["one", "two", "listener", "second listener"]
    finally:
        for found in waiting:
            found.close()


class Served:
    """A connection whose view another thread ends just after the loop has asked it."""

    accepting = False
    peer_closed = False

    def __init__(self) -> None:
        self.requests = ["one"]
        self.handled = 0

    def wanted(self) -> int:
        found = 0 if self.requests else READ | WRITE
        self.requests = []
        return found

    def handle_error(self) -> None: ...

    def handle_peer_closed(self) -> None: ...

    def handle_read_event(self) -> None: ...

    def handle_write_event(self) -> None:
        self.handled += 1


def test_a_view_that_ends_while_its_connection_is_asked_is_seen() -> None:
    one, other = socket.socketpair()
    with one, other:
        loop = Loop()
        served = Served()
        loop.map[one.fileno()] = served
        loop.turn(0)
        loop.turn(0)
        assert served.handled == 1, "its answer would never be sent"
        del loop.map[one.fileno()]
