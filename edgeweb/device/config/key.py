"""One key of a profile: its values, its meaning, and when another value counts."""

from __future__ import annotations

from typing import Any

#: A table of a profile, or of the schema: tables in tables, with a value or a row for each key.
Table = dict[str, Any]

#: When another value counts: at once, or from the next start on.
NOW, RESTART = "now", "restart"


class Key:
    """A key of the profile.

    `change` is when another value counts, be it of a profile that was read again or of a setting. `kind` and
    `limits` describe the values that it may have, `default` the one without a line in any file, or REQUIRED.

    `setting`: a person may change it on the running device. Addresses and names that are answered, programs,
    drivers and pins, and the rights of a service are no settings: a thief of an admin's browser session must
    not change them.
    """

    __slots__ = ("change", "default", "kind", "limits", "meaning", "path", "setting")

    def __init__(
        self,
        path: str,
        change: str,
        kind: str,
        limits: object,
        default: object,
        meaning: str,
        setting: bool = False,
    ) -> None:
        self.path = path
        self.change = change
        self.kind = kind
        self.limits = limits
        self.default = default
        self.meaning = meaning
        self.setting = setting


def table(name: str, *rows: Key) -> tuple[Key, ...]:
    """Put the rows into a table of the profile: each has its key as its path until then."""
    for row in rows:
        row.path = f"{name}.{row.path}"
    return rows


def setting(path: str, change: str, kind: str, limits: object, default: object, meaning: str) -> Key:
    return Key(path, change, kind, limits, default, meaning, setting=True)
