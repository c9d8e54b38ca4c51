"""Secrets: after they were used, none of them is anywhere that people look, or on the disk in clear."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from edgeweb.device.access import secrets

from ..process import ROOT, DeviceServer

PROFILE = """
[system]
services = ["nginx.service"]
[channels.lamp]
driver = "memory"
mode = "output"
"""
PASSWORD = "the password of the owner"
NEW, WRONG, OTHERS = "a password that is new", "a wrong password typed", "the password of vera"
JSON = {"Content-Type": "application/json"}

#: Reviewed: what shows more on purpose.
EXCEPTIONS = {"/api/v1/backup": "password hashes and hashes of tokens, which are what a backup is for"}

PATHS = """
import json, os
from edgeweb.device import create_app
app = create_app()
rules = [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and not rule.arguments]
print(json.dumps(sorted({rule.rule for rule in rules})))
"""


@pytest.fixture
def used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[DeviceServer, dict[str, str]]:
    """A device on which every kind of secret has been used, rightly and wrongly; and these secrets."""
    profile = tmp_path / "board.toml"
    profile.write_text(PROFILE)
    monkeypatch.setenv("TEST_PROFILE", str(profile))
    monkeypatch.setenv("TEST_NO_LIMIT", "1")
    server = DeviceServer(tmp_path, "tests.device.programs.device:app", "--profile", str(profile))
    code = server.code
    server.post_json("/api/v1/setup", {"code": "AAAA-BBBB-CCCC", "name": "eve", "password": WRONG})
    server.claim(password=PASSWORD)
    server.post_json("/api/v1/setup", {"code": code, "name": "eve", "password": WRONG})
    made = server.post_json("/api/v1/tokens", {"note": "script", "role": "viewer"}).json["token"]
    server.post_json("/api/v1/users", {"name": "vera", "password": OTHERS, "role": "viewer"})
    signed_in = server.post_json("/api/v1/session", {"name": "owner", "password": PASSWORD})
    cookie = signed_in.headers["Set-Cookie"].partition(";")[0]
    page = server.ask("GET", "/", headers={"Cookie": cookie, "Authorization": "", "Accept": "text/html"})
    assert page.status == 401, "a header that is no token does not fall back to the cookie"
    token, server.token = server.token, ""
    page = server.get("/", Cookie=cookie, Accept="text/html")
    assert page.status == 200
    csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert csrf
    server.token = token
    # wrong ways to say a secret: in the place of another field, in the address, as a name
    for body in ({"name": "owner", "password": WRONG}, {"name": WRONG, "password": WRONG}, {"pass": WRONG}):
        server.post_json("/api/v1/session", body)
    server.ask("POST", "/api/v1/session", f'{{"name": "owner", "password": "{WRONG}"', JSON)
    server.ask("POST", "/sign-in", f"name=owner&password={WRONG}", {"Origin": server.url})
    server.post_json("/api/v1/system/reboot", {"password": WRONG})
    server.post_json("/api/v1/system/reboot", {"password": PASSWORD})
    server.put_json("/api/v1/users/owner/password", {"password": WRONG, "new": NEW})
    server.get("/api/v1/status", Authorization=f"Basic {WRONG}")
    server.get(f"/api/v1/nothing?token={made}", Authorization="Bearer")
    server.get("/api/v1/status", Authorization=made)
    server.post_json("/api/v1/tokens", {"note": "script", "role": WRONG})
    assert server.put_json("/api/v1/users/vera/password", {"password": PASSWORD, "new": NEW}).status == 204
    said = {
        "password": PASSWORD,
        "new password": NEW,
        "wrong password": WRONG,
        "password of another user": OTHERS,
        "token": token,
        "second token": made,
        "session": cookie.partition("=")[2],
        "hash of a token": secrets.digest(made),
        "hash of a session": secrets.digest(cookie.partition("=")[2]),
        "kind of password hash": "scrypt:",
        "word of the session's forms": csrf[1],
    }
    return server, said


@pytest.mark.slow
def test_secrets_are_shown_nowhere(used: tuple[DeviceServer, dict[str, str]], tmp_path: Path) -> None:
    server, secrets = used
    code = server.code
    listed = subprocess.run(
        [sys.executable, "-c", PATHS],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    paths = [path for path in json.loads(listed.stdout) if path not in EXCEPTIONS]
    assert len(paths) > 20
    places = {}
    for accept in ("application/json", "text/html"):
        for path in (*paths, "/api/v1/nothing", "/nothing", "/api/v1/channels/none", "/channels/none"):
            answer = server.get(path, Accept=accept)
            assert answer.status < 500, path
            places[f"{accept} {path}"] = answer.text + str(answer.headers)
    places["the log"] = server.log.replace(code, "", 1)
    assert server.stop() == 0
    places["the log at the end"] = server.log.replace(code, "", 1)
    shown = subprocess.run(
        [sys.executable, "-m", "edgeweb", "profile", "show", str(tmp_path / "board.toml")],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "STATE_DIRECTORY": str(tmp_path / "state")},
    )
    places["profile show"] = shown.stdout.decode()
    for place, text in places.items():
        for kind, value in {**secrets, "set-up code": code}.items():
            assert value not in text, f"{kind} in {place}"


def test_on_the_disk_are_hashes_only(used: tuple[DeviceServer, dict[str, str]], tmp_path: Path) -> None:
    server, secrets = used
    kept = {"kind of password hash", "hash of a token", "hash of a session"}
    assert server.stop() == 0
    content = b"".join(file.read_bytes() for file in (tmp_path / "state").iterdir())
    for kind, value in {**secrets, "set-up code": server.code}.items():
        assert (value.encode() in content) is (kind in kept), kind


def test_secrets_are_no_arguments_of_programs(used: tuple[DeviceServer, dict[str, str]]) -> None:
    """Everybody on the machine sees arguments and, of one's own processes, the environment."""
    server, secrets = used
    process = Path(f"/proc/{server.process.pid}")
    text = (process / "cmdline").read_text() + (process / "environ").read_text()
    calls = [line for line in server.log.splitlines() if line.startswith("called:")]
    assert calls
    for kind, value in secrets.items():
        assert value not in text + "".join(calls), kind
    assert server.stop() == 0
