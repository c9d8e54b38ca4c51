"""What runs on a board: commands in its root shell, files, units, requests to its server."""

from __future__ import annotations

import base64
import shlex
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import NamedTuple

from .machine import WEB_PORT, Machine
from .progress import Fault

#: The name by which the guest knows itself; its server answers to no other. 127.0.0.1 is none from outside.
HOST = f"10.0.2.15:{WEB_PORT}"
_MARK = "\x1eexit="


class Answer(NamedTuple):
    """What a command has said (both its outputs, as they came) and its exit code."""

    code: int
    text: str


class Failed(Fault):
    """A command in the guest has ended with another code than 0."""


class Guest:
    """The system inside a machine that runs."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def run(self, script: str, *, check: bool = True, timeout: float = 180) -> Answer:
        """Runs a shell script as root.

        Raises:
            Failed: its exit code is not 0, and `check` is true.
            Fault: it did not end in `timeout` seconds, or the machine has ended.
        """
        self.machine.check()
        # In parentheses, so that "exit" ends the script and not the shell that reports. It has no input.
        framed = f"( {script}\n) </dev/null\nprintf '\\036exit=%d\\n' $?\nexit\n"
        try:
            with socket.create_connection(("127.0.0.1", self.machine.shell), timeout=timeout) as connection:
                connection.sendall(framed.encode())
                said = _read(connection, time.monotonic() + timeout)
        except TimeoutError:
            raise Fault(f"no end after {timeout} s: {script[:200]}") from None
        except OSError as error:
            self.machine.check()
            raise Fault(f"the shell does not answer ({error}): {script[:200]}") from error
        text, mark, code = said.decode(errors="replace").rpartition(_MARK)
        if not mark:
            self.machine.check()
            raise Fault(
                f"the shell has ended without a code: {script[:200]}\n{said.decode(errors='replace')}"
            )
        answer = Answer(int(code), text)
        if check and answer.code:
            raise Failed(f"exit code {answer.code}: {script[:200]}\n{answer.text[-4000:]}")
        return answer

    def write(self, path: str, content: str | bytes) -> None:
        """Writes a file, and the folders that it needs."""
        data = base64.encodebytes(content.encode() if isinstance(content, str) else content).decode()
        name = shlex.quote(path)
        self.run(f'mkdir -p "$(dirname {name})"\nbase64 -d >{name} <<"END"\n{data}END')

    def unpack(self, folder: str, archive: bytes) -> None:
        """Unpacks a tar archive, gzipped."""
        self.write("/run/edgeweb-test.tar.gz", archive)
        self.run(
            f"mkdir -p {folder}; tar -xzf /run/edgeweb-test.tar.gz -C {folder}; rm /run/edgeweb-test.tar.gz"
        )

    def unit(self, name: str = "edgeweb.service") -> dict[str, str]:
        """A unit's properties."""
        lines = self.run(f"systemctl show {name}").text.splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    def wait_booted(self) -> None:
        """Returns when systemd has started all that it wants to.

        Raises:
            Fault: that took longer than the board's patience, or the machine has ended.
        """
        end = self.machine.begun + self.machine.board.patience
        while time.monotonic() < end:
            self.machine.check()
            try:
                state = self.run("systemctl is-system-running", check=False, timeout=60).text.strip()
            except Fault:
                self.machine.check()
            else:
                if state in ("running", "degraded"):
                    return
            time.sleep(1)
        raise Fault(
            f"{self.machine.board.name}: not up after {self.machine.board.patience} s; {self.machine.console}"
        )

    def wait_until(self, condition: Callable[[], object], what: str, seconds: float = 120) -> None:
        """Returns as soon as the condition holds; connections that fail count as "not yet"."""
        end = time.monotonic() + seconds
        while not _holds(condition):
            self.machine.check()
            if time.monotonic() > end:
                raise Fault(f"{what}: not within {seconds} s")
            time.sleep(0.3)

    def get(self, path: str, timeout: float = 30) -> tuple[int, str]:
        """Asks the server in the guest, through the forwarded port."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.machine.web}{path}", headers={"Host": HOST})
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()


def _holds(condition: Callable[[], object]) -> bool:
    try:
        return bool(condition())
    except OSError:
        return False


def _read(connection: socket.socket, end: float) -> bytes:
    said = bytearray()
    while True:
        connection.settimeout(max(end - time.monotonic(), 0.01))
        piece = connection.recv(65536)
        if not piece:
            return bytes(said)
        said += piece
