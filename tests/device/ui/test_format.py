from __future__ import annotations

import pytest

from edgeweb.device.metrics.catalogue import METRICS
from edgeweb.device.ui.format import NBSP, quantity
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


@pytest.mark.parametrize(("value", "unit", "text"), ROWS)
def test_quantity(value: float | None, unit: str, text: str) -> None:
    assert quantity(value, unit, Words("en")).replace(NBSP, " ") == text


@pytest.mark.parametrize(("value", "unit", "text"), FRENCH)
def test_quantity_in_french(value: float | None, unit: str, text: str) -> None:
    assert quantity(value, unit, Words("fr")).replace(NBSP, " ") == text


def test_every_unit_of_a_metric_has_a_row() -> None:
    assert {unit for _, unit, _, _, _ in METRICS} <= {unit for _, unit, _ in ROWS}
