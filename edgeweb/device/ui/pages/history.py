"""Charts of the last minutes, hours and day: the rings of the history for the script, a table for all.

The machine's figures have charts by kind, each sensor has one of its own. Where hours of sensors are kept
there are their last week, by hours, and their last year, by days of UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from edgeweb import Response, current_app, request, url_for

from ...device import Device
from ...http.body import query_number
from ...http.current import current_device
from ...metrics.history import SENSOR
from ..blueprint import pages
from ..format import measured, quantity
from ..i18n import Words, chosen
from ..layout import link, page
from ..live import Build, tagged_part

#: `?span=`: the rings that it is taken from, and the seconds that are shown.
SPANS = {"minutes": ("fine", 600.0), "hour": ("fine", 3600.0), "day": ("coarse", 86400.0)}

#: `?span=` of what is kept: the seconds of a step, and the steps that are shown.
KEPT = {"week": (3600, 168), "year": (86_400, 366)}

#: The lines of a kept chart, the middle one first: `data-label` of the row, and the field of `Hour`.
KEPT_LINES = {"mean": "mean", "least": "minimum", "most": "maximum"}

#: The endpoint of a table of the kept hours. A program that mounts the pages alone has none.
TABLE = "api.sensor_history"

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
    span = span_of(device)
    content = to_json(device, span, None)
    charts = list(charts_of(device, content["series"], Words(chosen())))
    return page(
        "history",
        live=f"show=history&span={span}",
        charts=charts,
        span=span,
        spans=spans_of(device),
        address=lambda word: link("history", span=word),
        has_history=span in KEPT or device.history.length > 0,
        is_kept=span in KEPT,
        table=table_of(span, content),
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
                "limits": sensor.limits,
                "sensor": sensor.name,
                "rows": [
                    summary(row, words(f"history.{row['label']}") if "label" in row else sensor.title, shown)
                    for row in rows
                ],
            }


@tagged_part("history")
def readings(device: Device) -> tuple[str, Build]:
    """Return the readings since `?since=` for the script; without it, all of the span.

    `?only=` names a sensor: its own page needs no other figure.
    """
    only, since = request.args.get("only", ""), query_number("since")
    span = span_of(device, only)
    if span in KEPT:
        return f"{span}-{_last(device, span)}", lambda: to_json(device, span, since, only)
    rings = device.history.rings(SPANS[span][0])
    return f"{span}-{rings.last}", lambda: to_json(device, span, since, only)


def to_json(device: Device, span: str, since: int | None, only: str = "") -> dict[str, Any]:
    """Return the readings of a span; `first` is the number of the first, `origin` the date of number 0.

    `only` is the name of a sensor; empty: all figures and sensors.
    """
    if span in KEPT:
        return kept_to_json(device, span, since, only)
    kind, seconds = SPANS[span]
    rings = device.history.rings(kind)
    count = min(rings.length, int(seconds / rings.interval))
    first = max(rings.last + 1 - count, (since or 0) + 1 if since else rings.last + 1 - count)
    series = [
        row
        for row in rings.series()
        if (
            row["name"] == SENSOR + only if only else row["name"] in FIGURES or row["name"].startswith(SENSOR)
        )
    ]
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


def kept_to_json(device: Device, span: str, since: int | None, only: str) -> dict[str, Any]:
    """Return the kept steps of a span, as `to_json` does.

    The step `since` is among them: it may have been running at the last answer.
    """
    step, count = KEPT[span]
    last = _last(device, span)
    first = max(last + 1 - count, since or 0)
    series = []
    for sensor in device.sensors or ():
        if not device.is_kept(sensor) or only not in ("", sensor.name):
            continue
        hours = device.hours.steps(sensor.name, first * step, (last + 1) * step, step)
        found = {hour.begin // step: hour for hour in hours}
        for label, field in KEPT_LINES.items():
            values = [getattr(found.get(number), field, None) for number in range(first, last + 1)]
            series.append(
                {"name": SENSOR + sensor.name, "unit": sensor.unit, "label": label, "values": values}
            )
    return {"first": first, "count": count, "interval": step, "origin": 0, "series": series}


def _last(device: Device, span: str) -> int:
    """Return the number of the step that runs, counted from 1970."""
    device.clock.check()
    return int(device.clock.seconds(device.clock.monotonic()) // KEPT[span][0])


def _keeps(device: Device, only: str) -> bool:
    return any(device.is_kept(sensor) for sensor in device.sensors or () if only in ("", sensor.name))


def table_of(span: str, content: dict[str, Any]) -> Callable[[str], str] | None:
    """Return what makes the address of a sensor's table of the same steps; None where there is none."""
    if span not in KEPT or TABLE not in current_app.view_functions:
        return None
    step = content["interval"]
    begin, end = content["first"] * step, (content["first"] + content["count"]) * step
    query = {"from": begin, "to": end, "step": f"{step // 3600}h", "format": "csv"}
    return lambda name: url_for(TABLE, name=name, **query)


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


def spans_of(device: Device, only: str = "") -> list[str]:
    """Return what `?span=` may be; `only` as for `to_json`."""
    return [*SPANS, *KEPT] if _keeps(device, only) else list(SPANS)


def span_of(device: Device, only: str = "") -> str:
    """Return what `?span=` is, an hour where it is nothing."""
    span: str = request.args.get("span", "")
    return span if span in spans_of(device, only) else "hour"
