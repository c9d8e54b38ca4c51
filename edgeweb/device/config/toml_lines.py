"""The lines of the keys in a TOML file, which `tomllib` does not report. Only a faulty profile needs them."""

from __future__ import annotations

import tomllib

Path = tuple[str, ...]


def lines_of(text: str) -> dict[Path, int]:
    """Return the number of the line on which each key and each table first stands.

    `text` has to be valid TOML. Within a text of several lines, a line in the form of a key counts as one.

    >>> lines_of('[server]\\nport = 1\\n')
    {('server',): 1, ('server', 'port'): 2}
    """
    found: dict[Path, int] = {}
    table: Path = ()
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("["):
            path = table = _path(line) or table
        else:
            key = _key(line)
            path = (*table, *key) if key else ()
        for end in range(1, len(path) + 1):
            found.setdefault(path[:end], number)
    return found


def line_of(lines: dict[Path, int], key: str) -> int:
    """Return the line of a key as TOML writes it, else that of its table; 0 where neither is there."""
    path = _path(f"{key} = 0")
    return next((lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in lines), 0)


def _key(line: str) -> Path:
    """Return the key of a line; empty without one. A quoted key may contain the sign "="."""
    end = line.find("=")
    while end != -1:
        if path := _path(f"{line[:end]}= 0"):
            return path
        end = line.find("=", end + 1)
    return ()


def _path(document: str) -> Path:
    """Return the one path in a document with a single header or key; empty for what is no TOML."""
    try:
        value = tomllib.loads(document)
    except tomllib.TOMLDecodeError:
        return ()
    path = []
    while isinstance(value, dict) and value:
        key, value = next(iter(value.items()))
        path.append(key)
    return tuple(path)
