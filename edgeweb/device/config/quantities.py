"""Numbers, sizes, durations and dates, as people and programs write them.

Each function that reads a text returns None where the text is none of its kind.
"""

from __future__ import annotations

import re

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB

_SIZE = re.compile(r"(\d{1,15})\s*(B|KiB|MiB|GiB)", re.ASCII)
_SIZE_UNITS = {"B": 1, "KiB": KIB, "MiB": MIB, "GiB": GIB}

_DURATION = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)\s*(ms|s|min|h|d)", re.ASCII)
DURATION_UNITS = {"ms": 0.001, "s": 1, "min": 60, "h": 3600, "d": 86_400}

#: Source: RFC 3339, section 5.6. The plus of an offset becomes a space in an address that does not quote it.
DATE = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d(?:\.\d{1,6})?)([Zz]|[+ -]\d\d:\d\d)", re.ASCII)

#: A number as people and programs write it: no more digits than a float has, no other scripts' digits, no
#: underscores, no words such as "nan" and "inf", which `int` and `float` all take.
_WHOLE = re.compile(r"-?\d{1,16}", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,16}(?:\.\d{0,16})?(?:[eE][+-]?\d{1,2})?", re.ASCII)


def size_bytes(text: str) -> int | None:
    """Return the bytes that a number with a unit amounts to; None where the text is none.

    >>> size_bytes("64 KiB"), size_bytes("64")
    (65536, None)
    """
    match = _SIZE.fullmatch(text.strip())
    return int(match[1]) * _SIZE_UNITS[match[2]] if match else None


def size_text(number: int) -> str:
    """Return a number of bytes as profiles write it.

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
    return round(float(match[1]) * DURATION_UNITS[match[2]], 6) if match else None


def duration_text(number: float) -> str:
    """Return seconds as profiles write them: in the largest unit that needs no fraction.

    >>> duration_text(600.0), duration_text(0.05), duration_text(1.5)
    ('10 min', '50 ms', '1.5 s')
    """
    whole = (unit for unit in ("d", "h", "min", "s") if number and number % DURATION_UNITS[unit] == 0)
    unit = next(whole, "ms" if 0 < number < 1 else "s")
    return f"{round(number / DURATION_UNITS[unit], 6):.15g} {unit}"


def date_seconds(text: str) -> float | None:
    """Return a date with its offset in seconds since 1970; None where the text is none (RFC 3339).

    >>> date_seconds("2001-09-09T03:46:42.5+02:00"), date_seconds("2001-09-09"), date_seconds("yesterday")
    (1000000002.5, None, None)
    """
    match = DATE.fullmatch(text)
    if match is None:
        return None
    from datetime import datetime  # few requests have a date

    day, time, offset = match.groups()
    try:
        return datetime.fromisoformat(f"{day}T{time}{offset.replace(' ', '+').upper()}").timestamp()
    except (ValueError, OverflowError):  # the 31st of February
        return None


def read_integer(text: str) -> int | None:
    """Return the whole number that a text from a client is; None where it is none, or has too many digits.

    >>> read_integer("12"), read_integer("1_2"), read_integer("9" * 5000)
    (12, None, None)
    """
    return int(text) if _WHOLE.fullmatch(text) else None


def read_number(text: str) -> float | None:
    """Return the number that a text from a client is, always finite; None where it is none.

    >>> read_number("0.5"), read_number("nan"), read_number("1e400")
    (0.5, None, None)
    """
    return float(text) if _DECIMAL.fullmatch(text) else None
