"""What `edgeweb remote` prints: tables, a bar of progress, and text of devices without control characters."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from typing import TextIO

from edgeweb.device.system.text import clean

#: Characters of a cell at most.
MAX_CELL = 100

_BAR = 24


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a table with aligned columns. What devices have answered cannot command the terminal.

    >>> print(table(("device", "state"), [("shed", "on"), ("house", "off")]))
    device  state
    shed    on
    house   off
    """
    cells = [[clean(cell, MAX_CELL) for cell in row] for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


class Progress:
    """A bar on a terminal that counts devices; nothing where there is no terminal, or only one device."""

    def __init__(self, total: int, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._total = total
        self._done = 0
        self._is_shown = total > 1 and self._stream.isatty()

    def __enter__(self) -> Progress:
        self._draw("")
        return self

    def step(self, name: str) -> None:
        """Count one more; `name` is what is done."""
        self._done += 1
        self._draw(name)

    def __exit__(self, *error: object) -> None:
        if self._is_shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def _draw(self, name: str) -> None:
        if not self._is_shown:
            return
        full = _BAR * self._done // self._total
        line = f"[{'#' * full}{'.' * (_BAR - full)}] {self._done}/{self._total} {name}"
        self._stream.write(f"\r\x1b[K{line[: shutil.get_terminal_size().columns - 1]}")
        self._stream.flush()
