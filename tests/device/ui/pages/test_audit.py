"""The page of the audit log: its link to the whole log."""

from __future__ import annotations

import json
import re
from html import unescape

from edgeweb import Flask
from edgeweb.device import Dashboard
from edgeweb.testing import FlaskClient

from ...people import OWN, PASSWORD, add_owner, browser_of, device_of

_LINK = r'<a href="([^"]+)" download>'


def test_the_link_gives_the_whole_log(app: Flask) -> None:
    browser = browser_of(app)
    (address,) = re.findall(_LINK, browser.get("/audit").text)
    rows = [json.loads(line) for line in browser.get(unescape(address)).text.splitlines()]
    assert {row["action"] for row in rows} >= {"user.add", "token.add"}


def test_pages_that_are_mounted_alone_have_no_link() -> None:
    app = Flask(__name__)
    app.register_blueprint(Dashboard(), url_prefix="/device")
    with app.test_client() as client:
        client.get("/device/sign-in")
        add_owner(app)
        browser = FlaskClient(app, app.response_class)
        browser.post("/device/sign-in", data={"name": "owner", "password": PASSWORD}, headers=OWN)
        page = browser.get("/device/audit")
    device_of(app).close()
    assert page.status_code == 200
    assert not re.findall(_LINK, page.text)
