"""What every answer of the device has: no-store, isolation, the cookie and HSTS behind TLS."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.config.profile import Profile
from edgeweb.testing import FlaskClient
from tests.device.people import OWN, PASSWORD, browser_of, client_of, device_of

#: Changes, and what is refused.
REQUESTS = [
    ("PUT", "/api/v1/channels/lamp/state", {"on": True}),
    ("POST", "/api/v1/channels/lamp/toggle", None),
    ("PUT", "/api/v1/channels/lamp/state", {"on": 1}),
    ("POST", "/api/v1/tokens", {"note": "new", "role": "viewer"}),
    ("POST", "/api/v1/restore", {}),
    ("PUT", "/api/v1/schedules/one", {"channel": "lamp", "action": "on", "kind": "daily", "at": "07:00"}),
    ("DELETE", "/api/v1/schedules/one", None),
    ("DELETE", "/api/v1/nothing", None),
    ("GET", "/api/v1/status", None),
    ("GET", "/", None),
    ("GET", "/api/v1/backup", None),
]


@pytest.mark.parametrize(("method", "path", "body"), REQUESTS)
def test_no_cache_keeps_an_answer(app: Flask, method: str, path: str, body: object) -> None:
    with app.test_client().open(path, method=method, json=body) as answer:
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=()" in answer.headers["Permissions-Policy"]
        assert "Strict-Transport-Security" not in answer.headers


@pytest.mark.parametrize(
    ("base", "policy"), [("http://board.local", None), ("https://board.local", "same-origin")]
)
@pytest.mark.parametrize("path", ["/", "/sign-in", "/api/v1/status", "/livez"])
def test_an_opener_is_kept_away_where_browsers_know_how(
    app: Flask, path: str, base: str, policy: str | None
) -> None:
    """Without TLS they only complain, and a page leaves no line in the console of its browser."""
    with app.test_client().get(path, base_url=base) as answer:
        assert answer.headers.get("Cross-Origin-Opener-Policy") == policy


def test_what_is_for_all_may_be_kept(app: Flask) -> None:
    page = app.test_client().get("/").text
    address = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    with app.test_client().get(address) as answer:
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", ["/api/v1/status", "/", "/sign-in"])
def test_two_cookies_of_our_name_are_refused(app: Flask, path: str) -> None:
    name = device_of(app).cookie_name
    stranger = FlaskClient(app, app.response_class, use_cookies=False)
    fields = {"Cookie": f"{name}=a; {name}=b"}
    assert stranger.get(path, headers=fields).status_code == 400


def sign_in(client: FlaskClient, base: str) -> str:
    answer = client.post(
        "/api/v1/session",
        json={"name": "owner", "password": PASSWORD},
        headers={"Origin": base.removesuffix("/below")},
        base_url=base,
    )
    assert answer.status_code == 200, answer.text
    return str(answer.headers["Set-Cookie"])


def test_with_tls_the_cookie_is_of_this_host_only(app: Flask) -> None:
    client = client_of(app)
    name = device_of(app).cookie_name
    cookie = sign_in(client, "https://board.example")
    assert cookie.startswith(f"__Host-{name}=")
    assert "; Secure" in cookie and "; Path=/;" in f"{cookie};" and "Domain" not in cookie
    assert client.get("/api/v1/session", base_url="https://board.example").status_code == 200
    # The plain name is one that a page without TLS can set.
    key = cookie.partition("=")[2].partition(";")[0]
    other = FlaskClient(app, app.response_class, use_cookies=False)
    fields = {"Cookie": f"{name}={key}"}
    assert other.get("/api/v1/session", base_url="https://board.example", headers=fields).status_code == 401
    fields = {"Cookie": f"__Host-{name}={key}"}
    assert other.get("/api/v1/session", base_url="https://board.example", headers=fields).status_code == 200


def test_no_cookie_has_a_date(app: Flask) -> None:
    # The device's clock may be wrong, and browsers compare the date with their own.
    client, own = client_of(app), {"Origin": "http://localhost"}
    person = {"name": "owner", "password": PASSWORD}
    cookies = []
    for answer in (
        client.post("/api/v1/session", json=person, headers=own),
        client.post("/language", data={"language": "fr", "back": "/"}, headers=own),
    ):
        cookies += answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 3
    for cookie in cookies:
        assert "; Max-Age=" in cookie and "; HttpOnly" in cookie and "; SameSite=Strict" in cookie
        assert "Expires" not in cookie


def test_below_a_path_it_has_the_plain_name(app: Flask) -> None:
    cookie = sign_in(client_of(app), "https://board.example/below")
    assert cookie.startswith(device_of(app).cookie_name)
    assert "; Path=/below/" in cookie


def test_signing_out_with_tls_removes_the_cookie(app: Flask) -> None:
    client = client_of(app)
    base = "https://board.example"
    sign_in(client, base)
    answer = client.delete("/api/v1/session", base_url=base, headers={"Origin": base})
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-") and "; Secure" in cookie and "Max-Age=0" in cookie


@pytest.mark.parametrize(
    ("base", "is_sent"),
    [
        ("https://board.example", True),
        ("https://board.example:8443", True),
        ("http://board.example", False),
        ("https://board.local", False),
        ("https://192.0.2.7", False),
        ("https://[2001:db8::7]:8443", False),
        ("https://localhost", False),
        ("https://board", False),
    ],
)
def test_browsers_are_held_to_tls_where_the_name_has_it_for_good(
    app: Flask, base: str, is_sent: bool
) -> None:
    answer = app.test_client().get("/livez", base_url=base)
    assert ("Strict-Transport-Security" in answer.headers) == is_sent


WARNING = "This connection has no TLS"


@pytest.mark.parametrize("path", ["/sign-in", "/"])
def test_the_way_in_warns_where_others_can_listen(
    app: Flask, make_profile: Callable[..., Profile], path: str
) -> None:
    here = {"REMOTE_ADDR": "127.0.0.1"}
    there = {"REMOTE_ADDR": "192.0.2.9"}
    stranger = client_of(app)
    assert WARNING not in stranger.get(path, environ_base=here, headers={"Accept": "text/html"}).text
    assert WARNING in stranger.get(path, environ_base=there, headers={"Accept": "text/html"}).text
    page = stranger.get(
        path, environ_base=there, base_url="https://b.example", headers={"Accept": "text/html"}
    )
    assert WARNING not in page.text
    open_to_all = create_app(make_profile("", {"server.host": "0.0.0.0"}))
    page = client_of(open_to_all).get(path, environ_base=here, headers={"Accept": "text/html"})
    assert WARNING in page.text


def test_readiness_names_nothing(app: Flask) -> None:
    device = device_of(app)
    browser_of(app)
    found = client_of(app).get("/readyz")
    assert found.json == {"ready": True, "checks": {"storage": "ok", "channels": "ok"}}
    lamp = device.channels["lamp"]
    lamp.current = lamp.current._replace(online=False)
    found = client_of(app).get("/readyz", headers=OWN)
    assert (found.status_code, found.json["checks"]["channels"]) == (503, "offline")
    assert "lamp" not in found.text
