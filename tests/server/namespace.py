"""A network and a host name of a test's own: namespaces(7), made by util-linux's `unshare`."""

from __future__ import annotations

import subprocess
import sys

import pytest

_ASK = """
import socket, sys
with socket.create_connection((sys.argv[1], int(sys.argv[2])), 60) as sock:
    sock.sendall(sys.stdin.buffer.read())
    sock.shutdown(socket.SHUT_WR)
    while data := sock.recv(65536):
        sys.stdout.buffer.write(data)
"""


class Namespace:
    """A network with a loopback interface only, and a host name that can be changed."""

    def __init__(self) -> None:
        command = ["unshare", "--net", "--uts", "sh", "-c", "ip link set lo up && echo ready && exec cat"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert self._process.stdout and self._process.stderr
        if self._process.stdout.readline() != b"ready\n":
            reason = self._process.stderr.read().decode().strip()
            self.close()
            pytest.skip(f"needs the right to make namespaces: {reason}")

    @property
    def within(self) -> list[str]:
        """The beginning of a command that runs in it."""
        return ["nsenter", f"--target={self._process.pid}", "--net", "--uts"]

    def run(self, *command: str, text: str = "") -> str:
        done = subprocess.run(
            [*self.within, *command], input=text, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def rename(self, name: str) -> None:
        self.run("sh", "-c", 'printf %s "$1" >/proc/sys/kernel/hostname', "sh", name)

    def switch_ipv6_off(self) -> None:
        self.run("sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/lo/disable_ipv6")

    def get(self, address: str, port: int, path: str = "/", host: str = "") -> str:
        """The answer to a GET, head and body; the Host field is the address unless given."""
        host = host or (f"[{address.partition('%')[0]}]" if ":" in address else address)
        request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        return self.run(sys.executable, "-c", _ASK, address, str(port), text=request)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream:
                stream.close()
