"""What the device application never loads: with its templates compiled before, and after each of its routes.

Each of these modules is a megabyte or so, or the way to one; a test notices when an import brings one back.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.templating.conftest import place as place

ROOT = Path(__file__).resolve().parent.parent

NEVER = {
    *(
        "asyncio",
        "blinker",
        "click",
        "dataclasses",
        "http.client",
        "http.server",
        "importlib.metadata",
        "ssl",
    ),
    *("urllib.request", "jinja2.compiler", "jinja2.lexer", "jinja2.parser"),
    *("werkzeug.debug", "werkzeug.routing.map", "werkzeug.routing.matcher", "werkzeug.routing.rules"),
    *("werkzeug.serving", "werkzeug.test"),
    # For type checkers; making its unions costs a process 4 % of its start.
    "edgeweb.typing",
}
# Not before somebody signs in.
NOT_FOR_STRANGERS = {"_hashlib", "hmac", "secrets"}

ASK_EACH_ROUTE = """
import io, json, os, re, sys
from edgeweb.device import create_app, start

cache, signed_in = sys.argv[1], sys.argv[2] == "signed in"
app = create_app("generic-linux")
app.config.update(TEMPLATE_CACHE=cache)
sys.stderr = io.StringIO()
start(app)
code = re.search(r"set-up code ([\\w-]+)", sys.stderr.getvalue())[1]
headers = {}
answers = {}

def ask(method, path, value=None):
    body = b"" if value is None else json.dumps(value).encode()
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "SCRIPT_NAME": "", "QUERY_STRING": "",
        "HTTP_HOST": "localhost", "REMOTE_ADDR": "127.0.0.1", "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": "application/json", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr, "wsgi.input_terminated": True, **headers,
    }
    status = []
    answer = app(environ, lambda line, fields, exc_info=None: status.append(int(line[:3])))
    # a stream of events does not end by itself
    body = next(iter(answer)) if path == "/api/v1/events" else b"".join(answer)
    getattr(answer, "close", lambda: None)()
    answers[f"{method} {path}"] = status[0]
    return body

if signed_in:
    owner = {"code": code, "name": "owner", "password": "correct horse battery"}
    headers["HTTP_AUTHORIZATION"] = "Bearer " + json.loads(ask("POST", "/api/v1/setup", owner))["token"]
values = {"name": "relay1", "id": "relay1", "filename": "nothing.css"}
for rule in list(app.url_map.iter_rules()):
    path = re.sub(r"<(?:[^:>]+:)?([^>]+)>", lambda match: values.get(match[1], "1"), rule.rule)
    for method in sorted(rule.methods - {"DELETE", "HEAD", "OPTIONS"}):
        # Whoever tries to sign in makes the server compare passwords; that is what strangers here do not do.
        # A reset ends the process.
        if method == "GET" or not re.search("session|set-?up|sign|password|users|tokens|reset", path):
            ask(method, path, None if method == "GET" else {"on": True})
ask("GET", "/no/such/page")
ask("DELETE", "/livez")
os.write(1, json.dumps([sorted(sys.modules), answers]).encode())
"""


def loaded(cache: Path, who: str, state: Path) -> tuple[set[str], dict[str, int]]:
    """The modules of a new interpreter after a request to each route, and how those were answered."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("EDGEWEB", "COVERAGE"))}
    env |= {
        "PYTHONPATH": str(ROOT),
        "STATE_DIRECTORY": str(state),
        "CONFIGURATION_DIRECTORY": str(state / "etc"),
    }
    done = subprocess.run(
        [sys.executable, "-c", ASK_EACH_ROUTE, str(cache), who], env=env, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    modules, answers = json.loads(done.stdout)
    return set(modules), answers


@pytest.fixture
def cache(place: Path) -> Path:
    """The device's templates, compiled."""
    path = place / "templates"
    command = [sys.executable, "-m", "edgeweb", "build", "--device", "--output", str(path)]
    env = {key: value for key, value in os.environ.items() if key != "TMPDIR"}
    subprocess.run(command, env={**env, "PYTHONPATH": str(ROOT)}, check=True, capture_output=True)
    return path


@pytest.mark.slow
def test_strangers_load_nothing_heavy(cache: Path, tmp_path: Path) -> None:
    modules, answers = loaded(cache, "a stranger", tmp_path)
    assert answers["GET /livez"] == 200
    assert len(answers) > 10
    assert 500 not in answers.values()
    assert modules & (NEVER | NOT_FOR_STRANGERS) == set()


@pytest.mark.slow
def test_the_owner_loads_nothing_heavy(cache: Path, tmp_path: Path) -> None:
    modules, answers = loaded(cache, "signed in", tmp_path)
    assert (
        answers["GET /"]
        == answers["GET /api/v1/status"]
        == answers["PUT /api/v1/channels/relay1/state"]
        == 200
    )
    assert 500 not in answers.values()
    assert "jinja2.environment" in modules
    assert modules & NEVER == set()
