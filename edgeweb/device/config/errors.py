"""The faults of a profile, in words: one line for each fault, with the key as TOML writes it."""

from __future__ import annotations

import json
from collections.abc import Sequence


class Fault:
    """One fault: its file, line and key, the value that is there, and the expectation.

    `line` is 0 where no line has it: that of a command line, or a file that cannot be read.
    """

    __slots__ = ("expected", "file", "key", "line", "nearest", "value")

    def __init__(
        self, file: str, key: str, value: str, expected: str, nearest: str = "", line: int = 0
    ) -> None:
        self.file = file
        self.line = line
        self.key = key
        self.value = value
        self.expected = expected
        self.nearest = nearest

    def __str__(self) -> str:
        found = f"{self.key} = {self.value}" if self.value else self.key
        file = f"{self.file}:{self.line}" if self.line else self.file
        where = f"{file}: {found}" if found else file
        nearest = f"; the nearest known key is {self.nearest}" if self.nearest else ""
        return f"{where}: expected {self.expected}{nearest}"

    def as_dict(self) -> dict[str, str | int]:
        return {name: getattr(self, name) for name in ("file", "line", "key", "value", "expected", "nearest")}


class ProfileError(Exception):
    """A profile that cannot be used. `faults` has all its faults; the text has a line for each."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


def dotted(path: Sequence[str]) -> str:
    """Return a key's path as TOML writes it.

    >>> dotted(("channels", "door.left", "mode"))
    'channels."door.left".mode'
    """
    return ".".join(key if _is_bare(key) else json.dumps(key, ensure_ascii=False) for key in path)


def toml_text(value: object, limit: int | None = None) -> str:
    """Return a value as TOML writes it, cut to `limit` characters.

    >>> toml_text(["/", True, 2.0])
    '["/", true, 2.0]'
    """
    if isinstance(value, (list, tuple)):
        text = "[" + ", ".join(map(toml_text, value)) + "]"
    elif isinstance(value, dict):
        text = "{" + ", ".join(f"{dotted((key,))} = {toml_text(item)}" for key, item in value.items()) + "}"
    elif isinstance(value, (str, bool)):
        text = json.dumps(value, ensure_ascii=False)
    else:
        text = str(value)
    return text if limit is None or len(text) <= limit else text[: limit - 3] + "..."


def _is_bare(key: str) -> bool:
    return key.isascii() and key.replace("_", "a").replace("-", "a").isalnum()
