"""Inspect the files of the state without a change: no database is moved, made or migrated."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager

from . import recovery
from .migrations import VERSION


def inspect(folder: str) -> Iterator[tuple[str, str, bool]]:
    """Yield each file with a description, and whether it is healthy.

    Copies are opened: SQLite writes to what it opens, and a server may be at work.
    """
    for name, needed in ((recovery.DATABASE, True), (recovery.BACKUP, False)):
        if not os.path.exists(os.path.join(folder, name)):
            yield name, "not there: begun by the first start" if needed else "not there yet", True
            continue
        yield name, *_look(folder, name)
    for name in sorted(os.listdir(folder) if os.path.isdir(folder) else ()):
        if name.startswith(recovery.SET_ASIDE) and name.endswith(".db"):
            yield name, "damaged, and set aside", True


def things(folder: str) -> dict[str, str]:
    """Return the rows of the channels and sensors that were set on the device; none without a state.

    Raises `OSError` or `sqlite3.Error` where they cannot be read.
    """
    if not os.path.exists(os.path.join(folder, recovery.DATABASE)):
        return {}
    with _copy(folder, recovery.DATABASE) as connection:
        # one of an earlier edgeweb has no such table
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'things'").fetchall():
            return {}
        return dict(connection.execute("SELECT name, value FROM things ORDER BY rowid").fetchall())


@contextmanager
def _copy(folder: str, name: str) -> Iterator[sqlite3.Connection]:
    with tempfile.TemporaryDirectory(prefix="edgeweb-") as work:
        copy = shutil.copyfile(os.path.join(folder, name), os.path.join(work, name))
        log = os.path.join(folder, name + "-wal")
        if os.path.exists(log):
            shutil.copyfile(log, copy + "-wal")
        with closing(recovery.connect(copy)) as connection:
            yield connection


def _look(folder: str, name: str) -> tuple[str, bool]:
    try:
        with _copy(folder, name) as connection:
            recovery.check(connection)
            ((version,),) = connection.execute("PRAGMA user_version").fetchall()
            tables = [
                row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            rows = sum(
                connection.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()[0] for table in tables
            )
    except recovery.Corrupt as error:
        return f"damaged: {error}", False
    except (OSError, sqlite3.Error) as error:
        return f"cannot be read: {error}", False
    if version > VERSION:
        return f"of a newer edgeweb (version {version}, this one knows {VERSION})", False
    return f"healthy, version {version}, {rows} rows", True
