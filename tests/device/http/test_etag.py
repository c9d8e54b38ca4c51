"""Whoever asks again says what they have, and gets 304 without a body while nothing has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.config.profile import Profile
from edgeweb.device.ui import assets

from ...server.process import wait_until
from ..api.test_services import System
from ..people import OWN, PASSWORD, SOMEBODY, add_owner, add_user, browser_of, device_of
from .test_gate import routes

#: Reviewed: what is not polled, or says no more than a 304 would.
WITHOUT_TAG = {
    "api.events": "a stream: its events have ids",
    "health.livez": "three bytes",
    "health.readyz": "some bytes, and its status is what monitors look at",
    "api.backup": "a file",
}
#: Of the pages, what is asked for again and again. The others are loaded by people.
POLLED_PAGES = {"dashboard.static", "dashboard.live"}

BOARD = """
[fleet]
boards = ["greenhouse.local:80"]
[system]
services = ["nginx.service"]
[vendor]
contact = "mailto:psirt@example.com"
expires = "2027-06-30"
privacy = "Nothing is kept."
[channels.lamp]
driver = "memory"
mode = "output"
[sensors.fixed]
kind = "file"
path = "/proc/sys/kernel/pid_max"
"""


@pytest.fixture
def app(make_profile: Callable[..., Profile]) -> Flask:
    app = add_owner(create_app(make_profile(BOARD)))
    system = System()
    system.answer = b"Id=nginx.service\nActiveState=active\n"
    system.journal = b""
    device_of(app).run = system
    device_of(app).sensor("lamp").set(1)
    schedule = {"channel": "lamp", "action": "on", "kind": "interval", "every": 3600}
    made = app.test_client().put("/api/v1/schedules/lamp", json=schedule)
    assert made.status_code < 300, made.text
    sensors = device_of(app).sensors
    assert sensors is not None
    wait_until(lambda: sensors["fixed"].online)
    return app


def addresses(app: Flask) -> list[tuple[str, str]]:
    found = [(endpoint, path) for method, endpoint, path in routes(app) if method == "GET"]
    known = {
        "api.problem_kind": "/api/v1/problems/conflict",
        "api.sensor_definition": "/api/v1/sensors/fixed/definition",
        "dashboard.static": f"/static/{assets.addresses()['dashboard.js']}",
    }
    return [
        (endpoint, known.get(endpoint, path))
        for endpoint, path in found
        if endpoint in POLLED_PAGES or not endpoint.startswith("dashboard.")
    ]


def test_every_get_has_a_tag_but_the_reviewed_ones(app: Flask) -> None:
    client, without = app.test_client(), set()
    for endpoint, path in addresses(app):
        with client.get(path) as first:
            assert first.status_code == 200, path
            tag = first.headers.get("ETag")
        if tag is None:
            without.add(endpoint)
            continue
        with client.get(path, headers={"If-None-Match": tag}) as again:
            assert (again.status_code, again.data) == (304, b""), path
            assert again.headers["ETag"] == tag
        with client.get(path, headers={"If-None-Match": '"other"'}) as other:
            assert other.status_code == 200, path
    assert without == WITHOUT_TAG.keys()
    assert len(addresses(app)) > 15


def test_nothing_but_static_files_is_kept_by_caches(app: Flask) -> None:
    """Flask CVE-2023-30861: what one user gets must not be given to the next by a cache on the way."""
    client = app.test_client()
    for endpoint, path in [(endpoint, path) for method, endpoint, path in routes(app) if method == "GET"]:
        if endpoint == "dashboard.static":
            continue  # `ui/test_assets.py`
        with client.get(path) as answer:
            assert "no-store" in answer.headers["Cache-Control"], path
    for path in ("/api/v1/nothing", "/nothing", "/api/v1/channels/none"):
        assert client.get(path).headers["Cache-Control"] == "no-store"


#: path: a change that has to be seen there. (method, path, JSON)
CHANGES: dict[str, tuple[str, str, Any]] = {
    "/api/v1/status": ("PUT", "/api/v1/channels/lamp/state", {"on": True}),
    "/api/v1/channels/lamp": ("PUT", "/api/v1/channels/lamp/state", {"on": True}),
    "/metrics": ("PUT", "/api/v1/channels/lamp/state", {"on": True}),
    "/api/v1/users": ("PUT", "/api/v1/users/vera/role", {"role": "operator"}),
    "/api/v1/tokens": ("POST", "/api/v1/tokens", {"note": "new"}),
    "/api/v1/audit": ("PUT", "/api/v1/channels/lamp/state", {"on": True}),
    "/api/v1/settings": ("PATCH", "/api/v1/settings", {"dashboard.title": "Greenhouse"}),
    "/api/v1/sessions": ("POST", "/api/v1/session", {"name": "vera", "password": PASSWORD}),
}


@pytest.mark.parametrize("path", CHANGES)
def test_a_change_is_seen_by_the_next_who_asks(app: Flask, path: str) -> None:
    add_user(app, "vera", "viewer")
    client = app.test_client()
    known = {"If-None-Match": client.get(path).headers["ETag"]}
    assert client.get(path, headers=known).status_code == 304
    method, where, body = CHANGES[path]
    assert client.open(where, method=method, json=body, headers={"If-Match": "*", **OWN}).status_code < 300
    changed = client.get(path, headers=known)
    assert changed.status_code == 200
    assert changed.headers["ETag"] != known["If-None-Match"]


def test_another_title_is_another_status(app: Flask) -> None:
    client = app.test_client()
    known = {"If-None-Match": client.get("/api/v1/status").headers["ETag"]}
    client.patch("/api/v1/settings", json={"dashboard.title": "Greenhouse"}, headers={"If-Match": "*"})
    answer = client.get("/api/v1/status", headers=known)
    assert (answer.status_code, answer.json["device"]["title"]) == (200, "Greenhouse")


def test_what_systemd_says_anew_is_seen(app: Flask) -> None:
    client = app.test_client()
    known = {"If-None-Match": client.get("/api/v1/services").headers["ETag"]}
    device_of(app).run.answer = b"Id=nginx.service\nActiveState=failed\n"  # type: ignore[attr-defined]
    assert client.get("/api/v1/services", headers=known).json["services"][0]["active"] == "failed"


def test_two_who_may_see_different_things_have_different_tags(app: Flask) -> None:
    add_user(app, "vera", "viewer")
    device_of(app).accounts.add_token(SOMEBODY, device_of(app).accounts.users()["vera"], "viewer", "hers")
    known = {"If-None-Match": app.test_client().get("/api/v1/tokens").headers["ETag"]}
    hers = browser_of(app, "vera").get("/api/v1/tokens", headers=known)
    assert (hers.status_code, len(hers.json["tokens"])) == (200, 1)
