"""The kiosk: opened by a link, closed with its token, and no way to anything else."""

from __future__ import annotations

import html
import re

import pytest

from edgeweb import Flask
from edgeweb.testing import FlaskClient

from ...people import OWN, PASSWORD, client_of, device_of
from ..visitor import Visitor

PAGE = {"Accept": "text/html"}


def link_of(app: Flask, role: str = "viewer") -> str:
    """The link on the page that has just made a token; empty where there is none."""
    page = Visitor(app).send("/tokens", 200, note="hall", role=role, days="0", password=PASSWORD)
    found = re.search(r'id="kiosk-link">([^<]+)<', page)
    return html.unescape(found[1]) if found else ""


def open_kiosk(app: Flask) -> FlaskClient:
    """A screen on which the link was opened; what the script does."""
    screen = client_of(app)
    address, _, token = link_of(app).partition("#")
    assert address == "http://localhost/kiosk" and token.startswith("edgeweb_")
    answer = screen.post("/kiosk", data={"token": token}, headers={**OWN, **PAGE})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/kiosk"), answer.text
    cookie = answer.headers["Set-Cookie"]
    assert "; HttpOnly; Path=/kiosk; SameSite=Strict" in cookie
    return screen


def test_it_shows_everything_and_changes_nothing(app: Flask) -> None:
    page = open_kiosk(app).get("/kiosk", headers=PAGE).text
    assert "Lamp" in page and "<strong>off</strong>" in page
    assert "<form" not in page and "<nav" not in page and "<a " not in page


@pytest.mark.parametrize("path", ["/", "/people", "/kiosk/live", "/api/v1/status", "/history", "/live"])
def test_its_cookie_opens_nothing_else(app: Flask, path: str) -> None:
    screen = open_kiosk(app)
    assert screen.get(path, headers=PAGE).status_code in (401, 404)
    # nor where a program sends it to another address
    cookie = screen.get_cookie(f"{device_of(app).cookie_name}_kiosk", path="/kiosk")
    assert cookie is not None
    sent = {"Cookie": f"{cookie.key}={cookie.value}", **PAGE}
    assert client_of(app).get(path, headers=sent).status_code in (401, 404)


def test_revoking_the_token_closes_it(app: Flask) -> None:
    screen = open_kiosk(app)
    (number,) = [token.id for token in device_of(app).accounts.tokens() if token.note == "hall"]
    Visitor(app).send(f"/tokens/{number}/revoke")
    answer = screen.get("/kiosk", headers=PAGE)
    assert "Lamp" not in answer.text and "Max-Age=0" in answer.headers["Set-Cookie"]
    assert "Set-Cookie" not in screen.get("/kiosk", headers=PAGE).headers


def test_a_link_is_for_tokens_that_only_look(app: Flask) -> None:
    assert link_of(app, "operator") == ""


def test_a_wrong_token_opens_nothing(app: Flask) -> None:
    stranger = client_of(app)
    for token in ("", "edgeweb_x"):
        answer = stranger.post("/kiosk", data={"token": token}, headers={**OWN, **PAGE})
        assert answer.status_code == 401 and "kiosk=" not in answer.headers.get("Set-Cookie", "")
    foreign = {"Origin": "http://evil.example", **PAGE}
    assert stranger.post("/kiosk", data={"token": "x"}, headers=foreign).status_code == 403
