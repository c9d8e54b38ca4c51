"""One dynamic segment of a rule, ``<int:id>`` or ``<name>-<int:b>.json``, and how it is recognised in a path.

A segment is what stands between two slashes, or, from a converter that may match slashes on (``path``),
everything up to the end of the rule. The built-in converters are recognised by their documented form, without
regular expressions; a converter's own `regex` is compiled when a path first reaches it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from werkzeug.routing.converters import AnyConverter, BaseConverter, PathConverter, UUIDConverter

_HEXADECIMAL = "0123456789abcdefABCDEF"


def _is_signed_integer(text: str) -> bool:
    return text.isdecimal() or (text[:1] == "-" and text[1:].isdecimal())


def _is_decimal(text: str) -> bool:
    whole, _, fraction = text.partition(".")
    return whole.isdecimal() and fraction.isdecimal()


def _is_signed_decimal(text: str) -> bool:
    return _is_decimal(text[1:] if text[:1] == "-" else text)


def _is_uuid(text: str) -> bool:
    return (
        len(text) == 36
        and text[8] == text[13] == text[18] == text[23] == "-"
        # Nothing is left when every character at the ends, and so every one, is a digit.
        and not (text[:8] + text[9:13] + text[14:18] + text[19:23] + text[24:]).strip(_HEXADECIMAL)
    )


def _is_path(text: str) -> bool:
    # The dot of the converter's "[^/].*?" takes no line feed, its first character does.
    return text[:1] not in ("", "/") and text.find("\n", 1) < 0


class _LengthBetween:
    """Whether a text's length is within bounds, both included."""

    __slots__ = ("maximum", "minimum")

    def __init__(self, minimum: int, maximum: int) -> None:
        self.minimum = minimum
        self.maximum = maximum

    def __call__(self, text: str) -> bool:
        return self.minimum <= len(text) <= self.maximum


#: By the converter's regular expression, since that and not its class defines what it matches; `len` is "not
#: empty".
_TESTS: dict[str, Callable[[str], object]] = {
    "[^/]+": len,
    "[^/]{1,}": len,
    r"\d+": str.isdecimal,
    r"-?\d+": _is_signed_integer,
    r"\d+\.\d+": _is_decimal,
    r"-?\d+\.\d+": _is_signed_decimal,
    PathConverter.regex: _is_path,
    UUIDConverter.regex: _is_uuid,
}


def _built_in_test(converter: BaseConverter) -> Callable[[str], object] | None:
    """A function that tells whether a whole segment fits the converter; `None` for a regular expression of
    its own.
    """
    regex = converter.regex
    test = _TESTS.get(regex)
    if test is None and type(converter) is AnyConverter:
        return frozenset(converter.items).__contains__
    if test is None and regex.startswith("[^/]{") and regex.endswith("}"):
        minimum, comma, maximum = regex[5:-1].partition(",")
        if minimum.isdecimal() and (maximum.isdecimal() or not maximum):
            least = int(minimum)
            most = int(maximum) if maximum else (1 << 62 if comma else least)
            # Bounds the wrong way round are left to `re`, whose error message says so.
            if least <= most:
                return _LengthBetween(least, most)
    return test


class Segment:
    """A dynamic segment, shared by all rules of a map that have the same one.

    - `test`: for one converter alone (`single`), whether a text fits; `None` while its expression is not
      compiled;
    - `final`: takes the rest of the path, slashes included;
    - `suffixed`: final, and the rule ends with a slash, which is no part of what the converters match;
    - `weight`: Werkzeug's order: more literal texts first, then longer ones, then more converters, then
      lighter ones.
    """

    __slots__ = ("_pattern", "final", "pieces", "single", "suffixed", "test", "weight")

    def __init__(self, pieces: tuple[str | BaseConverter, ...], final: bool, suffixed: bool) -> None:
        self.final = final
        self.suffixed = suffixed
        literals = [piece for piece in pieces if isinstance(piece, str) and piece != "/"]
        weights = [piece.weight for piece in pieces if not isinstance(piece, str)]
        self.weight: tuple[Any, ...] = (
            -len(literals),
            [(number, -len(text)) for number, text in enumerate(literals)],
            -len(weights),
            weights,
        )
        self.pieces = pieces
        self.single = len(pieces) == 1
        self.test: Callable[[str], object] | None = None
        if isinstance(pieces[0], BaseConverter) and self.single:
            self.test = _built_in_test(pieces[0])
        self._pattern: re.Pattern[str] | None = None

    def compile(self) -> re.Pattern[str]:
        """The regular expression of the whole segment."""
        if self._pattern is None:
            number = 0
            source = ""
            for piece in self.pieces:
                if isinstance(piece, str):
                    source += re.escape(piece)
                else:
                    source += f"(?P<__edgeweb_{number}>{piece.regex})"
                    number += 1
            self._pattern = re.compile(source + (r"(?<!/)/?\Z" if self.suffixed else r"\Z"))
        return self._pattern

    def fits(self, text: str) -> bool:
        """Whether a single converter with an expression of its own takes the whole *text*."""
        return self.compile().match(text) is not None

    def capture(self, text: str) -> tuple[str, ...] | None:
        """What each converter takes of the whole *text*, or `None` where the segment does not fit."""
        if self.test is not None:
            if self.suffixed:
                text = text.removesuffix("/")
                if text[-1:] == "/":
                    return None
            return (text,) if self.test(text) else None
        match = self.compile().match(text)
        if match is None:
            return None
        groups = self.compile().groupindex
        return tuple([match[name] for name in groups if name.startswith("__edgeweb_")])


def segment_key(pieces: tuple[str | BaseConverter, ...], final: bool, suffixed: bool) -> tuple[Any, ...]:
    """Equal for segments that match the same texts with the same weight, whatever their converters' classes
    are.
    """
    return (
        final,
        suffixed,
        *[piece if isinstance(piece, str) else (piece.regex, piece.weight) for piece in pieces],
    )
