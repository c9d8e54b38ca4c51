"""A real ``edgeweb serve`` process on a free port, and plain sockets to talk to it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

APPS = Path(__file__).parent / "apps"
_LONG = 20.0  # seconds after which a test is stuck; nothing takes nearly as long


class ServerProcess:
    """One running server."""

    def __init__(self, app: str, *options: str) -> None:
        env = {**os.environ, "PYTHONPATH": str(APPS)}
        command = [sys.executable, "-m", "edgeweb", "serve", app, "--port", "0", *options]
        self.process = subprocess.Popen(command, cwd=APPS, env=env, stderr=subprocess.PIPE, text=True)
        assert self.process.stderr is not None
        self.log: list[str] = []
        for line in self.process.stderr:
            self.log.append(line)
            if match := re.search(r"http://127\.0\.0\.1:(\d+)/", line):
                self.port = int(match[1])
                return
        raise AssertionError(f"the server ended with {self.process.wait(_LONG)}: {''.join(self.log)}")

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=_LONG)

    def ask(self, request: bytes) -> bytes:
        """Send these bytes, and give all that comes back until the server closes."""
        with self.connect() as sock:
            sock.sendall(request)
            return read_all(sock)

    def get(self, path: str = "/") -> bytes:
        return self.ask(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, and give the exit code."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        assert self.process.stderr is not None
        code = self.process.wait(_LONG)
        self.log += self.process.stderr
        return code

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(_LONG)
        assert self.process.stderr is not None
        self.process.stderr.close()


def read_all(sock: socket.socket) -> bytes:
    received = b""
    while data := sock.recv(65536):
        received += data
    return received
