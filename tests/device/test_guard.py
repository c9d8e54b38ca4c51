"""Which requests may change state, by what the browser says of where they come from."""

from __future__ import annotations

from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.device.guard import HEADERS

OWN = "http://localhost"

#: (headers, may a program's JSON pass, may a form pass)
ROWS: list[tuple[dict[str, str], bool, bool]] = [
    ({}, True, False),
    ({"Sec-Fetch-Site": "same-origin"}, True, True),
    ({"Sec-Fetch-Site": "none"}, True, True),
    ({"Sec-Fetch-Site": "same-site"}, False, False),
    ({"Sec-Fetch-Site": "cross-site"}, False, False),
    ({"Sec-Fetch-Site": "cross-site", "Origin": OWN}, False, False),
    ({"Sec-Fetch-Site": ""}, False, False),
    ({"Origin": OWN}, True, True),
    ({"Origin": "HTTP://LOCALHOST"}, True, True),
    ({"Origin": "https://localhost"}, True, True),
    ({"Origin": "http://localhost:81"}, False, False),
    ({"Origin": "http://evil.example"}, False, False),
    ({"Origin": "http://localhost.evil.example"}, False, False),
    ({"Origin": "null"}, False, False),
    ({"Origin": ""}, False, False),
]


def state(client: Any) -> bool:
    value = client.get("/api/v1/channels/lamp").json["state"]
    assert isinstance(value, bool)
    return value


@pytest.mark.parametrize(("headers", "passes", "_"), ROWS)
def test_json(app: Flask, headers: dict[str, str], passes: bool, _: bool) -> None:
    client = app.test_client()
    answer = client.put("/api/v1/channels/lamp/state", json={"on": True}, headers=headers)
    assert answer.status_code == (200 if passes else 403)
    assert state(client) is passes
    if not passes:
        assert answer.json["key"] == "cross-site"


@pytest.mark.parametrize(("headers", "_", "passes"), ROWS)
def test_form(app: Flask, headers: dict[str, str], _: bool, passes: bool) -> None:
    client = app.test_client()
    answer = client.post("/channels/lamp", data={"on": "true"}, headers={**headers, "Accept": "text/html"})
    assert answer.status_code == (303 if passes else 403)
    assert state(client) is passes


def test_reading_is_free(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/status", headers={"Origin": "http://evil.example"})
    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer.headers, "but the other site does not get to see it"


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


def test_a_view_may_set_its_own(app: Flask) -> None:
    @app.get("/own")
    def own() -> tuple[str, dict[str, str]]:
        return "own", {"Referrer-Policy": "no-referrer"}

    assert app.test_client().get("/own").headers.getlist("Referrer-Policy") == ["no-referrer"]
