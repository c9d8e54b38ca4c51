"""Views marked by `edgeweb.inline`: on the loop's thread where that is switched on, else as all others."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from edgeweb.server.inline import inline, may_be_inline
from tests.server.process import GET, ServerProcess, status

Serve = Callable[..., ServerProcess]


def thread(answer: bytes) -> str:
    match = re.search(rb"\r\nX-Thread: (\S+)\r\n", answer)
    assert match, answer
    return match[1].decode()


def test_it_is_off_by_default(serve: Serve) -> None:
    assert thread(serve("inlined:app").get("/level/3")) == "edgeweb-worker"
    assert thread(serve("inlined:app", threads=2).get("/level/3")) == "edgeweb-worker"
    assert serve("inlined:bare").body("/") == "edgeweb-worker"


def test_marked_views_are_served_on_the_loop_with_all_that_belongs_to_a_request(serve: Serve) -> None:
    server = serve("inlined:app", inline=True)
    answer = server.get("/level/3")
    assert answer.endswith(b'{"level":3}\n')
    assert thread(answer) == "MainThread"
    assert b"\r\nX-Content-Type-Options: nosniff\r\n" in answer
    for path, where in (("/unmarked", "edgeweb-worker"), ("/level/x", "edgeweb-worker")):
        assert thread(server.get(path)) == where
    answer = server.get("/fails")
    assert (status(answer), thread(answer)) == (500, "MainThread")
    server.wait_for_log("RuntimeError: as asked")
    answer = server.get("/refuses")
    assert (status(answer), thread(answer)) == (418, "MainThread")
    assert status(server.get("/level/4")) == 200


def test_the_switch_on_the_command_line(serve: Serve) -> None:
    assert serve("inlined:bare", options=["--inline"]).body("/") == "MainThread"
    assert serve("inlined:bare", options=["--inline"], threads=2).body("/") == "MainThread"


def test_a_request_with_a_body_goes_to_a_worker(serve: Serve) -> None:
    server = serve("inlined:app", inline=True)
    head = b"POST /both HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: "
    assert thread(server.ask(head + b"5\r\n\r\nhello")) == "edgeweb-worker"
    assert thread(server.ask(head + b"0\r\n\r\n")) == "MainThread"


def test_it_does_not_wait_for_a_thread(serve: Serve) -> None:
    server = serve("inlined:app", inline=True, threads=1, queue=1)
    with server.connect() as sock:
        sock.sendall(GET.replace(b"/ ", b"/level/1 ", 1) * 50)
        received = b""
        while received.count(b'{"level":1}') < 50:
            received += sock.recv(65536)
    assert received.count(b"HTTP/1.1 200 OK") == 50


def test_a_slow_one_is_warned_of_once(serve: Serve) -> None:
    server = serve("inlined:app", inline=True)
    for _ in range(3):
        server.get("/slow")
    server.wait_for_log(
        r"WARNING edgeweb\.server: /slow was served inline and held up everybody for \d+\.\d s"
    )
    assert server.log.count("held up everybody") == 1


def test_an_answer_larger_than_the_memory_for_answers_does_not_stop_the_loop(serve: Serve) -> None:
    server = serve("inlined:app", inline=True, buffer_bytes=1_048_576)
    with server.connect() as sock:
        sock.sendall(GET.replace(b"/ ", b"/large ", 1))
        server.wait_for_log("BufferError: an inline answer is larger")
        assert status(server.get("/level/1")) == 200  # while the other one is still not read
        received = b""
        while data := sock.recv(65536):
            received += data
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    assert not received.endswith(b"0\r\n\r\n"), "the client can see that it was cut"


def test_it_is_renewed_with_the_profile(serve: Serve) -> None:
    import signal

    server = serve("inlined:app", inline=False)
    assert thread(server.get("/level/1")) == "edgeweb-worker"
    (server.log_file.parent / "test.toml").write_text("[server]\ninline = true\n")
    server.process.send_signal(signal.SIGHUP)
    while thread(server.get("/level/1")) != "MainThread":
        pass


def test_a_view_that_exits_does_not_take_the_server_along(serve: Serve) -> None:
    for where in (False, True):
        server = serve("inlined:app", threads=1, inline=where)
        for _ in range(3):
            assert status(server.get("/exits")) == 500
        server.wait_for_log("RuntimeError: the application has called sys.exit")
        assert status(server.get("/unmarked")) == 200
        assert server.process.poll() is None


def test_what_cannot_tell_is_not_inline() -> None:
    def fails(method: str, path: str) -> bool:
        raise RuntimeError

    class Application:
        serves_inline = staticmethod(fails)

    assert not may_be_inline(object(), "GET", "/")
    assert not may_be_inline(Application(), "GET", "/")
    assert may_be_inline(inline(lambda environ, start_response: []), "GET", "/")


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/a", True),
        ("HEAD", "/a", True),
        ("OPTIONS", "/a", True),
        ("POST", "/a", False),
        ("GET", "/a/", False),
        ("GET", "/number/12", True),
        ("GET", "/number/x", False),
        ("GET", "/other", False),
        ("GET", "/ä", False),
    ],
)
def test_which_view_it_would_be(method: str, path: str, expected: bool) -> None:
    from edgeweb import Flask

    app = Flask("app")
    app.add_url_rule("/a", view_func=inline(lambda: ""), endpoint="a")
    app.add_url_rule("/number/<int:n>", view_func=inline(lambda n: ""), endpoint="n")
    app.add_url_rule("/other", view_func=lambda: "", endpoint="o")
    assert app.serves_inline(method, path) is expected


def test_applications_that_match_by_host_are_left_to_workers() -> None:
    from edgeweb import Flask

    app = Flask("app", host_matching=True, static_folder=None)
    app.add_url_rule("/a", view_func=inline(lambda: ""), endpoint="a", host="board")
    assert app.serves_inline("GET", "/a") is False
