"""What the profile has to do with hardware: which channels use a row, and the keys of one that would."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from . import gpio, leds, pwm
from .tree import Row

#: The channels of a profile: their tables by name.
Channels = Mapping[str, Mapping[str, Any]]


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


def with_channels(bus: str, rows: list[Row], channels: Channels) -> list[Row]:
    """Return the rows of a bus with `used_by`, the names of the channels that use a part.

    What a channel uses already is not offered to another: the part has no `channel` then.
    """
    use = USES.get(bus)
    if use is None:
        return rows
    mine = {name: options for name, options in channels.items() if options["driver"] == use.driver}
    if not use.parts:
        return [_marked(use, row, row, mine) for row in rows]
    return [{**row, use.parts: [_marked(use, row, part, mine) for part in row[use.parts]]} for row in rows]


def _marked(use: Use, row: Row, part: Row, channels: Channels) -> Row:
    used_by = [name for name, options in channels.items() if use.is_meant(options, row, part)]
    marked = {**part, "used_by": used_by}
    if used_by:
        marked.pop("channel", None)
    return marked
