"""The rows of a bus as tables for people: the dashboard and the command line show the same columns."""

from __future__ import annotations

from typing import NamedTuple

from .reader import Bus
from .tree import Row


class Layout(NamedTuple):
    """How the rows of a bus are shown.

    Attributes:
        columns: Keys of a part, in their order; the first one names it.
        parts: The key of the parts in a row, which has a table then; empty: the rows are those of one table.
        heading: Keys of a row whose texts are the heading of its table.
    """

    columns: tuple[str, ...]
    parts: str = ""
    heading: tuple[str, ...] = ()


LAYOUTS = {
    "gpio": Layout(
        ("line", "name", "pin", "direction", "used", "used_by", "channel"), "lines", ("chip", "label")
    ),
    "leds": Layout(("led", "max_brightness", "trigger", "used_by", "channel")),
    "pwm": Layout(
        ("line", "enabled", "period_ns", "duty_ns", "used_by", "channel"), "outputs", ("chip", "device")
    ),
    "onewire": Layout(("device", "kind", "used_by", "sensor"), "devices", ("bus",)),
    "iio": Layout(
        ("prefix", "kind", "unit", "value", "used_by", "sensor"), "channels", ("device", "name", "label")
    ),
    "hwmon": Layout(("input", "kind", "unit", "label", "used_by", "sensor"), "inputs", ("device", "name")),
    "i2c": Layout(("address", "name", "driver"), "devices", ("bus", "name")),
    "cameras": Layout(("path", "name")),
}

#: What a cell holds: a text, a number, whether something is so, the keys of a channel or a sensor; None:
#: nothing.
Cell = str | int | bool | dict[str, str] | None


class Table(NamedTuple):
    """A table: what it is about, why rows are missing, and its rows, a cell for each of its columns.

    A column that is empty in all rows is left out.
    """

    heading: str
    reason: str
    columns: list[str]
    rows: list[list[Cell]]


def tables(bus: Bus) -> list[Table]:
    """Return the tables of a bus; none where it has no rows."""
    layout = LAYOUTS[bus.name]
    if not layout.parts:
        return [_table("", "", bus.rows, layout)] if bus.rows else []
    return [
        _table(
            " · ".join(row[key] for key in layout.heading if row[key]),
            row.get("reason", ""),
            row[layout.parts],
            layout,
        )
        for row in bus.rows
    ]


def _table(heading: str, reason: str, parts: list[Row], layout: Layout) -> Table:
    columns = [column for column in layout.columns if any(_cell(part, column) is not None for part in parts)]
    return Table(heading, reason, columns, [[_cell(part, column) for column in columns] for part in parts])


def _cell(row: Row, column: str) -> Cell:
    if column == "used":
        # not every holder has a name
        return row["consumer"] or row["used"] or None
    found = row.get(column)
    if isinstance(found, list):
        return ", ".join(found) or None
    return None if found == "" else found
