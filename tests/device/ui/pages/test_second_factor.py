from __future__ import annotations

import base64
import re
import time

from edgeweb import Flask
from edgeweb.device.access.second_factor import RECOVERY_CODES, STEP, TICKET_TRIES, code_of
from edgeweb.testing import FlaskClient

from ...people import OWN, PASSWORD, add_user, client_of, device_of
from ..visitor import Visitor


def code(secret: bytes, later: int = 0) -> str:
    return code_of(secret, int(time.time() // STEP) + later)


def set_up(owner: Visitor) -> tuple[bytes, list[str]]:
    """Sets the second factor up by the pages; its secret and the recovery codes."""
    page = owner.send("/people/second-factor", status=200, password=PASSWORD)
    found = re.search(r'id="secret">([A-Z2-7 ]+)<', page)
    assert found and 'class="qr"' in page
    secret = base64.b32decode(found[1].replace(" ", ""))
    page = owner.send("/people/second-factor/code", status=200, code=code(secret, -1))
    return secret, re.findall(r"<code>([0-9A-Z-]{14})</code>", page)


def enter(client: FlaskClient, **fields: str) -> tuple[int, str]:
    """Sends one of the two forms of a sign-in."""
    path = "/sign-in/code" if "ticket" in fields else "/sign-in"
    answer = client.post(path, data=fields, headers={**OWN, "Accept": "text/html"})
    return answer.status_code, answer.text


def ticket_of(page: str) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', page)
    assert found, page
    return found[1]


def test_from_the_set_up_to_the_end(app: Flask) -> None:
    owner = Visitor(app)
    assert "Set up" in owner.get("/people")
    secret, codes = set_up(owner)
    assert len(codes) == RECOVERY_CODES
    assert f"{RECOVERY_CODES} recovery codes are left." in owner.get("/people")

    browser = client_of(app)
    status, page = enter(browser, name="owner", password=PASSWORD)
    assert status == 200
    assert PASSWORD not in page
    ticket = ticket_of(page)
    assert browser.get("/api/v1/status").status_code == 401
    status, page = enter(browser, ticket=ticket, code="000000")
    assert status == 401
    assert ticket_of(page) == ticket
    assert enter(browser, ticket=ticket, code=code(secret))[0] == 303
    assert browser.get("/api/v1/status").status_code == 200
    status, page = enter(client_of(app), ticket=ticket, code=code(secret, 1))
    assert status == 401 and 'name="password"' in page, "a ticket signs in once"

    owner.send("/people/owner/second-factor/remove", password=PASSWORD)
    assert enter(client_of(app), name="owner", password=PASSWORD)[0] == 303


def test_a_wrong_code_shows_the_same_secret_again(app: Flask) -> None:
    owner = Visitor(app)
    page = owner.send("/people/second-factor", status=200, password=PASSWORD)
    secret = re.search(r'id="secret">([A-Z2-7 ]+)<', page)
    again = owner.send("/people/second-factor/code", status=401, code="000000")
    assert secret and secret[1] in again and 'class="qr"' in again
    assert not device_of(app).accounts.users()["owner"].has_factor


def test_a_code_of_nothing(app: Flask) -> None:
    owner = Visitor(app)
    page = owner.send("/people/second-factor/code", status=401, code="000000", password=PASSWORD)
    assert 'class="qr"' not in page


def test_the_password_is_asked_for(app: Flask) -> None:
    owner = Visitor(app)
    for path in ("/people/second-factor", "/people/second-factor/code", "/people/owner/second-factor/remove"):
        assert "Enter your own password" in owner.send(path, status=403)


def test_a_ticket_that_is_used_up_begins_with_the_password(app: Flask) -> None:
    set_up(Visitor(app))
    browser = client_of(app)
    _, page = enter(browser, name="owner", password=PASSWORD)
    ticket = ticket_of(page)
    for _ in range(TICKET_TRIES - 1):
        status, page = enter(browser, ticket=ticket, code="000000")
    assert status == 401
    enter(browser, ticket=ticket, code="000000")
    status, page = enter(browser, ticket=ticket, code="000000")
    assert status == 401 and 'name="password"' in page


def test_an_admin_takes_it_away_from_another(app: Flask) -> None:
    add_user(app, "vera", "viewer")
    set_up(Visitor(app, "vera"))
    owner = Visitor(app)
    assert "Switch off the second factor" in owner.get("/people")
    assert owner.send("/people/vera/second-factor/remove", password=PASSWORD) == (
        "/people?done=second-factor-remove"
    )
    assert not device_of(app).accounts.users()["vera"].has_factor
    assert enter(client_of(app), name="vera", password=PASSWORD)[0] == 303
