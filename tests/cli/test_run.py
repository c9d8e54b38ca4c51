"""edgeweb.cli.run: its options, and a development server that really serves."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import werkzeug.serving
from click.testing import CliRunner

from edgeweb import Flask
from edgeweb.cli import FlaskGroup, run_command

PROGRAM = """
from edgeweb import Flask
app = Flask(__name__)
@app.get("/")
def index():
    return "first version"
"""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("FLASK_", "WERKZEUG_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("FLASK_SKIP_DOTENV", "1")
    # Set by the commands of this file, and taken back by these two.
    monkeypatch.setenv("FLASK_DEBUG", "0")
    monkeypatch.setenv("FLASK_RUN_FROM_CLI", "false")


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the server would have been started with."""
    calls: list[dict[str, Any]] = []

    def run_simple(host: str, port: int, app: Any, **options: Any) -> None:
        calls.append({"host": host, "port": port, "app": app, **options})

    monkeypatch.setattr(werkzeug.serving, "run_simple", run_simple)
    return calls


DEFAULTS = {
    "host": "127.0.0.1",
    "port": 5000,
    "use_reloader": False,
    "use_debugger": False,
    "threaded": True,
    "ssl_context": None,
    "extra_files": None,
    "exclude_patterns": None,
}


@pytest.mark.parametrize(
    ("args", "changes"),
    [
        ([], {}),
        (["-h", "0.0.0.0", "-p", "81"], {"host": "0.0.0.0", "port": 81}),
        (["--debug"], {"use_reloader": True, "use_debugger": True}),
        (["--debug", "--no-reload"], {"use_debugger": True}),
        (["--debug", "--no-debugger"], {"use_reloader": True}),
        (["--reload"], {"use_reloader": True}),
        (["--debugger"], {"use_debugger": True}),
        (["--without-threads"], {"threaded": False}),
        (
            ["--extra-files", f"{__file__}:{sys.executable}"],
            {"extra_files": [__file__, sys.executable]},
        ),
        (["--exclude-patterns", "*/a:b"], {"exclude_patterns": ["*/a", "b"]}),
    ],
)
def test_options(served: list[dict[str, Any]], args: list[str], changes: dict[str, Any]) -> None:
    app = Flask("run_app")
    result = CliRunner().invoke(FlaskGroup(create_app=lambda: app), ["run", *args])
    assert result.exit_code == 0, result.output
    assert served == [{**DEFAULTS, "app": app, **changes}]
    assert f" * Debug mode: {'on' if '--debug' in args else 'off'}\n" in result.output


def test_options_from_the_environment(served: list[dict[str, Any]]) -> None:
    app = Flask("run_app")
    env = {"FLASK_RUN_PORT": "81", "FLASK_RUN_HOST": "::1", "FLASK_DEBUG": "1"}
    CliRunner().invoke(FlaskGroup(create_app=lambda: app), ["run"], env=env)
    assert (served[0]["port"], served[0]["host"], served[0]["use_reloader"]) == (81, "::1", True)


def fails() -> Flask:
    raise ZeroDivisionError("while loading")


def test_an_application_that_fails_at_the_first_start(served: list[dict[str, Any]]) -> None:
    result = CliRunner().invoke(FlaskGroup(create_app=fails), ["run"])
    assert isinstance(result.exception, ZeroDivisionError)
    assert served == []


def test_an_application_that_fails_after_a_change_is_served_to_show_why(
    served: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")
    result = CliRunner().invoke(FlaskGroup(create_app=fails), ["run"])
    assert result.exit_code == 0
    assert "ZeroDivisionError: while loading" in result.output
    with pytest.raises(ZeroDivisionError, match="while loading"):
        served[0]["app"]({}, None)


def test_the_help_names_the_options() -> None:
    output = CliRunner().invoke(run_command, ["--help"]).output
    for option in (
        "--host",
        "--port",
        "--cert",
        "--key",
        "--reload",
        "--debugger",
        "--extra-files",
        "--debug",
    ):
        assert option in output


@contextmanager
def running(folder: Path, *args: str) -> Iterator[str]:
    """The URL of `edgeweb run` in a folder, on a port of its choice."""
    process = subprocess.Popen(
        [sys.executable, "-m", "edgeweb", "run", "--port", "0", *args],
        cwd=folder,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        seen = []
        for line in process.stdout:
            seen.append(line)
            if match := re.search(r"Running on (http://127\.0\.0\.1:\d+)", line):
                break
        else:
            pytest.fail("".join(seen))
        yield match[1]
    finally:
        # The reloader's child is in the same process group.
        os.killpg(process.pid, 9)
        process.communicate()


def get(url: str) -> tuple[int, str]:
    try:
        try:
            with urllib.request.urlopen(url, timeout=10) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
    except (urllib.error.URLError, ConnectionError, http.client.HTTPException):
        return 0, ""  # the reloader is starting anew, or was just ended in the middle of an answer


def test_it_serves(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(PROGRAM)
    with running(tmp_path) as url:
        assert get(f"{url}/") == (200, "first version")
        assert get(f"{url}/missing")[0] == 404


@pytest.mark.slow
def test_it_reloads_and_shows_what_a_change_broke(tmp_path: Path) -> None:
    program = tmp_path / "wsgi.py"
    program.write_text(PROGRAM)
    with running(tmp_path, "--debug") as url:
        assert get(f"{url}/") == (200, "first version")
        for text, status, answer in [
            (PROGRAM + "1/0\n", 500, "ZeroDivisionError"),
            (PROGRAM.replace("first", "second"), 200, "second version"),
        ]:
            program.write_text(text)
            deadline = time.monotonic() + 30
            while (found := get(f"{url}/"))[0] != status or answer not in found[1]:
                assert time.monotonic() < deadline, found
                time.sleep(0.1)
