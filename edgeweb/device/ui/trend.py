"""Small lines of the last hour, from the history in memory: the points of an SVG polyline."""

from __future__ import annotations

from ..device import Device

#: The box of a line, as its template has it.
WIDTH, HEIGHT = 60, 16

#: Points at most: a line of a thumb's width shows no more.
MAX_POINTS = 30

#: The scale of a unit, where it is fixed; None: the greatest value. Others are between least and greatest.
_SCALES: dict[str, tuple[float, float | None]] = {"percent": (0, 100), "bytes/s": (0, None)}

#: The figures of the machine with a line.
FIGURES = (
    "cpu_percent",
    "memory_used_percent",
    "disk_used_percent",
    "temperature_celsius",
    "network_receive_rate",
)


def trends(device: Device) -> dict[tuple[str, str], str]:
    """Return the points of the machine's figures, by name and label; none for what has no readings."""
    found = {}
    for name in FIGURES:
        for row in device.history.series(name):
            values = [value for value in row["values"] if value is not None]
            found[name, row.get("label", "")] = points(values, *_SCALES.get(row["unit"], (None, None)))
    return found


def trend(device: Device, name: str) -> str:
    """Return the points of a sensor's figure; empty where there are none."""
    values = [value for row in device.history.series(name) for value in row["values"] if value is not None]
    return points(values)


def points(values: list[float], least: float | None = None, most: float | None = None) -> str:
    """Return values as the points of a line from the left to the right edge; empty for less than two.

    >>> points([0, 50, 100], 0, 100)
    '0,15 30,8 60,1'
    >>> points([7, 7])
    '0,8 60,8'
    """
    if len(values) < 2:
        return ""
    size = -(-len(values) // MAX_POINTS)
    means = [sum(part) / len(part) for part in (values[at : at + size] for at in range(0, len(values), size))]
    if len(means) < 2:
        return ""
    low = min(means) if least is None else least
    high = max(means) if most is None else most
    scale = (HEIGHT - 2) / (high - low) if high > low else 0.0
    flat = HEIGHT / 2 if least is None else HEIGHT - 1
    step = WIDTH / (len(means) - 1)
    heights = [HEIGHT - 1 - (mean - low) * scale if scale else flat for mean in means]
    return " ".join(f"{round(at * step)},{round(height)}" for at, height in enumerate(heights))
