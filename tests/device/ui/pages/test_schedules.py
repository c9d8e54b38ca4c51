from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.config.profile import Profile
from edgeweb.device.schedules.localtime import DAYS
from edgeweb.device.schedules.schedule import ACTIONS, FIELDS, KINDS, SPAN_ACTIONS
from edgeweb.device.schedules.timesync import TimeSync
from edgeweb.device.ui.i18n import catalogue

from ...conftest import BOARD
from ...people import SOMEBODY, add_owner, add_user, device_of
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
    known = {
        "action": ACTIONS,
        "span": SPAN_ACTIONS,
        "kind": KINDS,
        "day": DAYS,
        "schedules.expect": FIELDS,
    }
    for prefix, words in known.items():
        assert {f"{prefix}.{word}" for word in words} <= set(texts)


def test_a_schedule_from_its_making_to_its_end(app: Flask) -> None:
    owner = Visitor(app)
    assert "There is no schedule yet." in owner.get("/schedules")
    assert owner.send("/schedules", **MORNING) == "/schedules?done=schedule-add"
    schedule = device_of(app).schedules["morning"]
    assert (schedule.amount, schedule.at, schedule.days) == (1500, "07:30", ("mon", "fri"))
    page = owner.get("/schedules")
    assert "Light" in page and "Mon Fri 07:30" in page and 'value="1.5"' in page
    assert owner.send("/schedules", **{**MORNING, "time": "08:00"}) == "/schedules?done=schedule-change"
    owner.send("/schedules/morning/enabled", enabled="false")
    schedule = device_of(app).schedules["morning"]
    assert (schedule.enabled, schedule.at, schedule.amount) == (False, "08:00", 1500)
    owner.send("/schedules/morning/remove")
    assert len(device_of(app).schedules) == 0
    owner.send("/schedules/morning/remove", status=404)


def test_a_removed_schedule_is_put_back(app: Flask) -> None:
    owner = Visitor(app)
    owner.send("/schedules", **MORNING)
    before = device_of(app).schedules["morning"].definition()
    where = owner.send("/schedules/morning/remove")
    assert 'Put "Light" back' in owner.get(where)
    assert "back</button>" not in Visitor(app).get(where), "another browser has removed nothing"
    assert owner.send("/schedules", undo="1") == "/schedules?done=schedule-undo"
    assert device_of(app).schedules["morning"].definition() == before
    assert owner.send("/schedules", undo="1") == "/schedules", "once"
    assert len(device_of(app).schedules) == 1


def test_a_viewer_puts_nothing_back(app: Flask) -> None:
    add_user(app, "vera", "viewer")
    Visitor(app, "vera").send("/schedules", status=403, undo="1")


def test_another_schedule_has_taken_the_name(app: Flask) -> None:
    owner = Visitor(app)
    owner.send("/schedules", **MORNING)
    owner.send("/schedules/morning/remove")
    owner.send("/schedules", **{**MORNING, "title": "New"})
    owner.send("/schedules", undo="1")
    titles = {schedule.name: schedule.title for schedule in device_of(app).schedules}
    assert titles == {"morning": "New", "light": "Light"}


@pytest.mark.parametrize(
    ("typed", "title", "name"),
    [
        ("", "Grow light, évening!", "grow-light-evening"),
        ("", "", "lamp"),
        ("", "\N{SUN BEHIND CLOUD}", "lamp"),
        ("My short name", "Title", "my-short-name"),
        ("Lamp_2", "Title", "Lamp_2"),
    ],
)
def test_the_short_name_is_made_of_the_words(app: Flask, typed: str, title: str, name: str) -> None:
    Visitor(app).send("/schedules", **{**MORNING, "name": typed, "title": title})
    assert [schedule.name for schedule in device_of(app).schedules] == [name]
    Visitor(app).send("/schedules", **{**MORNING, "name": "", "title": typed or title})
    assert [schedule.name for schedule in device_of(app).schedules][1:] == [
        f"{name.lower().replace('_', '-')}-2" if name != "Lamp_2" else "lamp-2"
    ]


