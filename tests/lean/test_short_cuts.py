"""Functions of our own that stand for those of large modules: they return the same."""

from __future__ import annotations

import inspect
import logging
import urllib.request

import pytest
from hypothesis import example, given
from hypothesis.strategies import text

from edgeweb.lean import lazy


@pytest.mark.parametrize(
    "doc",
    [
        "",
        "one line",
        "  first\n    second\n      third\n",
        "\n\n    indented\n\n      more\n    ",
        "first\nsecond\n  third",
        "\tfirst\n\t\tsecond\n \n\tthird\n\n",
        "a\n   \n  b",
    ],
)
def test_cleandoc_is_cleandoc(doc: str) -> None:
    assert lazy._cleandoc(doc) == inspect.cleandoc(doc)


@example('a, "b, c", d')
@example('"a\\"b, c", "\\\\", d')
@example('a"b, c"d, "e')
@example(" , a,, b ,")
@example('"a\\')
@given(text(alphabet='",\\ ab\té'))
def test_a_list_is_read_as_by_urllib(value: str) -> None:
    assert lazy._parse_http_list(value) == urllib.request.parse_http_list(value)


def test_the_levels_of_the_log_are_those_of_the_module() -> None:
    levels = {name: value for name, value in lazy.SHORT_CUTS.items() if name.startswith("logging.")}
    assert len(levels) == 4
    assert {name: getattr(logging, name.removeprefix("logging.")) for name in levels} == levels
