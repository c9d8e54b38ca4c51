"""Security headers on every answer, those included that the server makes before any application is asked."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest

from tests.hostile.test_requests import REFUSED, get
from tests.server.process import (
    GET,
    GET_AND_CLOSE,
    ServerProcess,
    read_all,
    read_answer,
    status,
    until_served,
)

Serve = Callable[..., ServerProcess]

EXPECTED = ["Referrer-Policy: same-origin", "X-Content-Type-Options: nosniff", "X-Frame-Options: DENY"]

#: A request for each status that the server itself answers with; the others are made below.
MADE_BY_PARSER = {
    400: "no host",
    403: "origin null",
    405: "TRACE",
    413: "one byte too many",
    421: "foreign host",
}
MADE_BY_PARSER |= {431: "101 fields", 501: "CONNECT", 505: "HTTP/2.0"}


def security_headers(answer: bytes) -> list[str]:
    """Those of an answer, without what differs from one to the next."""
    head = answer.partition(b"\r\n\r\n")[0].decode()
    return sorted(line for line in head.split("\r\n") if line.startswith(("Referrer-", "X-")))


@pytest.mark.parametrize("code", MADE_BY_PARSER)
def test_on_what_the_parser_refuses(server: ServerProcess, code: int) -> None:
    request, expected = REFUSED[MADE_BY_PARSER[code]]
    answer = server.ask(request)
    assert status(answer) == expected == code
    assert security_headers(answer) == EXPECTED


def test_every_refusal_is_looked_at() -> None:
    from edgeweb.server.refusals import _REASONS

    assert {*MADE_BY_PARSER, 408, 411, 503} == _REASONS.keys()


def test_on_411(serve: Serve) -> None:
    server = serve("edgeweb.device:create_app()", connections=4)
    with server.connect_from("127.0.0.8"), server.connect_from("127.0.0.9"):
        head = b"POST /api/v1/session HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        answer = server.ask(head)
    assert status(answer) == 411
    assert {*EXPECTED} <= {*security_headers(answer)}


@pytest.mark.parametrize("path", ["/", "/file", "/stream", "/fail", "/livez", "/large"])
def test_on_what_the_application_answers(serve: Serve, path: str) -> None:
    assert security_headers(serve().get(path)) == EXPECTED


@pytest.mark.parametrize(
    "begun", [b"GET / HTT", b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\na"]
)
def test_on_408(serve: Serve, begun: bytes) -> None:
    server = serve(header_timeout=1, grace_time=1, least_rate=1_000_000)
    with server.connect() as sock:
        sock.sendall(begun)
        answer = read_all(sock)
    assert status(answer) == 408
    assert security_headers(answer) == EXPECTED
    assert b"\r\nConnection: close\r\n" in answer


def test_on_503_for_a_full_queue(serve: Serve) -> None:
    server = serve(threads=1, queue=1)
    with contextlib.ExitStack() as stack:
        answers = []
        for _ in range(3):
            sock = stack.enter_context(server.connect())
            sock.sendall(get(b"/slow"))
            answers.append(sock)
        found = [read_answer(sock) for sock in answers]
    refused = [answer for answer in found if status(answer) == 503]
    assert refused
    assert all(security_headers(answer) == EXPECTED for answer in found)


def test_on_503_for_too_many_connections(serve: Serve) -> None:
    server = serve(connections_per_peer=1)
    with server.connect() as busy:
        busy.sendall(get(b"/wait"))
        until_served(server, b"/wait", 1)
        with server.connect() as sock:
            answer = read_all(sock)
        assert status(answer) == 503
        assert b"\r\nRetry-After: 2\r\n" in answer
        assert security_headers(answer) == EXPECTED
        server.ask_as_another(get(b"/open", b"Connection: close"))


def test_none_where_the_profile_says_so(serve: Serve) -> None:
    server = serve(security_headers=False, header_timeout=1)
    assert security_headers(server.ask(GET_AND_CLOSE)) == []
    assert security_headers(server.ask(REFUSED["no host"][0])) == []
    with server.connect() as sock:
        sock.sendall(GET[:5])
        assert security_headers(read_all(sock)) == []
