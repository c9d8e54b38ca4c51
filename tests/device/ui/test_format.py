from __future__ import annotations

import pytest

from edgeweb.device.metrics.catalogue import METRICS
from edgeweb.device.ui.format import NBSP, measured, quantity
from edgeweb.device.ui.i18n import Words

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


@pytest.mark.parametrize(("value", "unit", "text"), MEASURED)
def test_a_value_of_a_sensor(value: float | None, unit: str, text: str) -> None:
    assert measured(value, unit, Words("en")).replace(NBSP, " ") == text
    assert measured(value, unit, Words("fr")).replace(NBSP, " ") == text.replace(".", ",")


@pytest.mark.parametrize(("value", "unit", "text"), ROWS)
def test_quantity(value: float | None, unit: str, text: str) -> None:
    assert quantity(value, unit, Words("en")).replace(NBSP, " ") == text


@pytest.mark.parametrize(("value", "unit", "text"), FRENCH)
def test_quantity_in_french(value: float | None, unit: str, text: str) -> None:
    assert quantity(value, unit, Words("fr")).replace(NBSP, " ") == text


def test_every_unit_of_a_metric_has_a_row() -> None:
    assert {unit for _, unit, _, _, _ in METRICS} <= {unit for _, unit, _ in ROWS}
