from __future__ import annotations

from collections.abc import Callable

import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.config.profile import Profile
from edgeweb.device.schedules.localtime import DAYS
from edgeweb.device.schedules.schedule import ACTIONS, FIELDS, KINDS
from edgeweb.device.ui.i18n import catalogue

from ...conftest import BOARD
from ...people import add_owner, add_user, device_of
from ..visitor import Visitor

MORNING = {
    "name": "morning",
    "title": "Light",
    "channel": "lamp",
    "action": "pulse",
    "seconds": "1,5",
    "kind": "daily",
    "time": "07:30",
    "days": ["mon", "fri"],
    "enabled": "true",
}


def test_every_word_of_schedules_has_a_text() -> None:
    texts = catalogue("en")
    for prefix, words in {"action": ACTIONS, "kind": KINDS, "day": DAYS, "schedules.expect": FIELDS}.items():
        assert {f"{prefix}.{word}" for word in words} <= set(texts)


def test_a_schedule_from_its_making_to_its_end(app: Flask) -> None:
    owner = Visitor(app)
    assert "There is no schedule yet." in owner.get("/schedules")
    assert owner.send("/schedules", **MORNING) == "/schedules?done=schedule-add"
    schedule = device_of(app).schedules["morning"]
    assert (schedule.amount, schedule.at, schedule.days) == (1500, "07:30", ("mon", "fri"))
    page = owner.get("/schedules")
    assert "Light" in page and "07:30 Mon Fri" in page and 'value="1.5"' in page
    assert owner.send("/schedules", **{**MORNING, "time": "08:00"}) == "/schedules?done=schedule-change"
    owner.send("/schedules/morning/enabled", enabled="false")
    schedule = device_of(app).schedules["morning"]
    assert (schedule.enabled, schedule.at, schedule.amount) == (False, "08:00", 1500)
    owner.send("/schedules/morning/remove")
    assert len(device_of(app).schedules) == 0
    owner.send("/schedules/morning/remove", status=404)


def test_a_value_is_in_percent(make_profile: Callable[..., Profile]) -> None:
    app = add_owner(create_app(make_profile(BOARD)))
    owner = Visitor(app)
    owner.send("/schedules", **{**MORNING, "channel": "fan", "action": "value", "percent": "12,5"})
    schedule = device_of(app).schedules["morning"]
    assert (schedule.action, schedule.amount) == ("value", 0.125), (
        "what belongs to another action does not count"
    )
    page = owner.get("/schedules")
    assert "(12.5 %)" in page and 'value="12.5"' in page


def test_intervals_are_minutes(app: Flask) -> None:
    fields = {"name": "air", "channel": "lamp", "action": "on", "kind": "interval", "every": "0.5"}
    Visitor(app).send("/schedules", **fields)
    schedule = device_of(app).schedules["air"]
    assert (schedule.every, schedule.enabled) == (30, False)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"time": "noon"}, "time"),
        ({"days": []}, "days"),
        ({"channel": "door"}, "channel"),
        ({"seconds": "a lot"}, "seconds"),
        ({"seconds": "0,01"}, "seconds"),
        ({"action": "value", "channel": "fan", "percent": "101"}, "percent"),
        ({"action": "value", "channel": "fan"}, "percent"),
        ({"kind": "interval", "every": "0"}, "every"),
        ({"kind": "once", "date": "some day"}, "date"),
    ],
)
def test_the_reason_stands_beside_the_field(app: Flask, wrong: dict[str, object], field: str) -> None:
    owner = Visitor(app)
    page = owner.send("/schedules", status=422, **{**MORNING, **wrong})
    assert f'id="new-{field}-fault"' in page
    assert 'value="morning"' in page, "what was typed is still there"
    french = owner.send("/schedules", status=422, language="fr", **{**MORNING, **wrong})
    assert "xpected" not in french and f'id="new-{field}-fault"' in french


def test_a_viewer_looks_only(app: Flask) -> None:
    Visitor(app).send("/schedules", **MORNING)
    add_user(app, "vera", "viewer")
    vera = Visitor(app, "vera")
    page = vera.get("/schedules")
    assert "Light" in page and "<details" not in page
    vera.send("/schedules/morning/remove", status=403)
