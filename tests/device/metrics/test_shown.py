"""Figures at the precision of the pages: the same text, with fewer changes."""

from __future__ import annotations

import random

import pytest

from edgeweb.device.metrics.shown import coarse
from edgeweb.device.ui.format import quantity
from edgeweb.device.ui.i18n import Words


@pytest.mark.parametrize(
    "unit", ["bytes", "bytes/s", "seconds", "percent", "celsius", "processes", "boolean"]
)
def test_it_looks_the_same(unit: str) -> None:
    words, chance = Words("en"), random.Random(1)
    edges = [0, 0.5, 59.96, 1023.4, 1023.6, 1024, 3599.9, 3600, 86399, 86400, 1048524, 1048575, 1024**3 - 1]
    for value in [*edges, *(10 ** chance.uniform(-3, 12) for _ in range(5000))]:
        found = coarse(value, unit)
        assert found is not None
        assert quantity(found, unit, words) == quantity(value, unit, words), value
        assert coarse(found, unit) == found


def test_what_cannot_be_read_stays_so() -> None:
    assert coarse(None, "bytes") is None