def test_what_comes_next_is_first_and_has_its_words(make_profile: Callable[..., Profile]) -> None:
    app = add_owner(create_app(make_profile(BOARD + "[schedules]\nwait_for_clock = false\n")))
    owner = Visitor(app)
    often = {"channel": "lamp", "action": "on", "kind": "interval", "every": "1", "enabled": "true"}
    weekly = {**often, "kind": "span", "time": "07:00", "until": "08:30", "week": "weekend"}
    owner.send("/schedules", **{**often, "title": "A", "enabled": "false"})
    owner.send("/schedules", **weekly)
    owner.send("/schedules", **{**often, "title": "Z"})
    page = owner.get("/schedules")
    titles = [re.sub("<.*?>", "", title) for title in re.findall("<strong>(.*?)</strong>", page)]
    assert titles == ["Z", "lamp: weekends 07:00 to 08:30", "A"]
    assert not re.search('class="[^"]*warn', page)
    device_of(app).close()


def test_a_schedule_that_waits_for_the_clock_is_amber(app: Flask, tmp_path: Path) -> None:
    device_of(app).time_sync = TimeSync(lambda: True, lambda arguments: b"", root=str(tmp_path), kernel=bool)
    owner = Visitor(app)
    owner.send("/schedules", **MORNING)
    owner.send("/schedules", **{**MORNING, "name": "air", "kind": "interval", "every": "1"})
    page = " ".join(owner.get("/schedules").replace("\u00a0", " ").split())
    assert page.count('<span class="badge warn">when the clock is set</span>') == 1
    assert (
        'class="notice warn"' in page and "Schedules by date wait until the network has set the clock" in page
    )


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


#: What a person chooses and types: the rest is as the form has it.
GROW = {"channel": "lamp", "time": "07:00", "until": "08:30"}


def form_of(html: str) -> dict[str, str]:
    """Return the fields of the form for a new schedule, as a browser sends them without a change."""
    form = html.partition('<details id="add"')[2].partition("</form>")[0]
    found = dict(re.findall(r'<input [^>]*name="([^"]+)"[^>]*value="([^"]*)"', form))
    for name, options in re.findall(r'<select id="[^"]+" name="([^"]+)">(.*?)</select>', form, re.DOTALL):
        chosen = re.findall(r'value="([^"]+)" selected', options) or re.findall(r'value="([^"]+)"', options)
        found[name] = chosen[0]
    return {name: value for name, value in found.items() if name not in ("csrf", "days")}


def test_weekdays_from_seven_to_half_past_eight(app: Flask) -> None:
    """Two times are all that has to be typed, for the first channel; the form is open already."""
    owner = Visitor(app)
    page = owner.get("/schedules")
    assert '<details id="add" open>' in page
    fields = form_of(page)
    assert (fields["kind"], fields["week"], fields["action"]) == ("span", "weekdays", "on")
    assert owner.send("/schedules", **{**fields, **GROW}) == "/schedules?done=schedule-add"
    schedule = device_of(app).schedules["lamp"]
    assert (schedule.kind, schedule.at, schedule.until, schedule.days) == (
        "span",
        "07:00",
        "08:30",
        ("mon", "tue", "wed", "thu", "fri"),
    )
    page = owner.get("/schedules")
    assert "weekdays 07:00 to 08:30" in " ".join(page.split())
    for language, text in {
        "fr": "du lundi au vendredi\u202f: 07:00 à 08:30",
        "de": "montags bis freitags 07:00 bis 08:30",
    }.items():
        assert text in owner.get("/schedules", language=language)
    owner.send("/schedules", **{**fields, **GROW, "week": "weekend"})
    assert device_of(app).schedules["lamp-2"].days == ("sat", "sun")


