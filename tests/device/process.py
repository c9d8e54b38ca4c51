"""A real `edgeweb serve` process with a device profile on a free port, and a client that talks to it."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.import_path import import_path

ROOT = Path(__file__).parent.parent.parent
_LONG = 120.0  # seconds after which a test is stuck; a busy machine takes some of them


class Answer:
    """One HTTP answer, read to its end."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.content = response.read()

    @property
    def text(self) -> str:
        return self.content.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.content)


class DeviceServer:
    """One running device application. `folder` takes its log; the system's own profile layers are kept out.

    `python_path` is where a program of the test's own is, `python` the interpreter of another environment,
    and `variables` are added to the surroundings.
    """

    def __init__(
        self,
        folder: Path,
        *options: str,
        python_path: Path | None = None,
        python: str = sys.executable,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        folder.mkdir(exist_ok=True)
        self.log_file = folder / "log"
        env = {
            **os.environ,
            "PYTHONPATH": import_path(ROOT, *filter(None, [python_path])),
            "CONFIGURATION_DIRECTORY": str(folder / "etc"),
            "STATE_DIRECTORY": str(folder / "state"),
            **(variables or {}),
        }
        command = [python, "-m", "edgeweb", "serve", "--port", "0", *options]
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log)
        self.port = self._wait_for_port()
        #: Sent with every request, once somebody owns the device.
        self.token = ""

    def _wait_for_port(self) -> int:
        deadline = time.monotonic() + _LONG
        while time.monotonic() < deadline:
            if match := re.search(r"http://127\.0\.0\.1:(\d+)/", self.log):
                return int(match[1])
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise AssertionError(f"the server did not start: {self.log}")

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self, method: str, path: str, body: bytes | str | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_LONG)
        try:
            headers = dict(headers or {})
            if self.token:
                headers.setdefault("Authorization", f"Bearer {self.token}")
            connection.request(method, path, body, headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers=headers)

    def put_json(self, path: str, value: Any) -> Answer:
        return self.ask("PUT", path, json.dumps(value), {"Content-Type": "application/json"})

    def post_json(self, path: str, value: Any) -> Answer:
        return self.ask("POST", path, json.dumps(value), {"Content-Type": "application/json"})

    @property
    def code(self) -> str:
        """The set-up code, as people find it."""
        match = re.search(r"set-up code ([\w-]+)", self.log)
        assert match, self.log
        return match[1]

    def claim(self, name: str = "owner", password: str = "correct horse battery") -> None:
        """Makes an owner, whose token is used from now on."""
        answer = self.post_json("/api/v1/setup", {"code": self.code, "name": name, "password": password})
        assert answer.status == 201, answer.text
        self.token = answer.json["token"]

    def stop(self) -> int:
        """Ends the server as systemd does; returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(_LONG)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(_LONG)
            raise
