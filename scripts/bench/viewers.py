"""Viewers of a stream of events: many connections in one thread, and who has got what."""

from __future__ import annotations

import selectors
import socket
import time
from types import TracebackType

from .bench import Fault
from .client import as_bytes
from .scenarios import Scenario

EVENTS = Scenario("events", "events", "GET", "/events", 200)
#: Every stream begins with it.
OPENING = b"retry: "
#: Bytes kept of what a viewer has received, in case what is looked for comes in two parts.
_TAIL = 64
_PATIENCE = 30.0


class Viewers:
    """`with Viewers(port) as viewers`: connections that listen within the block."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._tails: dict[socket.socket, bytes] = {}
        self._selector = selectors.DefaultSelector()

    def __enter__(self) -> Viewers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in self._tails:
            connection.close()
        self._selector.close()

    def add(self, number: int, patience: float = _PATIENCE) -> int:
        """Open streams, and return how many of them have begun within `patience` seconds."""
        added = []
        for _ in range(number):
            connection = socket.create_connection(("127.0.0.1", self._port), _PATIENCE)
            connection.sendall(as_bytes(EVENTS, self._port))
            connection.setblocking(False)
            self._tails[connection] = b""
            self._selector.register(connection, selectors.EVENT_READ)
            added.append(connection)
        return number - len(self._receive(OPENING, set(added), patience))

    def wait_for(self, text: bytes) -> float:
        """Return the moment, by the monotonic clock, when the last viewer has it. Raises `Fault`."""
        missing = self._receive(text, set(self._tails), _PATIENCE)
        if missing:
            raise Fault(f"{len(missing)} of {len(self._tails)} viewers did not get {text.decode()!r}")
        return time.monotonic()

    def _receive(self, text: bytes, missing: set[socket.socket], patience: float) -> set[socket.socket]:
        """Read until all of them have received it; those that have not after `patience` seconds."""
        end = time.monotonic() + patience
        while missing and (left := end - time.monotonic()) > 0:
            for key, _ in self._selector.select(left):
                connection = key.fileobj
                assert isinstance(connection, socket.socket)
                try:
                    data = connection.recv(65536)
                except ConnectionResetError:  # refused: there are too many connections
                    data = b""
                if not data:
                    self._selector.unregister(connection)
                seen = self._tails[connection] + data
                if text in seen:
                    missing.discard(connection)
                self._tails[connection] = seen[-_TAIL:]
            if not self._selector.get_map():
                break
        return missing
