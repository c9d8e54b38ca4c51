"""Answers of applications, as bytes on the wire: framing, keep-alive, and applications that misbehave."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.server.process import APPS, ServerProcess, read_all, read_answer, status


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    running = ServerProcess(tmp_path_factory.mktemp("answers"), "answers:app")
    yield running
    running.close()


def ask(
    server: ServerProcess, path: str, method: str = "GET", version: str = "1.1", *fields: str
) -> tuple[str, str]:
    """Head and body of an answer, and of whatever else comes until the server closes."""
    head = [f"{method} /{path} HTTP/{version}", "Host: 127.0.0.1", *fields]
    if version == "1.1" and not fields:
        head.append("Connection: close")
    answer = server.ask(("\r\n".join(head) + "\r\n\r\n").encode())
    head_, _, body = answer.decode().partition("\r\n\r\n")
    return head_ + "\r\n", body


def test_a_stream_is_chunked_and_the_connection_stays(server: ServerProcess) -> None:
    with server.connect() as sock:
        for _ in range(2):
            sock.sendall(b"GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            answer = b""
            while not answer.endswith(b"\r\n0\r\n\r\n"):
                answer += sock.recv(4096)
            assert b"\r\nTransfer-Encoding: chunked\r\n" in answer
            assert b"Connection:" not in answer
            assert answer.endswith(b"\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")


def test_a_stream_to_http_1_0_ends_with_the_connection(server: ServerProcess) -> None:
    head, body = ask(server, "stream", "GET", "1.0", "Connection: keep-alive")
    assert "Transfer-Encoding" not in head
    assert "\r\nConnection: close\r\n" in head
    assert body == "onetwo"


def test_http_1_0_may_keep_its_connection(server: ServerProcess) -> None:
    with server.connect() as sock:
        for _ in range(2):
            sock.sendall(b"GET /part_of_a_file HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            assert b"\r\nConnection: Keep-Alive\r\n" in read_answer(sock)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("late_start", "4\r\nlate\r\n0\r\n\r\n"),
        ("writes", "8\r\nwritten \r\n8\r\nreturned\r\n0\r\n\r\n"),
        ("empty", "0\r\n\r\n"),
        ("changes_its_mind", "changed"),
        ("closing", "1\r\na\r\n1\r\nb\r\n0\r\n\r\n"),
        ("file_in_memory", "in memory"),
        ("file_without_end", "5\r\npiped\r\n0\r\n\r\n"),
    ],
)
def test_bodies(server: ServerProcess, path: str, expected: str) -> None:
    assert ask(server, path)[1] == expected


@pytest.mark.parametrize("path", ["stream", "file", "two_cookies", "too_little"])
def test_head_has_the_same_header_and_no_body(server: ServerProcess, path: str) -> None:
    head, body = ask(server, path, "HEAD")
    assert body == ""
    if path != "file":  # whose length is known only when it is sent
        assert without_date(head) == without_date(ask(server, path)[0])


def without_date(head: str) -> str:
    return re.sub(r"Date: .*?\r\n", "", head)


def test_head_keeps_the_connection(server: ServerProcess) -> None:
    with server.connect() as sock:
        sock.sendall(b"HEAD /stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        sock.sendall(b"GET /two_cookies HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        answers = read_all(sock)
    assert answers.count(b"HTTP/1.1 200 OK\r\n") == 2
    assert b"0\r\n\r\n" not in answers


@pytest.mark.parametrize(("path", "code"), [("no_content", 204), ("not_modified", 304)])
def test_answers_without_a_body_have_no_length(server: ServerProcess, path: str, code: int) -> None:
    with server.connect() as sock:
        request = f"GET /{path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        for _ in range(2):
            sock.sendall(request)
            answer = read_answer(sock)
            assert status(answer) == code
            assert b"Content-Length" not in answer
            assert b"Transfer-Encoding" not in answer
            assert answer.endswith(b"\r\n\r\n")


def test_what_is_more_than_announced_is_not_sent(server: ServerProcess) -> None:
    assert ask(server, "too_much")[1] == "one"
    server.wait_for_log("more than its Content-Length of 3")


@pytest.mark.parametrize(("path", "expected"), [("too_little", "one"), ("nothing_of_it", "")])
def test_what_is_less_than_announced_ends_the_connection(
    server: ServerProcess, path: str, expected: str
) -> None:
    _, body = ask(server, path, "GET", "1.1", "Connection: keep-alive")
    assert body == expected
    server.wait_for_log(f"{9 - len(expected)} bytes less than its Content-Length")


def test_fields_are_sent_as_they_were_set(server: ServerProcess) -> None:
    head, _ = ask(server, "two_cookies")
    assert head.index("Set-Cookie: a=1\r\n") < head.index("Set-Cookie: b=2\r\n")
    assert head.count("Date: ") == 1
    assert "Date: never\r\n" in head


def test_a_file_is_sent_with_its_length(server: ServerProcess) -> None:
    content = (APPS / "answers.py").read_text()
    head, body = ask(server, "file")
    assert f"\r\nContent-Length: {len(content)}\r\n" in head
    assert body == content
    assert ask(server, "part_of_a_file")[1] == content[3:10]


@pytest.mark.parametrize(
    "path",
    [
        "injects",
        "injects_a_status",
        "hop_by_hop",
        "number_as_value",
        "starts_twice",
        "never_starts",
        "no_such_app",
    ],
)
def test_an_application_that_breaks_the_rules_gets_500(server: ServerProcess, path: str) -> None:
    head, body = ask(server, path, "GET", "1.1", "Connection: keep-alive")
    assert head.startswith("HTTP/1.1 500 ")
    assert "\r\nConnection: close\r\n" in head
    assert "X-B" not in head
    assert "Traceback" not in body
    server.wait_for_log(f"Exception while serving /{path}\n")


@pytest.mark.parametrize("path", ["fails_in_the_middle", "changes_its_mind_too_late"])
def test_an_answer_that_fails_in_the_middle_is_seen_to_be_cut(server: ServerProcess, path: str) -> None:
    _, body = ask(server, path, "GET", "1.1", "Connection: keep-alive")
    assert body in ("5\r\nbegun\r\n", "begun")  # no end of the chunks, or less than the length
    server.wait_for_log(f"Exception while serving /{path}\n")


def test_a_body_is_closed_each_time(server: ServerProcess) -> None:
    def closed() -> int:
        match = re.search(r"X-Closed-Before: (\d+)", ask(server, "closing", "HEAD")[0])
        assert match
        return int(match[1])

    before = closed()
    assert closed() == before + 1


def test_the_environ_satisfies_the_standard_library_s_validator(serve: Callable[..., ServerProcess]) -> None:
    running = serve("answers:validated")
    for target in ("/", "/a%20b/%C3%A4?x=1&y=%20", "//two//slashes", "http://127.0.0.1/whole"):
        answer = running.ask(
            f"POST {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n"
            "Content-Length: 5\r\nConnection: close\r\n\r\nhello".encode()
        )
        assert status(answer) == 200, running.log
        assert answer.endswith(b"\r\n\r\nhello")
    assert "AssertionError" not in running.log


def test_the_environ(serve: Callable[..., ServerProcess]) -> None:
    running = serve("app:app")
    answer = running.ask(
        b"GET //environ?a=%20b HTTP/1.1\r\nHost: 127.0.0.1\r\nX-One: 1\r\nX-One: 2\r\nX_Under: no\r\n"
        b"Cookie: a=1\r\nConnection: close\r\n\r\n"
    ).decode()
    assert status(answer.encode()) == 200
    found = dict(line.split("=", 1) for line in answer.partition("\r\n\r\n")[2].splitlines() if "=" in line)
    expected = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/environ",
        "REQUEST_URI": "//environ?a=%20b",
        "QUERY_STRING": "a=%20b",
        "SCRIPT_NAME": "",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_PORT": str(running.port),
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_X_ONE": "1, 2",
        "HTTP_COOKIE": "a=1",
        "wsgi.url_scheme": "http",
    }
    assert {key: found.get(key) for key in expected} == expected
    assert not any("UNDER" in key for key in found)


def test_the_date_is_now(server: ServerProcess) -> None:
    from email.utils import parsedate_to_datetime
    from time import time

    match = re.search(r"\r\nDate: (.*?)\r\n", ask(server, "empty")[0])
    assert match
    assert abs(parsedate_to_datetime(match[1]).timestamp() - time()) < 5


def test_nothing_is_left_for_the_garbage_collector(
    serve: Callable[..., ServerProcess], tmp_path: Path
) -> None:
    """Connections, requests and answers are freed as they end: memory does not wait for a collection."""
    running = serve("garbage:app")
    assert running.body("/start") == "started"
    for _ in range(50):
        running.get("/some/page")
        running.ask(b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n")
    assert int(running.body("/count")) < 20
