"""What mosquitto does not do on request: a line that is slow, and a broker that sends a command twice.

Source: MQTT 5.0, sections 2.1 (packets), 3.2 (CONNACK), 3.3 (PUBLISH), 3.4 (PUBACK), 3.9 (SUBACK).
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

from .broker import PATIENCE

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, PINGREQ, PINGRESP = 1, 2, 3, 4, 8, 9, 12, 13


class SlowLine:
    """A port behind which is a broker, some bytes a second in each direction."""

    #: Seconds between two pieces.
    GAP = 0.05

    def __init__(self, port: int, bytes_per_second: int) -> None:
        self._broker = port
        #: May be changed at any time.
        self.bytes_per_second = bytes_per_second
        self.passed = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        for end in (self._server, *self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._server.accept()
                far = socket.create_connection(("127.0.0.1", self._broker), PATIENCE)
                far.settimeout(None)
                self._ends += (near, far)
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=self._pass, args=(source, target), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(max(1, int(self.bytes_per_second * self.GAP))):
                time.sleep(self.GAP)
                target.sendall(piece)
                self.passed += len(piece)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class OwnBroker:
    """A broker for one client, which takes everything and sends what a test wants."""

    def __init__(self) -> None:
        self.last: dict[str, str] = {}
        self._heard = threading.Condition()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._client: socket.socket | None = None
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        for end in (self._server, self._client):
            if end is not None:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()

    def until(self, true: Callable[[], object]) -> None:
        with self._heard:
            assert self._heard.wait_for(true, PATIENCE), self.last

    def say(self, topic: str, payload: str, number: int, *, again: bool = False) -> None:
        """Send a message with QoS 1; `again` marks it as one that was sent before."""
        assert self._client is not None
        body = len(topic).to_bytes(2, "big") + topic.encode() + number.to_bytes(2, "big")
        self._client.sendall(_packet(PUBLISH, body + b"\0" + payload.encode(), 0x0A if again else 0x02))

    def _serve(self) -> None:
        with suppress(OSError):
            self._client, _ = self._server.accept()
            for kind, flags, body in _packets(self._client):
                self._answer(self._client, kind, flags, body)

    def _answer(self, client: socket.socket, kind: int, flags: int, body: bytes) -> None:
        if kind == CONNECT:
            client.sendall(_packet(CONNACK, b"\0\0\0"))
        elif kind == SUBSCRIBE:
            at, granted = 3 + body[2], b""
            while at < len(body):
                at += 3 + int.from_bytes(body[at : at + 2], "big")
                granted += b"\x01"
            client.sendall(_packet(SUBACK, body[:2] + b"\0" + granted))
        elif kind == PINGREQ:
            client.sendall(_packet(PINGRESP, b""))
        elif kind == PUBLISH:
            end = 2 + int.from_bytes(body[:2], "big")
            start = end + (2 if flags & 6 else 0)
            with self._heard:
                self.last[body[2:end].decode()] = body[start + 1 + body[start] :].decode()
                self._heard.notify_all()
            if flags & 6:
                client.sendall(_packet(PUBACK, body[end : end + 2]))


def _packet(kind: int, body: bytes, flags: int = 0) -> bytes:
    length, left = b"", len(body)
    while True:
        left, digit = divmod(left, 128)
        length += bytes([digit | (0x80 if left else 0)])
        if not left:
            return bytes([kind << 4 | flags]) + length + body


def _packets(client: socket.socket) -> Iterator[tuple[int, int, bytes]]:
    with client.makefile("rb") as stream:
        while first := stream.read(1):
            length = shift = 0
            while True:
                digit = stream.read(1)[0]
                length |= (digit & 0x7F) << shift
                shift += 7
                if not digit & 0x80:
                    break
            yield first[0] >> 4, first[0] & 0x0F, stream.read(length)
