"""The kiosk: opened by a link, closed with its token, and no way to anything else."""

from __future__ import annotations

import html
import re

import pytest

from edgeweb import Flask
from edgeweb.device.channels.drivers.memory import Driver
from edgeweb.testing import FlaskClient

from ...people import OWN, PASSWORD, SOMEBODY, client_of, device_of
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
    assert screen.get(path, headers=PAGE).status_code in (401, 404, 405)
    # nor where a program sends it to another address
    cookie = screen.get_cookie(f"{device_of(app).cookie_name}_kiosk", path="/kiosk")
    assert cookie is not None
    sent = {"Cookie": f"{cookie.key}={cookie.value}", **PAGE}
    assert client_of(app).get(path, headers=sent).status_code in (401, 404, 405)


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


# -- a token of its own ---------------------------------------------------------------------------------


def screen_of(app: Flask, role: str, *names: str) -> FlaskClient:
    """A screen with a token that names channels and sensors."""
    made = app.test_client().post("/api/v1/tokens", json={"note": "hall", "role": role, "kiosk": names})
    assert made.status_code == 201, made.text
    screen = client_of(app)
    answer = screen.post("/kiosk", data={"token": made.json["token"]}, headers={**OWN, **PAGE})
    assert answer.status_code == 303, answer.text
    return screen


def press(screen: FlaskClient, name: str, **fields: str) -> int:
    return screen.post(f"/kiosk/{name}", data=fields, headers={**OWN, **PAGE}).status_code


def test_an_operators_switches_what_it_names(app: Flask) -> None:
    device_of(app).sensor("tank", title="Tank", unit="l").set(640)
    screen = screen_of(app, "operator", "lamp", "tank")
    page = screen.get("/kiosk", headers=PAGE).text
    assert "Lamp" in page and "Tank" in page and "door" not in page
    assert page.count("<form") == 1 and "<nav" not in page
    assert press(screen, "lamp", command="on") == 303
    assert device_of(app).channels["lamp"].current.state is True
    row = app.test_client().get("/api/v1/audit").json["audit"][0]
    assert (row["who"], row["action"], row["target"], row["result"]) == ("owner", "channel.set", "lamp", "on")
    assert "Switch off" in screen.get("/kiosk", headers=PAGE).text
    assert [press(screen, name, command="on") for name in ("door", "tank", "none")] == [403, 404, 403]
    assert press(screen, "lamp", command="toggle") == 422


def test_a_viewers_switches_nothing(app: Flask) -> None:
    screen = screen_of(app, "viewer", "lamp")
    assert "<form" not in screen.get("/kiosk", headers=PAGE).text
    assert press(screen, "lamp", command="on") == 403
    assert press(open_kiosk(app), "lamp", command="on") == 403
    assert press(client_of(app), "lamp", command="on") == 401
    assert device_of(app).channels["lamp"].current.state is False


def test_another_site_switches_nothing(app: Flask) -> None:
    screen = screen_of(app, "operator", "lamp")
    for headers in ({"Origin": "http://evil.example"}, {}):
        answer = screen.post("/kiosk/lamp", data={"command": "on"}, headers={**headers, **PAGE})
        assert answer.status_code == 403


def test_it_asks_and_refuses_in_the_tile(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    device = device_of(app)
    device.things.change(SOMEBODY, "channels", "lamp", {"ask": True})
    screen = screen_of(app, "operator", "lamp")
    answer = screen.post("/kiosk/lamp", data={"command": "on"}, headers={**OWN, **PAGE})
    assert "Really switch Lamp?" in answer.text and device.channels["lamp"].current.state is False
    assert press(screen, "lamp", command="on", sure="true") == 303
    monkeypatch.setattr(Driver, "write", _fail)
    answer = screen.post("/kiosk/lamp", data={"command": "off", "sure": "true"}, headers={**OWN, **PAGE})
    assert answer.status_code == 503 and 'role="alert">Channel' in answer.text


def _fail(driver: Driver, name: str, level: object) -> bool:
    raise OSError("no wire")


def test_what_a_token_may_name(app: Flask) -> None:
    owner = app.test_client()
    for wrong in (["none"], ["lamp", "none"], ["lamp"] * 65):
        answer = owner.post("/api/v1/tokens", json={"note": "hall", "kiosk": wrong})
        assert answer.status_code == 422 and answer.json["errors"][0]["pointer"] == "/kiosk", answer.text
    answer = owner.post("/api/v1/tokens", json={"note": "hall", "kiosk": ["lamp"], "scopes": ["power"]})
    assert answer.json["errors"][0]["pointer"] == "/scopes"


def test_it_is_made_on_the_page(app: Flask) -> None:
    owner = Visitor(app)
    page = owner.send(
        "/tokens", 200, note="hall", role="operator", days="0", password=PASSWORD, shown=["lamp", "door"]
    )
    assert "/kiosk#edgeweb_" in page and "Kiosk: Lamp, door" in page
    (token,) = [one for one in device_of(app).accounts.tokens() if one.note == "hall"]
    assert token.shown == ("lamp", "door")
    assert "New token for owner: Operator · Kiosk: Lamp · Kiosk: door" in owner.get("/audit")


def test_it_is_in_a_backup(app: Flask) -> None:
    screen_of(app, "operator", "lamp")
    owner = app.test_client()
    backup = owner.get("/api/v1/backup").json
    assert owner.post("/api/v1/restore", json={"backup": backup}).status_code == 200
    assert [one.shown for one in device_of(app).accounts.tokens() if one.note == "hall"] == [("lamp",)]
