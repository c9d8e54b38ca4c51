"""How the owner wants channels and sensors to be shown: groups, order, symbols, words, and a question."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape

import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.config.profile import Profile
from edgeweb.device.ui.i18n import Words
from edgeweb.device.ui.pages import overview

from ...people import OWN, SOMEBODY, add_owner, browser_of, device_of
from ..visitor import Visitor

HOUSE = """
[channels.gate]
driver = "memory"
mode = "output"
title = "Gate"
icon = "door"
words = ["closed", "open"]
ask = true
order = 5
[channels.heater]
driver = "memory"
mode = "pwm"
title = "Heater"
group = "Bath"
order = 3
[channels.lamp]
driver = "memory"
mode = "output"
title = "Lamp"
group = "Kitchen"
order = 2
[channels.bell]
driver = "memory"
mode = "button"
title = "Bell"
[sensors.soil]
kind = "file"
path = "/proc/uptime"
title = "Soil"
[sensors.air]
kind = "file"
path = "/proc/uptime"
title = "Air"
group = "Bath"
order = 1
icon = "thermometer"
"""


@pytest.fixture
def app(make_profile: Callable[..., Profile]) -> Iterator[Flask]:
    app = add_owner(create_app(make_profile(HOUSE)))
    yield app
    device_of(app).close()


def state(app: Flask, name: str) -> object:
    return device_of(app).channels[name].current.state


def test_groups_stand_where_their_first_member_does(app: Flask) -> None:
    page = Visitor(app).get("/")
    main = page.partition("<main")[2]
    assert re.findall(r'<h2 id="\S+-title">(.*?)</h2>', main)[:4] == [
        "Bath",
        "Kitchen",
        "Channels",
        "Sensors",
    ]
    order = re.findall(r'data-(?:channel|sensor)="(\w+)"', main)
    assert order == ["heater", "air", "lamp", "bell", "gate", "soil"]
    assert "icons." in page and '#door"' in page and '#thermometer"' in page
    everything = re.findall(r'data-channel="(\w+)"', Visitor(app).get("/channels"))
    assert everything == ["bell", "lamp", "heater", "gate"]


def test_without_groups_there_are_two_cards() -> None:
    row = {"group": "", "order": 0}
    assert [group.id for group in overview.groups([], [row], Words("en"))] == ["sensors"]
    assert overview.groups([], [], Words("en")) == []


def test_words_of_its_own(app: Flask) -> None:
    page = Visitor(app).get("/")
    assert 'data-off="closed" data-on="open"' in page
    assert re.search('<span class="channel-state"[^>]*>closed</span>', page)
    device_of(app).switch(SOMEBODY, "gate", True)
    assert re.search('<span class="channel-state"[^>]*>open</span>', Visitor(app).get("/channels"))


def test_a_question_comes_first(app: Flask) -> None:
    owner = Visitor(app)
    page = owner.get("/")
    assert page.count('<dialog id="ask"') == 1
    assert page.count('data-ask="Really switch Gate?"') == 1
    question = owner.send("/channels/gate", status=200, on="true", **{"from": "overview"})
    assert "Really switch Gate?" in question and state(app, "gate") is False
    sent = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', question.partition("<main")[2]))
    assert {key: sent[key] for key in ("on", "from")} == {"on": "true", "from": "overview"}
    assert re.findall(r'<form method="post" action="([^"]+)"', question.partition("<main")[2]) == [
        "/channels/gate"
    ]
    assert owner.send("/channels/gate", sure="true", **{"on": "true", "from": "overview"}) == "/"
    assert state(app, "gate") is True
    assert "Really switch" in owner.send("/channels/gate/pulse", status=200, seconds="1")
    assert owner.send("/channels/lamp", on="true") == "/channels", "others do not ask"


def test_a_script_that_cannot_ask_loads_the_page_again(app: Flask) -> None:
    client = browser_of(app)
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/about").text)
    assert found
    data = {"csrf": found[1], "on": "true"}
    headers = {**OWN, "Accept": "application/json"}
    refused = client.post("/channels/gate", data=data, headers=headers)
    assert (refused.status_code, refused.json["key"]) == (409, "conflict")
    assert "load the page again" in unescape(refused.json["detail"])
    assert client.post("/channels/gate", data={**data, "sure": "true"}, headers=headers).json["state"] is True


def test_pages_without_a_question_have_no_dialog(make_profile: Callable[..., Profile]) -> None:
    app = add_owner(create_app(make_profile('[channels.lamp]\ndriver = "memory"\nmode = "output"\n')))
    owner = Visitor(app)
    assert "<dialog" not in owner.get("/") + owner.get("/channels")
    device_of(app).close()
