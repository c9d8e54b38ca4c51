"""The types that JSON does not have and `json` does not write, and what they become."""

from __future__ import annotations

import sys
import typing as t

from werkzeug.http import http_date

_CONVERTED: tuple[tuple[str, str, t.Callable[[t.Any], str]], ...] = (
    ("datetime", "date", http_date),
    ("decimal", "Decimal", str),
    ("uuid", "UUID", str),
)


def _default(o: t.Any) -> object:
    """Convert a date, decimal, UUID, dataclass or object with `__html__`. Raises `TypeError` for the rest."""
    for module_name, class_name, convert in _CONVERTED:
        # As long as the module is not imported, there is no object of the class.
        cls = getattr(sys.modules.get(module_name), class_name, None)
        if cls is not None and isinstance(o, cls):
            return convert(o)
    if hasattr(type(o), "__dataclass_fields__"):
        from dataclasses import asdict

        return asdict(o)
    if hasattr(o, "__html__"):
        return str(o.__html__())
    from json import JSONEncoder

    # Raises the standard library's error.
    return JSONEncoder().default(o)
