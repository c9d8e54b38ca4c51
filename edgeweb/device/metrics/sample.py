"""One reading of all figures, with what could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..system.clock import WallClock
from ..system.source import Source, SourceError
from .figures import Values
from .processor import Value


class SourceWarning(NamedTuple):
    """A source whose figures are missing: why, and the moments at which that began and of its last value."""

    source: Source[Values]
    error: SourceError
    since: float
    read_at: float | None

    def to_json(self, clock: WallClock) -> dict[str, object]:
        """Return the warning as the API shows it."""
        return {
            "source": self.source.title,
            "reason": str(self.error),
            "failed_at": clock.iso(self.since),
            "read_at": None if self.read_at is None else clock.iso(self.read_at),
        }


class Sample:
    """One reading of everything. `values` has every name of `METRICS`: a number, None, or label: number.

    `warnings` has a row for each source that could not be read.
    """

    __slots__ = ("moment", "number", "values", "warnings")

    def __init__(
        self,
        number: int,
        moment: float,
        values: Mapping[str, Value],
        warnings: tuple[SourceWarning, ...] = (),
    ) -> None:
        self.number = number
        self.moment = moment
        self.values = values
        self.warnings = warnings
