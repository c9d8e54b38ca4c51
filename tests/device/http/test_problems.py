"""Every refusal of the JSON interface: its code, its kind, and what it points at."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.exceptions import TooManyRequests

from edgeweb import Flask
from edgeweb.device.errors import MAX_ERRORS
from edgeweb.device.http.problems import CONTENT_TYPE, KEY_OF_STATUS, PROBLEMS, Problem

STATE = "/api/v1/channels/lamp/state"
JSON = "application/json"


def put(app: Flask, body: bytes, content_type: str = JSON, path: str = STATE, **headers: str) -> Any:
    return app.test_client().put(path, data=body, content_type=content_type, headers=headers)


def check(answer: Any, status: int, key: str) -> Any:
    """The document, after what all problems have in common."""
    assert answer.status_code == status
    assert answer.content_type == CONTENT_TYPE
    assert answer.headers["Cache-Control"] == "no-store"
    document = answer.json
    assert document["status"] == status
    assert document["key"] == key
    assert document["type"] == f"/api/v1/problems/{key}"
    assert document["title"] == PROBLEMS[key][1]
    assert document["detail"]
    return document


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "Expecting value at line 1, column 1."),
        (b'{"on": tru}', "Expecting value at line 1, column 8."),
        (b'{"on": true}\n}', "Extra data at line 2, column 1."),
        (b'{"on": true, "on": false}', "A name occurs twice in one object."),
        (b'{"on": NaN}', "NaN is not JSON."),
        (b'{"on": -Infinity}', "-Infinity is not JSON."),
        (b'{"on": "\xff"}', "The body is not UTF-8 at byte 8."),
        (b"[" * 20_000, "The body is nested too deeply."),
        (b'{"on": ' + b"1" * 5000 + b"}", "Exceeds the limit"),
    ],
)
def test_what_is_not_json(app: Flask, body: bytes, detail: str) -> None:
    assert check(put(app, body), 400, "malformed-json")["detail"].startswith(detail)


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        (b"{}", [("/on", "missing; expected true or false")]),
        (b'{"on": 1}', [("/on", "expected true or false")]),
        (b'{"on": "true"}', [("/on", "expected true or false")]),
        (b'{"on": null}', [("/on", "expected true or false")]),
        (b'{"on": true, "a/b~": 0}', [("/a~1b~0", "unknown field; known: on")]),
        (b'{"no": true}', [("/no", "unknown field; known: on"), ("/on", "missing; expected true or false")]),
        (b"[]", [("", "expected an object")]),
        (b"true", [("", "expected an object")]),
    ],
)
def test_fields_that_do_not_fit(app: Flask, body: bytes, errors: list[tuple[str, str]]) -> None:
    document = check(put(app, body), 422, "invalid-fields")
    assert [(error["pointer"], error["detail"]) for error in document["errors"]] == errors


def test_the_answer_to_many_errors_is_small(app: Flask) -> None:
    body = "{" + ", ".join(f'"{"x" * 500}{number}": 1' for number in range(100)) + "}"
    answer = put(app, body.encode())
    assert len(check(answer, 422, "invalid-fields")["errors"]) == MAX_ERRORS
    assert len(answer.data) < 5000


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_other_media_types(app: Flask, content_type: str) -> None:
    check(put(app, b'{"on": true}', content_type), 415, "unsupported-media-type")
    assert app.test_client().get("/api/v1/channels/lamp").json["state"] is False


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_the_media_type_is_compared_as_it_should_be(app: Flask, content_type: str) -> None:
    assert put(app, b'{"on": true}', content_type).status_code == 200


def test_a_body_that_is_too_large(app: Flask) -> None:
    limit = app.config["MAX_CONTENT_LENGTH"]
    check(put(app, b" " * (limit + 1)), 413, "too-large")
    assert put(app, b'{"on": true}'.ljust(limit)).status_code == 200


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_an_unknown_channel(app: Flask, method: str) -> None:
    path = "/api/v1/channels/lmap" + ("/state" if method == "PUT" else "")
    document = check(app.test_client().open(path, method=method, json={"on": True}), 404, "unknown-channel")
    assert document["detail"] == 'There is no channel named "lmap".'


def test_an_unknown_channel_is_told_before_a_wrong_body(app: Flask) -> None:
    check(put(app, b"", path="/api/v1/channels/lmap/state"), 404, "unknown-channel")


def test_an_input_cannot_be_set(app: Flask) -> None:
    check(put(app, b'{"on": true}', path="/api/v1/channels/door/state"), 409, "not-an-output")


def test_wrong_methods_name_the_right_ones(app: Flask) -> None:
    answer = app.test_client().post(STATE, json={"on": True})
    check(answer, 405, "method-not-allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"PUT", "OPTIONS"}


def test_nothing_here(app: Flask) -> None:
    check(app.test_client().get("/api/v1/nothing"), 404, "not-found")
    check(app.test_client().get("/nothing"), 404, "not-found")
    # the API answers programs, whatever they say they accept
    check(app.test_client().get("/api/v1/nothing", headers={"Accept": "text/html"}), 404, "not-found")


def test_an_offline_channel(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from edgeweb.device.channels.drivers import DriverError
    from edgeweb.device.channels.drivers.memory import Driver

    def fail(self: Driver, name: str, level: bool | float) -> None:
        raise DriverError("the cable is cut")

    client = app.test_client()
    client.get("/api/v1/status")
    monkeypatch.setattr(Driver, "write", fail)
    document = check(client.put(STATE, json={"on": True}), 503, "channel-offline")
    assert document["detail"] == 'Channel "lamp" is offline: the cable is cut.'
    channel = client.get("/api/v1/channels/lamp").json
    assert (channel["online"], channel["state"], channel["reason"]) == (False, None, "the cable is cut")


def test_an_error_of_ours_says_nothing_of_its_inside(app: Flask) -> None:
    @app.get("/api/v1/broken")
    def broken() -> str:
        raise RuntimeError("the secret of the house")

    answer = app.test_client().get("/api/v1/broken")
    check(answer, 500, "internal-error")
    assert "secret" not in answer.text


def test_headers_of_the_error_are_kept(app: Flask) -> None:
    @app.get("/api/v1/busy")
    def busy() -> str:
        raise TooManyRequests(retry_after=7)

    answer = app.test_client().get("/api/v1/busy")
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "7"
    assert (answer.json["type"], answer.json["title"]) == ("about:blank", "Too Many Requests")
    assert answer.content_type == CONTENT_TYPE


def test_every_kind_is_explained_where_its_type_points(app: Flask) -> None:
    client = app.test_client()
    for key, (status, title, advice) in PROBLEMS.items():
        answer = client.get(f"/api/v1/problems/{key}")
        assert answer.json == {"key": key, "status": status, "title": title, "description": advice}
    check(client.get("/api/v1/problems/none"), 404, "not-found")


def test_the_type_is_right_under_a_prefix(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/channels/x", environ_overrides={"SCRIPT_NAME": "/device"})
    assert answer.json["type"] == "/device/api/v1/problems/unknown-channel"


def test_the_tables_fit_together() -> None:
    for status, key in KEY_OF_STATUS.items():
        assert PROBLEMS[key][0] == status
    with pytest.raises(KeyError):
        Problem("no-such-kind")
