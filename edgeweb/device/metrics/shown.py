"""Figures at the precision that people see, so that nothing is sent to a page that would look the same."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor

from .catalogue import METRICS
from .processor import Value

#: A span from the first on is shown in steps of the second, in seconds.
_STEPS = ((86_400, 3600), (3600, 60), (0, 1))


def shown(values: Mapping[str, Value]) -> dict[str, Value]:
    """Return all figures of a sample, each as `coarse` has it."""
    found: dict[str, Value] = {}
    for name, unit, _, _, _ in METRICS:
        value = values[name]
        if isinstance(value, Mapping):
            found[name] = {label: coarse(one, unit) for label, one in value.items()}
        else:
            found[name] = coarse(value, unit)
    return found


def coarse(value: float | None, unit: str) -> float | None:
    """Return a figure without the digits that `ui/format.py` does not show.

    >>> coarse(3.14159, "percent"), coarse(1_234_567_890, "bytes"), coarse(3671.5, "seconds")
    (3.1, 1181116006, 3660)
    """
    if value is None:
        return None
    if unit in ("bytes", "bytes/s"):
        return _bytes(value)
    if unit == "seconds":
        step = next(step for least, step in _STEPS if value >= least)
        return int(value) // step * step
    if unit == "boolean":
        return int(value)
    scale = 10 if unit in ("percent", "celsius") else 100
    return floor(value * scale + 0.5) / scale


def _bytes(value: float) -> float:
    size = 1
    while value / size >= 1024 and size < 1024**5:
        size *= 1024
    scale = 1 if size == 1 else 10
    steps = floor(value / size * scale + 0.5)
    # 1024.0 KiB: rounded, it would be shown as 1.0 MiB
    return value if steps == 1024 * scale else round(steps * size / scale)
