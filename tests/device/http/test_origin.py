"""Which requests may change state, by what the browser says of where they come from."""

from __future__ import annotations

import re
from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.device.http.origin import HEADERS

from ..people import browser_of, client_of, device_of
from .test_gate import routes

OWN = "http://localhost"

#: (headers, whether a program's JSON passes, a browser's JSON, a browser's form with the session's word)
ROWS: list[tuple[dict[str, str], bool, bool, bool]] = [
    ({}, True, False, True),
    ({"Sec-Fetch-Site": "same-origin"}, True, True, True),
    ({"Sec-Fetch-Site": "none"}, True, True, True),
    ({"Sec-Fetch-Site": "same-site"}, False, False, False),
    ({"Sec-Fetch-Site": "cross-site"}, False, False, False),
    ({"Sec-Fetch-Site": "cross-site", "Origin": OWN}, False, False, False),
    ({"Sec-Fetch-Site": ""}, False, False, False),
    ({"Origin": OWN}, True, True, True),
    ({"Origin": "HTTP://LOCALHOST"}, True, True, True),
    ({"Origin": "https://localhost"}, True, True, True),
    ({"Origin": "http://localhost:81"}, False, False, False),
    ({"Origin": "http://evil.example"}, False, False, False),
    ({"Origin": "http://localhost.evil.example"}, False, False, False),
    ({"Origin": "null"}, False, False, False),
    ({"Origin": ""}, False, False, False),
]


def state(app: Flask) -> bool:
    value = app.test_client().get("/api/v1/channels/lamp").json["state"]
    assert isinstance(value, bool)
    return value


def word_of(client: Any) -> str:
    match = re.search(r'name="csrf" value="([^"]+)"', client.get("/").text)
    assert match
    return match[1]


def check(app: Flask, answer: Any, status: int, passes: bool) -> None:
    assert answer.status_code == (status if passes else 403)
    assert state(app) is passes
    if not passes:
        assert "site" in answer.text


@pytest.mark.slow
@pytest.mark.parametrize(("headers", "passes", "_", "__"), ROWS)
def test_json_of_a_program(app: Flask, headers: dict[str, str], passes: bool, _: bool, __: bool) -> None:
    answer = app.test_client().put("/api/v1/channels/lamp/state", json={"on": True}, headers=headers)
    check(app, answer, 200, passes)


@pytest.mark.slow
@pytest.mark.parametrize(("headers", "_", "passes", "__"), ROWS)
def test_json_with_a_cookie(app: Flask, headers: dict[str, str], _: bool, passes: bool, __: bool) -> None:
    answer = browser_of(app).put("/api/v1/channels/lamp/state", json={"on": True}, headers=headers)
    check(app, answer, 200, passes)


@pytest.mark.slow
@pytest.mark.parametrize(("headers", "_", "__", "passes"), ROWS)
def test_form_with_a_cookie(app: Flask, headers: dict[str, str], _: bool, __: bool, passes: bool) -> None:
    client = browser_of(app)
    data = {"on": "true", "csrf": word_of(client)}
    check(app, client.post("/channels/lamp", data=data, headers=headers), 303, passes)


@pytest.mark.parametrize("word", ["", "x", "\u00e9"])
def test_a_form_without_the_sessions_word(app: Flask, word: str) -> None:
    data = {"on": "true", "csrf": word}
    answer = browser_of(app).post("/channels/lamp", data=data, headers={"Origin": OWN})
    assert answer.status_code == 403
    assert "load the page again" in answer.text
    assert state(app) is False


def test_the_word_is_that_of_one_session(app: Flask) -> None:
    one, other = browser_of(app), browser_of(app)
    data = {"on": "true", "csrf": word_of(one)}
    assert other.post("/channels/lamp", data=data, headers={"Origin": OWN}).status_code == 403


@pytest.mark.parametrize(
    "kind", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"]
)
def test_what_a_form_can_send_is_no_json(app: Flask, kind: str) -> None:
    """A foreign form of an old browser, which sends the cookie and says nothing of itself."""
    answer = browser_of(app).put("/api/v1/channels/lamp/state", data='{"on": true}', content_type=kind)
    assert answer.status_code == 403
    assert state(app) is False


@pytest.mark.parametrize("path", ["/sign-in", "/set-up"])
@pytest.mark.parametrize("headers", [{}, {"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_other_sites_do_not_sign_in(app: Flask, path: str, headers: dict[str, str]) -> None:
    answer = app.test_client().post(path, data={"name": "owner"}, headers=headers)
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_reading_tells_other_sites_nothing(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/status", headers={"Origin": "http://evil.example"})
    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer.headers, "the other site does not get to see it"


def test_a_preflight_of_another_site_gets_nothing(app: Flask) -> None:
    answer = app.test_client().options(
        "/api/v1/channels/lamp/state",
        headers={"Origin": "http://evil.example", "Access-Control-Request-Method": "PUT"},
    )
    assert not [name for name, _ in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/sign-in"),
        ("POST", "/sign-in"),
        ("GET", "/livez"),
        ("GET", "/api/v1/status"),
        ("GET", "/static/dashboard.js"),
        ("GET", "/no"),
        ("POST", "/"),
    ],
)
def test_security_headers_on_every_answer(app: Flask, method: str, path: str) -> None:
    with app.test_client().open(path, method=method) as answer:
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_security_headers_on_every_route(app: Flask) -> None:
    """For who is signed in, and for who is not."""
    for client in (app.test_client(), client_of(app)):
        for method, _, path in routes(app):
            with client.open(path, method=method, json=None if method == "GET" else {}) as answer:
                found = {name: answer.headers.get(name) for name in HEADERS}
                # a backup has secrets, whose length shows when it is compressed: `http/compress.py`
                found["Cache-Control"] = (found["Cache-Control"] or "").removesuffix(", no-transform")
                assert found == HEADERS, (method, path)


def test_reading_changes_nothing(app: Flask) -> None:
    """A picture on a foreign page can have a browser ask for any address; nothing comes of it."""
    programs: list[list[str]] = []

    def run(arguments: list[str]) -> bytes:
        programs.append(arguments)
        return b""

    device = device_of(app)
    device.run = run  # type: ignore[assignment]
    owner, browser = app.test_client(), browser_of(app)
    before = everything(app)
    found = routes(app)
    readable = {path for method, _, path in found if method == "GET"}
    for path in readable:
        for client in (owner, browser):
            with client.get(path, query_string={"on": "true", "state": "true", "value": "1"}):
                pass
    for path in {path for _, _, path in found} - readable:
        assert owner.get(path).status_code == 405, "what changes something is not for GET"
    assert everything(app) == before
    assert not [arguments for arguments in programs if {"restart", "reboot", "poweroff"} & {*arguments}]


def everything(app: Flask) -> list[object]:
    """What a change would change: every table of the state, and every channel."""
    device = device_of(app)
    device.audit.flush()
    tables = (
        "settings",
        "users",
        "tokens",
        "schedules",
        "audit WHERE action NOT IN ('state.backup', 'request')",
    )
    rows = [device.store.read(f"SELECT * FROM {table}") for table in tables]
    # the day of a token's last use is noted by any use
    rows[2] = [row[:7] + row[8:] for row in rows[2]]
    return [*rows, app.test_client().get("/api/v1/channels").json]


def test_a_view_may_set_its_own(app: Flask) -> None:
    @app.get("/own")
    def own() -> tuple[str, dict[str, str]]:
        return "own", {"Referrer-Policy": "no-referrer"}

    assert app.test_client().get("/own").headers.getlist("Referrer-Policy") == ["no-referrer"]
