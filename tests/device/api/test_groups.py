"""A whole group at once, over HTTP and on the overview: each channel by its own rules, each with its row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.channels.drivers.memory import Driver
from edgeweb.device.config.profile import Profile

from ..people import SOMEBODY, add_owner, add_user, client_of, device_of
from ..ui.visitor import Visitor

PATH = "/api/v1/groups/Garden%2FEast/state"

TOML = """
[channels.lamp]
driver = "memory"
mode = "output"
title = "Lamp"
group = "Garden/East"
[channels.fan]
driver = "memory"
mode = "pwm"
title = "Fan"
group = "Garden/East"
[channels.pump]
driver = "memory"
mode = "output"
title = "Pump"
group = "Garden/East"
interlock = "water"
[channels.valve]
driver = "memory"
mode = "output"
title = "Valve"
group = "Garden/East"
interlock = "water"
[channels.gate]
driver = "memory"
mode = "button"
group = "Garden/East"
[channels.door]
driver = "memory"
mode = "input"
group = "Garden/East"
[channels.bell]
driver = "memory"
mode = "output"
group = "House"
"""


@pytest.fixture
def app(make_profile: Callable[..., Profile]) -> Iterator[Flask]:
    found = add_owner(create_app(make_profile(TOML)))
    device_of(found).start()
    yield found
    device_of(found).close()


def states(app: Flask) -> dict[str, bool | None]:
    return {channel.name: channel.current.state for channel in device_of(app).channels}


def rows(app: Flask) -> list[tuple[str, str, str]]:
    found = app.test_client().get("/api/v1/audit").json["audit"]
    return [
        (row["who"], row["target"], row["result"]) for row in found if row["action"].startswith("channel.")
    ]


def lose_pump(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pump's hardware fails from now on."""
    write = Driver.write

    def refuse(self: Driver, name: str, level: Any) -> Any:
        if name == "pump":
            raise OSError("no wire")
        return write(self, name, level)

    monkeypatch.setattr(Driver, "write", refuse)


def test_all_off(app: Flask) -> None:
    device = device_of(app)
    for name in ("lamp", "pump", "bell"):
        device.switch(SOMEBODY, name, True)
    device.act(SOMEBODY, "fan", "value", 0.4)
    answer = app.test_client().put(PATH, json={"on": False})
    assert answer.status_code == 200
    assert [channel["id"] for channel in answer.json["channels"]] == ["lamp", "fan", "pump", "valve"]
    assert answer.json["refused"] == []
    found = states(app)
    assert not any(found[name] for name in ("lamp", "fan", "pump", "valve")) and found["bell"]
    assert {row for row in rows(app) if row[0] == "owner"} == {
        ("owner", name, "off") for name in ("lamp", "fan", "pump")
    }, "what was off was not switched"
    app.test_client().put(PATH, json={"on": False})
    assert len([row for row in rows(app) if row[0] == "owner"]) == 3, "twice does no harm"


def test_all_on_keeps_the_interlocks(app: Flask) -> None:
    answer = app.test_client().put(PATH, json={"on": True})
    assert answer.json["refused"] == [
        {"id": "valve", "key": "interlocked", "detail": '"Pump" is on. Switch it off first.'}
    ]
    assert [name for name, state in states(app).items() if state] == ["lamp", "fan", "pump"]


def test_refusals_one_by_one(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pump", "lamp"):
        device_of(app).switch(SOMEBODY, name, True)
    lose_pump(app, monkeypatch)
    answer = app.test_client().put(PATH, json={"on": False})
    assert [(row["id"], row["key"]) for row in answer.json["refused"]] == [("pump", "channel-offline")]
    assert states(app)["lamp"] is False
    assert ("owner", "pump", "off: channel-offline") in rows(app)


def test_an_unknown_group(app: Flask) -> None:
    for group in ("none", "%20"):
        answer = app.test_client().put(f"/api/v1/groups/{group}/state", json={"on": False})
        assert (answer.status_code, answer.json["key"]) == (404, "not-found")


def test_a_viewer_switches_nothing(app: Flask) -> None:
    vera = client_of(app, add_user(app, "vera", "viewer"))
    assert vera.put(PATH, json={"on": False}).status_code == 403
    assert "/groups/off" not in Visitor(app, "vera").get("/")


# -- on the overview -----------------------------------------------------------------------------------


def test_the_button_in_the_heading(app: Flask) -> None:
    owner = Visitor(app)
    device_of(app).switch(SOMEBODY, "lamp", True)
    assert owner.get("/").count("/groups/off") == 1, "a group of one has none"
    assert owner.send("/groups/off", group="Garden/East") == "/"
    assert states(app)["lamp"] is False
    owner.send("/groups/off", status=404, group="none")


def test_a_refusal_stands_in_its_row(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = Visitor(app)
    device_of(app).switch(SOMEBODY, "pump", True)
    lose_pump(app, monkeypatch)
    page = owner.send("/groups/off", status=503, group="Garden/East")
    assert len(re.findall('class="refusal"', page)) == 1
    row = re.search(r'id="row-pump".*?</li>', page, re.DOTALL)
    assert row and "Pump: Channel" in row[0] and 'id="message"' not in page


def test_it_asks_where_one_of_them_does(make_profile: Callable[..., Profile]) -> None:
    asks = TOML.replace('title = "Pump"', 'title = "Pump"\nask = true')
    app = add_owner(create_app(make_profile(asks)))
    device = device_of(app)
    device.start()
    owner = Visitor(app)
    device.switch(SOMEBODY, "lamp", True)
    assert owner.send("/groups/off", group="Garden/East") == "/", "what asks is off already"
    device.switch(SOMEBODY, "pump", True)
    page = owner.send("/groups/off", status=200, group="Garden/East")
    assert "Really switch off all of Garden/East? These ask first: Pump." in page
    assert states(app)["pump"] is True
    assert owner.send("/groups/off", group="Garden/East", sure="true") == "/"
    assert states(app)["pump"] is False
    device.close()
