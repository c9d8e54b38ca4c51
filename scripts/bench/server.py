"""A server process under measurement: started, asked for its memory and time, and ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from .bench import Fault
from .peers import APPLICATIONS

START_SECONDS = 30.0
STOP_SECONDS = 10.0


class Memory(NamedTuple):
    """In KiB, of all processes of the server together."""

    rss: int
    anonymous: int
    dirty: int
    #: RSS with each page divided by the number of processes that map it, others of this machine included.
    pss: int


class ServerError(Fault):
    """A server did not start, or ended early; the text has what it said."""


class Server:
    """`with Server(arguments, port) as server`: running and listening within the block."""

    def __init__(
        self,
        command: list[str],
        port: int,
        start_seconds: float = START_SECONDS,
        cwd: Path = APPLICATIONS,
        environ: dict[str, str] | None = None,
    ) -> None:
        self.port = port
        self._command = command
        self._start_seconds = start_seconds
        self._cwd = cwd
        self._environ = environ

    def __enter__(self) -> Server:
        # A file, not a pipe: nobody reads while requests are made, and a full pipe would stop the server.
        self._said = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            self._command,
            cwd=self._cwd,
            env=self._environ or clean_environ(),
            stdin=subprocess.DEVNULL,
            stdout=self._said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            deadline = time.monotonic() + self._start_seconds
            # Seen from outside, because a connection would be the first work that the server does.
            while not _listens(self.port):
                self.must_run()
                if time.monotonic() > deadline:
                    raise ServerError(f"not listening after {self._start_seconds} s: {self._command}")
                time.sleep(0.02)
        except BaseException:
            self._end(signal.SIGKILL)
            self._said.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(signal.SIGTERM)
        self._said.close()

    def stop(self) -> None:
        """End it in order, before the block ends."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, how)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def must_run(self) -> None:
        """Raise `ServerError` if it has ended, with what it said."""
        if self._process.poll() is not None:
            raise ServerError(
                f"ended with {self._process.returncode}: {self._command}\n{self.said()[-2000:]}"
            )

    def said(self) -> str:
        """Return what it has written to standard output and standard error until now."""
        # By its own offset: the server writes at the one that both share.
        size = os.fstat(self._said.fileno()).st_size
        return os.pread(self._said.fileno(), size, 0).decode(errors="replace")

    def pids(self) -> list[int]:
        """The process and its children (gunicorn's worker)."""
        found, waiting = [], [self._process.pid]
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            for task in Path(f"/proc/{pid}/task").iterdir():
                # A thread may end after it was listed.
                with suppress(FileNotFoundError, ProcessLookupError):
                    waiting.extend(int(child) for child in (task / "children").read_text().split())
        return found

    def memory(self) -> Memory:
        """Now."""
        self.must_run()
        total = dict.fromkeys(("Rss", "Anonymous", "Private_Dirty", "Pss"), 0)
        for pid in self.pids():
            found = _memory(pid)
            total = {name: kib + found[name] for name, kib in total.items()}
        return Memory(*total.values())

    def largest(self) -> int:
        """Return the RSS in KiB of its largest process: of gunicorn, the worker."""
        return max(_memory(pid)["Rss"] for pid in self.pids())

    def settled_memory(self, seconds: float = 5.0) -> Memory:
        """As soon as it has not changed for a moment, at the latest after `seconds`."""
        deadline = time.monotonic() + seconds
        before = self.memory()
        while True:
            time.sleep(0.1)
            now = self.memory()
            if now == before or time.monotonic() > deadline:
                return now
            before = now

    def cpu_seconds(self) -> float:
        """Processor time used so far, to the nanosecond, that of threads that have ended included.

        The number of another process's clock is made from its own. Source: clock_getcpuclockid(3).
        """
        return sum(time.clock_gettime((~pid << 3) | 2) for pid in self.pids())


def clean_environ() -> dict[str, str]:
    """The environment of everything that is measured: nothing of the caller's settings decides a figure."""
    drop = ("PYTHON", "FLASK_", "EDGEWEB_", "GUNICORN_", "UVICORN_", "WEB_CONCURRENCY", "MALLOC_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(drop)}
    return kept | {"PYTHONHASHSEED": "0"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _memory(pid: int) -> dict[str, int]:
    """Return the figures of one process in KiB, by their names in smaps_rollup: proc_pid_smaps(5)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return {name: int(value.split()[0]) for name, _, value in (line.partition(":") for line in lines)}


def _listens(port: int) -> bool:
    wanted = f":{port:04X}"
    for table in map(Path, ("/proc/net/tcp", "/proc/net/tcp6")):
        for line in table.read_text().splitlines()[1:] if table.exists() else ():
            fields = line.split()
            if fields[1].endswith(wanted) and fields[3] == "0A":
                return True
    return False
