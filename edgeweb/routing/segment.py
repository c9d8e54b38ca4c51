"""One dynamic segment of a rule, ``<int:id>`` or ``<name>-<int:b>.json``, and what it takes of a path.

A segment is the part between two slashes. With a converter that may match slashes (``path``) it is everything
up to the end of the rule. Converters with the documented forms are read by
`edgeweb.routing.reading`, alone and by twos; a converter's own `regex`, and more than two in one segment, by
a regular expression that is compiled when a path first reaches it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from werkzeug.routing.converters import BaseConverter

from .reading import Reading, reading_of

Piece = str | BaseConverter

#: See `segment_key`.
SegmentKey = tuple[object, ...]


class _Expression:
    """A regular expression for whole texts, compiled on first use."""

    __slots__ = ("_groups", "_pattern", "_source")

    def __init__(self, source: str) -> None:
        self._source = source
        self._pattern: re.Pattern[str] | None = None
        self._groups: list[int] = []

    def __call__(self, text: str) -> re.Match[str] | None:
        if self._pattern is None:
            pattern = re.compile(self._source)
            # A converter's expression may have groups of its own.
            names = [name for name in pattern.groupindex if name.startswith("__edgeweb_")]
            self._groups = [pattern.groupindex[name] for name in names]
            self._pattern = pattern
        return self._pattern.match(text)

    def take(self, text: str) -> tuple[str, ...] | None:
        match = self(text)
        return None if match is None else tuple([match[number] for number in self._groups])


class _Texts:
    """One or two converters with literal texts around and between them."""

    __slots__ = ("_first", "_gap", "_head", "_second", "_tail")

    def __init__(self, head: str, first: Reading, gap: str, second: Reading | None, tail: str) -> None:
        self._head = head
        self._first = first
        self._gap = gap
        self._second = second
        self._tail = tail

    def take(self, text: str) -> tuple[str, ...] | None:
        start = len(self._head)
        stop = len(text) - len(self._tail)
        if stop < start or not text.startswith(self._head) or not text.endswith(self._tail):
            return None
        ends = self._first.ends(text, start, stop)
        if self._second is None:
            return (text[start:stop],) if stop in ends else None
        for end in ends:
            if text.startswith(self._gap, end, stop):
                behind = end + len(self._gap)
                if stop in self._second.ends(text, behind, stop):
                    return text[start:end], text[behind:stop]
        return None


class Segment:
    """A dynamic segment, shared by all rules of a map that have the same one.

    - `key`: see `segment_key`;
    - `final`: takes the rest of the path, slashes included;
    - `suffixed`: final, and the rule ends with a slash, which the converters do not take;
    - `test`: if it is one converter alone, the test whether it takes a text; `None` otherwise: call `take`.
    """

    __slots__ = ("_reader", "final", "key", "suffixed", "test")

    def __init__(self, key: SegmentKey, pieces: Sequence[Piece], final: bool, suffixed: bool) -> None:
        self.key = key
        self.final = final
        self.suffixed = suffixed
        self.test: Callable[[str], object] | None = None
        self._reader: _Texts | _Expression = _reader(pieces, suffixed)
        if not suffixed and len(pieces) == 1 and not isinstance(pieces[0], str):
            reading = reading_of(pieces[0])
            if isinstance(self._reader, _Expression):
                self.test = self._reader
            elif reading is not None:
                self.test = reading.test

    def weight(self) -> tuple[object, ...]:
        """Return a key that sorts segments as Werkzeug does: more literal texts first, then longer ones, ...

        Computed from `key`, to save memory.
        """
        literals, weights = [], []
        entries = iter(self.key[2:])
        for entry in entries:
            if not isinstance(entry, str):
                weights.append(entry)
                next(entries)  # its expression
            elif entry != "/":
                literals.append(entry)
        lengths = [(number, -len(text)) for number, text in enumerate(literals)]
        return -len(literals), lengths, -len(weights), weights

    def ends(self) -> tuple[str, str]:
        """Return the literal texts at the beginning and at the end of all that the segment takes.

        Of a final segment only the first: the end of its text depends on the rest of the path.
        """
        first, before, last = self.key[2], self.key[-2], self.key[-1]
        head = first if isinstance(first, str) else ""
        return head, str(last) if isinstance(before, str) and not self.final else ""

    def take(self, text: str) -> tuple[str, ...] | None:
        """Return what each converter takes of the whole *text*, or `None` if the segment does not fit."""
        if self.suffixed and isinstance(self._reader, _Texts):
            text = text.removesuffix("/")
            if text[-1:] == "/":
                return None
        return self._reader.take(text)


def _reader(pieces: Sequence[Piece], suffixed: bool) -> _Texts | _Expression:
    """Return the reader of a whole segment."""
    texts = [""]
    readings: list[Reading | None] = []
    for piece in pieces:
        if isinstance(piece, str):
            texts[-1] += piece
        else:
            readings.append(reading_of(piece))
            texts.append("")
    first, second = readings[0], readings[-1] if len(readings) > 1 else None
    if first is not None and len(readings) == 1:
        return _Texts(texts[0], first, "", None, texts[1])
    if first is not None and second is not None and len(readings) == 2:
        return _Texts(texts[0], first, texts[1], second, texts[2])

    source = ""
    number = 0
    for piece in pieces:
        if isinstance(piece, str):
            source += re.escape(piece)
        else:
            source += f"(?P<__edgeweb_{number}>{piece.regex})"
            number += 1
    return _Expression(source + (r"(?<!/)/?\Z" if suffixed else r"\Z"))


def segment_key(pieces: Sequence[Piece], final: bool, suffixed: bool) -> SegmentKey:
    """Return a key that is equal for segments that take the same texts with the same weight.

    It has *final* and *suffixed*, each literal text, and of each variable its weight and its expression; the
    converters' classes do not matter. It is flat, since there are as many keys as rules.
    """
    key: list[object] = [final, suffixed]
    for piece in pieces:
        if isinstance(piece, str):
            key.append(piece)
        else:
            key += piece.weight, piece.regex
    return tuple(key)
