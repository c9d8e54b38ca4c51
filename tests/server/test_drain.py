"""SIGTERM under load: what was accepted is answered in full, and the process ends with 0."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from edgeweb.server.listener import TcpListener
from tests.server.process import GET, GET_AND_CLOSE, STUCK, ServerProcess, read_all, read_answer, status

Serve = Callable[..., ServerProcess]


class Client(threading.Thread):
    """Asks again and again until the server has gone; keeps what went wrong."""

    def __init__(self, server: ServerProcess, keep_alive: bool) -> None:
        super().__init__()
        self.server = server
        self.keep_alive = keep_alive
        self.answers = 0
        self.cut: list[bytes] = []

    def run(self) -> None:
        while True:
            try:
                sock = self.server.connect()
            except ConnectionRefusedError:
                return
            with sock:
                self.ask_on(sock)

    def ask_on(self, sock: socket.socket) -> None:
        first = True
        while True:
            try:
                sock.sendall(GET if self.keep_alive else GET_AND_CLOSE)
                answer = read_answer(sock)
            except (BrokenPipeError, ConnectionResetError):
                answer = b""
            if not answer.endswith(b"\r\n\r\nhello"):
                # The server may close a connection that it had answered on just as the client asks again:
                # nothing of that request was taken, and HTTP has the client repeat it (RFC 9112, 9.3.1).
                if answer or first:
                    self.cut.append(answer)
                return
            first = False
            self.answers += 1
            if b"\r\nConnection: close\r\n" in answer:
                return


@pytest.mark.slow
@pytest.mark.parametrize("keep_alive", [True, False], ids=["keep-alive", "a connection each"])
def test_25_times_under_load_nothing_is_cut(keep_alive: bool, tmp_path: Path) -> None:
    for number in range(25):
        folder = tmp_path / str(number)
        folder.mkdir()
        server = ServerProcess(folder)
        clients = [Client(server, keep_alive) for _ in range(4)]
        try:
            for client in clients:
                client.start()
            while sum(client.answers for client in clients) < 50:
                time.sleep(0.001)
            assert server.stop() == 0, server.log
        finally:
            server.close()
            for client in clients:
                client.join(STUCK)
        assert [client.cut for client in clients] == [[]] * 4, f"round {number}"
        assert "Traceback" not in server.log


def test_a_slow_reader_gets_all_of_what_was_begun(serve: Serve) -> None:
    server = serve("app:app")
    with server.connect() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        sock.sendall(b"GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        received = sock.recv(4096)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        received += read_all(sock)
    assert received.endswith(b"x" * 2_000_000)
    assert server.process.wait(STUCK) == 0


@pytest.mark.slow
def test_what_waits_for_a_thread_is_answered_too(serve: Serve) -> None:
    server = serve("app:app", threads=1)
    sockets = [server.connect() for _ in range(4)]
    for sock in sockets:
        sock.sendall(b"GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    time.sleep(0.2)
    assert server.stop() == 0
    for sock in sockets:
        with sock:
            assert read_all(sock).endswith(b"slow")


def test_it_does_not_wait_for_ever(serve: Serve) -> None:
    server = serve("app:app", drain_timeout=1)
    with server.connect() as sock:
        sock.sendall(b"GET /wait HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        while "/wait" not in server.body("/served"):
            time.sleep(0.01)
        assert server.stop() == 0


def test_a_second_signal_ends_it_now(serve: Serve) -> None:
    server = serve("app:app", drain_timeout=600)
    with server.connect() as sock:
        sock.sendall(b"GET /wait HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        while "/wait" not in server.body("/served"):
            time.sleep(0.01)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert server.process.poll() is None
        assert server.stop() == 128 + signal.SIGTERM


def test_a_unix_socket_that_is_served_on_stays_with_its_server(tmp_path: Path, serve: Serve) -> None:
    path = tmp_path / "edgeweb.sock"
    first = serve("app:app", host=f"unix:{path}", check_host=False)
    with pytest.raises(AssertionError, match="where no other server listens"):
        serve("app:app", host=f"unix:{path}", check_host=False)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.connect(str(path))
        sock.sendall(GET_AND_CLOSE)
        assert read_all(sock).endswith(b"hello")
    assert first.stop() == 0


def test_a_unix_socket_is_served_and_removed(tmp_path: Path, serve: Serve) -> None:
    path = tmp_path / "edgeweb.sock"
    stale = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    stale.bind(str(path))
    stale.close()
    server = serve("app:app", host=f"unix:{path}", check_host=False, behind_proxy="localhost")
    assert os.stat(path).st_mode & 0o777 == 0o660
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.connect(str(path))
        sock.sendall(
            b"GET /environ HTTP/1.1\r\nHost: board\r\nX-Forwarded-For: 192.0.2.9\r\nConnection: close\r\n\r\n"
        )
        answer = read_all(sock).decode()
    assert status(answer.encode()) == 200
    assert "REMOTE_ADDR=192.0.2.9\n" in answer
    assert "SERVER_PORT=80\n" in answer
    assert server.stop() == 0
    assert not path.exists()


def test_the_kernel_s_queue_is_emptied_also_where_connections_end_meanwhile() -> None:
    """Each place that was taken is given up at once, so their number never changes."""

    class Queue(TcpListener):
        def __init__(self, connections: int) -> None:
            self.left = connections
            self.active_channels = {}
            self.socket = socket.socket()

        def accept(self) -> tuple[socket.socket, object] | None:  # type: ignore[override]
            if not self.left:
                return None
            self.left -= 1
            return socket.socket(), ("127.0.0.1", self.left)

        def _open(self, sock: socket.socket, address: object) -> None:
            sock.close()

        def del_channel(self, map: object = None) -> None:
            pass

    queue = Queue(5)
    queue.stop_listening(successor=False)
    assert queue.left == 0
