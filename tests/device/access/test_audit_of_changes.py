"""Every way in which a program changes something leaves a row in the log: who, from where, what, result."""

from __future__ import annotations

import time
from base64 import b32decode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.access.actor import Actor
from edgeweb.device.access.second_factor import STEP, code_of
from edgeweb.device.config.profile import Profile
from edgeweb.testing import FlaskClient

from ..conftest import BOARD
from ..http.test_gate import routes
from ..packaged import Apt, packaged
from ..people import OWN, PASSWORD, add_owner, add_user, browser_of, client_of, device_of

NEW = "x1y2z3x1y2z3"
NIGHT = {"channel": "lamp", "action": "off", "kind": "daily", "at": "23:00"}

EVERY_DAY = "mon tue wed thu fri sat sun"

#: endpoint: (method, path, body, (action, target, result) of its row). `{session}` is another session's name.
CHANGES: dict[str, tuple[str, str, Any, tuple[str, str, str]]] = {
    "api.set_state": ("PUT", "channels/lamp/state", {"on": True}, ("channel.set", "lamp", "on")),
    "api.set_group": ("PUT", "groups/Hall/state", {"on": True}, ("channel.set", "fan", "on")),
    "api.set_value": ("PUT", "channels/fan/value", {"value": 0.5}, ("channel.value", "fan", "0.5")),
    "api.command": ("POST", "channels/lamp/toggle", None, ("channel.set", "lamp", "toggle")),
    "api.pulse": ("POST", "channels/lamp/pulse", {"ms": 60}, ("channel.pulse", "lamp", "60 ms")),
    "api.sign_in": (
        "POST",
        "session",
        {"name": "owner", "password": PASSWORD},
        ("session.begin", "owner", "signed in"),
    ),
    "api.sign_out": ("DELETE", "session", None, ("session.end", "owner", "signed out")),
    "api.confirm_session": (
        "POST",
        "session/confirm",
        {"password": PASSWORD},
        ("session.confirm", "owner", "password shown again"),
    ),
    "api.end_session": ("DELETE", "sessions/{session}", None, ("session.end", "{session}", "ended")),
    "api.add_user": (
        "POST",
        "users",
        {"name": "new", "password": NEW, "role": "viewer"},
        ("user.add", "new", "viewer"),
    ),
    "api.set_role": ("PUT", "users/vera/role", {"role": "operator"}, ("user.role", "vera", "operator")),
    "api.set_password": (
        "PUT",
        "users/vera/password",
        {"password": PASSWORD, "new": NEW},
        ("user.password", "vera", "changed"),
    ),
    "api.remove_user": ("DELETE", "users/vera", None, ("user.remove", "vera", "removed")),
    "api.add_token": (
        "POST",
        "tokens",
        {"note": "n", "role": "viewer"},
        ("token.add", "owner/2", "viewer"),
    ),
    "api.revoke": ("DELETE", "tokens/1", None, ("token.revoke", "1", "revoked")),
    "api.finish_second_factor": (
        "PUT",
        "users/owner/second-factor",
        {"code": "{code}"},
        ("user.second-factor", "owner", "on"),
    ),
    "api.remove_second_factor": (
        "DELETE",
        "users/vera/second-factor",
        None,
        ("user.second-factor", "vera", "off"),
    ),
    "api.power": (
        "POST",
        "system/reboot",
        {"password": PASSWORD},
        ("system.reboot", "{device}", "asked for"),
    ),
    "api.reset": ("POST", "reset", {"password": PASSWORD}, ("state.reset", "{device}", "asked for")),
    "api.restart": (
        "POST",
        "services/nginx.service/restart",
        None,
        ("service.restart", "nginx.service", "asked for"),
    ),
    "api.update_software": (
        "POST",
        "software/update",
        {"version": "1.1.0"},
        ("software.update", "1.1.0", "asked for"),
    ),
    "api.change_settings": (
        "PATCH",
        "settings",
        {"dashboard.title": "t"},
        ("setting.change", "dashboard.title", '"" -> "t"'),
    ),
    "api.put_schedule": (
        "PUT",
        "schedules/night",
        NIGHT,
        ("schedule.add", "night", f"lamp off, daily 23:00 {EVERY_DAY}"),
    ),
    "api.remove_schedule": (
        "DELETE",
        "schedules/day",
        None,
        ("schedule.remove", "day", f"lamp off, daily 07:00 {EVERY_DAY}"),
    ),
    "api.add_channel": (
        "POST",
        "channels",
        {"id": "new", "driver": "memory", "mode": "output"},
        ("channel.add", "new", '{{driver = "memory", mode = "output"}}'),
    ),
    "api.change_channel": (
        "PATCH",
        "channels/lamp",
        {"title": "Lamp"},
        ("channel.change", "lamp", '{{driver = "memory", mode = "output", title = "Lamp"}}'),
    ),
    "api.remove_channel": ("DELETE", "channels/lamp", None, ("channel.remove", "lamp", "{{}}")),
    "api.try_channel": (
        "POST",
        "channels/new/test",
        {"driver": "memory", "mode": "output", "pulse": 0.05},
        ("channel.pulse", "new", "50 ms"),
    ),
    "api.add_sensor": (
        "POST",
        "sensors",
        {"id": "new", "kind": "file", "path": "/proc/uptime"},
        ("sensor.add", "new", '{{kind = "file", path = "/proc/uptime"}}'),
    ),
    "api.change_sensor": (
        "PATCH",
        "sensors/uptime",
        {"unit": "s"},
        ("sensor.change", "uptime", '{{kind = "file", keep = true, path = "/proc/uptime", unit = "s"}}'),
    ),
    "api.remove_sensor": ("DELETE", "sensors/uptime", None, ("sensor.remove", "uptime", "{{}}")),
    "api.restore": (
        "POST",
        "restore",
        "backup",
        ("state.restore", "{device}", "of {device}, {date}"),
    ),
}
#: Needs a device without an owner: `test_the_first_owner_too`.
WITHOUT_OWNER = {"api.set_up"}
#: What it makes is in force, and in the log, after the next request.
CHANGES_NOTHING = {"api.begin_second_factor"}


