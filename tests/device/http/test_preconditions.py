"""If-Match and If-None-Match of changes: one check for everything that GET gives with a tag."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from edgeweb import Flask

DAILY = {"channel": "lamp", "action": "on", "kind": "daily", "at": "07:00"}

#: Where GET gives the tag, and a change of it: (method, path, JSON).
CHANGES: dict[str, tuple[str, str, Any]] = {
    "/schedules/one": ("PUT", "/schedules/one", {**DAILY, "at": "08:00"}),
    "/schedules": ("DELETE", "/schedules/one", None),
    "/channels/lamp": ("PUT", "/channels/lamp/state", {"on": True}),
    "/users": ("POST", "/users", {"name": "vera", "password": "correct horse battery", "role": "viewer"}),
    "/tokens": ("POST", "/tokens", {"note": "new", "role": "viewer"}),
    "/settings": ("PATCH", "/settings", {"dashboard.title": "Greenhouse"}),
}


@pytest.fixture
def api(app: Flask) -> Any:
    client = app.test_client()
    assert client.put("/api/v1/schedules/one", json=DAILY).status_code == 201

    def ask(method: str, path: str, body: Any = None, **headers: str) -> Any:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.open(f"/api/v1{path}", method=method, json=body, headers=fields)

    return ask


@pytest.mark.parametrize("path", CHANGES)
def test_a_change_of_something_else_is_refused(api: Any, path: str) -> None:
    method, where, body = CHANGES[path]
    seen = api("GET", path).headers["ETag"]
    before = api("GET", path).data
    refused = api(method, where, body, If_Match='"other"')
    assert (refused.status_code, refused.json["key"]) == (412, "precondition-failed")
    assert api(method, where, body, If_Match=f"W/{seen}").status_code == 412, "If-Match compares strongly"
    assert api(method, where, body, If_None_Match=seen, If_Match=seen).status_code == 412
    assert api("GET", path).data == before
    assert api(method, where, body, If_Match=seen).status_code < 300
    assert api(method, where, body, If_Match=seen).status_code == 412, "it is another one now"


def test_any_tag_and_none(api: Any) -> None:
    assert api("PUT", "/schedules/one", DAILY, If_None_Match="*").status_code == 412
    assert api("PUT", "/schedules/one", DAILY, If_Match="*").status_code == 200
    assert api("PUT", "/schedules/new", DAILY, If_None_Match="*").status_code == 201


def test_what_has_no_tag_matches_none(api: Any) -> None:
    assert api("POST", "/restore", {}, If_Match='"a"').status_code == 412
    assert api("PUT", "/schedules/none", DAILY, If_Match='"a"').status_code == 412


def test_of_two_at_the_same_moment_one_wins(app: Flask) -> None:
    seen = app.test_client().get("/api/v1/schedules").headers["ETag"]
    together = threading.Barrier(8)
    found: list[int] = []

    def put(number: int) -> None:
        client = app.test_client()
        together.wait()
        answer = client.put(f"/api/v1/schedules/s{number}", json=DAILY, headers={"If-Match": "*"})
        answer = client.put("/api/v1/schedules/all", json=DAILY, headers={"If-Match": seen})
        found.append(answer.status_code)

    threads = [threading.Thread(target=put, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found.count(201) <= 1 and set(found) <= {201, 412}
