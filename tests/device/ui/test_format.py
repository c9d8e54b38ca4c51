from __future__ import annotations

import pytest

from edgeweb.device.metrics.catalogue import METRICS
from edgeweb.device.ui.format import NBSP, age, clock, measured, moment, plain, quantity, unpadded
from edgeweb.device.ui.i18n import LANGUAGES, Words

#: (value, unit, text); the browser tests run the same rows through the script of the page.
ROWS = [
    (None, "percent", "\u2013"),
    (0, "percent", "0.0 %"),
    (12.25, "percent", "12.3 %"),
    (100, "percent", "100.0 %"),
    (48.05, "celsius", "48.1 °C"),
    (-3.25, "celsius", "-3.2 °C"),
    (0, "bytes", "0 B"),
    (1023, "bytes", "1023 B"),
    (1024, "bytes", "1.0 KiB"),
    (1280, "bytes", "1.3 KiB"),
    (1048575, "bytes", "1024.0 KiB"),
    (25276502016, "bytes", "23.5 GiB"),
    (2**60, "bytes", "1024.0 PiB"),
    (1536.5, "bytes/s", "1.5 KiB/s"),
    (0.4, "bytes/s", "0 B/s"),
    (0, "seconds", "0 s"),
    (59.9, "seconds", "59 s"),
    (61, "seconds", "1 min 1 s"),
    (600, "seconds", "10 min"),
    (3600, "seconds", "1 h"),
    (86459, "seconds", "1 d"),
    (93784, "seconds", "1 d 2 h"),
    (0.125, "processes", "0.13"),
    (1, "boolean", "1"),
]

#: The same in French.
FRENCH = [
    (None, "percent", "\u2013"),
    (12.25, "percent", "12,3 %"),
    (1280, "bytes", "1,3 Kio"),
    (0.4, "bytes/s", "0 o/s"),
    (93784, "seconds", "1 j 2 h"),
    (0.125, "processes", "0,13"),
]

#: The same in German.
GERMAN = [
    (None, "percent", "\u2013"),
    (12.25, "percent", "12,3 %"),
    (1280, "bytes", "1,3 KiB"),
    (0.4, "bytes/s", "0 B/s"),
    (93784, "seconds", "1 d 2 h"),
    (0.125, "processes", "0,13"),
]

#: (language, figure, the same without zeros at its end); the browser tests run them as well.
UNPADDED = [
    ("en", "64.0 KiB", "64 KiB"),
    ("en", "1.5 KiB", "1.5 KiB"),
    ("en", "100.0 %", "100 %"),
    ("en", "100 %", "100 %"),
    ("en", "6.00", "6"),
    ("en", "0.50", "0.5"),
    ("en", "10", "10"),
    ("en", "1 d 20 h", "1 d 20 h"),
    ("de", "64,0 KiB", "64 KiB"),
    ("fr", "10,0 Kio/s", "10 Kio/s"),
    ("fr", "\u2013", "\u2013"),
]

#: The rows of each language.
FIGURES = {"en": ROWS, "fr": FRENCH, "de": GERMAN}

#: (language, moment, text)
MOMENTS = [
    ("en", "2026-11-07T08:05:09.250Z", "7 Nov 2026, 08:05:09 UTC"),
    ("fr", "2026-02-28T23:59:59.999Z", "28 févr. 2026 à 23:59:59 UTC"),
    ("de", "2026-03-01T00:00:00Z", "1. März 2026, 00:00:00 UTC"),
]

#: (language, seconds, text)
AGES = [
    ("en", -3, "just now"),
    ("en", 59.9, "just now"),
    ("en", 60, "for 1 min"),
    ("en", 7199, "for 1 h"),
    ("fr", 59, "à l'instant"),
    ("fr", 93784, "depuis 1 j"),
    ("de", 0, "gerade eben"),
    ("de", 3599, "seit 59 min"),
]

#: Values of sensors, in units that a profile has chosen.
MEASURED = [
    (None, "°C", "\u2013"),
    (21.48123, "°C", "21.48 °C"),
    (640.0, "", "640"),
    (1013.25, "hPa", "1013 hPa"),
    (-3.14159, "A", "-3.142 A"),
    (0.0015, "l", "0.0015 l"),
    (-0.0000001, "V", "0 V"),
    (0.0, "mm", "0 mm"),
    (100.05, "%", "100.1 %"),
]


@pytest.mark.parametrize(("language", "seconds", "text"), AGES)
def test_how_long_a_state_has_lasted(language: str, seconds: float, text: str) -> None:
    assert age(seconds, Words(language)).replace(NBSP, " ") == text


@pytest.mark.parametrize(("value", "unit", "text"), MEASURED)
def test_a_value_of_a_sensor(value: float | None, unit: str, text: str) -> None:
    assert measured(value, unit, Words("en")).replace(NBSP, " ") == text
    for language in ("fr", "de"):
        assert measured(value, unit, Words(language)).replace(NBSP, " ") == text.replace(".", ",")


@pytest.mark.parametrize(
    ("language", "value", "unit", "text"),
    [(language, *row) for language, rows in FIGURES.items() for row in rows],
)
def test_quantity(language: str, value: float | None, unit: str, text: str) -> None:
    assert quantity(value, unit, Words(language)).replace(NBSP, " ") == text


@pytest.mark.parametrize(("language", "text", "short"), UNPADDED)
def test_a_figure_that_stands_still(language: str, text: str, short: str) -> None:
    assert unpadded(text.replace(" ", NBSP), Words(language)).replace(NBSP, " ") == short


def test_every_language_has_rows() -> None:
    assert FIGURES.keys() == LANGUAGES.keys() == {language for language, _, _ in MOMENTS}


@pytest.mark.parametrize(("language", "iso", "text"), MOMENTS)
def test_a_moment(language: str, iso: str, text: str) -> None:
    assert moment(iso, Words(language)) == text
    assert clock(iso[11:16], Words(language)) == iso[11:16]


def test_a_number_of_the_settings() -> None:
    assert [plain("2.5 min", Words(language)) for language in ("en", "fr", "de")] == [
        "2.5 min",
        "2,5 min",
        "2,5 min",
    ]


def test_every_unit_of_a_metric_has_a_row() -> None:
    assert {unit for _, unit, _, _, _ in METRICS} <= {unit for _, unit, _ in ROWS}
