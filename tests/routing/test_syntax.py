from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.routing.rules import parse_converter_args as werkzeug_parse_converter_args

from edgeweb.routing import parse_converter_args
from edgeweb.routing.syntax import Variable, merge_slashes, tokenize


@pytest.mark.parametrize(
    ("rule", "tokens"),
    [
        ("/", ["/"]),
        ("/a/b", ["/", "a", "/", "b"]),
        ("//a//", ["/", "/", "a", "/", "/"]),
        ("/<x>", ["/", Variable("x", "default", "")]),
        ("/<int:x>.json", ["/", Variable("x", "int", ""), ".json"]),
        ("/<a><b>", ["/", Variable("a", "default", ""), Variable("b", "default", "")]),
        ("/<any(a/b, c):x>/", ["/", Variable("x", "any", "a/b, c"), "/"]),
        ("/<any('):y', \">\"):x>", ["/", Variable("x", "any", "'):y', \">\"")]),
        ("/<f():x>", ["/", Variable("x", "f", "")]),
        ("/a>b", ["/", "a>b"]),
        ("/<_a1:_b2>", ["/", Variable("_b2", "_a1", "")]),
    ],
)
def test_tokenize(rule: str, tokens: list[Any]) -> None:
    assert tokenize(rule) == tokens
    assert tokenize("/before" + rule, len("/before")) == tokens


@pytest.mark.parametrize(
    "rule",
    [
        *("/<", "/<>", "/<a", "/<a>/<b", "/<1a>", "/<a b>", "/<a:>", "/<:a>", "/<int:>", "/<é>", "/<a-b>"),
        *("/<f(:a>", "/<f(a:b>", "/<f(a)b>", "/<f(a):>", "/<(a):b>", "/<f(a\n):b>", "/<a:b:c>", "/<<a>>"),
    ],
)
def test_malformed_rules_say_what_is_expected(rule: str) -> None:
    with pytest.raises(ValueError, match=rf"malformed url rule: {re.escape(repr(rule))}: expected <name>"):
        tokenize(rule)


@pytest.mark.parametrize(
    ("text", "args", "kwargs"),
    [
        ("", (), {}),
        ("1", (1,), {}),
        ("12, 5", (12, 5), {}),
        # As in Werkzeug: the comma counts as the point of a number.
        ("2,5", ("2,5",), {}),
        ("1.5", (1.5,), {}),
        ("min=1, max=20", (), {"min": 1, "max": 20}),
        ("a = True, b=False,c=None", (), {"a": True, "b": False, "c": None}),
        ("about, help", ("about", "help"), {}),
        ("a.b", ("a.b",), {}),
        ("'a,b', \"c d\"", ("a,b", "c d"), {}),
        ("u'x'", ("x",), {}),
        ("'5'", ("5",), {}),
        ("''", ("",), {}),
        ("a, -", ("a",), {}),
    ],
)
def test_converter_arguments(text: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    assert parse_converter_args(text) == (args, kwargs)
    assert werkzeug_parse_converter_args(text) == (args, kwargs)


def test_unreadable_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="Cannot parse converter argument 'min=-'"):
        parse_converter_args("min=-5")


@given(st.text(st.sampled_from("a1. ,=-'\"uTrue_é\n("), max_size=12))
def test_converter_arguments_as_werkzeug_reads_them(text: str) -> None:
    try:
        expected = werkzeug_parse_converter_args(text)
    except ValueError:
        with pytest.raises(ValueError, match="Cannot parse"):
            parse_converter_args(text)
    else:
        assert repr(parse_converter_args(text)) == repr(expected)


@given(st.text(st.sampled_from("/ab"), max_size=20))
def test_merge_slashes(path: str) -> None:
    assert merge_slashes(path) == re.sub("/{2,}", "/", path)


def test_merging_many_slashes_takes_few_passes() -> None:
    assert merge_slashes("/" * 1_000_000) == "/"
