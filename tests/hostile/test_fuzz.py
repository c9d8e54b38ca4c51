"""Bytes that nobody thought of: none of them ends the server, hangs it, or gets a second answer out of it."""

from __future__ import annotations

import random
import socket
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from edgeweb.server.limits import Limits, Policy
from edgeweb.server.listener import Settings
from edgeweb.server.parser import RequestParser
from tests.hostile.test_requests import REFUSED, SERVED
from tests.server.process import ServerProcess

LIMITS = Limits(header_bytes=2048, body_bytes=1024, header_fields=20)

# What requests are made of, so that random ones come near to right ones.
PIECES = [
    *(b"GET", b"POST", b"OPTIONS", b"TRACE", b" ", b"/", b"/%2e%2e", b"*"),
    *(b"http://", b"127.0.0.1", b"[", b"::1]"),
    *(b" HTTP/1.1", b" HTTP/1.0", b" HTTP/2.0", b"\r\n", b"\n", b"\r", b"\r\n\r\n"),
    *(b"\0", b"\xff", b"\t", b":", b"Host: 127.0.0.1\r\n", b"X_A: b\r\n"),
    *(b"Content-Length: 5\r\n", b"Content-Length: ", b"Transfer-Encoding: chunked\r\n"),
    *(b"Expect: 100-continue\r\n", b"Connection: close\r\n", b"Connection: keep-alive\r\n"),
    *(b"5\r\nhello\r\n", b"0\r\n\r\n", b"f" * 20 + b"\r\n", b';a="b"', b"a" * 300, b"1" * 300),
]
made_of_pieces = st.lists(st.sampled_from(PIECES) | st.binary(max_size=8), max_size=30).map(b"".join)


def parse(data: bytes, cuts: list[int]) -> list[tuple[object, ...]]:
    """Every request in the bytes, when they arrive cut at these places."""
    adjustments = Settings(LIMITS, Policy())
    requests = []
    parser = RequestParser(adjustments, "127.0.0.1")
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    for start, end in pairwise(places):
        rest = data[start:end]
        while rest:
            consumed = parser.received(rest)
            assert 0 <= consumed <= len(rest)
            assert consumed or parser.completed, "it neither takes bytes nor ends"
            rest = rest[consumed:]
            if parser.completed:
                if not parser.empty:
                    body = b"" if parser.error else parser.get_body_stream().getvalue()
                    code = parser.error.code if parser.error else 0
                    requests.append((code, getattr(parser, "command", ""), getattr(parser, "path", ""), body))
                    assert len(body) <= LIMITS.body_bytes
                parser.close()
                if parser.error:
                    assert adjustments.budget.used == 0
                    return requests
                parser = RequestParser(adjustments, "127.0.0.1")
    parser.close()
    assert adjustments.budget.used == 0
    return requests


@pytest.mark.slow
@settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(made_of_pieces, st.lists(st.integers(0, 5000), max_size=8))
@example(
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.0\r\n\r\n", [3, 50, 60]
)
def test_the_parser_survives_anything_however_it_is_cut(data: bytes, cuts: list[int]) -> None:
    """Where the packets end must not decide what a request is, or where the next one begins."""
    whole = parse(data, [])
    assert parse(data, cuts) == whole
    for code, command, path, _ in whole:
        if not code:
            assert command in {"GET", "POST", "OPTIONS"} or str(command).isupper()
            assert ".." not in str(path).split("/")


@pytest.mark.slow
def test_10_000_random_byte_strings_leave_the_server_as_it_was(server: ServerProcess) -> None:
    source = random.Random(20261121)
    known = [request for request, _ in REFUSED.values()] + list(SERVED.values())
    for number in range(10_000):
        kind = number % 4
        if kind == 0:
            data = source.randbytes(source.randrange(1, 200))
        elif kind == 1:
            data = b"".join(source.choices(PIECES, k=source.randrange(1, 20)))
        else:
            # A known request with a few bytes changed; the large ones cut to keep the test short.
            changed = bytearray(source.choice(known)[:2000])
            for _ in range(source.randrange(1, 4)):
                changed[source.randrange(len(changed))] = source.randrange(256)
            data = bytes(changed)
        with server.connect() as sock:
            # A reset instead of a close: 10,000 of these would run out of ports.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            sock.sendall(data)
            if number % 100 == 0:
                sock.settimeout(0.05)
                try:
                    sock.recv(65536)
                except (TimeoutError, ConnectionResetError):
                    pass
        assert server.process.poll() is None, data
    assert server.body("/livez") == "ok"
