"""The readings against the regular expressions that they stand for."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from edgeweb.routing import Map
from edgeweb.routing.converters import (
    AnyConverter,
    BaseConverter,
    FloatConverter,
    IntegerConverter,
    PathConverter,
    UnicodeConverter,
    UUIDConverter,
)
from edgeweb.routing.reading import Reading, reading_of

from .drawing import UUID

MAP: Any = Map()
CONVERTERS: list[BaseConverter] = [
    BaseConverter(MAP),
    UnicodeConverter(MAP),
    UnicodeConverter(MAP, minlength=0),
    UnicodeConverter(MAP, minlength=2, maxlength=3),
    UnicodeConverter(MAP, length=2),
    IntegerConverter(MAP),
    IntegerConverter(MAP, signed=True),
    FloatConverter(MAP),
    FloatConverter(MAP, signed=True),
    PathConverter(MAP),
    UUIDConverter(MAP),
    AnyConverter(MAP),
    AnyConverter(MAP, "a", "ab", "a1", "-", "1.5"),
    AnyConverter(MAP, "a|b", "\\", "a", ""),
]
TEXTS = st.one_of(
    st.text(st.sampled_from("ab1٣²-./|\\\n é"), max_size=8),
    st.text(st.sampled_from("11٣²-."), max_size=6),
    st.sampled_from([UUID, UUID + "1", UUID[:-1], UUID.replace("1", "٣"), UUID.replace("-", "1")]),
)


def reading(converter: BaseConverter) -> Reading:
    found = reading_of(converter)
    assert found is not None, converter.regex
    return found


@pytest.mark.slow
@settings(max_examples=1000)
@given(st.sampled_from(CONVERTERS), TEXTS)
@example(CONVERTERS[9], "\na")
@example(CONVERTERS[9], "a\n")
def test_a_whole_text(converter: BaseConverter, text: str) -> None:
    if "/" in text and converter.part_isolating:
        # What comes between two slashes has none.
        text = text.replace("/", "")
    expected = re.compile(converter.regex).fullmatch(text) is not None
    assert bool(reading(converter).test(text)) is expected


@pytest.mark.slow
@settings(max_examples=1000)
@given(
    st.sampled_from(CONVERTERS), st.sampled_from(["", "a", "-", "é"]), TEXTS, st.sampled_from(["", "b", "-."])
)
def test_where_a_match_may_end(converter: BaseConverter, head: str, text: str, tail: str) -> None:
    start, stop = len(head), len(head) + len(text)
    # What `re` would try, in its order: each end is told by making the ones before it fail.
    expected: list[int] = []
    while True:
        refused = "".join(rf"(?!(?<=\A.{{{end}}}))" for end in expected)
        match = re.compile(f"(?s:.{{{start}}})(?P<x>{converter.regex}){flags(refused)}").match(head + text)
        if match is None or match.end() in expected:
            break
        expected.append(match.end())
    assert list(dict.fromkeys(reading(converter).ends(head + text + tail, start, stop))) == expected


def flags(pattern: str) -> str:
    # The dots of the look-behind count line feeds; those of the converter's expression do not.
    return f"(?s:{pattern})" if pattern else ""


class Sub(IntegerConverter):
    regex = r"[1-9]\d*"


class Kept(IntegerConverter):
    def to_python(self, value: str) -> int:
        return 1


class OwnItems(AnyConverter):
    pass


@pytest.mark.parametrize(
    ("converter", "read"),
    [
        (Sub(MAP), False),
        (Kept(MAP), True),
        (OwnItems(MAP, "a"), False),
        # The bounds the wrong way round, or none at all: `re` says what is wrong with them.
        (UnicodeConverter(MAP, minlength=3, maxlength=1), False),
        (UnicodeConverter(MAP, minlength=-1), False),
    ],
)
def test_the_expression_decides_and_not_the_class(converter: BaseConverter, read: bool) -> None:
    assert (reading_of(converter) is not None) is read
