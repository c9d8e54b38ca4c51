"""The ways in: the page asked for comes after the sign-in, and an error's page keeps its frame."""

from __future__ import annotations

import base64
import html
import os
import pwd
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.access.actor import Actor
from edgeweb.device.access.second_factor import STEP, code_of
from edgeweb.device.config.profile import Profile
from edgeweb.testing import FlaskClient

from ...people import OWN, PASSWORD, add_owner, add_user, browser_of, client_of, device_of
from ...process import ROOT, DeviceServer

FORM = {"Content-Type": "application/x-www-form-urlencoded"}

Make = Callable[..., Profile]

DEEP = "/schedules?x=1&y=%C3%A9"


def ask(client: FlaskClient, path: str, status: int, **form: str) -> str:
    """The page at an address, or the one that comes of a form."""
    headers = {**OWN, "Accept": "text/html"}
    answer = client.post(path, data=form, headers=headers) if form else client.get(path, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.text


def next_of(page: str) -> str:
    """Where the form to sign in leads."""
    (found,) = re.findall(r'name="next" value="([^"]*)"', page)
    return html.unescape(str(found))


def ticket_of(page: str) -> str:
    (found,) = re.findall(r'name="ticket" value="([^"]+)"', page)
    return str(found)


def sign_in(client: FlaskClient, **form: str) -> str:
    answer = client.post("/sign-in", data={"name": "owner", "password": PASSWORD, **form}, headers=OWN)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def test_the_page_asked_for_comes_after_the_sign_in(app: Flask) -> None:
    stranger = client_of(app)
    where = next_of(ask(stranger, DEEP, 401))
    assert where == DEEP
    again = ask(stranger, "/sign-in", 401, name="owner", password="wrong", next=where)
    assert next_of(again) == DEEP, "a wrong password forgets nothing"
    assert f'name="back" value="{html.escape(DEEP)}"' in again, "nor does another language"
    assert sign_in(stranger, next=where) == DEEP


def test_the_code_of_a_second_factor_leads_there_as_well(app: Flask) -> None:
    factors = device_of(app).second_factors
    secret = factors.begin("owner")
    owner = Actor("owner", "admin", "127.0.0.1")
    factors.finish(owner, code_of(base64.b32decode(secret), int(time.time() // STEP)))
    stranger = client_of(app)
    step = ask(stranger, "/sign-in", 200, name="owner", password=PASSWORD, next=DEEP)
    assert next_of(step) == DEEP
    wrong = ask(stranger, "/sign-in/code", 401, ticket=ticket_of(step), code="000000", next=DEEP)
    assert next_of(wrong) == DEEP


def test_the_set_up_leads_there_as_well(make_profile: Make) -> None:
    app = create_app(make_profile())
    stranger = client_of(app)
    assert next_of(ask(stranger, DEEP, 401)) == DEEP
    form = {"code": device_of(app).setup.code, "name": "ada", "password": PASSWORD, "next": DEEP}
    answer = stranger.post("/set-up", data=form, headers=OWN)
    assert (answer.status_code, answer.headers["Location"]) == (303, DEEP)


@pytest.mark.parametrize(
    "foreign", ["//evil.example", "/\\evil.example", "https://evil.example/", "/a\nb", ""]
)
def test_a_sign_in_leads_nowhere_else(app: Flask, foreign: str) -> None:
    assert sign_in(client_of(app), next=foreign) == "/"


@pytest.mark.parametrize("address", ["/nowhere", "/nowhere?x=1"])
def test_an_unknown_address_keeps_the_navigation(app: Flask, address: str) -> None:
    page = ask(browser_of(app), address, 404)
    assert '<nav id="menu"' in page and 'href="/schedules"' in page
    assert '<nav id="menu"' not in ask(client_of(app), address, 404), "but not for a stranger"


def test_what_is_not_allowed_keeps_the_navigation(app: Flask) -> None:
    add_user(app, "vera", "viewer")
    assert '<nav id="menu"' in ask(browser_of(app, "vera"), "/audit", 403)
    refused = ask(browser_of(app), "/channels/lamp", 403, on="true", csrf="old")
    assert '<nav id="menu"' in refused, "a form of an earlier session"


def test_the_first_field_is_ready_to_type_in(app: Flask) -> None:
    page = ask(client_of(app), "/", 401)
    assert [tag for tag in re.findall(r"<input[^>]*>", page) if "autofocus" in tag] == [
        tag for tag in re.findall(r"<input[^>]*>", page) if 'name="name"' in tag
    ]
    again = ask(client_of(app), "/sign-in", 401, name="owner", password="wrong")
    (focused,) = [tag for tag in re.findall(r"<input[^>]*>", again) if "autofocus" in tag]
    assert 'name="password"' in focused, "the name is there already"


def test_a_forgotten_password_names_the_command(app: Flask) -> None:
    page = html.unescape(ask(client_of(app), "/", 401))
    assert "edgeweb users" in page and "password NAME" in page


def test_a_state_in_memory_is_said_where_it_matters(make_profile: Make) -> None:
    browser = browser_of(add_owner(create_app(make_profile("", {"storage.state": "memory"}))))
    said = "lost when the server starts again"
    assert [said in ask(browser, path, 200) for path in ("/", "/people", "/about")] == [True, True, False]


def test_the_command_for_a_forgotten_password_sets_one(tmp_path: Path) -> None:
    server = DeviceServer(tmp_path)
    try:
        server.claim("ada")
        page = server.ask("GET", "/sign-in", headers={"Accept": "text/html", "Authorization": ""}).text
        (command,) = re.findall(r"<pre[^>]*>([^<]+)</pre>", page)
        user, _, words = html.unescape(command).partition(" env ")
        assert user == f"sudo -u {pwd.getpwuid(os.geteuid()).pw_name}"
        state, program, *arguments = words.split()
        assert program.endswith("/edgeweb") and arguments == ["users", "password", "NAME"]
        done = subprocess.run(
            ["env", state, sys.executable, "-m", "edgeweb", *arguments[:-1], "ada"],
            input="another horse battery\n",
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        form = {"name": "ada", "password": "another horse battery"}
        answer = server.ask("POST", "/sign-in", urlencode(form), {**FORM, "Origin": server.url})
        assert (answer.status, answer.headers["Location"]) == (303, "/")
    finally:
        assert server.stop() == 0, server.log
