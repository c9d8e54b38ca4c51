"""Advisories of other people's software, replayed on ours, as far as no other test does.

`tests/hostile/README.md` has a row for each, and the tests that replay it.
"""

from __future__ import annotations

import ast
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.config.profile import Profile

from .http.test_gate import routes
from .people import OWN, PASSWORD, SOMEBODY, add_owner, browser_of, client_of, device_of
from .process import ROOT

# -- forms ---------------------------------------------------------------------------------------------


def part(name: str, value: bytes, more: str = "") -> bytes:
    return f'--x\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + value + b"\r\n"


def send_form(app: Flask, body: bytes) -> Any:
    headers = {**OWN, "Content-Type": "multipart/form-data; boundary=x"}
    return client_of(app).post("/sign-in", data=body + b"--x--\r\n", headers=headers)


def test_forms_are_bounded(app: Flask) -> None:
    """The device's own limit is smaller than any of these; behind a larger one the parser has its own."""
    parts = b"".join(part(f"n{number}", b"1") for number in range(10_000))
    field = part("name", b"x" * 500_001)
    for body in (parts, field):
        assert send_form(app, body).status_code == 413
    app.config["MAX_CONTENT_LENGTH"] = 1 << 30
    for body in (parts, field):
        assert send_form(app, body).status_code == 413
    assert send_form(app, part("name", b"owner") + part("password", PASSWORD.encode())).status_code == 303


FLOOD = """
import io, sys
from edgeweb import Flask, request
app = Flask("flood")
app.config["MAX_FORM_MEMORY_SIZE"] = 1 << 30

@app.post("/")
def form():
    return str(sum(map(len, request.form.values())))

flood = {"cr": b"\\r", "lf": b"\\n", "crlf": b"\\r\\n", "cr and text": b"\\r" + b"a" * 63}[sys.argv[1]]
data = flood * (8_000_000 // len(flood))
body = b'--x\\r\\nContent-Disposition: form-data; name="a"\\r\\n\\r\\n' + data + b"\\r\\n--x--\\r\\n"
answer = app.test_client().post("/", data=body, content_type="multipart/form-data; boundary=x")
print(answer.status_code, answer.text)
"""


