"""A key that a driver or a kind of sensor adds to its tables of the profile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: A table of a channel or of a sensor: keys and values that were checked by the schema and by `OPTIONS`.
Options = Mapping[str, Any]


class Option:
    """A key that a driver adds to the table of a channel, or a kind to that of a sensor.

    It counts from the next start on. `kind` and `limits` are those of `config/checks.py`, `default` is the
    value without a line in the profile. `needed`: the profile has to have a value; for a driver, the modes in
    which it has to.

    >>> Option("address", "integer", (0x20, 0x27), 0x20, "Address of the board on the bus.").key
    'address'
    """

    __slots__ = ("default", "key", "kind", "limits", "meaning", "needed")

    def __init__(
        self,
        key: str,
        kind: str,
        limits: object,
        default: object,
        meaning: str,
        needed: tuple[str, ...] | bool = False,
    ) -> None:
        self.key = key
        self.kind = kind
        self.limits = limits
        self.default = default
        self.meaning = meaning
        self.needed = needed

    def is_needed(self, mode: str = "") -> bool:
        """Return whether the profile has to have a value: of a channel, in a mode."""
        return mode in self.needed if isinstance(self.needed, tuple) else self.needed
