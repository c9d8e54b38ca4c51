"""The page of a channel or a sensor on the server: what it shows to whom, and which names lead to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.channels.history import MIXED, ON, UNKNOWN, Span
from edgeweb.device.config.profile import Profile
from edgeweb.device.ui.thing import NARROWEST, WIDTH, strip

from ...people import SOMEBODY, add_owner, add_user, device_of
from ..visitor import Visitor

TOML = """
[channels.lamp]
driver = "memory"
mode = "output"
title = "Lamp <b>"
max_on = 600
[channels.door]
driver = "memory"
mode = "input"
[channels.window]
driver = "memory"
mode = "output"
words = ["closed", "open"]
[channels.light]
driver = "memory"
mode = "pwm"
[sensors.rain]
kind = "file"
path = "/proc/uptime"
title = "Rain"
high = 30.5
"""


@pytest.fixture
def app(make_profile: Callable[..., Profile]) -> Iterator[Flask]:
    found = add_owner(create_app(make_profile(TOML)))
    device_of(found).start()
    yield found
    device_of(found).close()


@pytest.fixture
def owner(app: Flask) -> Visitor:
    return Visitor(app)


def test_a_channel(owner: Visitor, app: Flask) -> None:
    device = device_of(app)
    for on in (True, False, True):
        device.switch(SOMEBODY, "lamp", on)
    device.schedules.put(
        SOMEBODY,
        "dusk",
        {"channel": "lamp", "action": "off", "kind": "daily", "at": "22:00", "days": ["sun"]},
    )
    page = owner.get("/channels/lamp")
    assert "switched on 2 times" in page
    assert "Switch off, Sun 22:00" in page
    assert "Longest time on</dt><dd>10 min" in page and "Memory only" in page
    assert "Lamp <b>: switched on" in page
    assert 'name=".title"' in page


@pytest.mark.parametrize(
    ("language", "listed", "sums"),
    [
        ("en", r"open for 0", r"“open” for 0[^<]* in all, 2 times\."),
        ("de", r"0[^<]* open<", r"Insgesamt 0[^<]* „open“, 2 Mal\."),
        ("fr", r"open pendant 0", r"«\sopen\s» pendant 0[^<]* en tout, 2 fois\."),
    ],
)
def test_the_history_of_a_channel_is_told_in_its_owners_words(
    owner: Visitor, app: Flask, language: str, listed: str, sums: str
) -> None:
    for on in (True, False, True):
        device_of(app).switch(SOMEBODY, "window", on)
    page = owner.get("/channels/window", language=language)
    past = page.partition('id="past"')[2].partition("</section>")[0]
    assert re.search(listed, past)
    assert re.search(sums, past)


@pytest.mark.parametrize(
    ("language", "listed"),
    [("en", "on for 0"), ("de", "0[^<]* eingeschaltet"), ("fr", "en marche pendant 0")],
)
def test_the_history_of_a_dimmer_has_its_values(
    owner: Visitor, app: Flask, language: str, listed: str
) -> None:
    for value in (0.4, 0.75, 0.0):
        device_of(app).act(SOMEBODY, "light", "value", value)
    past = (
        owner.get("/channels/light", language=language).partition('id="past"')[2].partition("</section>")[0]
    )
    shown = re.findall(rf"<small>{listed}[^<]*, (\d+)\u00a0%</small>", past)
    assert shown == ["75", "40"], "the newest first"
    assert [float(height) for height in re.findall(r'class="on".*? height="([\d.]+)"', past)] == [0.4, 0.75]
    assert [float(y) for y in re.findall(r'class="on".*? y="([\d.]+)"', past)] == [0.6, 0.25]


def test_its_spans(owner: Visitor) -> None:
    for span in ("hour", "day", "week"):
        page = owner.get(f"/channels/lamp?span={span}")
        assert re.search(rf'span={span}" aria-current="true"', page)
    assert 'span=day" aria-current="true"' in owner.get("/channels/lamp?span=never")


def test_an_input_has_no_schedules(owner: Visitor) -> None:
    page = owner.get("/channels/door")
    assert 'id="past"' in page and 'id="schedules"' not in page


def test_a_sensor(owner: Visitor, app: Flask) -> None:
    page = owner.get("/sensors/rain")
    assert "A number in a file" in page and "/proc/uptime" in page
    assert "too high: 30.5" in page
    assert "only=rain" in page, "the script asks for nothing else"
    tank = device_of(app).sensor("tank", title="Tank")
    tank.set(5)
    page = owner.get("/sensors/tank")
    assert "Its values come from a program" in page and 'name=".title"' not in page


@pytest.mark.parametrize(("language", "label"), [("en", "File"), ("fr", "Fichier"), ("de", "Datei")])
def test_a_fact_has_no_example_in_its_label(owner: Visitor, language: str, label: str) -> None:
    page = owner.get("/sensors/rain", language=language)
    assert f"<dt>{label}</dt><dd>/proc/uptime</dd>" in page


def test_what_is_not_there(owner: Visitor) -> None:
    owner.get("/channels/none", status=404)
    owner.get("/sensors/none", status=404)


def test_a_viewer_sees_no_wiring_and_no_log(app: Flask) -> None:
    add_user(app, "vera", "viewer")
    vera = Visitor(app, "vera")
    device_of(app).switch(SOMEBODY, "lamp", True)
    page = vera.get("/channels/lamp")
    assert "switched on 1 time." in page
    assert "Longest time on" not in page and 'id="events"' not in page and 'name=".title"' not in page
    assert "/proc/uptime" not in vera.get("/sensors/rain")


def test_every_name_leads_to_it(owner: Visitor, app: Flask) -> None:
    device = device_of(app)
    device.switch(SOMEBODY, "lamp", True)
    device.schedules.put(
        SOMEBODY,
        "dusk",
        {"channel": "lamp", "action": "off", "kind": "daily", "at": "22:00", "days": ["sun"]},
    )
    for path in ("/", "/channels", "/schedules", "/audit"):
        assert 'href="/channels/lamp"' in owner.get(path), path
    assert 'href="/sensors/rain"' in owner.get("/")


def test_an_untitled_schedule_has_its_description_in_the_log(owner: Visitor, app: Flask) -> None:
    fields = {"channel": "door", "action": "off", "kind": "daily", "at": "22:00", "days": ["sun"]}
    device = device_of(app)
    device.schedules.put(SOMEBODY, "dusk", {**fields, "channel": "lamp"})
    assert 'New schedule <a href="/channels/lamp">Lamp <b></a>: Sun 22:00: Switch off<' in owner.get("/audit")
    device.schedules.put(SOMEBODY, "dusk", {**fields, "channel": "lamp", "title": "Good night"})
    assert "Good night" in owner.get("/audit")


def test_the_strip() -> None:
    spans = [
        Span(0.0, 10.0, UNKNOWN, 0, 0.0, 0.0),
        Span(10.0, 10.001, ON, 1, 0.001, 0.001),
        Span(20.0, 60.0, MIXED, 9, 4.0, 40.0),
        Span(60.0, 100.0, MIXED, 0, 0.0, 40.0),
        Span(100.0, 100.0, ON, 1, 0.0, 0.0),
    ]
    parts = list(strip(spans, 0.0, 100.0))
    assert [(part.x, part.width, part.state, part.share) for part in parts] == [
        (0.0, 100.0, "unknown", 1.0),
        (100.0, NARROWEST, "on", 1.0),
        (200.0, 400.0, "on", 0.3),
    ]
    assert all(part.x + part.width <= WIDTH for part in parts)
