"""Charts of the last minutes, hours and day: the rings of the history for the script, a table for all.

The machine's figures have charts by kind, each sensor has one of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from edgeweb import Response, request

from ...device import Device
from ...http.body import query_number
from ...http.current import current_device
from ...metrics.history import SENSOR
from ..blueprint import pages
from ..format import measured, quantity
from ..i18n import Words, chosen
from ..layout import page
from ..live import Build, tagged_part

#: `?span=`: the rings that it is taken from, and the seconds that are shown.
SPANS = {"minutes": ("fine", 600.0), "hour": ("fine", 3600.0), "day": ("coarse", 86400.0)}

#: A chart: its key in the catalogues, its unit, the figures in it, its highest value where that is fixed.
CHARTS: tuple[tuple[str, str, tuple[str, ...], float | None], ...] = (
    ("processor", "percent", ("cpu_percent",), 100),
    ("memory", "percent", ("memory_used_percent", "swap_used_percent"), 100),
    ("temperature", "celsius", ("temperature_celsius",), None),
    ("network", "bytes/s", ("network_receive_rate", "network_send_rate"), None),
    ("load", "processes", ("load_1m", "load_5m", "load_15m"), None),
    ("disk", "percent", ("disk_used_percent",), 100),
    ("server", "bytes", ("process_memory_bytes",), None),
)

FIGURES = frozenset(name for _, _, names, _ in CHARTS for name in names)


@pages.nav_page("history", 20)
def show() -> Response:
    """Show the charts, and the minimum, mean and maximum of each figure."""
    device = current_device()
    span = _span()
    content = to_json(device, span, None)
    charts = list(charts_of(device, content["series"], Words(chosen())))
    return page(
        "history",
        live=f"show=history&span={span}",
        charts=charts,
        span=span,
        spans=SPANS,
        kept=device.history.length > 0,
        interval=content["interval"],
    )


def charts_of(device: Device, series: list[dict[str, Any]], words: Words) -> Iterator[dict[str, Any]]:
    """Yield the charts that have a series, with a row of the table for each."""
    for word, unit, names, most in CHARTS:
        rows = [row for row in series if row["name"] in names]
        if rows:
            shown = partial(quantity, unit=unit, words=words)
            yield {
                "key": word,
                "title": words(f"history.chart.{word}"),
                "unit": unit,
                "names": names,
                "most": most,
                "rows": [summary(row, words(f"live.figure.{row['name']}"), shown) for row in rows],
            }
    for sensor in device.sensors or ():
        rows = [row for row in series if row["name"] == SENSOR + sensor.name]
        if rows:
            shown = partial(measured, unit=sensor.unit, words=words)
            yield {
                "key": SENSOR + sensor.name,
                "title": sensor.title,
                "unit": sensor.unit,
                "names": (SENSOR + sensor.name,),
                "is_sensor": True,
                "limits": sensor.limits,
                "rows": [summary(row, sensor.title, shown) for row in rows],
            }


@tagged_part("history")
def readings(device: Device) -> tuple[str, Build]:
    """Return the readings since `?since=` for the script; without it, all of the span."""
    span, since = _span(), query_number("since")
    rings = device.history.rings(SPANS[span][0])
    return f"{span}-{rings.last}", lambda: to_json(device, span, since)


def to_json(device: Device, span: str, since: int | None) -> dict[str, Any]:
    """Return the readings of a span; `first` is the number of the first, `origin` the date of number 0."""
    kind, seconds = SPANS[span]
    rings = device.history.rings(kind)
    count = min(rings.length, int(seconds / rings.interval))
    first = max(rings.last + 1 - count, (since or 0) + 1 if since else rings.last + 1 - count)
    series = [row for row in rings.series() if row["name"] in FIGURES or row["name"].startswith(SENSOR)]
    kept = max(rings.last + 1 - first, 0)
    for row in series:
        row["values"] = row["values"][len(row["values"]) - kept :]
    clock = device.clock
    return {
        "first": first,
        "count": count,
        "interval": rings.interval,
        # the seconds since 1970 of reading 0: a clock that was set moves everything
        "origin": round(clock.seconds(0.0), 1),
        "series": series,
    }


def summary(row: dict[str, Any], title: str, shown: Callable[[float | None], str]) -> dict[str, Any]:
    """Return a row of a chart's table: title and label, and the last, least, mean and greatest value."""
    values = [value for value in row["values"] if value is not None]
    found: tuple[float | None, ...] = (None, None, None, None)
    if values:
        found = values[-1], min(values), sum(values) / len(values), max(values)
    return {
        "name": row["name"],
        "label": row.get("label", ""),
        "title": title,
        "values": [shown(value) for value in found],
    }


def _span() -> str:
    span: str = request.args.get("span", "")
    return span if span in SPANS else "hour"
