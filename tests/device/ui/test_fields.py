"""Fields of forms: attributes, texts and values of each kind, without a page around them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from edgeweb.device.config.profile import Profile
from edgeweb.device.ui.fields import (
    as_text,
    attributes,
    choice_text,
    expected,
    read,
    setting_title,
    shown,
    thing_of,
)
from edgeweb.device.ui.i18n import Words

EN, FR = Words("en"), Words("fr")


@pytest.mark.parametrize(
    ("key", "family", "name"),
    [
        ("channels.lamp.title", "channels", "lamp"),
        ('channels."a.b".title', "channels", "a.b"),
        ("sensors.interval", "sensors", ""),
        ("device.latitude", "device", ""),
        ("server.tls.port", "server", ""),
    ],
)
def test_the_thing_of_a_setting(key: str, family: str, name: str) -> None:
    assert thing_of(key) == (family, name)


def test_titles_of_settings(make_profile: Callable[..., Profile]) -> None:
    profile = make_profile(
        '[channels.lamp]\ndriver = "memory"\nmode = "output"\ntitle = "Garden gate"\n'
        '[channels.plain]\ndriver = "memory"\nmode = "output"\n'
    )
    for key, title in (
        ("channels.lamp.pulse", "Garden gate, Length of a pulse"),
        ("channels.plain.pulse", "plain, Length of a pulse"),
        ("channels.gone.pulse", "gone, Length of a pulse"),
        ("dashboard.title", "Heading of all pages"),  # without what an empty field means
        ("sensors.temperatures", "Read the temperature sensors"),
        ("no.such", "no.such"),
    ):
        assert setting_title(key, EN, profile) == title


@pytest.mark.parametrize(
    ("kind", "limits", "found"),
    [
        ("integer", (1, 9), {"min": 1, "max": 9, "step": 1}),
        ("number", (0, 0.5), {"min": 0, "max": 0.5, "step": "any"}),
        ("string", 40, {"maxlength": 40}),
        ("strings", 40, {"rows": 3}),
        ("boolean", None, {}),
        ("limit", (0, 1), {}),
    ],
)
def test_attributes(kind: str, limits: object, found: dict[str, object]) -> None:
    assert attributes(kind, limits) == found


@pytest.mark.parametrize(
    ("kind", "limits", "text"),
    [
        ("string", 40, "text of at most 40 printable characters"),
        ("choice", ("on", "none of ours"), "one of on, none of ours"),
        ("size", (0, 65536), "a size from 0 B to 64 KiB, such as 64 KiB"),
        ("number", (-0.5, 1234567.25), "a number from -0.5 to 1234567.25"),
        ("integer", (1, 64), "a whole number from 1 to 64"),
    ],
)
def test_what_is_expected(kind: str, limits: object, text: str) -> None:
    assert expected(kind, limits, EN) == text


def test_what_is_expected_has_the_signs_of_the_language() -> None:
    assert "0,5" in expected("number", (0.5, 1), FR)
    assert "1,5 s" in expected("duration", (1.5, 60.0), FR) and "1 min" in expected(
        "duration", (1.5, 60.0), FR
    )


def test_choices_without_a_text_stay() -> None:
    assert (choice_text("lamp", FR), choice_text("none of ours", FR)) == ("lampe", "none of ours")


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("boolean", True, "yes"),
        ("boolean", False, "no"),
        ("choice", "pull-up", "to the supply (pull-up)"),
        ("string", "", "(empty)"),
        ("string", "a", "a"),
        ("strings", ("a", "b"), "a, b"),
        ("strings", (), "(empty)"),
    ],
)
def test_values_for_people(kind: str, value: object, text: str) -> None:
    assert shown(kind, value, EN) == text.replace("(empty)", EN("settings.empty"))


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("strings", ("a", "b"), "a\nb"),
        ("strings", "as it was typed", "as it was typed"),
        ("string", 7, "7"),
        ("size", 65536, "64 KiB"),
        ("size", "as it was typed", "as it was typed"),
        ("duration", 600.0, "10 min"),
        ("duration", 0, "0 s"),
        ("duration", "soon", "soon"),
        ("number", 0.1, "0.1"),
        ("number", 999_999.0, "999999"),
        ("number", 1_000_000.0, "1000000"),
        ("number", 12_345_678.0, "12345678"),
        ("integer", 12_345_678, "12345678"),
    ],
)
def test_values_in_a_field(kind: str, value: object, text: str) -> None:
    assert as_text(kind, value) == text


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("boolean", " true ", True),
        ("boolean", "false", False),
        ("strings", " a \n\n  \nb", ["a", "b"]),
        ("integer", "12", 12),
        ("number", "0,5", 0.5),
        ("number", "2.0", 2),
        ("limit", "-40", -40),
        ("limit", "", ""),
        ("duration", "1,5 s", 1.5),
        ("duration", "10 min", 600.0),
        ("duration", "10", 10),
        ("number", "10 min", "10 min"),
        ("number", "much", "much"),
        ("string", "12", "12"),
        ("size", "64", "64"),
        # no number that a person types has as many characters
        ("number", "1".rjust(16, "0") + "." + "0" * 16, 1),
        ("duration", f"10{' ' * 40}min", f"10{' ' * 40}min"),
        ("duration", f"10{' ' * 34}min", 600.0),
        ("duration", f"10{' ' * 35}min", f"10{' ' * 35}min"),
    ],
)
def test_what_was_typed(kind: str, text: str, value: object) -> None:
    found = read(kind, text)
    assert (found, type(found)) == (value, type(value))
