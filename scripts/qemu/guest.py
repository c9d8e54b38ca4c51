"""What runs on a board: commands in its root shell, files, units, requests to its server."""

from __future__ import annotations

import base64
import contextlib
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
#: After so many seconds without an answer a command is asked for once more: QEMU's network by USB, which the
#: Raspberry Pis have, loses a connection when the machine is busy.
_LOST = 60
# It runs once, however often it is asked for: who makes the folder runs it, in parentheses, so that "exit"
# ends the script only. The others wait for its end, as long as somebody listens. What the command before has
# said is not needed any more.
_FRAME = """\
{{ folder=/run/edgeweb-test.{number}; rm -rf /run/edgeweb-test.$(({number} - 1))
if mkdir $folder 2>/dev/null; then
( {script}
) </dev/null >$folder/said 2>&1
echo $? >$folder/code.new
mv $folder/code.new $folder/code
fi
waited=0
until [ -e $folder/code ]; do
sleep 1; waited=$((waited + 1))
[ $waited -lt 50 ] || exit
done
cat $folder/said
printf '\\036exit=%d\\n' "$(cat $folder/code)"
exit; }}
"""


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
        self._commands = 0

    def run(self, script: str, *, check: bool = True, timeout: float = 180) -> Answer:
        """Runs a shell script as root.

        Raises:
            Failed: its exit code is not 0, and `check` is true.
            Fault: it did not end in `timeout` seconds, or the machine has ended.
        """
        self._commands += 1
        end = time.monotonic() + timeout
        said = ""
        while not (found := said.rpartition(_MARK))[1]:
            self.machine.check()
            left = end - time.monotonic()
            if left <= 0:
                raise Fault(f"no end after {timeout} s: {script[:200]}\n{said[-2000:]}")
            # Nobody listens yet, or a connection was lost.
            with contextlib.suppress(OSError):
                said = self._ask(_FRAME.format(script=script, number=self._commands), min(left, _LOST))
            if _MARK not in said:
                time.sleep(0.5)
        text, _, code = found
        answer = Answer(int(code), text)
        if check and answer.code:
            raise Failed(f"exit code {answer.code}: {script[:200]}\n{answer.text[-4000:]}")
        return answer

    def _ask(self, text: str, seconds: float) -> str:
        """What the root shell says to a text in that time; it can be cut off."""
        end = time.monotonic() + seconds
        said = bytearray()
        with socket.create_connection(("127.0.0.1", self.machine.shell), timeout=seconds) as connection:
            connection.sendall(text.encode())
            while piece := connection.recv(65536):
                said += piece
                connection.settimeout(max(end - time.monotonic(), 0.01))
        return said.decode(errors="replace")

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
        while (left := end - time.monotonic()) > 0:
            self.machine.check()
            try:
                # One question that waits: asking again and again would slow a slow board's boot down.
                state = self.run("systemctl is-system-running --wait", check=False, timeout=left).text.strip()
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
