"""Ready, watched, reloaded, stopped and activated, with a service manager that is a socket of the test."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edgeweb.server import systemd
from tests.import_path import import_path
from tests.server.certificates import make, trusting
from tests.server.process import (
    APPS,
    GET_AND_CLOSE,
    STUCK,
    ServerProcess,
    read_all,
    read_answer,
    status,
    wait_until,
)

Serve = Callable[..., ServerProcess]


class Manager:
    """Listens to what a service tells, as systemd does."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.settimeout(STUCK)

    def next(self) -> list[str]:
        """The assignments of the next datagram."""
        return self.socket.recv(4096).decode().split("\n")

    def wait_for(self, assignment: str) -> list[str]:
        """Everything told up to and with this assignment."""
        told: list[str] = []
        while assignment not in told:
            told += self.next()
        return told

    def is_silent(self, seconds: float) -> bool:
        self.socket.settimeout(seconds)
        try:
            self.socket.recv(4096)
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(STUCK)
        return False


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Manager]:
    path = tmp_path / "notify"
    found = Manager(path)
    monkeypatch.setenv("NOTIFY_SOCKET", str(path))
    yield found
    found.socket.close()


def test_ready_and_stopping_are_told(serve: Serve, manager: Manager) -> None:
    server = serve()
    told = [manager.next() for _ in range(3)]
    assert told == [
        ["STATUS=starting the application", "EXTEND_TIMEOUT_USEC=60000000"],
        ["STATUS=warming up", "EXTEND_TIMEOUT_USEC=60000000"],
        ["READY=1", f"STATUS=serving http://127.0.0.1:{server.port}/"],
    ]
    with server.connect() as sock:
        sock.sendall(b"GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        server.get()
        assert server.stop() == 0
    assert manager.next() == ["STOPPING=1", "STATUS=finishing 1 connections", "EXTEND_TIMEOUT_USEC=5000000"]


def test_the_abstract_namespace_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"edgeweb-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind("\0" + name)
        monkeypatch.setenv("NOTIFY_SOCKET", "@" + name)
        assert systemd.notify("READY=1", "STATUS=a")
        assert listener.recv(100) == b"READY=1\nSTATUS=a"


@pytest.mark.parametrize("address", ["", "relative", "/nowhere/at/all"])
def test_without_a_manager_nothing_fails(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    assert systemd.notify("READY=1") is False


@pytest.mark.parametrize(
    ("pid", "microseconds", "expected"),
    [
        (None, "3000000", 3.0),
        ("own", "3000000", 3.0),
        ("1", "3000000", None),
        (None, "0", None),
        (None, "x", None),
    ],
)
def test_the_watchdog_is_for_the_process_it_names(
    pid: str | None, microseconds: str, expected: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", microseconds)
    if pid:
        monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()) if pid == "own" else pid)
    assert systemd.watchdog_seconds() == expected


@pytest.mark.slow
def test_the_watchdog_is_fed_while_no_thread_is_free_but_one_becomes_free(
    serve: Serve, manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "2000000")
    server = serve("app:app", threads=2)
    for _ in range(3):
        manager.wait_for("WATCHDOG=1")
    # A connection has one request at a time: with three of them, one always waits for a thread. Each request
    # takes half a second, so all of them are busy for half a minute, and never stuck.
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(server.connect()) for _ in range(3)]
        for sock in sockets:
            sock.sendall(b"GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 40)
        for sock in sockets:
            assert status(read_answer(sock)) == 200
        while not manager.is_silent(0.01):
            pass
        for _ in range(3):
            manager.wait_for("WATCHDOG=1")
        for sock in sockets:
            assert sock.recv(1_000_000).count(b"HTTP/1.1 200") < 35, "it was busy all the time"


@pytest.mark.slow
def test_the_watchdog_is_not_fed_while_all_threads_are_stuck(
    serve: Serve, manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "2000000")
    server = serve("app:app", threads=1)
    with server.connect() as sock:
        sock.sendall(b"GET /wait HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        time.sleep(2.5)
        while not manager.is_silent(0.01):
            pass
        assert manager.is_silent(2.5)
    manager.wait_for("WATCHDOG=1")  # its client has left, and the thread is free again


@pytest.mark.slow
def test_the_watchdog_is_not_fed_while_a_view_holds_the_interpreter_s_lock(
    serve: Serve, manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No thread of the process can help then: its manager does, as WatchdogSignal= sets, with SIGABRT."""
    monkeypatch.setenv("WATCHDOG_USEC", "2000000")
    server = serve("views:app")
    with server.connect() as sock:
        sock.sendall(b"GET /holds HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        time.sleep(1)
        while not manager.is_silent(0.01):
            pass
        assert manager.is_silent(2.5)
        server.process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.wait(1)
        assert server.stop(signal.SIGABRT) == -signal.SIGABRT


def test_hangup_reads_the_profile_again(serve: Serve, manager: Manager) -> None:
    server = serve("app:app", body_bytes=1024)
    manager.wait_for("READY=1")
    post = (
        b"POST /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 2000\r\n\r\n"
        + b"x" * 2000
    )
    assert status(server.ask(post)) == 413
    profile = server.log_file.parent / "test.toml"
    profile.write_text("[server]\nbody_bytes = 4096\nthreads = 2\n")
    before = time.monotonic() * 1e6
    server.process.send_signal(signal.SIGHUP)
    reloading, moment, text = manager.next()
    assert (reloading, text) == ("RELOADING=1", "STATUS=reading the profile")
    # The clock is the system's, the same for all processes.
    assert before <= int(moment.removeprefix("MONOTONIC_USEC=")) <= time.monotonic() * 1e6
    assert manager.next() == ["READY=1", f"STATUS=serving http://127.0.0.1:{server.port}/"]
    assert status(server.ask(post)) == 200


def test_what_waits_for_a_new_start_is_told(serve: Serve, manager: Manager) -> None:
    server = serve("app:app", body_bytes=1024)
    manager.wait_for("READY=1")
    (server.log_file.parent / "test.toml").write_text("[server]\nbody_bytes = 2048\nbacklog = 9\n")
    server.process.send_signal(signal.SIGHUP)
    told = manager.wait_for("READY=1")
    assert told[-1] == (
        f"STATUS=serving http://127.0.0.1:{server.port}/, 1 changed keys of the profile wait for a new start"
    )
    server.wait_for_log("changed, but not before the next start: server.backlog")


def test_a_faulty_profile_is_refused_and_the_old_one_stays(serve: Serve, manager: Manager) -> None:
    server = serve("app:app", body_bytes=1024)
    manager.wait_for("READY=1")
    profile = server.log_file.parent / "test.toml"
    profile.write_text("[server]\nthreads = 0\nprot = 1\n")
    server.process.send_signal(signal.SIGHUP)
    manager.wait_for("RELOADING=1")
    manager.wait_for("READY=1")
    server.wait_for_log("server.threads = 0")
    server.wait_for_log("server.prot = 1")
    assert server.body("/livez") == "ok"


ACTIVATE = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="edgeweb.socket")
os.execv(sys.executable, [sys.executable, "-m", "edgeweb", "serve", "app:app", "--port", "1", *sys.argv[2:]])
"""


def activated(listener: socket.socket, log: Path, *options: str) -> subprocess.Popen[bytes]:
    env = {**os.environ, "PYTHONPATH": import_path(APPS)}
    with log.open("w") as file:
        return subprocess.Popen(
            [sys.executable, "-c", ACTIVATE, str(listener.fileno()), *options],
            env=env,
            cwd=APPS,
            pass_fds=[listener.fileno()],
            stderr=file,
        )


def test_a_socket_unit_s_socket_is_served_and_loses_nothing_between_two_processes(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        address = listener.getsockname()
        log = tmp_path / "log"
        # Asked before anybody serves: the kernel keeps it.
        early = socket.create_connection(address, STUCK)
        early.sendall(GET_AND_CLOSE)
        first = activated(listener, log)
        try:
            assert read_all(early).endswith(b"hello")
            # A child process must not take the sockets for its own.
            with socket.create_connection(address, STUCK) as sock:
                sock.sendall(b"GET /variables HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                assert b"LISTEN_" not in read_all(sock)
            first.kill()
            first.wait(STUCK)
            waiting = [socket.create_connection(address, STUCK) for _ in range(10)]
            for sock in waiting:
                sock.sendall(GET_AND_CLOSE)
            second = activated(listener, log)
            try:
                assert [read_all(sock)[-5:] for sock in waiting] == [b"hello"] * 10
            finally:
                second.terminate()
                assert second.wait(STUCK) == 0
        finally:
            first.kill()
            early.close()
        for sock in waiting:
            sock.close()


@pytest.mark.parametrize("is_secured", [False, True])
def test_tls_beside_a_socket_units_socket(tmp_path: Path, is_secured: bool) -> None:
    """On a port of its own where the unit has none with that number, else on the unit's."""
    certificate, key = make(tmp_path / "tls")
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        port = listener.getsockname()[1]
        files = ("--tls-certificate", str(certificate), "--tls-key", str(key))
        log = tmp_path / "log"
        process = activated(listener, log, *files, "--tls-port", str(port if is_secured else 0))
        try:
            wait_until(lambda: "serves on" in log.read_text())
            found = re.findall(r"(https?)://127\.0\.0\.1:(\d+)/", log.read_text())
            assert [scheme for scheme, _ in found] == (["https"] if is_secured else ["http", "https"])
            address = ("127.0.0.1", int(found[-1][1]))
            assert (address[1] == port) is is_secured
            raw = socket.create_connection(address, STUCK)
            with trusting(certificate).wrap_socket(raw, server_hostname="localhost") as sock:
                sock.sendall(GET_AND_CLOSE)
                assert read_all(sock).endswith(b"hello")
            if not is_secured:
                with socket.create_connection(listener.getsockname(), STUCK) as plain:
                    plain.sendall(GET_AND_CLOSE)
                    assert f"https://127.0.0.1:{address[1]}/" in read_all(plain).decode()
        finally:
            process.terminate()
            assert process.wait(STUCK) == 0


@pytest.mark.parametrize("kind", ["datagram", "not listening", "no socket"])
def test_a_wrong_descriptor_is_named(kind: str, tmp_path: Path) -> None:
    made = {
        "datagram": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        "not listening": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
        "no socket": lambda: (tmp_path / "file").open("w"),
    }[kind]()
    with made:
        process = activated(made, tmp_path / "log")  # type: ignore[arg-type]
        assert process.wait(STUCK) == 1
    log = (tmp_path / "log").read_text()
    assert log.startswith("edgeweb serve: inherited descriptor 3 (edgeweb.socket) ")
    assert len(log.splitlines()) == 1


def test_the_journal_gets_levels_and_no_times(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve()
    server.get("/fail")
    server.wait_for_log("RuntimeError: as asked")
    assert re.search(
        r"^\d{4}-\d\d-\d\d .* ERROR edgeweb\.server: Exception while serving /fail$", server.log, re.M
    )

    log = tmp_path / "journal"
    log.touch()
    stat = log.stat()
    monkeypatch.setenv("JOURNAL_STREAM", f"{stat.st_dev}:{stat.st_ino}")
    code = "from edgeweb.server.log import logger; logger.warning('one\\ntwo'); logger.info('no')"
    with log.open("w") as file:
        subprocess.run([sys.executable, "-c", code], stderr=file, check=True)
    assert log.read_text() == "<4>edgeweb.server: one\n<4>two\n"
