"""Numbers from clients: every reader takes ASCII digits, and no more of them than a number here has."""

from __future__ import annotations

import pytest

from edgeweb import Flask
from edgeweb.device.config.quantities import read_integer, read_number
from tests.device.people import OWN, browser_of

#: Texts that Python's `int` or `float` takes, or raises an error of its own for.
ODD = [
    "9" * 31,
    "9" * 5000,
    "nan",
    "inf",
    "-inf",
    "1e400",
    "\uff11\uff12",
    "\u0661",
    "1_000",
    "+1",
    " 1",
    "0x1",
]


@pytest.mark.parametrize("text", ODD)
def test_odd_numbers_are_none(text: str) -> None:
    assert read_integer(text) is None and read_number(text) is None


@pytest.mark.parametrize(("text", "number"), [("-3", -3), ("0.25", 0.25), ("1e-05", 1e-05), ("007", 7)])
def test_ordinary_numbers(text: str, number: float) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/api/v1/audit", "limit"),
        ("/api/v1/audit", "before"),
        ("/audit", "before"),
        ("/live", "since"),
    ],
)
def test_in_queries(app: Flask, path: str, name: str, text: str) -> None:
    answer = app.test_client().get(path, query_string={name: text, "show": "history"})
    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("text", ODD)
def test_in_paths(app: Flask, text: str) -> None:
    client = app.test_client()
    assert client.delete(f"/api/v1/tokens/{text}").status_code == 404
    assert client.get(f"/api/v1/channels/{text}").status_code == 404


@pytest.mark.parametrize("text", [odd for odd in ODD if odd != " 1"])
@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/channels/lamp/pulse", ("seconds",)),
        ("/schedules", ("every",)),
        ("/settings", ("sensors.interval", "here")),
    ],
)
def test_in_forms(app: Flask, path: str, fields: tuple[str, ...], text: str) -> None:
    browser = browser_of(app)
    schedule = {"name": "n", "channel": "lamp", "action": "on", "kind": "interval"}
    csrf = browser.get("/about").text.partition('name="csrf" value="')[2].partition('"')[0]
    form = {"csrf": csrf, **schedule, fields[0]: text, **dict.fromkeys(fields[1:], fields[0])}
    answer = browser.post(path, data=form, headers=OWN)
    assert 400 <= answer.status_code < 500 and answer.status_code != 403


@pytest.mark.parametrize("text", ["1e400", "NaN", "Infinity", "9" * 400, "9" * 5000])
def test_in_json(app: Flask, text: str) -> None:
    client = app.test_client()
    for method, path, body in (
        ("POST", "/channels/lamp/pulse", '{"ms": %s}'),
        ("PUT", "/schedules/x", '{"channel": "lamp", "action": "on", "kind": "interval", "every": %s}'),
        ("PATCH", "/settings", '{"sensors.interval": %s}'),
    ):
        answer = client.open(
            f"/api/v1{path}",
            method=method,
            data=body % text,
            content_type="application/json",
            headers={"If-Match": "*"} if method == "PATCH" else {},
        )
        assert 400 <= answer.status_code < 500, path
