"""The first start, the way in, and the end of sessions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.device import create_app, start
from edgeweb.device.access.rate_limit import FREE_ATTEMPTS, RateLimit
from edgeweb.device.config.profile import Profile

from ..conftest import CHANNELS
from ..people import OWN, PASSWORD, browser_of, client_of, device_of

NEW = {"name": "ada", "password": PASSWORD}


@pytest.fixture
def fresh(make_profile: Callable[..., Profile]) -> Flask:
    """A device without an owner."""
    return create_app(make_profile(CHANNELS))


def test_nothing_works_before_there_is_an_owner(fresh: Flask) -> None:
    client = fresh.test_client()
    for method, path in (("GET", "/api/v1/status"), ("PUT", "/api/v1/channels/lamp/state")):
        answer = client.open(path, method=method, json={"on": True})
        assert (answer.status_code, answer.json["key"]) == (401, "no-owner")
    page = client.get("/", headers={"Accept": "text/html"})
    assert page.status_code == 401
    assert "Make this device yours" in page.text
    assert device_of(fresh).setup.code not in page.text


def test_no_password_works_by_default(fresh: Flask) -> None:
    for name in ("admin", "root", "pi", "edgeweb", ""):
        for password in ("admin", "password", "raspberry", "edgeweb", "password1"):
            device_of(fresh).rate_limit = device_of(fresh).people._rate_limit = RateLimit()
            answer = fresh.test_client().post("/api/v1/session", json={"name": name, "password": password})
            assert answer.status_code == 401


def test_the_code_stands_in_the_log_of_the_first_start(
    fresh: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    start(fresh)
    code = device_of(fresh).setup.code
    assert code in capsys.readouterr().err
    answer = fresh.test_client().post("/api/v1/setup", json={"code": code.lower(), **NEW})
    assert answer.status_code == 201
    assert answer.json["user"] == {"name": "ada", "role": "admin"}
    token = {"Authorization": f"Bearer {answer.json['token']}"}
    assert fresh.test_client().get("/api/v1/users", headers=token).status_code == 200
    device_of(fresh).close()
    start(fresh)
    assert "code" not in capsys.readouterr().err, "once"
    again = fresh.test_client().post(
        "/api/v1/setup", json={"code": code, "name": "eve", "password": PASSWORD}
    )
    assert (again.status_code, again.json["key"]) == (409, "conflict")
    device_of(fresh).close()


def test_guessing_the_code_is_limited(fresh: Flask) -> None:
    client = fresh.test_client()
    code = device_of(fresh).setup.code
    for guess in ("", "0000-0000-0000", code[:-1], code + "0", "\u00e9")[:FREE_ATTEMPTS]:
        assert client.post("/api/v1/setup", json={"code": guess, **NEW}).status_code == 401
    assert client.post("/api/v1/setup", json={"code": code, **NEW}).status_code == 429


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"password": "short"}, "/password"),
        ({"password": "aaaaaaaaaaaa"}, "/password"),
        ({"password": "x" * 257}, "/password"),
        ({"name": "a b"}, "/name"),
        ({"name": ""}, "/name"),
    ],
)
def test_what_does_not_fit(fresh: Flask, change: dict[str, str], pointer: str) -> None:
    body = {"code": device_of(fresh).setup.code, **NEW, **change}
    answer = fresh.test_client().post("/api/v1/setup", json=body)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == pointer
    page = fresh.test_client().post("/set-up", data=body, headers=OWN)
    assert page.status_code == 422
    assert 'role="alert"' in page.text and "Make this device yours" in page.text
    assert device_of(fresh).setup.is_open


def test_setting_up_by_the_page(fresh: Flask) -> None:
    client = fresh.test_client()
    answer = client.post("/set-up", data={"code": device_of(fresh).setup.code, **NEW}, headers=OWN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    page = client.get("/")
    assert page.status_code == 200
    assert "Sign out" in page.text and "ada" in page.text


def test_the_cookie(app: Flask) -> None:
    answer = client_of(app).post("/sign-in", data={"name": "owner", "password": PASSWORD}, headers=OWN)
    name, _, rest = answer.headers["Set-Cookie"].partition("=")
    assert name == device_of(app).cookie_name != "session"
    parts = set(rest.split("; ")[1:])
    assert {"HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=604800"} <= parts
    assert "Secure" not in parts
    assert answer.headers["Cache-Control"] == "no-store"
    body = {"name": "owner", "password": PASSWORD}
    secure = client_of(app).post("/api/v1/session", json=body, base_url="https://localhost")
    assert "Secure" in secure.headers["Set-Cookie"]


def test_two_devices_on_one_host_do_not_share_a_cookie(
    app: Flask, make_profile: Callable[..., Profile], tmp_path: Path
) -> None:
    other = create_app(make_profile(f'[storage]\nstate = "{tmp_path}/other"'))
    assert device_of(app).cookie_name != device_of(other).cookie_name
    before = device_of(app).cookie_name
    device_of(app)._cookie_name = ""
    assert device_of(app).cookie_name == before, "and each keeps its own"


def test_sign_out(app: Flask) -> None:
    client = browser_of(app)
    assert client.delete("/api/v1/session", headers=OWN).status_code == 204
    page = client.get("/")
    assert page.status_code == 401
    assert "Sign in" in page.text


def test_another_password_ends_every_session(app: Flask) -> None:
    """OctoPrint, CVE-2022-2888."""
    here, there = browser_of(app), browser_of(app)
    wrong = here.put(
        "/api/v1/users/owner/password", json={"password": "wrong", "new": "x1y2z3x1y2z3"}, headers=OWN
    )
    assert (wrong.status_code, wrong.json["key"]) == (401, "wrong-password")
    body = {"password": PASSWORD, "new": "x1y2z3x1y2z3"}
    assert here.put("/api/v1/users/owner/password", json=body, headers=OWN).status_code == 204
    assert [client.get("/").status_code for client in (here, there)] == [401, 401]
    old = client_of(app).post("/api/v1/session", json={"name": "owner", "password": PASSWORD})
    assert old.status_code == 401
    new = client_of(app).post("/api/v1/session", json={"name": "owner", "password": "x1y2z3x1y2z3"})
    assert new.status_code == 200


def test_a_password_that_another_process_has_changed_ends_them_too(app: Flask) -> None:
    client = browser_of(app)
    device = device_of(app)
    from edgeweb.device.device import Device
    from tests.device.people import SOMEBODY

    Device(device.profile).accounts.set_password(SOMEBODY, "owner", "x1y2z3x1y2z3")
    assert client.get("/").status_code == 401


def test_sessions_are_listed_and_ended(app: Flask) -> None:
    here, there = browser_of(app), browser_of(app)
    rows = here.get("/api/v1/sessions").json["sessions"]
    assert [row["current"] for row in rows] == [False, True]
    assert rows[0].keys() == {"id", "user", "source", "agent", "opened_at", "seen_at", "current"}
    assert here.delete(f"/api/v1/sessions/{rows[0]['id']}", headers=OWN).status_code == 204
    assert [client.get("/").status_code for client in (here, there)] == [200, 401]
    assert here.delete("/api/v1/sessions/none", headers=OWN).status_code == 404


def test_who_am_i(app: Flask) -> None:
    assert browser_of(app).get("/api/v1/session").json == {
        "user": {"name": "owner", "role": "admin"},
        "token_id": None,
    }
    assert app.test_client().get("/api/v1/session").json["token_id"] == 1


def test_the_last_admin_stays(app: Flask) -> None:
    owner = app.test_client()
    for answer in (
        owner.delete("/api/v1/users/owner"),
        owner.put("/api/v1/users/owner/role", json={"role": "viewer"}),
    ):
        assert (answer.status_code, answer.json["key"]) == (409, "conflict")
    assert owner.get("/api/v1/users").json["users"] == [{"name": "owner", "role": "admin"}]


def test_a_viewer_sees_no_switches(app: Flask) -> None:
    device_of(app).accounts.add(_somebody(), "vera", PASSWORD, "viewer")
    page = browser_of(app, "vera").get("/").text
    assert 'role="switch"' not in page
    assert "Sign out" in page and "vera" in page


def _somebody() -> Any:
    from ..people import SOMEBODY

    return SOMEBODY
