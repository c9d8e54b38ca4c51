"""Events under `edgeweb serve`: a viewer costs a connection and no thread, and every end is noticed."""

from __future__ import annotations

import http.client
import json
import os
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .process import STUCK, ServerProcess, wait_until

PLACES = 90
OF_ONE_ADDRESS = PLACES // 6


@pytest.fixture
def server(serve: Callable[..., ServerProcess]) -> ServerProcess:
    return serve("viewers:app", connections=PLACES, connections_per_peer=PLACES, threads=2)


class Viewer:
    """A client that has read the head of a stream, and its opening."""

    def __init__(
        self, server: ServerProcess, head: bytes = b"", path: str = "/events", address: str = ""
    ) -> None:
        self.socket = server.connect_from(address) if address else server.connect()
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n".encode() + head + b"\r\n")
        self.file = self.socket.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        self.headers = http.client.parse_headers(self.file)
        if self.status == 200:
            assert self.file.readline() == b"retry: 2000\n"
            self.file.readline()

    def event(self) -> dict[str, str]:
        """The fields of the next event; empty at the end of the stream, and for a comment."""
        found = {}
        while line := self.file.readline().decode().rstrip("\n"):
            name, _, value = line.partition(": ")
            found[name] = value
        return found

    def close(self) -> None:
        self.file.close()
        self.socket.close()


@pytest.fixture
def watch() -> Iterator[Callable[..., Viewer]]:
    """`watch(server)` opens a stream, which ends with the test."""
    opened: list[Viewer] = []

    def open_one(*arguments: Any, **options: Any) -> Viewer:
        opened.append(Viewer(*arguments, **options))
        return opened[-1]

    yield open_one
    for viewer in opened:
        viewer.close()


Watch = Callable[..., Viewer]
Serve = Callable[..., ServerProcess]


def post(server: ServerProcess, path: str, body: bytes = b"") -> dict[str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=STUCK)
    connection.request("POST", path, body)
    answer = connection.getresponse()
    assert answer.status == 200
    found: dict[str, str] = json.loads(answer.read())
    connection.close()
    return found


def viewers(server: ServerProcess) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=STUCK)
    connection.request("GET", "/viewers")
    found: int = json.loads(connection.getresponse().read())["viewers"]
    connection.close()
    return found


def test_an_event_reaches_all_and_no_viewer_has_a_thread(server: ServerProcess, watch: Watch) -> None:
    everybody = [watch(server) for _ in range(OF_ONE_ADDRESS)]
    identity = post(server, "/publish", b"now")["id"]
    assert [viewer.event() for viewer in everybody] == [{"id": identity, "data": "now"}] * len(everybody)
    # the leader, the one that stands by, and the application's
    assert len(os.listdir(f"/proc/{server.process.pid}/task")) <= 3
    for viewer in everybody:
        viewer.close()
    wait_until(lambda: viewers(server) == 0)


def test_the_head(server: ServerProcess, watch: Watch) -> None:
    viewer = watch(server)
    assert viewer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert viewer.headers["Connection"] == "close"
    assert "Transfer-Encoding" not in viewer.headers
    assert "Content-Length" not in viewer.headers


def test_a_client_comes_back(server: ServerProcess, watch: Watch) -> None:
    viewer = watch(server)
    post(server, "/publish", b"1")
    last = viewer.event()["id"]
    viewer.close()
    post(server, "/publish", b"2")
    again = watch(server, f"Last-Event-ID: {last}\r\n".encode())
    assert again.event()["data"] == "2"


def test_one_address_has_a_sixth_of_the_places(server: ServerProcess, watch: Watch) -> None:
    same = [watch(server) for _ in range(OF_ONE_ADDRESS)]
    refused = watch(server)
    assert (refused.status, refused.headers["Retry-After"]) == (503, "2")
    neighbour = watch(server, address="127.0.0.2")
    assert neighbour.status == 200
    same.pop().close()
    wait_until(lambda: viewers(server) == len([*same, neighbour]))
    same.append(watch(server))
    assert same[-1].status == 200


