from __future__ import annotations

import doctest
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeweb.device.system import text as system_text
from edgeweb.device.system.text import CUT, clean, to_ascii

#: What a journal's JSON, a file or a system call gives.
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=()))
    | st.binary()
    | st.lists(st.integers(-1, 256)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=8,
)


@given(st.text())
def test_ascii_is_what_compatible_decomposition_leaves(text: str) -> None:
    assert to_ascii(text) == unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


@given(VALUES, st.integers(0, 300))
def test_every_value_becomes_one_bounded_printable_line(value: object, longest: int) -> None:
    text = clean(value, longest)
    assert type(text) is str
    assert len(text) <= longest
    assert text.isprintable()
    assert not {unicodedata.category(letter) for letter in text} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    text.encode("utf-8")


@given(VALUES, st.integers(0, 300))
def test_a_clean_text_stays_as_it_is(value: object, longest: int) -> None:
    text = clean(value, longest)
    assert clean(text, longest) is text


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=255))
def test_ordinary_text_is_returned_untouched(text: str) -> None:
    assert clean(text) is text


@given(st.text(st.characters(exclude_categories=("C", "Z"))))
def test_utf8_is_read_from_bytes_names_and_lists_of_bytes(text: str) -> None:
    content = text.encode()
    wanted = clean(text, 1000)
    assert clean(content, 1000) == wanted
    assert clean(content.decode("ascii", "surrogateescape"), 1000) == wanted
    assert clean(list(content), 1000) == wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (b"caf\xe9", "café"),
        ("caf\udce9", "café"),
        (b"\x80\xff", "�ÿ"),
        ("a\nb\r\nc\td\x0be\u2028f\xa0g", "a b c d e f g"),
        ("end\n", "end"),
        ("nul\0 \x7f\x85bell\a", "nul� � bell�"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;http://x/\x1b\\link\x1b]8;;\x07", "link"),
        ("\x1bc", "�c"),
        ("ab\u202egpj.exe", "abgpj.exe"),
        ("\ud83d and \udfff", "� and �"),
        ("\ufeffbom\u200b", "bom"),
        ([104, 105], "hi"),
        (["one", "two"], "one | two"),
        ([[111, 110, 101], [255]], "one | ÿ"),
        ([None, "x"], " | x"),
        ([], ""),
        (None, ""),
        (True, "True"),
        ([[[["deep"]]]], "�"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_examples(value: object, wanted: str) -> None:
    assert clean(value) == wanted


@pytest.mark.parametrize("value", ["x" * 100_000, b"x" * 100_000, [120] * 100_000, ["x" * 10] * 100_000])
def test_a_long_value_is_cut_and_shows_that(value: object) -> None:
    text = clean(value, 20)
    assert len(text) == 20
    assert text.endswith(CUT)
    assert clean("x" * 20, 20) == "x" * 20, "one that fits is whole"


def test_a_long_value_of_dropped_characters_is_cut_as_well() -> None:
    assert clean("\u202e" * 100_000 + "end", 20) == CUT


class Hostile:
    def __str__(self) -> str:
        raise RuntimeError("no text")


def test_a_value_that_cannot_be_written_is_replaced() -> None:
    assert clean(Hostile()) == "�"
    assert clean(10**5000) == "�", "more digits than Python writes"


def test_the_examples_of_the_module() -> None:
    failed, tried = doctest.testmod(system_text)
    assert (failed, tried > 0) == (0, True)
