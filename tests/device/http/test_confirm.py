"""Asking again: what an open browser, or a token of little right, cannot do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.access.roles import SCOPES, mark_scope, needed_scope
from edgeweb.device.access.secrets import masked
from edgeweb.device.access.sessions import CONFIRMED_FOR
from edgeweb.device.config.profile import Profile

from ..conftest import BOARD
from ..packaged import Apt, packaged
from ..people import OWN, PASSWORD, SOMEBODY, add_owner, add_user, browser_of, client_of, device_of
from .test_gate import routes

#: The reviewed list. endpoint: the scope that a token needs; a browser shows the password again.
ASKS_AGAIN = {
    "api.add_user": "accounts",
    "api.set_role": "accounts",
    "api.remove_user": "accounts",
    "api.add_token": "accounts",
    "api.begin_second_factor": "accounts",
    "api.finish_second_factor": "accounts",
    "api.remove_second_factor": "accounts",
    "api.backup": "backup",
    "api.restore": "backup",
    "api.power": "power",
    "api.restart": "power",
    "api.update_software": "power",
    "api.add_channel": "things",
    "api.change_channel": "things",
    "api.remove_channel": "things",
    "api.try_channel": "things",
    "api.add_sensor": "things",
    "api.change_sensor": "things",
    "api.remove_sensor": "things",
    "dashboard.add_thing": "things",
    "dashboard.try_thing": "things",
    "dashboard.change_thing": "things",
    "dashboard.remove_thing": "things",
    "dashboard.add_user": "accounts",
    "dashboard.set_user_role": "accounts",
    "dashboard.remove_user": "accounts",
    "dashboard.add_token": "accounts",
    "dashboard.set_up_factor": "accounts",
    "dashboard.switch_on_factor": "accounts",
    "dashboard.switch_off_factor": "accounts",
    "dashboard.download_backup": "backup",
    "dashboard.restore_backup": "backup",
    "dashboard.power": "power",
    "dashboard.restart_service": "power",
    "dashboard.start_update": "power",
    "api.reset": "reset",
    "dashboard.reset_device": "reset",
}
#: What takes rights away: a token needs the scope, a browser is not asked.
SCOPED = {"api.revoke", "api.end_session", "dashboard.revoke_token", "dashboard.end_session"}
#: What asks for a password in any case.
ALWAYS_ASKS = {
    "api.set_password",
    "api.confirm_session",
    "api.sign_in",
    "api.set_up",
    "dashboard.set_user_password",
    "dashboard.sign_in",
    "dashboard.enter_code",
    "dashboard.set_up",
}
#: What changes something that is no account, backup or machine; reviewed one by one.
PLAIN = {
    "api.set_group",
    "api.set_state",
    "api.set_value",
    "api.command",
    "api.pulse",
    "api.sign_out",
    "api.change_settings",
    "api.put_schedule",
    "api.remove_schedule",
    "dashboard.set_channel",
    "dashboard.change_settings",
    "dashboard.act",
    "dashboard.put_schedule",
    "dashboard.remove_schedule",
    "dashboard.enable_schedule",
    "dashboard.sign_out",
    "dashboard.choose_language",
    "dashboard.open_kiosk",
    # by the token of a kiosk, which names the channel
    "dashboard.switch_at_kiosk",
    "dashboard.switch_group_off",
}


@pytest.fixture
def app(make_profile: Callable[..., Profile], tmp_path: Path) -> Iterator[Flask]:
    app = add_owner(create_app(make_profile(BOARD)))
    device_of(app).software = packaged(tmp_path / "debian", Apt())
    device_of(app).run = lambda arguments: b""
    yield app
    device_of(app).close()


def test_every_route_that_changes_something_is_in_one_of_the_lists(app: Flask) -> None:
    found = {endpoint for method, endpoint, _ in routes(app) if method != "GET"} | {"api.backup"}
    lists = (set(ASKS_AGAIN), SCOPED, ALWAYS_ASKS, PLAIN)
    assert sum(map(len, lists)) == len(set.union(*lists)), "each in one"
    assert found == set.union(*lists), "review it, and put it into one of the lists"
    marked = {name: needed_scope(app.view_functions[name]) for name in found}
    assert {name: scope for name, scope in marked.items() if scope} == {
        **ASKS_AGAIN,
        **dict.fromkeys(SCOPED, "accounts"),
    }


#: (method, address, body) of what asks again in the JSON interface.
CALLS: list[tuple[str, str, Any]] = [
    ("POST", "users", {"name": "eve", "password": PASSWORD, "role": "admin"}),
    ("PUT", "users/vera/role", {"role": "admin"}),
    ("DELETE", "users/vera", None),
    ("POST", "tokens", {"note": "stays", "role": "admin"}),
    ("GET", "backup", None),
    ("POST", "system/reboot", {}),
    ("POST", "services/nginx.service/restart", None),
    ("POST", "software/update", {"version": "1.1.0"}),
    ("POST", "channels", {"id": "new", "driver": "memory", "mode": "output"}),
    ("DELETE", "sensors/uptime", None),
    ("POST", "reset", {"password": ""}),
]


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_an_open_browser_is_not_enough(app: Flask, method: str, path: str, body: Any) -> None:
    add_user(app, "vera", "viewer")
    browser = browser_of(app)

    def ask() -> Any:
        return browser.open(f"/api/v1/{path}", method=method, json=body, headers=OWN)

    refused = ask()
    assert (refused.status_code, refused.json["key"]) == (403, "unconfirmed")
    wrong = browser.post("/api/v1/session/confirm", json={"password": "wrong"}, headers=OWN)
    assert wrong.status_code == 401
    assert ask().status_code == 403
    shown = browser.post("/api/v1/session/confirm", json={"password": PASSWORD}, headers=OWN)
    assert shown.status_code == 204
    assert ask().status_code < 300
    rows = app.test_client().get("/api/v1/audit").json["audit"]
    assert any((row["who"], row["result"]) == ("owner", "unconfirmed") for row in rows)


def test_five_minutes_later_it_is_asked_again(app: Flask) -> None:
    browser, device = browser_of(app), device_of(app)
    assert (
        browser.post("/api/v1/session/confirm", json={"password": PASSWORD}, headers=OWN).status_code == 204
    )
    (session,) = device.sessions.all()
    assert session.confirmed is not None
    session.confirmed -= CONFIRMED_FOR
    assert browser.get("/api/v1/backup").status_code == 403


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_the_scope_of_a_token_decides(app: Flask, method: str, path: str, body: Any) -> None:
    add_user(app, "vera", "viewer")
    owner = device_of(app).accounts.users()["owner"]
    found = {}
    for scopes in ((), *((scope,) for scope in SCOPES)):
        _, token = device_of(app).accounts.add_token(SOMEBODY, owner, "admin", "x", scopes)
        headers = {"Authorization": f"Bearer {token}"}
        answer = client_of(app).open(f"/api/v1/{path}", method=method, json=body, headers=headers)
        found[scopes] = answer.status_code
    assert found.pop(()) == 403
    assert sorted(status < 300 for status in found.values()) == [False] * (len(SCOPES) - 1) + [True]


def test_a_sign_in_is_enough_for_what_is_ones_own(app: Flask) -> None:
    """A viewer makes nothing but tokens for oneself, and has shown the password at the sign-in."""
    add_user(app, "vera", "viewer")
    browser = browser_of(app, "vera")
    made = browser.post("/api/v1/tokens", json={"note": "own", "role": "viewer"}, headers=OWN)
    assert made.status_code == 201


def test_a_form_brings_the_password(app: Flask) -> None:
    browser, people = browser_of(app), device_of(app).people
    (session,) = device_of(app).sessions.all()
    page = browser.get("/people").text
    assert 'id="add-again-password"' in page
    form = {"csrf": masked(session.csrf), "name": "eve", "new": PASSWORD, "role": "viewer"}
    refused = browser.post("/people", data=form, headers=OWN)
    assert (refused.status_code, "Enter your own password" in refused.text) == (403, True)
    assert browser.post("/people", data={**form, "password": "wrong"}, headers=OWN).status_code == 401
    assert browser.post("/people", data={**form, "password": PASSWORD}, headers=OWN).status_code == 303
    assert people.is_confirmed(session)
    assert 'id="add-again-password"' not in browser.get("/people").text
    assert browser.post("/people", data={**form, "name": "ida"}, headers=OWN).status_code == 303


def test_a_token_of_little_right_ends_nothing(app: Flask) -> None:
    owner = device_of(app).accounts.users()["owner"]
    browser_of(app)
    _, leaked = device_of(app).accounts.add_token(SOMEBODY, owner, "viewer", "leaked")
    client, headers = client_of(app), {"Authorization": f"Bearer {leaked}"}
    session = client.get("/api/v1/sessions", headers=headers).json["sessions"][0]["id"]
    assert client.delete(f"/api/v1/sessions/{session}", headers=headers).status_code == 403
    assert client.delete("/api/v1/tokens/1", headers=headers).status_code == 403
    assert client.post("/api/v1/tokens", json={"note": "x"}, headers=headers).status_code == 403
    assert client.post("/api/v1/session/confirm", json={"password": "x"}, headers=headers).status_code == 403


def test_a_token_makes_none_with_more_scopes(app: Flask) -> None:
    owner = device_of(app).accounts.users()["owner"]
    _, token = device_of(app).accounts.add_token(SOMEBODY, owner, "admin", "x", ("accounts",))
    headers = {"Authorization": f"Bearer {token}"}
    body = {"note": "more", "role": "admin", "scopes": ["accounts", "backup"]}
    assert client_of(app).post("/api/v1/tokens", json=body, headers=headers).status_code == 403
    body["scopes"] = ["accounts"]
    assert client_of(app).post("/api/v1/tokens", json=body, headers=headers).status_code == 201
    body["scopes"] = ["root"]
    assert client_of(app).post("/api/v1/tokens", json=body, headers=headers).status_code == 422


def test_marks() -> None:
    def view() -> str:
        return ""

    assert needed_scope(view) == ""
    assert needed_scope(mark_scope(view, "power")) == "power"
    with pytest.raises(ValueError, match="no scope is named"):
        mark_scope(view, "root")
