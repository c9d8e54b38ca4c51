"""A real `edgeweb serve` process on a free port, and plain sockets to talk to it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.import_path import import_path

APPS = Path(__file__).parent / "apps"
ROOT = Path(__file__).parents[2]
STUCK = 60.0  # seconds after which a test has failed; nothing takes nearly as long

GET = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
GET_AND_CLOSE = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


class ServerProcess:
    """One running server."""

    def __init__(
        self,
        folder: Path,
        app: str = "app:app",
        *,
        options: Sequence[str] = (),
        within: Sequence[str] = (),
        python: Sequence[str] = (sys.executable,),
        **server: Any,
    ) -> None:
        """`server` are keys of that table of a profile; without any, the server has no profile.

        `within` is the beginning of the command, such as the one that enters a namespace;
        `python` runs a module by `-m`.
        """
        options = list(options)
        if server:
            profile = folder / "test.toml"
            lines = [f"{key} = {_toml(value)}" for key, value in server.items()]
            profile.write_text("\n".join(["[server]", *lines, ""]))
            options += ["--profile", str(profile)]
        command = [*within, *python, "-m", "edgeweb", "serve", app, "--port", "0", *options]
        env = {
            **os.environ,
            # This checkout, wherever edgeweb is installed from: `scripts/mutation` changes a copy.
            "PYTHONPATH": import_path(APPS, ROOT),
            "CONFIGURATION_DIRECTORY": str(folder / "etc"),
            "STATE_DIRECTORY": str(folder / "state"),
            # As in the systemd unit: without them, glibc keeps megabytes that Python has given back.
            "MALLOC_ARENA_MAX": "1",
            "MALLOC_MMAP_THRESHOLD_": "131072",
            "MALLOC_TRIM_THRESHOLD_": "131072",
        }
        self.log_file = folder / "server.log"
        with self.log_file.open("w") as log:
            self.process = subprocess.Popen(command, cwd=APPS, env=env, stderr=log)
        #: The address to connect to: that of IPv6 where the server was told to listen there.
        self.address = "::1" if "::1" in options else "127.0.0.1"
        self.port = int(self.wait_for_log(r"serves on (?:http://\S+:(\d+)/|unix:)")[1] or 0)

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    def wait_for_log(self, pattern: str) -> re.Match[str]:
        end = time.monotonic() + STUCK
        while (match := re.search(pattern, self.log)) is None:
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"no {pattern!r} in the log: {self.log!r}")
            time.sleep(0.01)
        return match

    def connect(self) -> socket.socket:
        return socket.create_connection((self.address, self.port), timeout=STUCK)

    def connect_from(self, address: str) -> socket.socket:
        """Connect from another loopback address, such as 127.0.0.2, which counts as another client."""
        return socket.create_connection(("127.0.0.1", self.port), STUCK, (address, 0))

    def ask(self, request: bytes) -> bytes:
        """Send these bytes, and give all that comes back until the server closes."""
        with self.connect() as sock:
            sock.sendall(request)
            return read_all(sock)

    def ask_as_another(self, request: bytes) -> bytes:
        """The same from another address of the loopback network, which is somebody else."""
        with socket.create_connection(("127.0.0.1", self.port), STUCK, ("127.0.0.2", 0)) as sock:
            sock.sendall(request)
            return read_all(sock)

    def get(self, path: str = "/") -> bytes:
        return self.ask(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())

    def body(self, path: str) -> str:
        head, _, body = self.get(path).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 "), head
        return body.decode()

    def anonymous_kib(self) -> int:
        """Memory that only this process has."""
        rollup = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        match = re.search(r"Anonymous: +(\d+) kB", rollup)
        assert match is not None
        return int(match[1])

    def resident_kib(self) -> int:
        """Memory that this process has in RAM, code and libraries included."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        match = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert match is not None
        return int(match[1])

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, and give the exit code."""
        self.process.send_signal(number)
        return self.process.wait(STUCK)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(STUCK)


def read_all(sock: socket.socket) -> bytes:
    """What comes until the server closes; a reset is an end, too."""
    received = b""
    try:
        while data := sock.recv(65536):
            received += data
    except ConnectionResetError:
        pass
    return received


def read_answer(sock: socket.socket) -> bytes:
    """One answer with a Content-Length."""
    received = b""
    while b"\r\n\r\n" not in received:
        data = sock.recv(65536)
        if not data:
            return received
        received += data
    head, _, body = received.partition(b"\r\n\r\n")
    match = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
    length = int(match[1]) if match else 0
    while len(body) < length:
        data = sock.recv(65536)
        if not data:
            break
        body += data
    return head + b"\r\n\r\n" + body


def wait_until(condition: Callable[[], bool], seconds: float = STUCK) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def until_served(server: ServerProcess, path: bytes, times: int) -> None:
    """Wait until the application of `apps/app.py` has been asked for a path so many times."""
    ask = b"GET /served HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    wait_until(lambda: server.ask_as_another(ask).split().count(path) >= times)


def wait_until_read(sock: socket.socket) -> None:
    """Wait until the server has read all that this IPv4 socket has sent. Source: proc_net(5), "tcp"."""
    own, other = sock.getsockname()[1], sock.getpeername()[1]

    def is_read() -> bool:
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            fields = line.split()
            ports = [int(address.rpartition(":")[2], 16) for address in fields[1:3]]
            if ports == [other, own]:
                return int(fields[4].rpartition(":")[2], 16) == 0
        raise AssertionError("the server has no such connection")

    wait_until(is_read)


def status(answer: bytes) -> int:
    """The status code of the first answer; 0 for none."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.") else 0


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)
