"""The overview as a home: since when things are as they are, what comes next, what happened, the machine."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.config.profile import Profile

from ...people import add_owner, add_user, device_of
from ..visitor import Visitor

HOUSE = """
[channels.lamp]
driver = "memory"
mode = "output"
title = "Grow light"
[channels.fan]
driver = "memory"
mode = "pwm"
title = "Fan"
[sensors.air]
kind = "file"
path = "/proc/uptime"
title = "Air"
"""


@pytest.fixture
def app(make_profile: Callable[..., Profile]) -> Iterator[Flask]:
    app = add_owner(create_app(make_profile(HOUSE)))
    yield app
    device_of(app).close()


@pytest.mark.parametrize(
    ("language", "text"), [("en", "just now"), ("fr", "à l'instant"), ("de", "gerade eben")]
)
def test_each_channel_says_since_when_in_place_of_its_kind(app: Flask, language: str, text: str) -> None:
    page = Visitor(app).get("/", language=language)
    found = re.findall(r'<time data-changed data-age datetime="([^"]+)">(.*?)</time>', page)
    assert [shown for _, shown in found] == [text, text]
    assert found[0][0] == device_of(app).channel_state(device_of(app).channels["lamp"])["changed_at"]
    assert "Dimmer" not in page and "Output" not in page


def test_a_dimmer_is_set_on_the_overview_without_a_script(app: Flask) -> None:
    owner = Visitor(app)
    form = owner.get("/").partition("data-slider")[2].partition("</form>")[0]
    assert 'name="from" value="overview"' in form and 'type="submit"' in form
    sent: dict[str, Any] = {"from": "overview", "percent": "40"}
    assert owner.send("/channels/fan/value", **sent) == "/"
    assert device_of(app).channels["fan"].current.value == 0.4


def test_a_viewer_has_no_slider(app: Flask) -> None:
    add_user(app, "vera", "viewer")
    assert "data-slider" not in Visitor(app, "vera").get("/")
