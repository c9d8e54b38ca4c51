"""A client that sends the same head again: its request is not read again, and is answered as any other."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator

import pytest

from edgeweb.server.limits import Limits, Policy
from edgeweb.server.listener import Settings
from edgeweb.server.parser import RequestParser
from tests.server.process import GET, ServerProcess, read_answer, status, wait_until_read

ENVIRON = b"GET /environ?a=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: a=1\r\nX-One: 1\r\n\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    running = ServerProcess(tmp_path_factory.mktemp("repeated"))
    yield running
    running.close()


def ask(sock: socket.socket, request: bytes) -> bytes:
    sock.sendall(request)
    answer = read_answer(sock)
    assert status(answer) == 200
    return re.sub(rb"Date: .*?\r\n|=<[^\n]*", b"", answer)  # objects have their addresses in their names


def test_the_same_head_is_answered_in_the_same_way_each_time(server: ServerProcess) -> None:
    with server.connect() as sock:
        answers = {ask(sock, ENVIRON) for _ in range(5)}
    assert len(answers) == 1
    assert b"HTTP_COOKIE=a=1\n" in answers.pop()


def test_another_head_is_read(server: ServerProcess) -> None:
    with server.connect() as sock:
        for number in range(6):
            other = ENVIRON.replace(b"a=1", b"a=%d" % (number // 2))
            assert b"QUERY_STRING=a=%d\n" % (number // 2) in ask(sock, other)


def test_the_same_head_in_pieces_with_a_body_or_behind_another(server: ServerProcess) -> None:
    with server.connect() as sock:
        for _ in range(2):
            ask(sock, ENVIRON)
        sock.sendall(ENVIRON[:30])
        time.sleep(0.05)
        assert b"HTTP_X_ONE=1\n" in ask(sock, ENVIRON[30:])
        ask(sock, ENVIRON)
        sock.sendall(ENVIRON * 3)
        received = b""
        while received.count(b"wsgi.version") < 3:
            received += sock.recv(65_536)
        assert received.count(b"HTTP/1.1 200 OK\r\n") == 3
        head = b"POST /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\n\r\n"
        for body in (b"one", b"two", b"two"):
            assert ask(sock, head + body).endswith(b"\r\n\r\n" + body)


@pytest.mark.slow
def test_it_is_forgotten_when_the_connection_is_idle(server: ServerProcess) -> None:
    with server.connect() as sock:
        ask(sock, GET)
        time.sleep(4.5)
        assert ask(sock, GET).endswith(b"hello")


def test_a_refusal_for_want_of_room_is_not_repeated(serve: Callable[..., ServerProcess]) -> None:
    server = serve("app:app", threads=1, queue=1)
    with server.connect() as first, server.connect() as second, server.connect() as third:
        ask(third, GET)
        ask(third, GET)
        for sock in (first, second):
            sock.sendall(GET.replace(b"/ ", b"/wait ", 1))
            # Of requests that it finds at once the server may take any first.
            wait_until_read(sock)
        third.sendall(GET)
        assert status(read_answer(third)) == 503
        assert third.recv(1) == b"", "a refusal ends its connection"


def test_each_request_has_an_environment_of_its_own(serve: Callable[..., ServerProcess]) -> None:
    server = serve("answers:keeps")
    with server.connect() as sock:
        for _ in range(5):
            assert ask(sock, GET).endswith(b"\r\n\r\nnew"), "what an application adds stays with its request"


def test_the_host_is_asked_for_again_each_time() -> None:
    settings = Settings(Limits(), Policy(hosts=("board.example",)))
    request = RequestParser(settings, "127.0.0.1")
    request.received(b"GET / HTTP/1.1\r\nHost: board.example\r\n\r\n")
    assert request.may_repeat()
    assert request.is_still_accepted()
    settings.hosts = Settings(Limits(), Policy()).hosts
    assert not request.is_still_accepted(), "the name is another machine's by now"


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\n\r\nx",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        b"\r\n\r\n",
    ],
)
def test_what_is_refused_has_a_body_or_is_incomplete_does_not_repeat(head: bytes) -> None:
    request = RequestParser(Settings(Limits(), Policy()), "127.0.0.1")
    request.received(head)
    assert not request.may_repeat()
    request.close()
