"""Heads of answers: checked and joined once, and bounded in number."""

from __future__ import annotations

import pytest
from waitress.utilities import build_http_date

from edgeweb.server import head
from edgeweb.server.head import Head, Heads
from edgeweb.server.limits import Policy

JSON = [("Content-Type", "application/json"), ("Content-Length", "30")]


def lines(found: Head) -> list[bytes]:
    return found.start.split(b"\r\n")


def test_the_same_fields_are_joined_once() -> None:
    heads = Heads(Policy())
    first = heads.find("200 OK", JSON)
    assert heads.find("200 OK", list(JSON)) is first
    assert lines(first) == [
        *(b"HTTP/1.1 200 OK", b"Content-Type: application/json", b"Content-Length: 30", b""),
    ]
    assert first.content_length == 30


@pytest.mark.parametrize(
    ("status", "fields"),
    [
        ("201 CREATED", JSON),
        ("200 OK", [JSON[0], ("Content-Length", "31")]),
        ("200 OK", [*JSON, ("Vary", "Cookie")]),
        ("200 OK", JSON[::-1]),
    ],
)
def test_another_status_or_field_is_another_head(status: str, fields: list[tuple[str, str]]) -> None:
    heads = Heads(Policy())
    heads.find("200 OK", JSON)
    assert lines(heads.find(status, fields))[:-1] == [
        f"HTTP/1.1 {status}".encode(),
        *(f"{name}: {value}".encode() for name, value in fields),
    ]


def test_fields_that_are_changed_afterwards_do_not_count() -> None:
    heads = Heads(Policy())
    fields = list(JSON)
    heads.find("200 OK", fields)
    fields.append(("X-Late", "1"))
    assert b"X-Late" not in heads.find("200 OK", JSON).start
    assert heads.find("200 OK", JSON).fields == tuple(JSON)


def test_pairs_may_be_lists() -> None:
    fields = [list(pair) for pair in JSON]
    found = Heads(Policy()).find("200 OK", fields)  # type: ignore[arg-type]
    assert found.content_length == 30


@pytest.mark.parametrize(
    "fields",
    [
        [*JSON, ("Date", "Thu, 01 Jan 1970 00:00:00 GMT")],
        [*JSON, ("X-Content-Type-Options", "other")],
        JSON[:1],
    ],
    ids=["date", "security line", "no length"],
)
def test_a_head_that_brings_a_last_line_itself_or_has_no_length_is_not_ready(
    fields: list[tuple[str, str]],
) -> None:
    heads = Heads(Policy())
    assert "x-content-type-options" in heads.security
    assert heads.find("200 OK", fields).start == b""


@pytest.mark.parametrize("status", ["204 NO CONTENT", "304 NOT MODIFIED"])
def test_a_head_of_an_answer_without_a_body_is_not_ready(status: str) -> None:
    assert Heads(Policy()).find(status, JSON).start == b""


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ([("Connection", "close")], AssertionError),
        ([("X", "a\r\nSet-Cookie: b")], ValueError),
        ([("X", "a\nb")], ValueError),
        ([("Content-Length", "many")], ValueError),
        ([("X", 1)], TypeError),
    ],
)
def test_what_is_wrong_is_raised_each_time(fields: list[tuple[str, str]], error: type[Exception]) -> None:
    heads = Heads(Policy())
    for _ in range(2):
        with pytest.raises(error):
            heads.find("200 OK", fields)


def test_what_is_remembered_is_bounded() -> None:
    heads = Heads(Policy())
    for number in range(10 * head._HEADS):
        heads.find("200 OK", [("Content-Length", str(number))])
    heads.find("200 OK", [("X", "x" * head._HEAD_CHARACTERS)])
    heads.find("200 OK", [(f"X-{number}", "1") for number in range(head._HEAD_FIELDS + 1)])
    assert len(heads._known) <= head._HEADS
    assert all(len(found.block) <= head._HEAD_CHARACTERS for found in heads._known.values())


def test_as_many_are_remembered_as_fit() -> None:
    heads = Heads(Policy())

    def ask() -> list[Head]:
        return [heads.find("200 OK", [("Content-Length", str(number))]) for number in range(head._HEADS)]

    first = ask()
    assert all(again is found for again, found in zip(ask(), first, strict=True))
    heads.find("200 OK", [("Content-Length", "1000")])
    assert len(heads._known) == 1


def test_the_end_of_a_head_is_made_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    heads = Heads(Policy())
    found = []
    for now in (1000.0, 1000.5, 1000.9, 1001.0):
        monkeypatch.setattr(head, "time", lambda now=now: now)
        found.append(heads.end())
    assert found[0] is found[1] is found[2] and found[3] != found[0]


def test_the_date_is_that_of_the_clock_also_when_it_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    heads = Heads(Policy())
    for now in (1000.0, 1000.9, 1001.0, 5.0, 0.0):
        monkeypatch.setattr(head, "time", lambda now=now: now)
        expected = f"Date: {build_http_date(int(now))}\r\n"
        assert heads.date() == expected
        assert heads.end() == (expected + heads.security_block).encode()
