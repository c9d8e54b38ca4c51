"""Figures, dates and times as people read them, in the forms of a language (`live.sign`, `live.date`).

`quantity`, `unpadded`, `measured`, `age` and `moment` in `static/quantity.js` give the same texts; a browser
test compares them.
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


def unpadded(text: str, words: Words) -> str:
    """Return a figure that stands still, such as a limit, without zeros at the end of its fraction.

    >>> unpadded(f"64,0{NBSP}KiB", Words("de")).replace(NBSP, " "), unpadded("1.50", Words("en"))
    ('64 KiB', '1.5')
    """
    number, space, unit = text.partition(NBSP)
    point = words("live.sign.point")
    return f"{number.rstrip('0').rstrip(point)}{space}{unit}" if point in number else text


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
    shown = plain("0" if text == "-0" else text, words)
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


def age(seconds: float, words: Words) -> str:
    """Return how long a state has lasted, in its largest unit alone: the text changes rarely.

    >>> age(754.0, Words("en")).replace(NBSP, " "), age(7.5, Words("en"))
    ('for 12 min', 'just now')
    """
    for size, name in _SPANS[:-1]:
        if seconds >= size:
            return words("live.age", time=f"{int(seconds // size)}{NBSP}{words(f'live.sign.{name}')}")
    return words("live.age-now")


def _rounded(value: float, digits: int, words: Words) -> str:
    # Half up and by this very arithmetic, because JavaScript has to come to the same text.
    scale = 10**digits
    return plain(f"{floor(value * scale + 0.5) / scale:.{digits}f}", words)


def plain(number: str, words: Words) -> str:
    """Return a number as it is written in the settings, with the decimal point of a language.

    >>> plain("1.5 s", Words("de"))
    '1,5 s'
    """
    return number.replace(".", words("live.sign.point"))


def moment(iso: str, words: Words) -> str:
    """Return a date and time of UTC, as the interface has them, to the second.

    >>> moment("2026-11-07T08:05:09.250Z", Words("en"))
    '7 Nov 2026, 08:05:09 UTC'
    """
    return f"{words('live.date.moment', date=date(iso, words), time=clock(iso[11:19], words))} UTC"


def date(iso: str, words: Words) -> str:
    """Return the date of a moment, or of a date alone.

    >>> date("2026-11-07", Words("en"))
    '7 Nov 2026'
    """
    year, month, day = iso[:10].split("-")
    months = words("live.date.months").split(" ")
    return words("live.date.year", year=year, month=months[int(month) - 1], day=int(day))


def clock(time: str, words: Words) -> str:
    """Return a time of day, `HH:MM` or `HH:MM:SS`.

    >>> clock("07:30", Words("de"))
    '07:30'
    """
    hour, minute, *second = time.split(":")
    half = words("live.date.halves").split(" ")[int(hour) // 12]
    values = {"hour": hour, "hour12": (int(hour) + 11) % 12 + 1, "half": half, "minute": minute}
    if not second:
        return words("live.date.minute", **values)
    return words("live.date.second", second=second[0], **values)
