"""The types that JSON does not have, and what they are written as."""

from __future__ import annotations

import sys
import typing as t

from werkzeug.http import http_date

_CONVERTED: tuple[tuple[str, str, t.Callable[[t.Any], str]], ...] = (
    ("datetime", "date", http_date),
    ("decimal", "Decimal", str),
    ("uuid", "UUID", str),
)


def _default(o: t.Any) -> t.Any:
    """What the standard library leaves out: dates, decimals, UUIDs, dataclasses, and what has `__html__`."""
    for module_name, class_name, convert in _CONVERTED:
        # An object cannot be of a class whose module nobody imported: it is not imported to find out.
        cls = getattr(sys.modules.get(module_name), class_name, None)
        if cls is not None and isinstance(o, cls):
            return convert(o)
    if hasattr(type(o), "__dataclass_fields__"):
        from dataclasses import asdict

        return asdict(o)
    if hasattr(o, "__html__"):
        return str(o.__html__())
    raise TypeError(f"Object of type {type(o).__name__} is not JSON serializable")