def test_a_span_is_changed_and_paused(app: Flask) -> None:
    owner = Visitor(app)
    owner.send("/schedules", **GROW, kind="span", action="on", week="every", name="grow", enabled="true")
    owner.send("/schedules/grow/enabled", enabled="false")
    schedule = device_of(app).schedules["grow"]
    assert (schedule.enabled, schedule.until, len(schedule.days)) == (False, "08:30", 7)
    page = owner.get("/schedules")
    assert 'id="schedule-1-until" name="until" type="time" value="08:30"' in page
    owner.send(
        "/schedules",
        **{**GROW, "until": "09:00"},
        kind="span",
        action="on",
        name="grow",
        week="chosen",
        days="sat",
    )
    schedule = device_of(app).schedules["grow"]
    assert (schedule.until, schedule.days) == ("09:00", ("sat",))


def test_by_the_sun(app: Flask) -> None:
    owner, device = Visitor(app), device_of(app)
    page = owner.get("/schedules")
    assert 'name="time_of"' not in page and "in the settings" in page
    sunset = {
        **{"name": "dusk", "channel": "lamp", "kind": "span", "action": "on", "week": "every"},
        **{"time_of": "before-sunset", "time_offset": "30", "until_of": "clock", "until": "23:00"},
    }
    refused = owner.send("/schedules", status=422, **sunset)
    assert 'id="new-time_of-fault"' not in refused or "device.latitude" in refused
    device.settings.change(SOMEBODY, {"device.latitude": 52.5, "device.longitude": 13.4})
    assert owner.send("/schedules", **sunset) == "/schedules?done=schedule-add"
    dusk = device.schedules["dusk"]
    assert (dusk.at, dusk.offset_minutes, dusk.until, dusk.until_offset_minutes) == (
        "sunset",
        -30,
        "23:00",
        None,
    )
    page = owner.get("/schedules")
    assert "every day 30 min before sunset to 23:00" in page
    assert '<option value="before-sunset" selected>' in page
    owner.send("/schedules", **{**sunset, "kind": "daily", "time_of": "sunrise"})
    assert "every day sunrise" in owner.get("/schedules")
    assert "chaque jour\u202f: lever du soleil" in owner.get("/schedules", language="fr")
    assert "täglich Sonnenaufgang" in owner.get("/schedules", language="de")
    for offset in ("", "0", "361", "x"):
        page = owner.send("/schedules", status=422, **{**sunset, "time_offset": offset})
        assert 'id="new-time_offset-fault"' in page
    device.settings.change(SOMEBODY, {"device.latitude": None})
    assert '<option value="sunrise" selected>' in owner.get("/schedules"), "it can still be edited"


def test_the_result_is_in_words(app: Flask) -> None:
    owner = Visitor(app)
    owner.send("/schedules", **MORNING)
    schedule = device_of(app).schedules["morning"]
    schedule.last_at = 1.8e9
    for result, text in {
        "ok": "done",
        "interlocked": "Another channel of the same group",
        "odd": "odd",
    }.items():
        schedule.last_result = result
        assert f"({text}" in owner.get("/schedules")


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
        ({"kind": "span", "until": "noon", "action": "on"}, "until"),
        ({"kind": "span", "until": "07:30", "action": "on"}, "until"),
        ({"kind": "span", "until": "08:00", "action": "toggle"}, "action"),
        ({"time_of": "sunset"}, "time_of"),
        ({"kind": "span", "action": "on", "until_of": "sunset"}, "until_of"),
    ],
)
def test_the_reason_stands_beside_the_field(app: Flask, wrong: dict[str, object], field: str) -> None:
    owner = Visitor(app)
    page = owner.send("/schedules", status=422, **{**MORNING, **wrong})
    assert f'id="new-{field}-fault"' in page
    assert 'value="morning"' in page, "what was typed is still there"
    for language in ("fr", "de"):
        page = owner.send("/schedules", status=422, language=language, **{**MORNING, **wrong})
        assert "xpected" not in page and f'id="new-{field}-fault"' in page


def test_a_viewer_looks_only(app: Flask) -> None:
    Visitor(app).send("/schedules", **MORNING)
    add_user(app, "vera", "viewer")
    vera = Visitor(app, "vera")
    page = vera.get("/schedules")
    assert "Light" in page and "<details" not in page
    vera.send("/schedules/morning/remove", status=403)
