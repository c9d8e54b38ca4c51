"""Figures as people read them.

`quantity` in `static/quantity.js` gives the same text; a browser test compares them.
"""

from __future__ import annotations

from math import floor

_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_SPANS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))

#: Between a number and its unit: a space at which no line is broken.
NBSP = "\u00a0"
UNKNOWN = "\u2013"


#: What differs from English: the decimal sign, and the letters of bytes and days.
_DIALECTS = {"fr": (",", (("B", "o"),), (("d", "j"),))}


def quantity(value: float | None, unit: str, language: str = "en") -> str:
    """A figure with its unit, at a precision that suits a glance.

    >>> quantity(1536, "bytes", "fr").replace(NBSP, " ")
    '1,5 Kio'

    >>> quantity(1536, "bytes").replace(NBSP, " ")
    '1.5 KiB'
    >>> quantity(93784, "seconds").replace(NBSP, " ")
    '1 d 2 h'
    """
    text = _english(value, unit)
    if language not in _DIALECTS:
        return text
    point, of_bytes, of_spans = _DIALECTS[language]
    for english, other in of_bytes if unit.startswith("bytes") else of_spans if unit == "seconds" else ():
        text = text.replace(english, other)
    return text.replace(".", point)


def _english(value: float | None, unit: str) -> str:
    if value is None:
        return UNKNOWN
    if unit in ("bytes", "bytes/s"):
        return _bytes(value) + unit[len("bytes") :]
    if unit == "seconds":
        return _span(int(value))
    if unit == "percent":
        return f"{_rounded(value, 1)}{NBSP}%"
    if unit == "boolean":
        return str(int(value))
    if unit == "celsius":
        return f"{_rounded(value, 1)}{NBSP}\u00b0C"
    return _rounded(value, 2)


def _bytes(value: float) -> str:
    power = 0
    while value >= 1024 and power < len(_BINARY) - 1:
        value /= 1024
        power += 1
    return f"{_rounded(value, 1 if power else 0)}{NBSP}{_BINARY[power]}"


def _span(seconds: int) -> str:
    """The two largest units: after months nobody needs seconds; and one where the second would be nought."""
    for at, (size, name) in enumerate(_SPANS):
        if seconds >= size and size > 1:
            smaller, smaller_name = _SPANS[at + 1]
            rest = seconds % size // smaller
            return f"{seconds // size}{NBSP}{name}" + (f" {rest}{NBSP}{smaller_name}" if rest else "")
    return f"{seconds}{NBSP}s"


def _rounded(value: float, digits: int) -> str:
    # Half up and by this very arithmetic, because JavaScript has to come to the same text.
    scale = 10**digits
    return f"{floor(value * scale + 0.5) / scale:.{digits}f}"
