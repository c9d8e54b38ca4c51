"""What the maker has written of the device, for people: privacy, and the end of support."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.config.profile import Profile

from ...people import add_owner, browser_of, client_of, device_of

HTML = {"Accept": "text/html", "Accept-Language": "en"}
VENDOR = '''
[vendor]
support_until = 2031-12-31
privacy = """
Kept: names, addresses.
Nothing is sent.

<script>alert(1)</script> & {{ device }}
"""
'''


@pytest.fixture
def app(make_profile: Callable[..., Profile]) -> Iterator[Flask]:
    app = add_owner(create_app(make_profile(VENDOR)))
    yield app
    device_of(app).close()


def test_a_stranger_finds_and_reads_it(app: Flask) -> None:
    stranger = client_of(app)
    assert '<a href="/privacy">Privacy</a>' in stranger.get("/sign-in", headers=HTML).text
    answer = stranger.get("/privacy", headers=HTML)
    assert answer.status_code == 200
    assert "<p>Kept: names, addresses.<br>Nothing is sent.</p>" in answer.text
    assert "<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp; {{ device }}</p>" in answer.text


def test_without_a_text_there_is_no_page_and_no_link(make_profile: Callable[..., Profile]) -> None:
    app = add_owner(create_app(make_profile()))
    assert "/privacy" not in client_of(app).get("/sign-in", headers=HTML).text
    assert client_of(app).get("/privacy", headers=HTML).status_code == 404
    about = browser_of(app).get("/about", headers=HTML).text
    assert "/privacy" not in about and "Security updates" not in about
    device_of(app).close()


def test_the_end_of_support(app: Flask) -> None:
    about = browser_of(app).get("/about", headers=HTML).text
    assert "<dt>Security updates until</dt><dd>31 Dec 2031</dd>" in about
    assert '<a href="/privacy">Read</a>' in about
    assert app.test_client().get("/api/v1/status").json["device"]["support_until"] == "2031-12-31"
