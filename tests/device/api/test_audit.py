"""GET /api/v1/audit as a file of JSON lines."""

from __future__ import annotations

import json
from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.device.access.audit import PIECE

from ..people import SOMEBODY, add_user, client_of, device_of

PATH = "/api/v1/audit"


def lines(answer: Any) -> list[dict[str, Any]]:
    assert answer.text.endswith("\n")
    return [json.loads(line) for line in answer.text.splitlines()]


@pytest.fixture
def rows(app: Flask) -> list[dict[str, Any]]:
    """The whole log, the newest first: more than one piece."""
    for number in range(PIECE + 10):
        device_of(app).audit.note(SOMEBODY, "channel.set", f"lamp {number} é", "on")
    found: list[dict[str, Any]] = app.test_client().get(f"{PATH}?limit=500").json["audit"]
    assert len(found) > PIECE
    return found


@pytest.mark.parametrize(
    ("query", "accept", "media"),
    [
        ("?format=jsonl", "*/*", "application/jsonl"),
        ("?format=jsonl", "application/json", "application/jsonl"),
        ("", "application/jsonl", "application/jsonl"),
        ("", "application/x-ndjson, */*;q=0.1", "application/x-ndjson"),
        ("", "application/json, application/jsonl;q=0.5", "application/json"),
        ("", "*/*", "application/json"),
        ("?format=json", "application/jsonl", "application/json"),
    ],
)
def test_the_client_chooses(app: Flask, query: str, accept: str, media: str) -> None:
    answer = app.test_client().get(PATH + query, headers={"Accept": accept})
    assert (answer.status_code, answer.content_type, answer.headers["Vary"]) == (200, media, "Accept")
    assert answer.headers["Cache-Control"] == "no-store"


def test_all_rows_the_oldest_first(app: Flask, rows: list[dict[str, Any]]) -> None:
    answer = app.test_client().get(f"{PATH}?format=jsonl")
    assert lines(answer) == rows[::-1]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit.jsonl"'
    assert "Content-Length" not in answer.headers, "a stream, of which nothing is gathered"


def test_the_filters_of_the_list(app: Flask, rows: list[dict[str, Any]]) -> None:
    query = f"before={rows[5]['id']}&limit=7"
    assert lines(app.test_client().get(f"{PATH}?format=jsonl&{query}")) == rows[6:13][::-1]
    assert app.test_client().get(f"{PATH}?{query}").json["audit"] == rows[6:13]
    nothing = app.test_client().get(f"{PATH}?format=jsonl&before=0")
    assert (nothing.status_code, nothing.data) == (200, b"")
    assert app.test_client().get(f"{PATH}?format=xml").status_code == 400


def test_nothing_is_read_again_while_nothing_has_changed(app: Flask, rows: list[dict[str, Any]]) -> None:
    client = app.test_client()
    known = {"If-None-Match": client.get(f"{PATH}?format=jsonl").headers["ETag"]}
    again = client.get(f"{PATH}?format=jsonl", headers=known)
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(f"{PATH}?format=jsonl&limit=2", headers=known).status_code == 200
    device_of(app).audit.note(SOMEBODY, "channel.set", "lamp", "off")
    assert lines(client.get(f"{PATH}?format=jsonl", headers=known))[-1]["result"] == "off"


def test_it_is_read_in_pieces(app: Flask, rows: list[dict[str, Any]]) -> None:
    with app.test_client().get(f"{PATH}?format=jsonl", buffered=False) as answer:
        pieces = list(answer.response)
    assert [len(piece.splitlines()) for piece in pieces] == [PIECE, len(rows) - PIECE]


def test_it_needs_an_admin(app: Flask) -> None:
    operator = client_of(app, add_user(app, "olga", "operator"))
    assert operator.get(f"{PATH}?format=jsonl").status_code == 403
    assert client_of(app).get(f"{PATH}?format=jsonl").status_code == 401
