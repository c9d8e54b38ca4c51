"""The sensors on the overview: title, value with unit, level or the reason for none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...device import Device
from ..format import measured
from ..i18n import Words, chosen
from ..live import Build, tagged_part

if TYPE_CHECKING:
    from ...sensors.sensor import Sensor


def rows(device: Device) -> list[dict[str, Any]]:
    """Return all sensors as the page shows them, in the order that the owner has given them."""
    words = Words(chosen())
    sensors = sorted(device.sensors or (), key=lambda sensor: sensor.order)
    return [_row(sensor, words) for sensor in sensors]


def _row(sensor: Sensor, words: Words) -> dict[str, Any]:
    level = words(f"sensor.{sensor.level}") if sensor.has_limits else ""
    return {
        "id": sensor.name,
        "title": sensor.title,
        "group": sensor.group,
        "order": sensor.order,
        "icon": sensor.icon,
        "has_limits": sensor.has_limits,
        "value": measured(sensor.value, sensor.unit, words),
        "level": sensor.level if sensor.online else "offline",
        "note": level if sensor.online else _reason(sensor, words),
    }


def _reason(sensor: Sensor, words: Words) -> str:
    error = sensor.source.error
    if error is None or sensor.warning() is None:
        return words("sensor.waiting")
    return words("live.offline", reason=words(f"warning.{error.kind}", detail=words.reason(error.detail)))


def warnings(device: Device, words: Words) -> list[str]:
    """Return a sentence for each sensor that is offline or out of its limits, in the language of the page."""
    found = []
    for sensor in device.sensors or ():
        if sensor.warning() is None:
            continue
        error = sensor.source.error
        if error is None:
            found.append(words(f"warning.{sensor.level}", title=sensor.title))
        else:
            source = words("warning.source.sensor", subject=sensor.title)
            reason = words(f"warning.{error.kind}", detail=words.reason(error.detail))
            found.append(words("warning", source=source, reason=reason))
    return found


@tagged_part("sensors")
def states(device: Device) -> tuple[str, Build]:
    """Return the sensors for the script, in the language of the page."""
    return device.sensors_tag(), lambda: rows(device)
