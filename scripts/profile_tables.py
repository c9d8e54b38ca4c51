#!/usr/bin/env python3
"""Write the tables of firmware_configs/README.md: drivers, kinds of sensors, their keys, and all other keys.

    scripts/profile_tables.py

They are made of the schema and of what each driver and kind declares. Run it after a change; a test compares.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "firmware_configs" / "README.md"

#: A line that names a table, and the table below it.
_TABLE = re.compile(r"^(<!-- scripts/profile_tables\.py: (\w+) -->\n\n)(?:\|.*\n)*", re.M)


def drivers() -> Iterable[tuple[str, ...]]:
    """Yield the head and the rows of the table of drivers."""
    from edgeweb.device.channels.drivers import DRIVERS, driver_module

    yield "driver", "what it switches or reads", "modes"
    for name in DRIVERS:
        module = driver_module(name)
        yield name, (module.__doc__ or "").partition("\n")[0].removesuffix("."), ", ".join(module.MODES)


def driver_keys() -> Iterable[tuple[str, ...]]:
    """Yield the head and the rows of the table of the drivers' keys."""
    from edgeweb.device.channels.drivers import DRIVERS, driver_module
    from edgeweb.device.config.checks import expectation

    yield "driver", "key", "has to be", "default", "meaning"
    for name in DRIVERS:
        module = driver_module(name)
        for option in module.OPTIONS:
            modes = f" in the mode {' or '.join(option.needed)}" if isinstance(option.needed, tuple) else ""
            default = f"required{modes}" if option.needed else _default(option.kind, option.default)
            yield (
                name,
                f"`channels.*.{option.key}`",
                expectation(option.kind, option.limits),
                default,
                option.meaning,
            )


def kinds() -> Iterable[tuple[str, ...]]:
    """Yield the head and the rows of the table of the kinds of sensors."""
    from edgeweb.device.sensors.kinds import KINDS, kind_module

    yield "kind", "what it reads"
    for name in KINDS:
        yield name, (kind_module(name).__doc__ or "").partition("\n")[0].removesuffix(".")


def kind_keys() -> Iterable[tuple[str, ...]]:
    """Yield the head and the rows of the table of the kinds' keys."""
    from edgeweb.device.config.checks import expectation
    from edgeweb.device.sensors.kinds import KINDS, kind_module

    yield "kind", "key", "has to be", "default", "meaning"
    for name in KINDS:
        for option in kind_module(name).OPTIONS:
            default = "required" if option.needed else _default(option.kind, option.default)
            yield (
                name,
                f"`sensors.*.{option.key}`",
                expectation(option.kind, option.limits),
                default,
                option.meaning,
            )


def keys() -> Iterable[tuple[str, ...]]:
    """Yield the head and the rows of the table of all keys but those of drivers and kinds."""
    from edgeweb.device.config.checks import expectation
    from edgeweb.device.config.schema import KEYS

    yield "key", "has to be", "default", "meaning"
    for row in KEYS:
        yield f"`{row.path}`", expectation(row.kind, row.limits), _default(row.kind, row.default), row.meaning


def with_tables(text: str) -> str:
    """Return a text with its tables written again. Raises `KeyError` for the name of no table."""
    return _TABLE.sub(lambda found: found[1] + _markdown(TABLES[found[2]]()), text)


TABLES = {
    "drivers": drivers,
    "driver_keys": driver_keys,
    "kinds": kinds,
    "kind_keys": kind_keys,
    "keys": keys,
}


def _default(kind: str, value: object) -> str:
    from edgeweb.device.config.checks import REQUIRED, as_written
    from edgeweb.device.config.errors import toml_text

    return "required" if value is REQUIRED else f"`{toml_text(as_written(kind, value))}`"


def _markdown(rows: Iterable[tuple[str, ...]]) -> str:
    head, *others = rows
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, *others)).replace(
        "\n", "\n" + "|---" * len(head) + "|\n", 1
    )


def main() -> int:
    README.write_text(with_tables(README.read_text()))
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
