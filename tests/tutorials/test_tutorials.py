"""The programs that tutorials begin with, as written and with one import changed: client and servers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.compat.program import AS_FLASK, HERE, run

from .exchanges import EXCHANGES
from .process import Server, copy_programs

_ENVIRONMENT = {"APP_ENV": "development", "APP_ITEMS_PER_PAGE": "7"}


def _check(name: str, answers: list[tuple[int, str]]) -> None:
    for (method, path, _, _, status, text), (got_status, got_text) in zip(
        EXCHANGES[name], answers, strict=True
    ):
        assert got_status == status, f"{method} {path}: {got_text}"
        assert text in got_text, f"{method} {path}"


def _ask_all(name: str, server: Server) -> list[tuple[int, str]]:
    """All requests, with the cookies that the answers set."""
    answers, cookies = [], {}
    for method, path, headers, body, *_ in EXCHANGES[name]:
        cookie = {"Cookie": "; ".join(f"{key}={value}" for key, value in cookies.items())} if cookies else {}
        status, got_headers, text = server.ask(path, method, {**headers, **cookie}, body)
        if "Set-Cookie" in got_headers:
            key, _, value = got_headers["Set-Cookie"].partition(";")[0].partition("=")
            cookies[key] = value
        answers.append((status, text))
    return answers


@pytest.mark.slow
@pytest.mark.parametrize("importing", ["flask", "edgeweb"])
@pytest.mark.parametrize("name", EXCHANGES)
def test_through_the_client(tmp_path: Path, name: str, importing: str) -> None:
    folder = copy_programs(tmp_path, importing)
    program = Path(__file__).with_name("through_client.py")
    start = [HERE / "start.py", "edgeweb"] if importing == "flask" else []
    done = run([*start, program, name], folder, **_ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    _check(name, [tuple(json.loads(line)) for line in done.stdout.splitlines()])


@pytest.mark.slow
@pytest.mark.parametrize("importing", ["flask", "edgeweb"])
@pytest.mark.parametrize("name", EXCHANGES)
def test_through_waitress(tmp_path: Path, name: str, importing: str) -> None:
    folder = copy_programs(tmp_path, importing)
    as_flask = AS_FLASK if importing == "flask" else ()
    command = [*as_flask, "-m", "edgeweb", "serve", f"{name}:app", "--port", "0"]
    with Server(command, folder, **_ENVIRONMENT) as server:
        _check(name, _ask_all(name, server))
        assert server.stop() == 0


@pytest.mark.parametrize("name", ["hello", "users", "notes"])
def test_through_gunicorn(tmp_path: Path, name: str) -> None:
    folder = copy_programs(tmp_path, "edgeweb")
    with Server(["-m", "gunicorn", "-b", "127.0.0.1:0", f"{name}:app"], folder) as server:
        _check(name, _ask_all(name, server))
        assert server.stop() == 0
