"""Figures as people read them.

`quantity` in `static/quantity.js` gives the same text; a browser test compares them.
"""

from __future__ import annotations

from math import floor

from .i18n import Words

_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi")
_SPANS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))

#: Between a number and its unit: a space at which no line is broken.
NBSP = "\u00a0"
UNKNOWN = "\u2013"


def quantity(value: float | None, unit: str, words: Words) -> str:
    """Return a figure with its unit, at a precision that suits a glance, with the signs of a language.

    >>> quantity(1536, "bytes", Words("en")).replace(NBSP, " ")
    '1.5 KiB'
    >>> quantity(1536, "bytes", Words("fr")).replace(NBSP, " ")
    '1,5 Kio'
    >>> quantity(93784, "seconds", Words("en")).replace(NBSP, " ")
    '1 d 2 h'
    """
    if value is None:
        return UNKNOWN
    if unit in ("bytes", "bytes/s"):
        return _bytes(value, words) + unit[len("bytes") :]
    if unit == "seconds":
        return _span(int(value), words)
    if unit == "boolean":
        return str(int(value))
    if unit == "percent":
        return f"{_rounded(value, 1, words)}{NBSP}%"
    if unit == "celsius":
        return f"{_rounded(value, 1, words)}{NBSP}\u00b0C"
    return _rounded(value, 2, words)


#: A value of a sensor from this on has so many digits behind the point: four digits in all, or all before it.
_DIGITS = ((1000, 0), (100, 1), (10, 2), (1, 3), (0.1, 4), (0, 5))


def measured(value: float | None, unit: str, words: Words) -> str:
    """Return a value of a sensor with its unit, which the profile has chosen, without zeros at its end.

    >>> measured(21.48123, "°C", Words("en")).replace(NBSP, " "), measured(640.0, "", Words("en"))
    ('21.48 °C', '640')
    """
    if value is None:
        return UNKNOWN
    digits = next(digits for least, digits in _DIGITS if abs(value) >= least)
    scale = 10**digits
    text = f"{floor(value * scale + 0.5) / scale:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if digits else text
    shown = ("0" if text == "-0" else text).replace(".", words("live.sign.point"))
    return f"{shown}{NBSP}{unit}" if unit else shown


def _bytes(value: float, words: Words) -> str:
    power = 0
    while value >= 1024 and power < len(_BINARY) - 1:
        value /= 1024
        power += 1
    return f"{_rounded(value, 1 if power else 0, words)}{NBSP}{_BINARY[power]}{words('live.sign.B')}"


def _span(seconds: int, words: Words) -> str:
    """Return the two largest units, or one where the second is zero: after months, seconds do not matter."""
    at = next((at for at, (size, _) in enumerate(_SPANS) if seconds >= size), len(_SPANS) - 1)
    parts: list[str] = []
    for size, name in _SPANS[at : at + 2]:
        count, seconds = divmod(seconds, size)
        if count or not parts:
            parts.append(f"{count}{NBSP}{words(f'live.sign.{name}')}")
    return " ".join(parts)


def _rounded(value: float, digits: int, words: Words) -> str:
    # Half up and by this very arithmetic, because JavaScript has to come to the same text.
    scale = 10**digits
    return f"{floor(value * scale + 0.5) / scale:.{digits}f}".replace(".", words("live.sign.point"))
