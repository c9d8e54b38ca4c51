"""What the profile has to do with hardware: which channels and sensors use a row, and who could."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from . import gpio, leds, pwm
from .tree import Row

#: The channels or the sensors of a profile: their tables by name.
Things = Mapping[str, Mapping[str, Any]]


class Use(NamedTuple):
    """How channels use a bus.

    Attributes:
        driver: The driver of these channels.
        parts: The key of what one channel uses, in a row; empty where it is the row.
        is_meant: Whether a channel's options mean a part of a row.
    """

    driver: str
    parts: str
    is_meant: Callable[[Mapping[str, Any], Row, Row], bool]


USES = {
    "gpio": Use("gpio", "lines", gpio.is_meant),
    "leds": Use("led", "", leds.is_meant),
    "pwm": Use("pwm", "outputs", pwm.is_meant),
}


#: Buses whose parts sensors read, with the key of the parts in a row.
READS = {"onewire": "devices", "iio": "channels", "hwmon": "inputs"}


def with_users(bus: str, rows: list[Row], channels: Things, sensors: Things) -> list[Row]:
    """Return the rows of a bus with `used_by`, the names of the channels or sensors that use a part.

    What one uses already is not offered to another: the part has no `channel` or `sensor` then.
    """
    if bus in READS:
        parts = READS[bus]
        return [{**row, parts: [_read(row, part, sensors) for part in row[parts]]} for row in rows]
    use = USES.get(bus)
    if use is None:
        return rows
    mine = {name: options for name, options in channels.items() if options["driver"] == use.driver}
    if not use.parts:
        return [_marked(use, row, row, mine) for row in rows]
    return [{**row, use.parts: [_marked(use, row, part, mine) for part in row[use.parts]]} for row in rows]


def _marked(use: Use, row: Row, part: Row, channels: Things) -> Row:
    used_by = [name for name, options in channels.items() if use.is_meant(options, row, part)]
    marked = {**part, "used_by": used_by}
    if used_by:
        marked.pop("channel", None)
    return marked


def _read(row: Row, part: Row, sensors: Things) -> Row:
    """Return a part with the sensors that read it: those with the keys that it offers."""
    keys = part.get("sensor")
    if keys is None:
        return {**part, "used_by": []}
    used_by = [
        name
        for name, options in sensors.items()
        if all(_is_same(options.get(key), key, value, row) for key, value in keys.items())
    ]
    marked = {**part, "used_by": used_by}
    if used_by:
        marked.pop("sensor")
    return marked


def _is_same(given: object, key: str, offered: str, row: Row) -> bool:
    # the kernel's own name is right as well, where the name of the chip is offered
    return given == offered or (key in ("device", "chip") and given == row.get("device") is not None)
