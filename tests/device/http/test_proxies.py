"""Proxies that the profile does not name, browsers without cookies, and frames of other sites."""

from __future__ import annotations

import re

import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.config.profile import load
from edgeweb.device.http.origin import HEADERS

from ..people import OWN, PASSWORD, client_of, device_of

FOREIGN = {"Origin": "https://home.example"}


@pytest.mark.parametrize("sign", ["Via", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host"])
def test_a_refusal_by_an_unnamed_proxy_names_the_setting(app: Flask, sign: str) -> None:
    headers = {**FOREIGN, sign: "1.1 proxy"}
    answer = app.test_client().put("/api/v1/channels/lamp/state", json={"on": True}, headers=headers)
    assert (answer.status_code, answer.json["key"]) == (403, "unnamed-proxy")
    assert "server.behind_proxy" in answer.json["detail"]
    for language, words in (("en", "does not name"), ("fr", "ne nomme pas"), ("de", "nicht nennt")):
        form = {"name": "owner", "password": PASSWORD}
        page = client_of(app).post("/sign-in", data=form, headers={**headers, "Accept-Language": language})
        assert page.status_code == 403
        assert words in page.text and "server.behind_proxy" in page.text


def test_without_a_proxy_it_is_another_site(app: Flask) -> None:
    answer = app.test_client().put("/api/v1/channels/lamp/state", json={"on": True}, headers=FOREIGN)
    assert answer.json["key"] == "cross-site"


def form_of(text: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(cookies)" value="(\w+)">', text))


def test_a_browser_without_cookies_gets_the_reason(app: Flask) -> None:
    browser = client_of(app)
    shown = browser.get("/about")
    assert shown.headers["Set-Cookie"].startswith("edgeweb_cookies=1; HttpOnly; Path=/; SameSite=Strict")
    form = {"name": "owner", "password": PASSWORD, **form_of(shown.text)}
    assert form["cookies"]
    without = app.test_client(use_cookies=False)
    without.environ_base.pop("HTTP_AUTHORIZATION", None)
    texts = {
        "en": "keeps no cookies",
        "fr": "ne garde pas de cookies",
        "de": "speichert für diese Adresse",
    }
    for language, words in texts.items():
        answer = without.post("/sign-in", data=form, headers={**OWN, "Accept-Language": language})
        assert answer.status_code == 400 and words in answer.text
        # for a browser that has lost it between the form and its sending
        assert "edgeweb_cookies=1" in answer.headers["Set-Cookie"]
    assert browser.post("/sign-in", data=form, headers=OWN).status_code == 303


def test_set_up_without_cookies_keeps_the_code() -> None:
    fresh = create_app(load(overrides={"storage.state": "memory"}))
    form = {"name": "ada", "password": PASSWORD, "code": device_of(fresh).setup.code, "cookies": "asked"}
    client = fresh.test_client(use_cookies=False)
    assert "keeps no cookies" in client.post("/set-up", data=form, headers=OWN).text
    assert device_of(fresh).setup.is_open


def test_a_browser_with_any_cookie_is_not_asked(app: Flask) -> None:
    client = client_of(app)
    client.set_cookie("other", "1")
    assert "Set-Cookie" not in client.get("/about").headers


def test_pages_may_be_framed_by_the_origins_of_the_profile() -> None:
    wall = "http://homeassistant.local:8123"
    profile = load(overrides={"server.frame_ancestors": [wall], "storage.state": "memory"})
    headers = create_app(profile).test_client().get("/livez").headers
    assert "X-Frame-Options" not in headers
    policy = HEADERS["Content-Security-Policy"].replace("frame-ancestors 'none'", f"frame-ancestors {wall}")
    assert headers["Content-Security-Policy"] == policy
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_nobody_may_frame_them_otherwise(app: Flask) -> None:
    headers = app.test_client().get("/livez").headers
    assert headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
