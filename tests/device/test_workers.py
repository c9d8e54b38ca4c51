"""A program with the dashboard in it, and the device alone, under a real gunicorn with four workers."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from .process import ROOT

PROFILE = """
[schedules]
wait_for_clock = false
[channels.lamp]
driver = "memory"
mode = "output"
[storage]
state = "FOLDER/state"
"""

#: Each answer names its worker.
PROGRAMS = {
    "mounted": """
from edgeweb import Flask
from edgeweb.device import dashboard
app = Flask(__name__)
app.config["EDGEWEB_PROFILE"] = "FOLDER/shed.toml"
app.register_blueprint(dashboard, url_prefix="/device")
""",
    "alone": """
from edgeweb.device import create_app
app = create_app("FOLDER/shed.toml")
""",
}
ADDED = """
import os
@app.get("/own")
def own():
    return "My own page"
@app.after_request
def name_worker(response):
    response.headers["Worker"] = str(os.getpid())
    return response
"""
WORKERS = 4
PATIENCE = 240.0
README = (ROOT / "edgeweb" / "device" / "README.md").read_text()
PASSWORD = "correct horse battery"


class Found(NamedTuple):
    """One answer."""

    worker: str
    status: int
    content: bytes
    headers: dict[str, str]


class Gunicorn:
    """A running gunicorn, and clients that ask until each worker has answered."""

    def __init__(self, folder: Path, kind: str, options: str = f"--workers {WORKERS}") -> None:
        (folder / "shed.toml").write_text(PROFILE.replace("FOLDER", str(folder)))
        (folder / "program.py").write_text((PROGRAMS[kind] + ADDED).replace("FOLDER", str(folder)))
        self.env = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "CONFIGURATION_DIRECTORY": str(folder / "etc"),
            "HOME": str(folder),
        }
        self.log_file = folder / "log"
        users = [sys.executable, "-m", "edgeweb", "users", "--profile", str(folder / "shed.toml")]

        def run(*arguments: str, line: str = "") -> str:
            return subprocess.run(
                [*users, *arguments], input=line, env=self.env, check=True, capture_output=True, text=True
            ).stdout.strip()

        run("add", "ada", line=f"{PASSWORD}\n")
        self.token = run("token", "ada", "--role", "admin")
        command = [sys.executable, "-m", "gunicorn", *options.split(), "--bind=127.0.0.1:0", "program:app"]
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=folder, env=self.env, stdout=log, stderr=log)
        self.port = int(self._wait(r"Listening at: http://127\.0\.0\.1:(\d+)"))

    def _wait(self, pattern: str) -> str:
        deadline = time.monotonic() + PATIENCE
        while (match := re.search(pattern, self.log_file.read_text())) is None:
            assert self.process.poll() is None and time.monotonic() < deadline, self.log_file.read_text()
            time.sleep(0.02)
        return match[1]

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Found:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            content = None if body is None else json.dumps(body)
            headers = {"Authorization": f"Bearer {self.token}", **headers}
            if body is not None:
                headers["Content-Type"] = "application/json"
            connection.request(method, path, content, headers)
            answer = connection.getresponse()
            return Found(
                answer.getheader("Worker", ""), answer.status, answer.read(), dict(answer.getheaders())
            )
        finally:
            connection.close()

    def by_worker(self, ask: Callable[[], Found], number: int = WORKERS) -> dict[str, list[Found]]:
        """Ask, several times at once, until as many workers have answered."""
        found: dict[str, list[Found]] = {}
        deadline = time.monotonic() + PATIENCE
        with ThreadPoolExecutor(16) as pool:
            while len(found) < number:
                assert time.monotonic() < deadline, self.log_file.read_text()
                for answer in pool.map(lambda _: ask(), range(32)):
                    found.setdefault(answer.worker, []).append(answer)
        return found

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()
        assert "Traceback" not in self.log_file.read_text(), self.log_file.read_text()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Gunicorn]]:
    started: list[Gunicorn] = []

    def make(kind: str, *options: str) -> Gunicorn:
        started.append(Gunicorn(tmp_path, kind, *options))
        return started[-1]

    yield make
    for server in started:
        server.stop()


@pytest.mark.slow
def test_one_worker_switches_and_the_others_name_the_next_step(start: Callable[..., Gunicorn]) -> None:
    server = start("alone")
    state = "/api/v1/channels/lamp/state"
    found = server.by_worker(lambda: server.ask("PUT", state, {"on": True}))
    owners = [worker for worker, answers in found.items() if {answer.status for answer in answers} == {200}]
    assert len(owners) == 1
    for worker in found.keys() - owners:
        for answer in found[worker]:
            problem = json.loads(answer.content)
            assert (answer.status, problem["key"]) == (503, "state-in-use")
            assert "gunicorn --workers 1 --threads 8" in problem["detail"]
            assert answer.headers["Retry-After"] == "1"
            assert owners[0] not in problem["detail"] and "/state" not in problem["detail"]
    lines = re.findall(r"is in use by process (\d+): .* --workers 1$", server.log_file.read_text(), re.M)
    assert lines == owners * (WORKERS - 1), "each of the others logs it once"
    # what each worker answers without the device
    assert {
        row.status for rows in server.by_worker(lambda: server.ask("GET", "/livez")).values() for row in rows
    } == {200}


@pytest.mark.slow
def test_the_next_worker_takes_over(start: Callable[..., Gunicorn]) -> None:
    server = start("alone")
    found = server.by_worker(lambda: server.ask("GET", "/api/v1/channels"))
    (owner,) = [worker for worker, answers in found.items() if answers[0].status == 200]
    os.kill(int(owner), signal.SIGKILL)
    after = server.by_worker(lambda: _or_lost(server))
    after.pop("", None)
    owners = {worker for worker, answers in after.items() if answers[-1].status == 200}
    assert len(owners) == 1 and owner not in after


def _or_lost(server: Gunicorn) -> Found:
    try:
        return server.ask("GET", "/api/v1/channels")
    except (OSError, http.client.HTTPException):  # it was in the queue of the killed one
        return Found("", 0, b"", {})


@pytest.mark.slow
def test_a_schedule_runs_once(start: Callable[..., Gunicorn]) -> None:
    server = start("alone")
    toggle = {"channel": "lamp", "action": "toggle", "kind": "interval", "every": 10}
    server.by_worker(lambda: server.ask("PUT", "/api/v1/schedules/blink", toggle))
    deadline = time.monotonic() + PATIENCE
    moments: list[str] = []
    while len(moments) < 2:
        assert time.monotonic() < deadline, moments
        time.sleep(0.2)
        found = server.ask("GET", "/api/v1/audit?limit=100")
        if found.status == 200:
            rows = json.loads(found.content)["audit"]
            moments = [row["at"] for row in rows if row["action"] == "schedule.run"]
    # four schedulers would have four rows in each of these seconds
    assert len({moment[:19] for moment in moments}) == len(moments), moments


@pytest.mark.slow
def test_the_program_s_own_pages_come_from_all_workers(start: Callable[..., Gunicorn]) -> None:
    server = start("mounted")
    own = server.by_worker(lambda: server.ask("GET", "/own"))
    assert {answer.content for answers in own.values() for answer in answers} == {b"My own page"}
    headers = {"Accept": "text/html", "Accept-Language": "de"}
    pages = server.by_worker(lambda: server.ask("GET", "/device/sign-in", **headers))
    by_status = sorted(answers[0].status for answers in pages.values())
    assert by_status == [200, 503, 503, 503]
    for answers in pages.values():
        if answers[0].status == 503:
            assert "Ein anderer Prozess dieses Servers hat das Gerät" in answers[0].content.decode()


@pytest.mark.slow
def test_one_worker_with_threads_has_all_of_it(start: Callable[..., Gunicorn]) -> None:
    """The command is the one of the README."""
    (options,) = re.findall(r"^gunicorn (.*) shed:app$", README, re.M)
    server = start("mounted", options)
    found = server.by_worker(lambda: server.ask("GET", "/device/sign-in"), 1)
    assert {answer.status for answers in found.values() for answer in answers} == {200}
    assert "is in use by" not in server.log_file.read_text()
