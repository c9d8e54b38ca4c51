"""The threads of a running server: who serves, how many there are, and how the process ends."""

from __future__ import annotations

import contextlib
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from edgeweb.server.leadership import Standby
from edgeweb.server.signals import Ended
from edgeweb.server.threads import Threads
from tests.server.process import GET, STUCK, ServerProcess, read_all, read_answer, status

Serve = Callable[..., ServerProcess]


def get(path: str) -> bytes:
    return GET.replace(b"/ ", path.encode() + b" ", 1)


def thread(answer: bytes) -> int:
    match = re.search(rb"\r\nX-Thread: (\d+)\r\n", answer)
    assert match, answer
    return int(match[1])


def threads(server: ServerProcess) -> dict[int, int]:
    """Identity of each thread, to how often it has slept or waited."""
    found = {}
    for task in Path(f"/proc/{server.process.pid}/task").iterdir():
        with contextlib.suppress(OSError):
            match = re.search(r"(?m)^voluntary_ctxt_switches:\s+(\d+)", (task / "status").read_text())
            assert match
            found[int(task.name)] = int(match[1])
    return found


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + STUCK
    while not condition():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.01)


@contextlib.contextmanager
def asks(server: ServerProcess, path: str, count: int = 1) -> Iterator[list[socket.socket]]:
    """Connections that have sent a request, within the block. The first slow view is the main thread's."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(server.connect()) for _ in range(count)]
        for sock in sockets:
            sock.sendall(get(path))
        yield sockets


def test_short_views_are_served_by_the_thread_that_polls(serve: Serve) -> None:
    server = serve("views:app")
    with server.connect() as sock:
        for number in range(20):
            sock.sendall(get(f"/level/{number}"))
            answer = read_answer(sock)
            assert answer.endswith(b'{"level":%d}\n' % number)
            first = thread(answer)
    assert first in threads(server)
    assert len(threads(server)) == 2, "the leader and a standby"


def test_a_request_with_a_body_is_served_in_the_same_way(serve: Serve) -> None:
    server = serve("views:app")
    head = b"POST /both HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: "
    assert server.ask(head + b"5\r\n\r\nhello").endswith(b"hello")
    assert server.ask(head + b"0\r\n\r\n").endswith(b"nothing")


def test_slow_views_do_not_keep_others_waiting_and_their_threads_end(serve: Serve) -> None:
    server = serve("views:app", threads=4)
    with asks(server, "/wait", 3) as sockets:
        until(lambda: len(threads(server)) >= 4)
        for _ in range(10):
            assert status(server.get("/level/1")) == 200
        assert len(threads(server)) <= 5, "three views, the leader, a standby"
        server.get("/open")
        for sock in sockets:
            assert read_answer(sock).endswith(b"waited")
    until(lambda: len(threads(server)) == 2)
    assert server.process.pid in threads(server)


def test_the_main_thread_stands_by_after_a_slow_view(serve: Serve) -> None:
    server = serve("views:app")
    with asks(server, "/wait") as (sock,):
        until(lambda: len(threads(server)) >= 2)
        assert thread(server.get("/open")) != server.process.pid
        assert thread(read_answer(sock)) == server.process.pid
    until(lambda: len(threads(server)) == 2)
    assert server.stop() == 0


def test_with_every_place_taken_requests_wait_and_then_are_refused(serve: Serve) -> None:
    server = serve("views:app", threads=2, queue=1)
    with asks(server, "/wait", 2) as running:
        until(lambda: len(threads(server)) == 3)
        with asks(server, "/open") as (waiting,):
            while status(answer := server.get("/level/1")) != 503:
                pass
            assert b"\r\nRetry-After: " in answer
            running[0].close()
            running[1].close()
            waiting.settimeout(0.3)
            with pytest.raises(TimeoutError):
                waiting.recv(1)


def test_pipelined_requests_stay_in_order_around_a_slow_one(serve: Serve) -> None:
    server = serve("views:app", threads=2)
    with server.connect() as sock:
        pipelined = [get(f"/level/{number}") for number in range(10)]
        sock.sendall(b"".join([*pipelined[:5], get("/wait"), *pipelined[5:]]))
        received = b""
        while received.count(b"HTTP/1.1 200 OK") < 5:
            received += sock.recv(65536)
        server.get("/open")
        while received.count(b"HTTP/1.1 200 OK") < 11:
            received += sock.recv(65536)
    bodies = re.findall(rb'\{"level":(\d)\}|(waited)', received)
    assert b" ".join(one or other for one, other in bodies) == b"0 1 2 3 4 waited 5 6 7 8 9"


def test_an_answer_larger_than_the_memory_waits_on_a_thread_that_does_not_lead(serve: Serve) -> None:
    server = serve("views:app", buffer_bytes=1_048_576)
    with asks(server, "/large") as (sock,):
        for _ in range(3):
            assert status(server.get("/level/1")) == 200  # while the other one is still not read
        received = b""
        while not received.endswith(b"\r\n0\r\n\r\n"):
            received += sock.recv(65536)
    assert received.count(b"x") >= 10_000_000
    assert "BufferError" not in server.log


def test_a_view_that_fails_exits_or_interrupts_leaves_the_server(serve: Serve) -> None:
    server = serve("views:app", threads=1)
    for _ in range(3):
        assert status(server.get("/fails")) == 500
        assert status(server.get("/exits")) == 500
        with asks(server, "/interrupts"):
            server.wait_for_log("KeyboardInterrupt")
    server.wait_for_log("RuntimeError: the application has called sys.exit")
    assert status(server.get("/level/1")) == 200
    assert server.stop() == 0


@pytest.mark.slow
@pytest.mark.parametrize("places", [1, 2, 8])
def test_every_request_is_answered_while_the_lead_changes_all_the_time(serve: Serve, places: int) -> None:
    """Some thousand requests show faults that are in no single step, which `test_leadership` has."""
    server = serve("hasty:app", threads=places)
    asked = [GET, get("/?0.0003"), get("/?0.002"), GET * 3]

    def ask(first: int) -> None:
        for number in range(first, first + 100):
            request = asked[number % len(asked)]
            with server.connect() as sock:
                for _ in range(3):
                    sock.sendall(request)
                    received = b""
                    while received.count(b"\r\n\r\nhello") < request.count(b"GET"):
                        received += sock.recv(65536)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, range(4)))
    assert server.stop() == 0
    assert "Traceback" not in server.log


@pytest.mark.slow
def test_an_idle_server_sleeps(serve: Serve) -> None:
    server = serve("app:app")
    server.get()
    until(lambda: sum(threads(server).values()) > 0)
    time.sleep(1.5)  # until the last check of a connection, and the standby's last look
    before = threads(server)
    time.sleep(3)
    assert threads(server) == before


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/wait", "/keeps", "/stuck"])
def test_the_process_ends_whatever_its_main_thread_does(serve: Serve, path: str) -> None:
    server = serve("views:app", drain_timeout=1)
    with asks(server, path):
        until(lambda: len(threads(server)) >= 2)
        assert thread(server.get("/level/1")) != server.process.pid, "the main thread is in the view"
        assert server.stop() == 0


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/wait", "/keeps", "/stuck"])
def test_a_second_signal_ends_it_whatever_its_main_thread_does(serve: Serve, path: str) -> None:
    server = serve("views:app", drain_timeout=600)
    with asks(server, path):
        until(lambda: len(threads(server)) >= 2)
        assert thread(server.get("/level/1")) != server.process.pid
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert server.process.poll() is None
        assert server.stop() == 128 + signal.SIGTERM


def test_the_profile_is_read_again_while_the_main_thread_is_in_a_view(serve: Serve) -> None:
    server = serve("views:app", body_bytes=1024, threads=2)
    post = (
        b"POST /both HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 2000\r\n\r\n"
        + b"x" * 2000
    )
    with asks(server, "/stuck"):
        until(lambda: len(threads(server)) >= 2)
        assert status(server.ask(post)) == 413
        (server.log_file.parent / "test.toml").write_text(
            "[server]\nbody_bytes = 4096\ndrain_timeout = 0.1\n"
        )
        server.process.send_signal(signal.SIGHUP)
        until(lambda: status(server.ask(post)) == 200)


def test_what_has_run_is_finished_by_whoever_leads(serve: Serve) -> None:
    server = serve("app:app")
    with server.connect() as sock:
        sock.sendall(b"GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        server.get("/")
        server.process.send_signal(signal.SIGTERM)
        assert read_all(sock).endswith(b"slow")
    assert server.process.wait(STUCK) == 0


# -- without a server --------------------------------------------------------------------------------------


class View:
    """A request whose view does what a test gives it."""

    def __init__(self, does: Callable[[], object]) -> None:
        self._does = does

    def service(self) -> None:
        self._does()


@pytest.fixture
def led(monkeypatch: pytest.MonkeyPatch) -> Threads:
    """Threads of which this one leads, and the system starts no other one."""

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    found = Threads(2, 4, lambda: None)
    found.leader = threading.get_ident()
    found.wake = lambda: None
    return found


def test_a_view_runs_where_no_thread_can_stand_by(led: Threads, caplog: pytest.LogCaptureFixture) -> None:
    served: list[str] = []
    assert led.serve_next() is True, "nothing waits"
    for name in ("first", "second"):
        led.queue.append(View(lambda name=name: served.append(name)))  # type: ignore[misc]
        assert led.serve_next() is True
    assert (served, led.standby, led.views) == (["first", "second"], None, 0)
    said = [record.getMessage() for record in caplog.records]
    assert (
        said
        == [
            "cannot start a thread, so a slow view holds up other requests: can't start new thread",
        ]
        * 2
    ), "it is tried again with each view"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_whatever_a_view_raises_its_thread_goes_on(
    led: Threads, caplog: pytest.LogCaptureFixture, error: type[BaseException]
) -> None:
    def fail() -> None:
        raise error

    led.queue.append(View(fail))
    assert led.serve_next() is True
    led.workers = 1
    led.queue.append(View(fail))
    assert isinstance(led._work(is_main=False), Standby)
    said = [record.getMessage() for record in caplog.records if record.exc_info]
    assert len(said) == 2 and all(line.startswith("Exception when serving <") for line in said)


def test_the_end_of_the_process_goes_through_a_view(led: Threads) -> None:
    def end() -> None:
        raise Ended(143)

    led.queue.append(View(end))
    with pytest.raises(Ended):
        led.serve_next()
    led.running.clear()
    led.workers = 1
    led.queue.append(View(end))
    with pytest.raises(Ended):
        led._work(is_main=True)


def test_a_worker_serves_what_waits_and_wakes_the_leader_after_each(led: Threads) -> None:
    """The leader has to poll for what the view has left in its connection."""
    calls: list[str] = []
    led.wake = lambda: calls.append("wake")
    led.workers = 1
    led.queue.extend([View(lambda: calls.append("view")), View(lambda: calls.append("view"))])
    assert isinstance(led._work(is_main=False), Standby)
    assert calls == ["wake", "view", "wake", "view", "wake"]
    led.workers = 1
    assert led._work(is_main=False) is None, "another one stands by"
