"""The history of a channel over HTTP: what it did, from when to when, and when that is the same answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from edgeweb.device import create_app
from edgeweb.device.config.profile import Profile
from edgeweb.device.device import Device
from edgeweb.device.http.current import attach
from edgeweb.device.system.clock import WallClock

from ..people import SOMEBODY, add_owner

PATH = "/api/v1/channels/lamp/history"

#: 2027-01-15 08:00 UTC.
BEGIN = 1_800_000_000 // 3600 * 3600

PROFILE = """
[schedules]
wait_for_clock = false
[channels.lamp]
driver = "memory"
mode = "output"
[channels.light]
driver = "memory"
mode = "pwm"
"""


class House:
    """A device whose clocks the test moves."""

    def __init__(self, profile: Profile) -> None:
        self.now = 100.0
        self.app = create_app(profile)
        clock = WallClock(lambda: self.now, lambda: self.now - 100.0 + BEGIN)
        self.device = Device(profile, clock, threaded=False)
        attach(self.app, self.device)
        add_owner(self.app)
        self.device.start()

    def step(self, seconds: float) -> None:
        self.now += seconds
        self.device.timers.run_due()

    def get(self, query: str = "", status: int = 200, **headers: str) -> Any:
        answer = self.app.test_client().get(PATH + query, headers=headers)
        assert answer.status_code == status, answer.text
        return answer


@pytest.fixture
def house(make_profile: Callable[..., Profile]) -> Iterator[House]:
    found = House(make_profile(PROFILE))
    yield found
    found.device.close()


def test_a_week_with_a_pulse(house: House) -> None:
    house.step(600)
    house.device.act(SOMEBODY, "lamp", "pulse", 500)
    house.step(0.5)
    house.step(600)
    found = house.get().json
    assert (found["id"], found["switches"], found["on_seconds"]) == ("lamp", 1, 0.5)
    assert found["to"] == "2027-01-15T08:20:00.000Z", "up to the last full minute"
    assert found["from"] == "2027-01-08T08:20:00.000Z"
    assert found["known_seconds"] == 1200.0
    assert [(span["at"][11:], span["seconds"], span["state"]) for span in found["spans"]] == [
        ("08:00:00.000Z", 600.0, False),
        ("08:10:00.000Z", 0.5, True),
        ("08:10:00.500Z", 599.5, False),
    ]


def test_a_change_is_in_the_next_answer(house: House) -> None:
    house.step(30)
    assert house.get().json["spans"][-1]["state"] is False
    house.device.switch(SOMEBODY, "lamp", True)
    found = house.get().json
    assert (found["spans"][-1]["state"], found["switches"]) == (True, 1)
    assert found["to"] == "2027-01-15T08:00:30.000Z"


def test_an_answer_is_the_same_until_something_has_changed(house: House) -> None:
    house.step(70)
    tag = house.get().headers["ETag"]
    house.step(10)
    assert house.get(status=304, **{"If-None-Match": tag}).data == b""
    house.device.switch(SOMEBODY, "lamp", True)
    assert house.get(**{"If-None-Match": tag}).headers["ETag"] != tag
    with house.app.test_client().head(PATH) as head:
        assert (head.status_code, head.data, "ETag" in head.headers) == (200, b"", True)


def test_a_part_of_the_time(house: House) -> None:
    house.step(600)
    house.device.switch(SOMEBODY, "lamp", True)
    house.step(600)
    found = house.get("?from=2027-01-15T08:05:00Z&to=2027-01-15T08:15:00Z").json
    assert (found["on_seconds"], found["known_seconds"], len(found["spans"])) == (300.0, 600.0, 2)
    empty = house.get("?from=2027-01-15T07:00:00Z&to=2027-01-15T07:30:00Z").json
    assert (empty["known_seconds"], empty["spans"]) == (0, [])


@pytest.mark.parametrize("query", ["?from=2027-01-15T09:00:00Z", "?from=never", "?to=-1"])
def test_what_does_not_fit(house: House, query: str) -> None:
    assert house.get(query, 400).json["key"] == "invalid-query"


def test_the_value_of_a_dimmer(house: House) -> None:
    for value in (0.4, 0.9, 0.0):
        house.device.act(SOMEBODY, "light", "value", value)
        house.step(60)
    found = house.app.test_client().get(PATH.replace("lamp", "light")).json
    shown = [(span["state"], span["value"]) for span in found["spans"]]
    assert shown == [(False, 0.0), (True, 0.4), (True, 0.9), (False, 0.0)]
    assert (found["switches"], found["on_seconds"]) == (1, 120.0)
    assert "value" not in house.get().json["spans"][0]


def test_an_unknown_channel(house: House) -> None:
    answer = house.app.test_client().get("/api/v1/channels/none/history")
    assert (answer.status_code, answer.json["key"]) == (404, "unknown-channel")


def test_a_channel_that_is_tried_leaves_none(house: House) -> None:
    house.device.try_channel(SOMEBODY, "tried", {"driver": "memory", "mode": "input"}, lambda channel: None)
    house.step(600)
    assert house.device.store.read("SELECT name FROM channel_history") == [("lamp",), ("light",)]
