from __future__ import annotations

import tomllib

import pytest

from edgeweb.device.config.errors import dotted, toml_text


@pytest.mark.parametrize(
    "path", [("a",), ("a", "b-1", "c_2"), ("a.b", "c"), ('quote"', "é", ""), ("line\nbreak", "\x00")]
)
def test_dotted_is_what_toml_reads_back(path: tuple[str, ...]) -> None:
    value: object = tomllib.loads(f"{dotted(path)} = 1")
    for key in path:
        assert isinstance(value, dict)
        value = value[key]
    assert value == 1


@pytest.mark.parametrize("value", ["", 'a"\\\n\t', "é", True, 0, 1.5, [1, "x"], [], {"a b": [True]}])
def test_toml_text_is_what_toml_reads_back(value: object) -> None:
    assert tomllib.loads(f"x = {toml_text(value)}") == {"x": value}


def test_toml_text_is_cut() -> None:
    assert toml_text("x" * 100, 10) == '"xxxxxx...'
