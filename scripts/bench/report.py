"""What the person in front of the terminal sees: tables on standard output, progress on standard error."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Sequence
from typing import NamedTuple


class Table(NamedTuple):
    """`note` stands below and says what the figures mean, or what is missing."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""

    def __str__(self) -> str:
        lines = [list(self.columns), *(list(row) for row in self.rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.columns))]

        def aligned(line: list[str]) -> str:
            first = line[0].ljust(widths[0])
            return "  ".join([first, *(v.rjust(w) for v, w in zip(line[1:], widths[1:], strict=True))])

        rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
        text = [f"\n{self.title}", rule, aligned(lines[0]), rule, *map(aligned, lines[1:])]
        return "\n".join([*text, *textwrap.wrap(self.note, 100)])


class Progress:
    """A bar on a terminal; silent when standard error is a file."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._done = self._total = 0
        self._section = ""

    def start(self, section: str, steps: int) -> None:
        self._section, self._done, self._total = section, 0, max(steps, 1)

    def step(self, what: str) -> None:
        """Another step begins; `what` it is."""
        if self._shown:
            filled = 24 * self._done // self._total
            bar = "#" * filled + "." * (24 - filled)
            print(f"\r\x1b[K{self._section} [{bar}] {what[:60]}", end="", file=sys.stderr, flush=True)
        self._done = min(self._done + 1, self._total)

    def clear(self) -> None:
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def thousands(number: float) -> str:
    """Instructions in thousands, with a decimal where there are few.

    >>> thousands(329_412), thousands(6_120)
    ('329', '6.1')
    """
    return f"{number / 1000:.1f}" if number < 20_000 else f"{number / 1000:,.0f}"