@pytest.mark.parametrize("kind", ["cr", "lf", "crlf", "cr and text"])
def test_floods_of_line_ends(kind: str) -> None:
    """8 MB in a field; where each byte is looked at again and again, that takes hours of processor time."""
    done = subprocess.run(
        [sys.executable, "-c", FLOOD, kind],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (30, 30)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "200 8000000\n", done.stderr


def test_form_fields_come_from_the_form(app: Flask) -> None:
    """Not from the address, not from a file with the field's name, and not from a second field."""
    client, name = client_of(app), device_of(app).cookie_name
    query = {"name": "owner", "password": PASSWORD}
    assert client.post("/sign-in", query_string=query, headers=OWN).status_code == 401
    file = part("password", PASSWORD.encode(), '; filename="password"')
    assert send_form(app, part("name", b"owner") + file).status_code == 401
    twice = part("password", b"wrong") + part("password", PASSWORD.encode())
    assert send_form(app, part("name", b"owner") + twice).status_code == 401
    assert client.get_cookie(name) is None
    answer = client.post(
        "/sign-in?name=eve", data={**query, "role": "admin", "next": "//evil.example"}, headers=OWN
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/"), "and nowhere else"


# -- texts of people and profiles ----------------------------------------------------------------------

HOSTILE = '"><img src=x onerror=alert(1)>'


@pytest.fixture
def hostile(make_profile: Callable[..., Profile]) -> Flask:
    """A device on which everything that has a text has this one."""
    toml = f"[dashboard]\ntitle = {HOSTILE!r}\n[channels.x]\ndriver = 'memory'\nmode = 'output'\n"
    app = add_owner(create_app(make_profile(toml + f"title = {HOSTILE!r}\ninterlock = {HOSTILE!r}\n")))
    device = device_of(app)
    device.model = HOSTILE
    owner = device.accounts.users()["owner"]
    device.accounts.add_token(SOMEBODY, owner, "viewer", HOSTILE)
    device.audit.note(SOMEBODY, "sign-in", HOSTILE, HOSTILE)
    device.sessions.open(owner, "10.0.0.1", HOSTILE)
    device.run = lambda arguments: b""
    return app


def test_names_are_text_on_every_page(hostile: Flask) -> None:
    browser, seen = browser_of(hostile), 0
    for method, endpoint, path in routes(hostile):
        if method != "GET" or not endpoint.startswith("dashboard.") or endpoint == "dashboard.static":
            continue
        answer = browser.get(path, headers={"Accept": "text/html"})
        assert "<img" not in answer.text and HOSTILE not in answer.text, path
        seen += answer.text.count("&lt;img")
    assert seen > 10
    page = browser.get(f"/{HOSTILE}", headers={"Accept": "text/html"})
    assert page.status_code == 404 and "<img" not in page.text


def test_texts_are_no_templates(make_profile: Callable[..., Profile]) -> None:
    # a product that no random token has among its digits
    words = "{{ 987654321 * 987654321 }}{% raw %}"
    channel = f"[channels.x]\ndriver = 'memory'\nmode = 'output'\ntitle = '{words}'\n"
    app = add_owner(create_app(make_profile(f"[dashboard]\ntitle = '{words}'\n{channel}")))
    for path in ("/", "/channels"):
        text = browser_of(app).get(path).text
        assert str(987654321**2) not in text and "{{ 987654321 * 987654321 }}" in text


# -- ways in -------------------------------------------------------------------------------------------


def test_long_passwords_count_whole(app: Flask) -> None:
    """bcrypt, and who builds on it, looks at 72 bytes and no more."""
    password = "x1" * 40
    device_of(app).accounts.add(SOMEBODY, "long", password, "viewer")
    for wrong in (password[:72], password[:-1], password + "x", password[:72] + "y" * 8):
        device_of(app).rate_limit.succeed("127.0.0.1")
        body = {"name": "long", "password": wrong}
        assert client_of(app).post("/api/v1/session", json=body).status_code == 401
    body = {"name": "long", "password": password}
    assert client_of(app).post("/api/v1/session", json=body).status_code == 200


def test_there_is_no_debugger(app: Flask) -> None:
    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("the secret of the house")

    for path in ("/console", "/?__debugger__=yes&cmd=resource&f=debugger.js", "/broken?__debugger__=yes"):
        answer = app.test_client().get(path, headers={"Accept": "text/html"})
        assert answer.mimetype == "text/html"
        for word in ("EVALEX", "Debugger", "secret of the house", "Traceback"):
            assert word not in answer.text, path


def test_headers_of_white_space_cost_nothing(tmp_path: Path) -> None:
    from tests.server.process import ServerProcess, status

    server = ServerProcess(tmp_path)
    try:
        before = os.sysconf("SC_CLK_TCK")
        for filling in (b" " * 15_000, b"\t " * 7_000, b"a " * 7_000, b"a" + b" " * 15_000 + b"a"):
            request = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nX: " + filling + b"\r\n\r\n"
            assert status(server.ask(request * 1)) in (200, 400)
        fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
        assert int(fields[11]) + int(fields[12]) < 10 * before, "ten seconds of the processor"
        assert server.stop() == 0
    finally:
        server.close()


# -- the source ----------------------------------------------------------------------------------------

SOURCES = sorted((ROOT / "edgeweb").rglob("*.py"))


def calls() -> list[tuple[str, str, ast.Call]]:
    """Every call in the package: file, the name that is called, and the call."""
    return [
        (str(file.relative_to(ROOT)), ast.unparse(node.func), node)
        for file in SOURCES
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
    ]


def imported() -> set[tuple[str, str]]:
    found = set()
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level and node.module:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            found |= {(str(file.relative_to(ROOT)), name) for name in names}
    return found


@pytest.mark.slow
def test_the_package_calls_no_shell() -> None:
    for file, name, call in calls():
        assert name not in ("os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"), (
            file
        )
        assert not [key for key in call.keywords if key.arg == "shell"], file


@pytest.mark.slow
def test_the_package_unpickles_nothing() -> None:
    """Compiled templates are code, and read from where nobody else writes: `templating/trust.py`."""
    assert not {row for row in imported() if row[1].partition(".")[0] in ("pickle", "shelve", "dill")}
    assert {file for file, name, _ in calls() if name == "marshal.loads"} == {"edgeweb/templating/cache.py"}


@pytest.mark.slow
def test_the_package_asks_nobody() -> None:
    """It discovers no others, and opens no connection to anybody: there is nobody to give a password to."""
    clients = (
        "http.client",
        "urllib.request",
        "requests",
        "httpx",
        "zeroconf",
        "smtplib",
        "ftplib",
        "xmlrpc",
    )
    # `edgeweb.client` is for other programs, and for `edgeweb remote`: no server imports it.
    theirs = ("edgeweb/client/", "edgeweb/commands/remote/")
    asking = {row for row in imported() if row[1].startswith(clients) and not row[0].startswith(theirs)}
    assert not asking
    connecting = {
        file
        for file, name, _ in calls()
        if name.endswith((".connect", "create_connection", "urlopen"))
        and not name.startswith(("sqlite3.", "recovery."))
    }
    assert connecting <= REVIEWED


#: Reviewed: the broker that the profile names, systemd's own socket, whether a socket file is in use, and the
#: server that a person names to `edgeweb tls check`.
REVIEWED = {
    *("edgeweb/device/mqtt/client.py", "edgeweb/server/systemd.py", "edgeweb/server/addresses.py"),
    "edgeweb/commands/tls_check.py",
}


def test_secrets_are_compared_evenly() -> None:
    """With `_compare_digest`, or by the hash of 256 random bits, whose look-up tells nothing of them."""
    for file, names in {
        "access/secrets.py": ("equal", "_compare_digest(one.encode(), other.encode())"),
        "access/passwords.py": ("is_password", "_compare_digest(_scrypt(password, salt, n, r, p), expected)"),
        "access/accounts.py": ("by_token", "self._tokens.get(secrets.digest(text))"),
        "access/sessions.py": ("find", "secrets.digest(key)"),
        "http/gate.py": (
            "_check_session_site",
            "secrets.equal(secrets.unmasked(request.form.get('csrf', '')), session.csrf)",
        ),
        "access/setup.py": ("claim", "secrets.same_code(code, self._code)"),
    }.items():
        tree = ast.parse((ROOT / "edgeweb/device" / file).read_text())
        function = next(n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == names[0])
        assert names[1] in ast.unparse(function), file
