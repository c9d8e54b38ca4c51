"""What is installed and offered, by whom an update is asked for, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import edgeweb
from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.config.profile import Profile
from edgeweb.device.system.software import STATUS

from ..packaged import Apt, packaged, place
from ..people import add_owner, add_user, client_of, device_of
from .test_services import System

START = ["systemctl", "--no-block", "--no-ask-password", "start", "--", "edgeweb-update.service"]


@pytest.fixture
def called() -> System:
    return System()


@pytest.fixture
def apt() -> Apt:
    return Apt()


@pytest.fixture
def app(make_profile: Callable[..., Profile], called: System, apt: Apt, tmp_path: Path) -> Flask:
    app = add_owner(create_app(make_profile("")))
    device_of(app).run = called
    device_of(app).software = packaged(tmp_path / "debian", apt)
    return app


def test_what_is_offered(app: Flask, tmp_path: Path) -> None:
    place(tmp_path / "debian", "usr/share/doc/edgeweb/NEWS.md", "- It is new.\n- It is better.\n")
    place(tmp_path / "debian", STATUS, "step=done\nresult=updated\nfrom=0.9.0\nto=1.0.0\n")
    viewer = client_of(app, add_user(app, "vera", "viewer"))
    assert viewer.get("/api/v1/software").json == {
        "version": edgeweb.__version__,
        "package": "1.0.0",
        "available": {"version": "1.1.0", "security": False},
        "reason": "",
        "fetched_at": "1970-01-01T00:16:40.000Z",
        "changelog": "- It is new.\n- It is better.",
        "update": {"step": "done", "result": "updated", "reason": "", "from": "0.9.0", "to": "1.0.0"},
    }
    assert viewer.post("/api/v1/software/update", json={"version": "1.1.0"}).status_code == 403


def test_a_checkout_says_that_nothing_is_offered(make_profile: Callable[..., Profile]) -> None:
    app = add_owner(create_app(make_profile("")))
    answer = app.test_client().get("/api/v1/software").json
    assert (answer["package"], answer["available"], answer["reason"]) == (None, None, "no-package")
    refused = app.test_client().post("/api/v1/software/update", json={"version": "1.1.0"})
    assert (refused.status_code, refused.json["key"]) == (409, "conflict")
    assert "Debian package" in refused.json["detail"]


def test_the_unit_is_started_once_it_is_in_the_log(app: Flask, called: System) -> None:
    answer = app.test_client().post("/api/v1/software/update", json={"version": "1.1.0"})
    assert (answer.status_code, answer.json) == (202, {"accepted": "update", "version": "1.1.0"})
    assert called.calls == [START]
    rows = device_of(app).store.read("SELECT who, action, target FROM audit ORDER BY id DESC LIMIT 1")
    assert rows == [("owner", "software.update", "1.1.0")], "on the disk before the server ends"


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("1.0.0", "newer versions only"),
        ("0.9.0", "newer versions only"),
        ("3.0.0", "does not offer"),
        ("--reinstall", "does not offer"),
    ],
)
def test_another_version_is_refused(app: Flask, called: System, apt: Apt, version: str, reason: str) -> None:
    apt.answer += b"     0.9.0 500\n        500 file:/srv/r stable/main amd64 Packages\n"
    refused = app.test_client().post("/api/v1/software/update", json={"version": version})
    assert (refused.status_code, refused.json["key"]) == (409, "conflict")
    assert reason in refused.json["detail"]
    assert called.calls == []


def test_nothing_newer_is_refused(app: Flask, called: System, apt: Apt) -> None:
    apt.answer = apt.answer.replace(b"Candidate: 1.1.0", b"Candidate: 1.0.0")
    assert app.test_client().get("/api/v1/software").json["available"] is None
    assert app.test_client().post("/api/v1/software/update", json={"version": "1.1.0"}).status_code == 409
    assert called.calls == []


def test_a_system_that_refuses(app: Flask, called: System) -> None:
    called.error = "systemctl: Interactive authentication required."
    answer = app.test_client().post("/api/v1/software/update", json={"version": "1.1.0"})
    assert (answer.status_code, answer.json["key"]) == (503, "system-refused")
    rows = app.test_client().get("/api/v1/audit").json["audit"]
    assert [row["result"] for row in rows[:2]] == [f"failed: {called.error}", "asked for"]
