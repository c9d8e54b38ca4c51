from __future__ import annotations

import re
from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.device.config.schema import BASIC, row_of
from edgeweb.device.config.settings import CHANGEABLE
from edgeweb.device.ui.i18n import LANGUAGES, catalogue

from ...people import device_of
from ..visitor import Visitor


def tag(page: str) -> str:
    found = re.search(r'name="tag" value="([^"]+)"', page)
    assert found
    return found[1]


def value(app: Flask, key: str) -> Any:
    return next(row.value for row in device_of(app).settings.rows() if row.key == key)


@pytest.mark.parametrize("key", CHANGEABLE)
@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_setting_has_a_text_and_a_field(key: str, language: str) -> None:
    texts = catalogue(language)
    row = row_of(key.split("."))
    kind, limits = row.kind, row.limits
    assert f"setting.{key}" in texts
    assert f"expect.{kind}" in texts
    if kind == "choice":
        assert {f"choice.{one}" for one in limits} <= set(texts)


def test_basic_settings_are_settings() -> None:
    assert set(CHANGEABLE) >= BASIC


def test_settings_of_experts_are_folded(app: Flask) -> None:
    owner = Visitor(app)
    page = owner.get("/settings")
    fold = '<details class="expert">'
    assert fold in page and 'name="history.length"' in page.partition(fold)[2]
    changed = {"here": "history.length", "history.length": "7"}
    owner.send("/settings", tag=tag(page), **changed)
    assert '<details class="expert" open>' in owner.get("/settings"), "what differs is seen"


def test_settings_are_changed_and_undone(app: Flask) -> None:
    owner = Visitor(app)
    page = owner.get("/settings")
    fields = {"here": ["sensors.interval", "dashboard.title"], "sensors.interval": "5,5"}
    location = owner.send("/settings", tag=tag(page), **fields, **{"dashboard.title": "Shed"})
    assert location == "/settings?done=settings"
    assert (value(app, "sensors.interval"), value(app, "dashboard.title")) == (5.5, "Shed")
    page = owner.get("/settings")
    assert "In the profile: 2 s" in page
    owner.send("/settings", tag=tag(page), back="sensors.interval")
    assert (value(app, "sensors.interval"), value(app, "dashboard.title")) == (2.0, "Shed")
    page = owner.get("/settings")
    assert (
        "Undo the last change" in page
        and "<small>Time between two readings of the machine: 5.5 s</small>" in page
    )
    owner.send("/settings", tag=tag(page), undo="1")
    assert value(app, "sensors.interval") == 5.5


@pytest.mark.parametrize(
    ("typed", "seconds"), [("90", 90.0), ("1,5", 1.5), ("500 ms", 0.5), ("10 min", 600.0), ("0,5 h", 1800.0)]
)
def test_a_duration_is_typed_with_or_without_its_unit(app: Flask, typed: str, seconds: float) -> None:
    owner, key = Visitor(app), "sensors.interval"
    owner.send("/settings", tag=tag(owner.get("/settings")), **{"here": key, key: typed})
    assert value(app, key) == seconds


def test_the_same_duration_with_another_unit_is_no_change(app: Flask) -> None:
    owner, key = Visitor(app), "sensors.interval"
    fields = {"here": key, key: "2000 ms"}
    assert (
        owner.send("/settings", tag=tag(owner.get("/settings")), **fields) == "/settings?done=settings-same"
    )


def test_a_box_that_is_not_ticked_is_off(app: Flask) -> None:
    owner = Visitor(app)
    owner.send("/settings", tag=tag(owner.get("/settings")), here="sensors.temperatures")
    assert value(app, "sensors.temperatures") is False


def test_a_refused_setting_says_why_beside_it(app: Flask) -> None:
    owner = Visitor(app)
    fields = {"here": ["sensors.interval", "dashboard.title"], "dashboard.title": "Shed"}
    for text in ("0.1", "soon"):
        page = owner.send(
            "/settings", status=422, tag=tag(owner.get("/settings")), **fields, **{"sensors.interval": text}
        )
        assert 'id="setting-sensors.interval-fault">Expected seconds, or a time with its unit such as' in page
        assert "from 500 ms to 1 h." in page
        assert f'value="{text}"' in page, "what was typed is still there"
        assert 'value="Shed"' in page
    assert value(app, "dashboard.title") == "", "all or nothing"
    for language, text in {
        "fr": "Attendu\u202f: des secondes, ou une durée avec son unité comme 500 ms ou 10 min,"
        " de 500 ms à 1 h.",
        "de": "Erwartet: Sekunden oder eine Zeit mit Einheit wie 500 ms oder 10 min, von 500 ms bis 1 h.",
    }.items():
        page = owner.send(
            "/settings",
            status=422,
            language=language,
            tag=tag(page),
            **{"here": "sensors.interval", "sensors.interval": "0"},
        )
        assert text in page


def test_a_rule_between_settings(app: Flask) -> None:
    owner = Visitor(app)
    key = "channels.lamp.pulse"
    page = owner.send("/settings", status=422, tag=tag(owner.get("/settings")), **{"here": key, key: "3000"})
    assert f'id="setting-{key}-fault"' in page


def test_somebody_else_was_faster(app: Flask) -> None:
    owner = Visitor(app)
    page = owner.get("/settings")
    owner.send("/settings", tag=tag(page), **{"here": "dashboard.title", "dashboard.title": "Shed"})
    page = owner.send(
        "/settings", status=412, tag=tag(page), **{"here": "dashboard.title", "dashboard.title": "Barn"}
    )
    assert "Another person has changed this meanwhile" in page
    assert value(app, "dashboard.title") == "Shed"


def test_nothing_changes_where_nothing_was_touched(app: Flask) -> None:
    owner = Visitor(app)
    page = owner.get("/settings")
    assert owner.send("/settings", tag=tag(page)) == "/settings?done=settings-same"
