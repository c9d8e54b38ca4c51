"""The programs in a folder of their own, and processes that serve one of them on a free port."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import typing as t
from pathlib import Path

from tests.compat.program import environment

PROGRAMS = Path(__file__).parent / "programs"
LONG = 30.0  # seconds after which a test is stuck


def copy_programs(folder: Path, importing: str) -> Path:
    """All programs as they are written, with `from flask import ...`, or with `edgeweb` instead."""
    shutil.copytree(PROGRAMS, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    if importing == "edgeweb":
        for program in folder.glob("*.py"):
            text = program.read_text()
            assert "from flask import " in text
            program.write_text(text.replace("from flask import ", "from edgeweb import "))
    return folder


class Server:
    """A process that serves, started with this interpreter: `Server(["app.py"], folder)`.

    `python` names another interpreter, and `environ` all of its environment.
    """

    def __init__(
        self,
        arguments: t.Sequence[str],
        cwd: Path,
        python: str = sys.executable,
        environ: t.Mapping[str, str] | None = None,
        **extra: str,
    ) -> None:
        self.log_file = (cwd / "server.log").open("w+")
        # A group of its own: the reloader and gunicorn have children, which end with it.
        self.process = subprocess.Popen(
            [python, *arguments],
            cwd=cwd,
            env=environment(PYTHONUNBUFFERED="1", **extra) if environ is None else environ,
            stdout=self.log_file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.port = 0
        try:
            self.port = int(self.wait_for(lambda: re.search(r"http://127\.0\.0\.1:(\d+)", self.log))[1])
        except BaseException:
            self.__exit__()
            raise

    @property
    def log(self) -> str:
        """What the process has written so far."""
        return Path(self.log_file.name).read_text()

    def wait_for(self, condition: t.Callable[[], t.Any]) -> t.Any:
        """What the condition gives as soon as it is true."""
        deadline = time.monotonic() + LONG
        while time.monotonic() < deadline:
            if found := condition():
                return found
            assert self.process.poll() is None, self.log
            time.sleep(0.05)
        raise AssertionError(f"not within {LONG} s: {self.log}")

    def ask(
        self, path: str, method: str = "GET", headers: t.Mapping[str, str] | None = None, body: bytes = b""
    ) -> tuple[int, dict[str, str], str]:
        """One request: status, headers (of equal ones the last) and text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONG)
        try:
            connection.request(method, path, body=body or None, headers=dict(headers or {}))
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read().decode()
        finally:
            connection.close()

    def answer(self, path: str = "/") -> str | None:
        """The text of the answer; None while the server is away."""
        try:
            return self.ask(path)[2]
        except (OSError, http.client.HTTPException):
            return None

    def stop(self) -> int:
        """Asks the process to end, as a service manager does, and gives its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(LONG)

    def __enter__(self) -> t.Self:
        return self

    def __exit__(self, *args: object) -> None:
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait(LONG)
        self.log_file.close()