@pytest.fixture
def app(make_profile: Callable[..., Profile], tmp_path: Path) -> Iterator[Flask]:
    app = add_owner(create_app(make_profile(BOARD)))
    device_of(app).software = packaged(tmp_path / "debian", Apt())
    device_of(app).run = lambda arguments: b""
    add_user(app, "vera", "viewer")
    made = app.test_client().put("/api/v1/schedules/day", json={**NIGHT, "at": "07:00"})
    assert made.status_code == 201, made.text
    yield app
    device_of(app).close()


def rows(app: Flask) -> list[tuple[str, ...]]:
    device_of(app).audit.flush()
    words = "who, source, action, target, result"
    return device_of(app).store.read(f"SELECT {words} FROM audit ORDER BY id")


def test_every_route_that_changes_something_is_in_the_table(app: Flask) -> None:
    found = {
        endpoint for method, endpoint, path in routes(app) if method != "GET" and path.startswith("/api/")
    }
    assert found == CHANGES.keys() | WITHOUT_OWNER | CHANGES_NOTHING


@pytest.mark.parametrize("endpoint", CHANGES)
def test_a_change_has_its_row(app: Flask, endpoint: str) -> None:
    method, path, body, expected = CHANGES[endpoint]
    browser = browser_of(app)
    by_browser = endpoint in ("api.sign_out", "api.confirm_session")
    client: FlaskClient = browser if by_browser else app.test_client()
    session = app.test_client().get("/api/v1/sessions").json["sessions"][0]["id"]
    if body == "backup":
        body = {"password": PASSWORD, "backup": app.test_client().get("/api/v1/backup").json}
    if endpoint == "api.finish_second_factor":
        body = {"code": begin(app, "owner")}
    if endpoint == "api.remove_second_factor":
        vera = Actor("vera", "viewer", "10.0.0.8")
        device_of(app).second_factors.finish(vera, begin(app, "vera"))
    before = rows(app)
    answer = client.open(
        f"/api/v1/{path.replace('{session}', session)}",
        method=method,
        json=body,
        headers=OWN if by_browser else {**OWN, "If-Match": "*"},
        environ_base={"REMOTE_ADDR": "10.0.0.7"},
        content_type="application/merge-patch+json" if method == "PATCH" else None,
    )
    assert 200 <= answer.status_code < 300, answer.text
    after = rows(app)
    assert after[: len(before)] == before
    row, *rest = after[len(before) :]
    # the pulse of a channel that is tried is over by then
    assert [one[2] for one in rest] == (["channel.pulse"] if endpoint == "api.try_channel" else [])
    made = body["backup"]["created_at"] if endpoint == "api.restore" else ""
    words = [word.format(session=session, device=device_of(app).name, date=made) for word in expected]
    assert row == ("owner", "10.0.0.7", *words)


def begin(app: Flask, name: str) -> str:
    """Begins a user's second factor; returns the code that puts it in force."""
    secret = b32decode(device_of(app).second_factors.begin(name))
    return code_of(secret, int(time.time() // STEP))


def test_the_first_owner_too(make_profile: Callable[..., Profile]) -> None:
    app = create_app(make_profile(BOARD))
    device_of(app).open()
    body = {"code": device_of(app).setup.code, "name": "ada", "password": NEW}
    answer = client_of(app).post("/api/v1/setup", json=body, environ_base={"REMOTE_ADDR": "10.0.0.7"})
    assert answer.status_code == 201
    assert [row[1:4] for row in rows(app)] == [
        ("10.0.0.7", "user.add", "ada"),
        ("10.0.0.7", "token.add", "ada/1"),
    ]
    device_of(app).close()
