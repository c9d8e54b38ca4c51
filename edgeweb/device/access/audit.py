"""The audit log: every change of state and every refusal, with its actor, source, target and result.

Changes of users, tokens and settings are logged in the transaction of the change. Switches of channels are
gathered for some seconds and written together: a commit for each would wear out a memory card.

The log has a number of rows, and is cut in the transaction that adds to it. An oldest-first cut would let
one client push out what all others did. So rows have a *room*: a kind (`KINDS`) and an actor, and all
strangers together are one. A full log takes from the rooms with the most rows, the oldest first, down to a
common level: the largest at which all fits. Nothing is taken from a room below it.

Refusals repeat: what fails again within `MERGED_FOR` seconds, from the same source for the same reason, is
counted, and the number is one more row at the end of that time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Lock
from typing import Any

from ..storage.store import Execute, Locked, Store
from .actor import Actor

#: Seconds for which rows are gathered, and their maximum.
DELAY = 5.0
MAX_GATHERED = 500

#: Rows that are in memory at a time while the whole log is read.
PIECE = 100

#: Seconds for which refusals of the same kind are counted, and the kinds that are counted apart.
MERGED_FOR = 60.0
MAX_MERGED = 64

#: Maximum characters of a text: clients send them.
_MAX_TEXT = 120

#: The first word of an action: the kind of its room; all others are of `device`.
KINDS = {
    "channel": "channel",
    "user": "account",
    "token": "account",
    "session": "account",
    "setup": "account",
    "state": "account",
}
REFUSED = "refused"
#: The room of all refusals of clients that have shown neither a session nor a token.
STRANGERS = "strangers"
#: In place of the address, once more than `MAX_MERGED` kinds of refusals came in a minute.
MANY = "many"

_COLUMNS = ("id", "at", "who", "source", "action", "target", "result", "count")
_INSERT = (
    "INSERT INTO audit (at, who, source, action, target, result, count, room) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)

#: Moment or date, who, source, action, target, result, count, room.
Row = tuple[float, str, str, str, str, str, int, str]


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
        #: Rows at most; others are deleted with the next that is written.
        self.max_rows = rows
        self._copy: Callable[[str], object] | None = None
        self._listener: Callable[[dict[str, Any]], object] | None = None
        # `id` of the last row that was copied
        self._copied = 0
        self._later = later
        self._wall = wall
        self._clock = clock
        self._lock = Lock()
        self._flushing = Lock()
        # a moment of the clock until it is written: a date that was set meanwhile is then right
        self._gathered: list[Row] = []
        # what a row of a refusal has but for its moment: the moment of the first, and the repetitions
        self._repeated: dict[tuple[str, ...], tuple[float, int]] = {}

    def note(self, actor: Actor, action: str, target: str, result: str, *, waits: bool = True) -> None:
        """Log a change, within `DELAY` seconds.

        `MAX_GATHERED` rows are written by the call that adds the last one, which slows down a client that
        makes too many. Without `waits` another thread writes them, as the caller must not wait for the disk.
        """
        self._gather(_row(self._clock(), actor, action, target, result), waits)

    def refuse(self, actor: Actor, action: str, target: str, reason: str = "refused") -> None:
        """Log a refusal. The same one within a minute is counted. Never waits for the disk."""
        now = self._clock()
        row = _row(now, actor, action, target, reason)
        room = f"{REFUSED} {actor.name}" if actor.role else STRANGERS
        key = (*row[1:6], room)
        with self._lock:
            if key not in self._repeated and len(self._repeated) >= MAX_MERGED:
                key = (row[1], MANY, row[3], "", row[5], room)
            first, number = self._repeated.get(key, (now, -1))
            self._repeated[key] = (first, number + 1)
        if number < 0:
            self._later(MERGED_FOR, lambda: self._end_merging(key))
            self._gather((now, key[0], key[1], key[2], key[3], key[4], 1, room), False)

    def insert(self, execute: Execute, actor: Actor, action: str, target: str, result: str) -> None:
        """Log a change in its own transaction."""
        row = _row(self._wall(self._clock()), actor, action, target, result)
        execute(_INSERT, row)
        _cut(execute, self.max_rows)
        if self._copy or self._listener:
            self._later(0.0, self._copy_rows)

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
                _cut(execute, self.max_rows)

            self._store.write(change, backup=False)
            with self._lock:
                del self._gathered[: len(rows)]
        self._copy_rows()

    def copy_to(self, copy: Callable[[str], object] | None) -> None:
        """Give each row that is written from now on to `copy`, as a line of text; None: to nothing."""
        if copy and not self._copy:
            self._copy_from_now()
        self._copy = copy

    def listen(self, listener: Callable[[dict[str, Any]], object] | None) -> None:
        """Give each row that is written from now on to `listener`, by column name; None: to nothing.

        The listener returns at once.
        """
        if listener and not self._listener:
            self._copy_from_now()
        self._listener = listener

    def _copy_from_now(self) -> None:
        if not self._copy and not self._listener:
            ((last,),) = self._store.read("SELECT COALESCE(MAX(id), 0) FROM audit")
            self._copied = last

    def rows(self, before: int | None = None, limit: int = 100) -> list[dict[str, Any]]:
        """Return rows by column name, the newest first; `before` is the `id` of the row after them."""
        self._flush_to_read()
        where = "" if before is None else "WHERE id < ?"
        sql = f"SELECT {', '.join(_COLUMNS)} FROM audit {where} ORDER BY id DESC LIMIT ?"
        found = self._store.read(sql, *(() if before is None else (before,)), limit)
        return [dict(zip(_COLUMNS, row, strict=True)) for row in found]

    def pieces(self, before: int | None = None, limit: int | None = None) -> Iterator[list[dict[str, Any]]]:
        """Yield the rows in lists of at most `PIECE`, the oldest first: all, or the newest `limit` of them.

        `before` is the `id` of the row after them. Each list is read when it is asked for, so that the whole
        log is never in memory. Rows that are written meanwhile are left out: each client comes to an end.
        """
        self._flush_to_read()
        ((newest,),) = self._store.read("SELECT COALESCE(MAX(id), 0) FROM audit")
        last = newest if before is None else min(before - 1, newest)
        read = 0
        if limit is not None:
            sql = "SELECT id FROM audit WHERE id <= ? ORDER BY id DESC LIMIT 1 OFFSET ?"
            read = next((row[0] for row in self._store.read(sql, last, limit)), 0)
        sql = f"SELECT {', '.join(_COLUMNS)} FROM audit WHERE id > ? AND id <= ? ORDER BY id LIMIT ?"
        while found := self._store.read(sql, read, last, PIECE):
            read = found[-1][0]
            yield [dict(zip(_COLUMNS, row, strict=True)) for row in found]

    def switches(self, limit: int) -> list[dict[str, Any]]:
        """Return the newest rows of channels and runs of schedules, without the ends of pulses."""
        self._flush_to_read()
        sql = (
            f"SELECT {', '.join(_COLUMNS)} FROM audit"
            " WHERE (action LIKE 'channel.%' OR action = 'schedule.run')"
            " AND NOT (who = 'timer' AND action = 'channel.pulse') ORDER BY id DESC LIMIT ?"
        )
        return [dict(zip(_COLUMNS, row, strict=True)) for row in self._store.read(sql, limit)]

    def about(self, family: str, name: str, limit: int) -> list[dict[str, Any]]:
        """Return the newest rows about a channel or a sensor: changes, settings, switches, schedules."""
        self._flush_to_read()
        kind, setting, step = family.removesuffix("s"), f"{family}.{name}.", f"{name} "
        sql = (
            f"SELECT {', '.join(_COLUMNS)} FROM audit WHERE (target = ? AND action LIKE ?)"
            " OR (action = 'setting.change' AND substr(target, 1, ?) = ?)"
            " OR (? = 'channel' AND action = 'schedule.run' AND substr(result, 1, ?) = ?)"
            " ORDER BY id DESC LIMIT ?"
        )
        values = (name, f"{kind}.%", len(setting), setting, kind, len(step), step, limit)
        return [dict(zip(_COLUMNS, row, strict=True)) for row in self._store.read(sql, *values)]

    def credentials(self, limit: int) -> list[dict[str, Any]]:
        """Return the newest rows about users, roles, passwords and tokens."""
        self._flush_to_read()
        sql = (
            f"SELECT {', '.join(_COLUMNS)} FROM audit WHERE room LIKE 'account %'"
            " AND (action LIKE 'user.%' OR action LIKE 'token.%') ORDER BY id DESC LIMIT ?"
        )
        return [dict(zip(_COLUMNS, row, strict=True)) for row in self._store.read(sql, limit)]

    def _flush_to_read(self) -> None:
        # without the newest rows rather than not at all
        with suppress(Locked):
            self.flush()

    def _gather(self, row: Row, waits: bool) -> None:
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

    def _copy_rows(self) -> None:
        """Copy the rows since the last copy: those that are in the state, also by `edgeweb users`."""
        with self._lock:
            copy, listener = self._copy, self._listener
            if not (copy or listener):
                return
            sql = f"SELECT {', '.join(_COLUMNS)} FROM audit WHERE id > ? ORDER BY id"
            for row in self._store.read(sql, self._copied):
                self._copied = row[0]
                if copy:
                    copy(line(row[1:]))
                if listener:
                    listener(dict(zip(_COLUMNS, row, strict=True)))

    def _end_merging(self, key: tuple[str, ...]) -> None:
        with self._lock:
            _, number = self._repeated.pop(key, (0.0, 0))
        if number:
            who, source, action, target, result, room = key
            self._gather((self._clock(), who, source, action, target, result, number, room), False)


def line(row: tuple[Any, ...]) -> str:
    """Return a row as one line for the journal. The form is stable: names never change, new ones come last.

    >>> line((0.0, "ada", "10.0.0.2", "user.add", "eve", "viewer", 1))
    'audit who="ada" source="10.0.0.2" action="user.add" target="eve" result="viewer" count=1'
    """
    names = ("who", "source", "action", "target", "result")
    fields = (f"{name}={_quoted(text)}" for name, text in zip(names, row[1:6], strict=True))
    return f"audit {' '.join(fields)} count={row[6]}"


def _quoted(text: str) -> str:
    safe = "".join(letter if letter.isprintable() else "?" for letter in text)
    return '"' + safe.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _row(at: float, actor: Actor, action: str, target: str, result: str) -> Row:
    room = f"{KINDS.get(action.partition('.')[0], 'device')} {actor.name}"
    return (at, actor.name, actor.source, action, target[:_MAX_TEXT], result[:_MAX_TEXT], 1, room)


def _cut(execute: Execute, most: int) -> None:
    """Delete the oldest rows of the rooms with the most, until `most` are left."""
    ((total,),) = execute("SELECT COUNT(*) FROM audit").fetchall()
    if total <= most:
        return
    rooms: dict[str, int] = dict(execute("SELECT room, COUNT(*) FROM audit GROUP BY room").fetchall())
    level = _level(list(rooms.values()), most)
    for room, number in rooms.items():
        excess = min(number - level, total - most)
        if excess > 0:
            execute(
                "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE room = ? ORDER BY id LIMIT ?)",
                (room, excess),
            )
            total -= excess


def _level(numbers: list[int], most: int) -> int:
    """Return the largest level at which the numbers, cut down to it, add up to at most `most`.

    >>> _level([900, 80, 20], 1000), _level([900, 300, 20], 1000), _level([5, 5], 4)
    (900, 680, 2)
    """
    left, rooms = most, len(numbers)
    for number in sorted(numbers):
        if number * rooms > left:
            return left // rooms
        left -= number
        rooms -= 1
    return max(numbers)
