"""The overview as a home: since when things are as they are, what comes next, what happened, the machine."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.access.actor import SCHEDULE, TIMER
from edgeweb.device.config.profile import Profile
from edgeweb.device.metrics.history import History
from edgeweb.device.schedules.timesync import TimeSync
from edgeweb.device.ui.format import NBSP
from edgeweb.device.ui.trend import MAX_POINTS, points

from ...people import SOMEBODY, add_owner, add_user, device_of
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


def test_what_comes_next(app: Flask) -> None:
    owner, device = Visitor(app), device_of(app)
    assert not device.has_schedules
    assert 'id="next"' not in owner.get("/"), "nothing, and nothing loaded for it"
    assert device._schedules is None
    device.schedules.load()
    device.schedules.put(
        SOMEBODY, "late", {"channel": "lamp", "action": "off", "kind": "interval", "every": 7200}
    )
    device.schedules.put(
        SOMEBODY, "soon", {"channel": "lamp", "action": "on", "kind": "interval", "every": 3600}
    )
    page = owner.get("/")
    assert '<a href="/schedules">Grow light on</a>' in page
    assert device.clock.date(device.schedules["soon"].next_at or 0.0) in page
    assert '<a href="/schedules">Grow light ein</a>' in owner.get("/", language="de")


@pytest.mark.parametrize(("begin", "end", "text"), [("in", "after", "on"), ("ago", "in", "off")])
def test_a_span_says_whether_it_begins_or_ends(app: Flask, begin: str, end: str, text: str) -> None:
    device = device_of(app)
    now = time.time()
    times = {
        word: time.strftime("%H:%M", time.localtime(now + minutes * 60))
        for word, minutes in {"ago": -90, "in": 90, "after": 180}.items()
    }
    device.time_sync = TimeSync(lambda: False, lambda arguments: b"")
    device.schedules.load()
    device.schedules.put(
        SOMEBODY,
        "grow",
        {
            "channel": "lamp",
            "action": "on",
            "kind": "span",
            "at": times[begin],
            "until": times[end],
            "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
        },
    )
    assert f'<a href="/schedules">Grow light {text}</a>' in Visitor(app).get("/")


def test_what_waits_for_the_clock_says_why(app: Flask, tmp_path: Path) -> None:
    device = device_of(app)
    device.time_sync = TimeSync(lambda: True, lambda arguments: b"", root=str(tmp_path), kernel=lambda: False)
    device.schedules.load()
    device.schedules.put(
        SOMEBODY, "grow", {"channel": "lamp", "action": "on", "kind": "daily", "at": "07:00", "days": ["mon"]}
    )
    page = Visitor(app).get("/")
    assert "data-waiting" in page and "No time service" in page


def test_the_last_events_in_words_for_those_who_may_read_them(app: Flask) -> None:
    device = device_of(app)
    device.audit.note(SOMEBODY, "channel.set", "fan", "off")
    device.audit.note(SOMEBODY, "channel.value", "fan", "0.4")
    device.act(SOMEBODY, "lamp", "pulse", 10)
    device.audit.note(TIMER, "channel.pulse", "lamp", "off")
    device.audit.note(SCHEDULE, "schedule.run", "grow", "lamp on: channel-offline")
    device.audit.note(SOMEBODY, "settings.change", "device.title", "x")
    page = Visitor(app).get("/")
    found = page.partition('id="events"')[2].partition("</ul>")[0]
    rows = re.findall(r"<li>(.*?) <small><time.*?</time> (.*?)</small></li>", found)
    lamp, fan = '<span><a href="/channels/lamp">Grow light</a>', '<span><a href="/channels/fan">Fan</a>'
    assert rows == [
        (f"{lamp} on: failed</span>", "by a schedule"),
        (f"{lamp} pulsed</span>", f"by {SOMEBODY.name}"),
        (f"{fan} to 40{NBSP}%</span>", f"by {SOMEBODY.name}"),
    ]
    add_user(app, "vera", "operator")
    assert 'id="events"' not in Visitor(app, "vera").get("/")


def test_the_machine_in_one_strip_and_all_its_figures_a_tap_away(app: Flask) -> None:
    owner, device = Visitor(app), device_of(app)
    assert "<polyline" not in owner.get("/"), "no readings, no line"
    sample = device.metrics.sample()
    for number in range(1, 4):
        values = {**sample.values, "cpu_percent": 50.0 * (number - 1)}
        device.history.add(type(sample)(number, number * device.history.interval, values))
    page = owner.get("/")
    strip = page.partition('class="card machine"')[2].partition("</section>")[0]
    shown = re.findall(r'data-metric="(\w+)"', strip)
    assert {"cpu_percent", "memory_used_bytes", "memory_total_bytes", "uptime_seconds"} <= set(shown)
    assert '<svg class="trend" aria-hidden="true"' in strip
    assert '<polyline points="0,15 30,8 60,1">' in strip
    assert "<meter" not in page
    everything = owner.get(strip.partition('href="')[2].partition("#")[0])
    assert set(shown) <= set(re.findall(r'data-metric="(\w+)"', everything))
    assert "load_15m" in everything and "<meter" in everything


def test_a_sensor_has_its_last_hour_as_a_line(app: Flask) -> None:
    device = device_of(app)
    readings = iter((1.0, 3.0, 2.0))
    history = History(device.history.interval, device.history.length, lambda: [("air", "", next(readings))])
    device.history = history
    sample = device.metrics.sample()
    for number in range(1, 4):
        history.add(type(sample)(number, number * history.interval, {}))
    page = Visitor(app).get("/").partition('data-sensor="air"')[2].partition("</li>")[0]
    assert '<polyline points="0,15 30,1 60,8">' in page


def test_a_line_is_short_however_long_the_history_is() -> None:
    found = points([float(at % 7) for at in range(360)])
    assert len(found.split(" ")) <= MAX_POINTS and len(found) < 200
    assert points([1.0]) == points([]) == ""
    assert points([0.0, 0.0], 0) == "0,15 60,15", "nothing received"
