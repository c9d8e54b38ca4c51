from __future__ import annotations

import tomllib

import pytest

from edgeweb.device.config.toml_lines import line_of, lines_of

TEXT = """\
# a comment with key = 1
title.short = "a = b"

[server]
port = 1
"a = b" = 2 # = 3
hosts = [
  "x = y",
  "z",
]
[ channels . "door.left" ]
mode = "input"
[server.more]
port = 3
"""


def test_keys_and_tables() -> None:
    tomllib.loads(TEXT)
    assert lines_of(TEXT) == {
        ("title",): 2,
        ("title", "short"): 2,
        ("server",): 4,
        ("server", "port"): 5,
        ("server", "a = b"): 6,
        ("server", "hosts"): 7,
        ("channels",): 11,
        ("channels", "door.left"): 11,
        ("channels", "door.left", "mode"): 12,
        ("server", "more"): 13,
        ("server", "more", "port"): 14,
    }


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("server.port", 5),
        ('channels."door.left".mode', 12),
        ('channels."door.left".driver', 11),
        ("server.no", 4),
        ("wifi", 0),
    ],
)
def test_what_is_missing_is_missing_in_its_table(key: str, line: int) -> None:
    assert line_of(lines_of(TEXT), key) == line
