"""The tables, as steps that each bring the file one version further (SQLite's `user_version`).

A step is never changed once it was released: files in the field have taken it. Add another one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import DeviceError

if TYPE_CHECKING:
    import sqlite3

#: `MIGRATIONS[n]` makes version n + 1 out of version n. Each is one transaction.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        """CREATE TABLE users (
            name TEXT PRIMARY KEY, role TEXT NOT NULL, password TEXT NOT NULL
        ) WITHOUT ROWID""",
        """CREATE TABLE tokens (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            digest TEXT NOT NULL UNIQUE,
            user TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
            role TEXT NOT NULL,
            note TEXT NOT NULL,
            scopes TEXT NOT NULL DEFAULT '',
            created REAL,
            used REAL,
            expires REAL
        )""",
        # without a reference to users: a restore replaces those, and ends the sessions that do not fit
        """CREATE TABLE sessions (
            digest TEXT PRIMARY KEY, id TEXT NOT NULL, user TEXT NOT NULL, stamp TEXT NOT NULL,
            source TEXT NOT NULL, agent TEXT NOT NULL,
            age REAL NOT NULL, idle REAL NOT NULL, moment REAL NOT NULL, wall REAL NOT NULL,
            boot TEXT NOT NULL
        ) WITHOUT ROWID""",
        """CREATE TABLE known (
            id INTEGER PRIMARY KEY AUTOINCREMENT, user TEXT NOT NULL, kind TEXT NOT NULL, mark TEXT NOT NULL,
            UNIQUE (user, mark)
        )""",
        """CREATE TABLE audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at REAL NOT NULL,
            who TEXT NOT NULL,
            source TEXT NOT NULL,
            action TEXT NOT NULL,
            target TEXT NOT NULL,
            result TEXT NOT NULL,
            count INTEGER NOT NULL DEFAULT 1,
            room TEXT NOT NULL
        )""",
        # for counting and cutting the rows of one kind and actor (`access/audit.py`)
        "CREATE INDEX audit_rooms ON audit (room)",
        "CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE schedules (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        """CREATE TABLE channels (
            name TEXT PRIMARY KEY, state INTEGER, value REAL, on_count INTEGER NOT NULL DEFAULT 0,
            off_at REAL, boot TEXT
        ) WITHOUT ROWID""",
    ),
    (
        "ALTER TABLE channels ADD COLUMN rest_until REAL",
        # the secret in hexadecimal digits, the step of the last code used, hashes of the recovery codes left
        """CREATE TABLE second_factors (
            user TEXT PRIMARY KEY REFERENCES users (name) ON DELETE CASCADE,
            secret TEXT NOT NULL, step INTEGER NOT NULL, recovery TEXT NOT NULL
        ) WITHOUT ROWID""",
    ),
    (
        # in the order in which they were added: theirs is that of the pages
        "CREATE TABLE things (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
        # a day of a sensor: `sensors/hours.py` has the form of its 24 hours. By the day, so that what an hour
        # writes of all sensors is in neighbouring pages, and the card takes two of them, not one a sensor.
        """CREATE TABLE sensor_days (
            sensor TEXT NOT NULL, day INTEGER NOT NULL, hours BLOB NOT NULL, PRIMARY KEY (day, sensor)
        ) WITHOUT ROWID""",
    ),
    (
        # when a channel was on: `channels/history.py` has the form of its pieces
        "CREATE TABLE channel_history (name TEXT PRIMARY KEY, pieces BLOB NOT NULL)",
    ),
)

VERSION = len(MIGRATIONS)


class Newer(DeviceError):
    """A newer edgeweb has written the file: it is neither read nor replaced."""

    key = "system-refused"


def migrate(connection: sqlite3.Connection, migrations: tuple[tuple[str, ...], ...] = MIGRATIONS) -> None:
    """Bring the tables to the newest version, each step in a transaction. Raises `Newer`."""
    (row,) = connection.execute("PRAGMA user_version").fetchall()
    version: int = row[0]
    if version > len(migrations):
        raise Newer(
            f"the state was written by a newer edgeweb (version {version}, and this one knows"
            f" {len(migrations)}): update edgeweb, or give it another folder with storage.state"
        )
    for number in range(version, len(migrations)):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in migrations[number]:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={number + 1}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