def test_an_address_with_all_its_streams_still_gets_an_answer(server: ServerProcess, watch: Watch) -> None:
    """Also when half of the places are taken, where one address has a quarter of them."""
    same = [watch(server) for _ in range(PLACES // 4)]
    others = [watch(server, address=f"127.0.0.{number}") for number in range(2, 6) for _ in range(8)]
    assert len(others) + OF_ONE_ADDRESS >= PLACES // 2
    assert [one.status for one in same].count(200) == OF_ONE_ADDRESS
    for refused in same[OF_ONE_ADDRESS:]:
        refused.close()
    assert viewers(server) == OF_ONE_ADDRESS + len(others)


def test_a_quarter_of_the_places_is_kept_for_requests(server: ServerProcess, watch: Watch) -> None:
    addresses = [f"127.0.0.{number}" for number in range(2, 8)]
    everybody = [watch(server, address=addresses[number % 6]) for number in range(PLACES * 3 // 4)]
    refused = watch(server, address="127.0.0.9")
    assert refused.status == 503
    assert viewers(server) == len(everybody)


def test_a_viewer_that_does_not_read_loses_its_place(server: ServerProcess, watch: Watch) -> None:
    quick = watch(server)
    watch(server)
    assert viewers(server) == 2
    # what the kernel takes for the slow one is some megabytes
    for _ in range(200):
        post(server, "/publish?times=30000", b"x")
        post(server, "/publish?times=30000", b"x")
        assert len(quick.event()["data"]) == 30_000
        assert len(quick.event()["data"]) == 30_000
        if viewers(server) == 1:
            break
    else:
        pytest.fail("the slow viewer has its place still")
    post(server, "/publish", b"after")
    assert quick.event()["data"] == "after"


def test_a_burst_that_is_larger_than_the_share_ends_streams_(server: ServerProcess, watch: Watch) -> None:
    viewer = watch(server)
    post(server, "/publish?times=1000&events=200", b"x")
    while viewer.event():
        pass
    assert viewers(server) == 0


@pytest.mark.slow
def test_a_silent_viewer_gets_comments(serve: Serve, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUICK_HEARTBEAT", "1")
    server = serve("viewers:app")
    viewer = watch(server)
    assert [viewer.file.readline() for _ in range(4)] == [b":\n", b"\n", b":\n", b"\n"]


@pytest.mark.parametrize("how", ["close", "reset", "half"])
def test_a_client_that_leaves_is_noticed_at_once(server: ServerProcess, watch: Watch, how: str) -> None:
    viewer = watch(server)
    assert viewers(server) == 1
    if how == "half":
        viewer.socket.shutdown(socket.SHUT_WR)
    else:
        if how == "reset":
            viewer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        viewer.close()
    wait_until(lambda: viewers(server) == 0)


def test_the_end_of_an_owners_streams(server: ServerProcess, watch: Watch) -> None:
    ada, eve = watch(server, path="/events?owner=ada"), watch(server, path="/events?owner=eve")
    post(server, "/end?owner=ada")
    assert ada.file.read() == b""
    post(server, "/publish", b"still here")
    assert eve.event()["data"] == "still here"


def test_sigterm_ends_streams_at_once(server: ServerProcess, watch: Watch) -> None:
    everybody = [watch(server) for _ in range(5)]
    server.process.terminate()
    assert [viewer.file.read() for viewer in everybody] == [b"retry: 2000\n\n"] * 5
    assert server.process.wait(STUCK) == 0


def test_head_ends_with_the_head_and_keeps_the_connection(server: ServerProcess, watch: Watch) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=STUCK)
    connection.request("HEAD", "/events")
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"")
    connection.request("GET", "/viewers")
    assert json.loads(connection.getresponse().read()) == {"viewers": 0}
    connection.close()


def test_http_1_0(server: ServerProcess, watch: Watch) -> None:
    with server.connect() as client:
        client.sendall(b"GET /events HTTP/1.0\r\nHost: 127.0.0.1\r\nConnection: keep-alive\r\n\r\n")
        file = client.makefile("rb")
        head = iter(file.readline, b"\r\n")
        assert b"Connection: close\r\n" in list(head)
        assert file.readline() == b"retry: 2000\n"
        file.close()


def test_a_request_behind_a_stream_is_not_answered(server: ServerProcess, watch: Watch) -> None:
    viewer = watch(server, b"\r\nGET /viewers HTTP/1.1\r\nHost: 127.0.0.1\r\n")
    post(server, "/publish", b"next")
    assert viewer.event()["data"] == "next"
    viewer.socket.sendall(b"GET /viewers HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    post(server, "/publish", b"and next")
    assert viewer.event()["data"] == "and next"


@pytest.mark.slow
def test_viewers_are_not_closed_as_idle_nor_to_make_room(serve: Serve, watch: Watch) -> None:
    server = serve("viewers:app", connections=4, idle_timeout="1 s")
    viewer = watch(server)
    others = [server.connect_from(f"127.0.0.{number}") for number in range(2, 9)]
    wait_until(lambda: all(_is_closed(other) for other in others))
    for other in others:
        other.close()
    post(server, "/publish", b"here")
    assert viewer.event()["data"] == "here"


def _is_closed(client: socket.socket) -> bool:
    client.setblocking(False)
    try:
        return not client.recv(1000) or True
    except BlockingIOError:
        return False
    except OSError:
        return True
