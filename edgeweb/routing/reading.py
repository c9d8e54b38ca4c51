"""How the texts of the built-in converters are read without regular expressions.

What a converter matches is defined by its `regex`, not by its class: a subclass that keeps the expression is
read in the same way, one that has another is not. So the expressions are the keys here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from werkzeug.routing.converters import AnyConverter, BaseConverter, PathConverter, UUIDConverter

_HEXADECIMAL = "0123456789abcdefABCDEF"
_NOWHERE = range(0)


class Reading:
    """The functions that replace a converter's regular expression.

    - `test`: whether a text without slashes (for ``path`` any text) fits;
    - `ends`: for a text and two positions in it, where a match that begins at the first may end, up to the
      second, in the order in which the expression would try.
    """

    __slots__ = ("ends", "test")

    def __init__(self, test: Callable[[str], object], ends: Callable[[str, int, int], Sequence[int]]) -> None:
        self.test = test
        self.ends = ends


def reading_of(converter: BaseConverter) -> Reading | None:
    """Return the reading of a converter, or `None` for one with a regular expression of its own."""
    regex = converter.regex
    reading = _READINGS.get(regex)
    if reading is not None:
        return reading
    if type(converter) is AnyConverter:
        items = _Items(regex)
        return Reading(items.test, items.ends)
    if regex.startswith("[^/]{") and regex.endswith("}"):
        return _string(regex[5:-1])
    return None


def _string(bounds: str) -> Reading | None:
    """Return the reading for the ``m,n``, ``m,`` or ``n`` of an expression ``[^/]{m,n}``."""
    minimum, comma, maximum = bounds.partition(",")
    if not minimum.isdecimal() or not (maximum.isdecimal() or not maximum):
        return None
    length = _Length(int(minimum), int(maximum) if maximum else None if comma else int(minimum))
    # A minimum above the maximum is left to `re`, which raises an error for it.
    if length.maximum is not None and length.minimum > length.maximum:
        return None
    return Reading(length.test, length.ends)


class _Length:
    """A string of a certain length, in characters; no maximum if it is `None`."""

    __slots__ = ("maximum", "minimum")

    def __init__(self, minimum: int, maximum: int | None) -> None:
        self.minimum = minimum
        self.maximum = maximum

    def test(self, text: str) -> bool:
        return len(text) >= self.minimum and (self.maximum is None or len(text) <= self.maximum)

    def ends(self, text: str, start: int, stop: int) -> Sequence[int]:
        slash = text.find("/", start, stop)
        longest = stop if slash < 0 else slash
        if self.maximum is not None:
            longest = min(longest, start + self.maximum)
        return range(longest, start + self.minimum - 1, -1)


class _Items:
    """The items of an `AnyConverter` in the order of its expression, ``(?:one|two)``, which its set loses."""

    __slots__ = ("items", "test")

    def __init__(self, regex: str) -> None:
        self.items = [""]
        characters = iter(regex[3:-1])
        for character in characters:
            if character == "|":
                self.items.append("")
            else:
                self.items[-1] += next(characters) if character == "\\" else character
        self.test = frozenset(self.items).__contains__

    def ends(self, text: str, start: int, stop: int) -> Sequence[int]:
        return [start + len(item) for item in self.items if text.startswith(item, start, stop)]


def _digits(text: str, start: int, stop: int) -> int:
    """Return the end of a run of decimal digits, of any script, as for ``\\d``."""
    end = stop - len(text[start:stop].lstrip("0123456789"))
    while end < stop and text[end].isdecimal():
        end += 1
    return end


def _integer_ends(text: str, start: int, stop: int) -> Sequence[int]:
    return range(_digits(text, start, stop), start, -1)


def _float_ends(text: str, start: int, stop: int) -> Sequence[int]:
    point = _digits(text, start, stop)
    if point == start or not text.startswith(".", point, stop):
        return _NOWHERE
    return range(_digits(text, point + 1, stop), point + 1, -1)


def _signed_integer_ends(text: str, start: int, stop: int) -> Sequence[int]:
    return _integer_ends(text, start + text.startswith("-", start, stop), stop)


def _signed_float_ends(text: str, start: int, stop: int) -> Sequence[int]:
    return _float_ends(text, start + text.startswith("-", start, stop), stop)


def _uuid_ends(text: str, start: int, stop: int) -> Sequence[int]:
    end = start + 36
    return (end,) if end <= stop and _is_uuid(text[start:end]) else ()


def _path_ends(text: str, start: int, stop: int) -> Sequence[int]:
    # The first character is no slash, and the others no line feeds; the shortest comes first.
    if start == stop or text[start] == "/":
        return _NOWHERE
    line = text.find("\n", start + 1, stop)
    return range(start + 1, (stop if line < 0 else line) + 1)


def _is_float(text: str) -> bool:
    whole, _, fraction = text.partition(".")
    return whole.isdecimal() and fraction.isdecimal()


def _is_signed_integer(text: str) -> bool:
    return text.removeprefix("-").isdecimal()


def _is_signed_float(text: str) -> bool:
    return _is_float(text.removeprefix("-"))


def _is_uuid(text: str) -> bool:
    return (
        len(text) == 36
        and text[8] == text[13] == text[18] == text[23] == "-"
        # Stripped of digits from both ends nothing is left if all are digits.
        and not (text[:8] + text[9:13] + text[14:18] + text[19:23] + text[24:]).strip(_HEXADECIMAL)
    )


def _is_path(text: str) -> bool:
    return text[:1] not in ("", "/") and text.find("\n", 1) < 0


_ANY_LENGTH = _Length(1, None)

#: The expressions of the built-in converters that have no bounds. A string is tested by its length: `len` is
#: "not empty".
_READINGS: dict[str, Reading] = {
    "[^/]+": Reading(len, _ANY_LENGTH.ends),
    "[^/]{1,}": Reading(len, _ANY_LENGTH.ends),
    r"\d+": Reading(str.isdecimal, _integer_ends),
    r"-?\d+": Reading(_is_signed_integer, _signed_integer_ends),
    r"\d+\.\d+": Reading(_is_float, _float_ends),
    r"-?\d+\.\d+": Reading(_is_signed_float, _signed_float_ends),
    PathConverter.regex: Reading(_is_path, _path_ends),
    UUIDConverter.regex: Reading(_is_uuid, _uuid_ends),
}
