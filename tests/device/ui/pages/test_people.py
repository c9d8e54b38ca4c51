from __future__ import annotations

import re

import pytest

from edgeweb import Flask
from edgeweb.device.ui.pages.people import browser

from ...people import PASSWORD, add_user, browser_of, client_of, device_of
from ..visitor import Visitor

NEW = "another good password"


def test_users_come_and_go(app: Flask) -> None:
    owner = Visitor(app)
    assert (
        owner.send("/people", name="vera", new=NEW, role="viewer", password=PASSWORD)
        == "/people?done=user-add"
    )
    page = owner.get("/people?done=user-add")
    assert "The user was added." in page and 'data-user="vera"' in page
    owner.send("/people/vera/role", role="operator")
    assert device_of(app).accounts.users()["vera"].role == "operator"
    owner.send("/people/vera/remove", status=401, password="wrong password")
    assert "vera" in device_of(app).accounts.users()
    owner.send("/people/vera/remove", password=PASSWORD)
    assert "vera" not in device_of(app).accounts.users()


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"name": "1vera", "new": NEW, "role": "viewer"}, "Expected a name of 1 to 64 letters"),
        ({"name": "vera", "new": "short", "role": "viewer"}, "Expected a password of at least 10 characters"),
        ({"name": "vera", "new": "aaaaaaaaaa", "role": "viewer"}, "Expected a password that is harder to"),
        ({"name": "vera", "new": NEW, "role": "king"}, "Expected one of viewer, operator, admin"),
    ],
)
def test_a_user_who_does_not_fit(app: Flask, fields: dict[str, str], fault: str) -> None:
    page = Visitor(app).send("/people", status=422, password=PASSWORD, **fields)
    assert fault in page
    assert "vera" not in device_of(app).accounts.users()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Attendu\u202f: un mot de passe d'au moins 10 caractères."),
        ("de", "Erwartet: ein Passwort mit mindestens 10 Zeichen."),
    ],
)
def test_faults_are_said_in_the_language_of_the_page(app: Flask, language: str, text: str) -> None:
    fields = {"name": "vera", "new": "short", "role": "viewer", "password": PASSWORD}
    assert text in Visitor(app).send("/people", status=422, language=language, **fields)


def test_one_admin_remains(app: Flask) -> None:
    page = Visitor(app).send("/people/owner/role", status=409, role="viewer", password=PASSWORD)
    assert "One user has to be admin" in page


def test_ones_own_password(app: Flask) -> None:
    add_user(app, "vera", "viewer")
    vera, elsewhere = Visitor(app, "vera"), browser_of(app, "vera")
    vera.send("/people/vera/password", status=401, new=NEW, password="wrong password")
    vera.send("/people/owner/password", status=403, new=NEW, password=PASSWORD)
    vera.send("/people/vera/password", new=NEW, password=PASSWORD)
    assert "Signed-in browsers" in vera.get("/people"), "whoever has changed it stays"
    assert elsewhere.get("/people").status_code == 401, "all others do not"


def test_tokens_end_with_the_password_where_that_is_wanted(app: Flask) -> None:
    vera = add_user(app, "vera", "viewer")
    program, browser = client_of(app, vera), Visitor(app, "vera")
    browser.send("/people/vera/password", new=NEW, password=PASSWORD)
    assert program.get("/api/v1/status").status_code == 200
    browser.send("/people/vera/password", new=PASSWORD, password=NEW, end_tokens="on")
    assert program.get("/api/v1/status").status_code == 401
    assert "Latest changes to access" in browser.get("/people")
    assert "All tokens of vera revoked" in browser.get("/people"), "news of oneself"
    assert "owner" not in browser.get("/people"), "and of nobody else"


def test_a_viewer_sees_nobody_else(app: Flask) -> None:
    add_user(app, "vera", "viewer")
    Visitor(app)
    page = Visitor(app, "vera").get("/people")
    assert "data-user" not in page
    # whom the page shows is in its lists
    assert "owner" not in page


def test_a_token_is_shown_once(app: Flask) -> None:
    owner = Visitor(app)
    form = {"note": "script", "role": "operator", "days": "30", "scope-power": "on", "password": PASSWORD}
    page = owner.send("/tokens", status=200, **form)
    found = re.search(r'id="secret">(edgeweb_[\w-]+)<', page)
    assert found
    script = {"Authorization": f"Bearer {found[1]}"}
    assert client_of(app).get("/api/v1/session", headers=script).json["user"]["role"] == "operator"
    page = owner.get("/people")
    assert found[1] not in page and "script" in page
    assert (
        "Restart services and the machine" in page
        and "Valid until: <time" in page
        and "Last used: <" not in page
    )
    token = max(device_of(app).accounts.tokens(), key=lambda token: token.id)
    assert token.scopes == ("power",) and token.expires and token.created
    number = token.id
    owner.send(f"/tokens/{number}/revoke")
    assert client_of(app).get("/api/v1/session", headers=script).status_code == 401
    owner.send("/tokens/999/revoke", status=404)


def test_a_token_may_not_do_more_than_its_user(app: Flask) -> None:
    add_user(app, "vera", "viewer")
    page = Visitor(app, "vera").send("/tokens", status=422, note="script", role="admin")
    assert "Expected one of viewer." in page


def test_a_browser_is_signed_out_from_another(app: Flask) -> None:
    owner, other = Visitor(app), browser_of(app)
    oldest, newest = device_of(app).sessions.all()
    assert oldest.agent == newest.agent
    owner.send(f"/sessions/{oldest.id if other is None else newest.id}/end")
    assert other.get("/about").status_code == 401
    owner.send("/sessions/unknown/end", status=404)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0"
            " Mobile Safari/537.36",
            "Chrome, Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
            " Version/17.5 Mobile/15E148",
            "Safari, iPhone",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox, Windows",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/131.0 Safari/537.36 Edg/131.0",
            "Edge, macOS",
        ),
        ("curl/8.14.1", "curl/8.14.1"),
        ("<img src=x>", "<img src=x>"),
        ("", ""),
    ],
)
def test_browsers_have_names(agent: str, name: str) -> None:
    assert browser(agent) == name
