"""The audit log: every change of state, with its actor, source, target and result. Its size is bounded.

Changes of users, tokens and settings are logged in the transaction of the change. Switches of channels are
gathered for some seconds and written together: a commit for each would wear out a memory card.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from typing import Any

from ..storage.store import Execute, Store
from .actor import Actor

#: Seconds for which rows are gathered, and their maximum.
DELAY = 5.0
MAX_GATHERED = 500

#: Maximum characters of a text: clients send them.
_MAX_TEXT = 120

_INSERT = "INSERT INTO audit (at, who, source, action, target, result) VALUES (?, ?, ?, ?, ?, ?)"

Row = tuple[float, str, str, str, str, str]


class Audit:
    """The log. `later(seconds, call)` calls back; `wall(moment)` is the date of a moment of `clock`."""

    def __init__(
        self,
        store: Store,
        rows: int,
        later: Callable[[float, Callable[[], object]], object],
        wall: Callable[[float], float],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        #: Rows at most; older ones are deleted with the next that is written.
        self.max_rows = rows
        self._later = later
        self._wall = wall
        self._clock = clock
        self._lock = Lock()
        self._flushing = Lock()
        # a moment of the clock until it is written: a date that was set meanwhile is then right
        self._gathered: list[Row] = []

    def note(self, actor: Actor, action: str, target: str, result: str, *, waits: bool = True) -> None:
        """Log a change, within `DELAY` seconds.

        `MAX_GATHERED` rows are written by the call that adds the last one, which slows down a client that
        makes too many. Without `waits` another thread writes them, as the caller must not wait for the disk.
        """
        row = (self._clock(), actor.name, actor.source, action, target[:_MAX_TEXT], result[:_MAX_TEXT])
        with self._lock:
            self._gathered.append(row)
            number = len(self._gathered)
        if number == 1:
            self._later(DELAY, self.flush)
        elif number >= MAX_GATHERED:
            if waits:
                self.flush()
            else:
                self._later(0.0, self.flush)

    def insert(self, execute: Execute, actor: Actor, action: str, target: str, result: str) -> None:
        """Log a change in its own transaction."""
        at = self._wall(self._clock())
        execute(_INSERT, (at, actor.name, actor.source, action, target[:_MAX_TEXT], result[:_MAX_TEXT]))

    def flush(self) -> None:
        """Write the gathered rows."""
        with self._flushing:
            with self._lock:
                rows = self._gathered[:]
            if not rows:
                return
            dated = [(self._wall(row[0]), *row[1:]) for row in rows]

            def change(execute: Execute) -> None:
                for row in dated:
                    execute(_INSERT, row)
                execute("DELETE FROM audit WHERE id <= (SELECT MAX(id) FROM audit) - ?", (self.max_rows,))

            self._store.write(change, backup=False)
            with self._lock:
                del self._gathered[: len(rows)]

    def rows(self, before: int | None = None, limit: int = 100) -> list[dict[str, Any]]:
        """Return rows by column name, the newest first; `before` is the `id` of the row after them."""
        self.flush()
        where = "" if before is None else "WHERE id < ?"
        sql = (
            f"SELECT id, at, who, source, action, target, result FROM audit {where} ORDER BY id DESC LIMIT ?"
        )
        found = self._store.read(sql, *(() if before is None else (before,)), limit)
        names = ("id", "at", "who", "source", "action", "target", "result")
        return [dict(zip(names, row, strict=True)) for row in found]
