"""What a value may be: the kinds of the profile's keys, and of fields in JSON bodies and queries.

A kind turns a value into what programs see, or refuses it in words. `limits` depend on the kind: the least
and most of a number, the most characters of a text, the choices.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB

#: In place of a default: the value has to be there.
REQUIRED: Any = object()

#: Names that a profile may choose in place of `*`. Those with two underscores on both sides are kept for
#: edgeweb.
NAME = re.compile(r"(?!__.*__$)[a-zA-Z_][a-zA-Z0-9_.-]{0,63}", re.ASCII)
NAME_RULE = "a name of 1 to 64 letters, digits and _ . - that starts with a letter or _ (__x__ is reserved)"

_SIZE = re.compile(r"(\d{1,15})\s*(B|KiB|MiB|GiB)", re.ASCII)
_SIZE_UNITS = {"B": 1, "KiB": KIB, "MiB": MIB, "GiB": GIB}

_DURATION = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)\s*(ms|s|min|h|d)", re.ASCII)
_DURATION_UNITS = {"ms": 0.001, "s": 1, "min": 60, "h": 3600, "d": 86_400}


def _boolean(limits: None, value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _integer(limits: tuple[int, int], value: object) -> int | None:
    # bool is a subclass of int, and `threads = true` is a slip
    if isinstance(value, int) and not isinstance(value, bool) and limits[0] <= value <= limits[1]:
        return value
    return None


def _number(limits: tuple[float, float], value: object) -> float | None:
    # not math.isfinite: it raises for whole numbers that no float holds, and NaN is within no limits
    if isinstance(value, (int, float)) and not isinstance(value, bool) and limits[0] <= value <= limits[1]:
        return float(value)
    return None


def _size(limits: tuple[int, int], value: object) -> int | None:
    if isinstance(value, str) and (match := _SIZE.fullmatch(value.strip())):
        value = int(match[1]) * _SIZE_UNITS[match[2]]
    return _integer(limits, value)


def _duration(limits: tuple[float, float], value: object) -> float | None:
    return _number(limits, seconds(value) if isinstance(value, str) else value)


def _string(limits: int, value: object) -> str | None:
    return value if isinstance(value, str) and len(value) <= limits and value.isprintable() else None


def _strings(limits: int, value: object) -> tuple[str, ...] | None:
    if isinstance(value, (list, tuple)) and len(value) <= 64 and all(_string(limits, v) for v in value):
        return tuple(value)
    return None


def _name(limits: None, value: object) -> str | None:
    return value if isinstance(value, str) and NAME.fullmatch(value) else None


#: Names of systemd's units (systemd.unit(5)); the first letter keeps them apart from options.
_UNIT = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_.@:-]{0,200}\.service", re.ASCII)


def _units(limits: int, value: object) -> tuple[str, ...] | None:
    if isinstance(value, (list, tuple)) and len(value) <= limits:
        good = all(isinstance(unit, str) and _UNIT.fullmatch(unit) for unit in value)
        return tuple(value) if good else None
    return None


def _choice(limits: tuple[str, ...], value: object) -> str | None:
    return value if isinstance(value, str) and value in limits else None


def size_text(number: int) -> str:
    """A byte count as profiles write it.

    >>> size_text(65536)
    '64 KiB'
    """
    unit = next((u for u in ("GiB", "MiB", "KiB") if number and number % _SIZE_UNITS[u] == 0), "B")
    return f"{number // _SIZE_UNITS[unit]} {unit}"


def seconds(text: str) -> float | None:
    """Return the seconds that a number with a unit amounts to; None where the text is none.

    >>> seconds("500 ms"), seconds("10 min"), seconds("10")
    (0.5, 600.0, None)
    """
    match = _DURATION.fullmatch(text.strip())
    # to the microsecond: 0.001 has no exact float, and "1100 ms" has to be 1.1
    return round(float(match[1]) * _DURATION_UNITS[match[2]], 6) if match else None


def duration_text(number: float) -> str:
    """Return seconds as profiles write them: in the largest unit that needs no fraction.

    >>> duration_text(600.0), duration_text(0.05), duration_text(1.5)
    ('10 min', '50 ms', '1.5 s')
    """
    whole = (unit for unit in ("d", "h", "min", "s") if number and number % _DURATION_UNITS[unit] == 0)
    unit = next(whole, "ms" if 0 < number < 1 else "s")
    return f"{round(number / _DURATION_UNITS[unit], 6):.15g} {unit}"


def as_written(kind: str, value: Any) -> Any:
    """Return a value as profiles write it: sizes and durations as text with their unit.

    >>> as_written("size", 65536), as_written("duration", 15.0), as_written("integer", 4)
    ('64 KiB', '15 s', 4)
    """
    return _AS_WRITTEN[kind](value) if kind in _AS_WRITTEN else value


_AS_WRITTEN: dict[str, Callable[[Any], str]] = {"size": size_text, "duration": duration_text}

Accept = Callable[[Any, object], Any]

#: kind: (what turns a value into what programs see, or None where it does not fit; the expectation in words)
KINDS: dict[str, tuple[Accept, Callable[[Any], str]]] = {
    "boolean": (_boolean, lambda limits: "true or false"),
    "integer": (_integer, lambda limits: f"a whole number from {limits[0]} to {limits[1]}"),
    "number": (_number, lambda limits: f"a number from {limits[0]:g} to {limits[1]:g}"),
    "size": (
        _size,
        lambda limits: (
            f'bytes as a whole number or text like "64 KiB",'
            f" from {size_text(limits[0])} to {size_text(limits[1])}"
        ),
    ),
    "duration": (
        _duration,
        lambda limits: (
            f'seconds as a number or text like "10 min" ({", ".join(_DURATION_UNITS)}),'
            f" from {duration_text(limits[0])} to {duration_text(limits[1])}"
        ),
    ),
    "string": (_string, lambda limits: f"text of at most {limits} printable characters"),
    "strings": (_strings, lambda limits: f"a list of at most 64 texts of 1 to {limits} printable characters"),
    "units": (_units, lambda limits: f"a list of at most {limits} names like `nginx.service`"),
    "name": (_name, lambda limits: NAME_RULE),
    "choice": (_choice, lambda limits: "one of " + ", ".join(f'"{choice}"' for choice in limits)),
}


def accept(kind: str, limits: Any, value: object) -> Any:
    """The value as programs see it.

    Raises `ValueError` with what was expected where it does not fit.

    >>> accept("size", (0, 1 << 30), "64 KiB")
    65536
    """
    accepted = KINDS[kind][0](limits, value)
    if accepted is None:
        raise ValueError(expectation(kind, limits))
    return accepted


def expectation(kind: str, limits: Any) -> str:
    """What a value has to be, in words.

    >>> expectation("integer", (1, 64))
    'a whole number from 1 to 64'
    """
    return KINDS[kind][1](limits)
