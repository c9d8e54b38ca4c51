"""`edgeweb remote get`: a table of what devices answer."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from edgeweb.client import Client

from .devices import Device
from .fleet import Result, ask_all, worst
from .manage import chosen
from .output import table


class What(NamedTuple):
    """What is asked, the heads of its columns besides the device, and the rows of an answer."""

    ask: Callable[[Client], Any]
    head: tuple[str, ...]
    rows: Callable[[Any], Iterator[tuple[object, ...]]]


def get(options: argparse.Namespace) -> int:
    """Ask devices, and print their answers. Return the exit code. Raises `Refused`."""
    what = WHAT[options.what]

    def ask(device: Device, client: Client) -> tuple[Any, list[tuple[object, ...]]]:
        answer = what.ask(client)
        return answer, [(device.name, *row) for row in what.rows(answer)]

    results = ask_all(chosen(options.device), ask, options.timeout, options.patience)
    if options.json:
        print(json.dumps({result.device.name: _to_json(result) for result in results}, indent=2))
        return worst(results)
    rows = [row for result in results if not result.error for row in result.answer[1]]
    if rows:
        print(table(("device", *what.head), rows))
    report(results)
    return worst(results)


def report(results: list[Result]) -> None:
    """Write a line on stderr for each device that has not done it."""
    for result in results:
        if result.error:
            print(table((f"edgeweb remote: {result.device.name}:", result.error), []), file=sys.stderr)


def _to_json(result: Result) -> object:
    if result.error:
        return {"error": result.error}
    answer, _ = result.answer
    return answer._asdict() if hasattr(answer, "_asdict") else answer


def state_of(channel: Mapping[str, Any]) -> str:
    """Return the state of a channel in words.

    >>> state_of({"online": True, "state": True, "value": 0.4})
    'on 40%'
    """
    if not channel.get("online"):
        return "offline"
    state, level = channel.get("state"), channel.get("value")
    if state is None:
        return "unknown"
    word = "on" if state else "off"
    return f"{word} {level:.0%}" if state and isinstance(level, (int, float)) else word


def value_of(sensor: Mapping[str, Any]) -> str:
    """Return the value of a sensor with its unit.

    >>> value_of({"value": 21.50, "unit": "°C"})
    '21.5 °C'
    """
    value = sensor.get("value")
    return f"{value:g} {sensor.get('unit', '')}".rstrip() if isinstance(value, (int, float)) else "offline"


def _status(answer: dict[str, Any]) -> Iterator[tuple[object, ...]]:
    channels = answer["channels"].values()
    offline = sum(not row["online"] for row in channels)
    on = sum(bool(row["state"]) for row in channels)
    warnings = "; ".join(f"{row['source']}: {row['reason']}" for row in answer["warnings"])
    if not answer["storage"]["persistent"]:
        warnings = f"changes are not kept; {warnings}" if warnings else "changes are not kept"
    figures = answer["metrics"]
    yield (
        *(answer["device"]["title"], answer["device"]["model"]),
        f"{on} of {len(channels)} on" + (f", {offline} offline" if offline else ""),
        *(_number(figures.get(name)) for name in ("cpu_percent", "memory_used_percent")),
        warnings or "-",
    )


def _number(value: object) -> str:
    return f"{value:.0f} %" if isinstance(value, (int, float)) else "-"


def _sensors(answer: list[dict[str, Any]]) -> Iterator[tuple[object, ...]]:
    for row in answer:
        yield row["id"], row["title"], value_of(row), row["level"] if row["online"] else row["reason"]


def _metrics(answer: dict[str, Any]) -> Iterator[tuple[object, ...]]:
    for row in answer["metrics"]:
        values = row["values"].items() if "values" in row else [("", row.get("value"))]
        for label, value in values:
            yield row["name"], label, "-" if value is None else f"{value:g}", row["unit"]


WHAT: dict[str, What] = {
    "status": What(Client.status, ("title", "model", "channels", "processor", "memory", "warnings"), _status),
    "channels": What(
        Client.channels,
        ("channel", "title", "state", "since"),
        lambda rows: ((row["id"], row["title"], state_of(row), row["changed_at"]) for row in rows),
    ),
    "sensors": What(Client.sensors, ("sensor", "title", "value", "level"), _sensors),
    "schedules": What(
        Client.schedules,
        ("schedule", "channel", "action", "next", "last result"),
        lambda answer: (
            (row["name"], row["channel"], row["action"], row["next_at"] or "-", row["last_result"] or "-")
            for row in answer["schedules"]
        ),
    ),
    "metrics": What(Client.metrics, ("figure", "label", "value", "unit"), _metrics),
    "services": What(
        Client.services,
        ("service", "state", "description"),
        lambda rows: ((row.get("id"), row.get("active"), row.get("description")) for row in rows),
    ),
    "settings": What(
        Client.settings,
        ("setting", "value", "where from"),
        lambda answer: (
            (row["key"], row["value"], "this device" if row["changed"] else "profile")
            for row in answer.settings
        ),
    ),
}


def ask_one(device: Device, ask: Callable[[Client], Any], options: argparse.Namespace) -> tuple[Any, int]:
    """Ask one device. Return its answer and the exit code, after a line on stderr where it fails."""
    results = ask_all([device], lambda _, client: ask(client), options.timeout, options.patience)
    report(results)
    return results[0].answer, worst(results)
