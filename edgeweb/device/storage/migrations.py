"""The tables, as steps that each bring the file one version further (SQLite's `user_version`).

A step is never changed once it was released: files in the field have taken it. Add another one.
"""

from __future__ import annotations

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
            note TEXT NOT NULL
        )""",
        # no index on anything but id: rows are only added, read from the end and cut off at the beginning
        """CREATE TABLE audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at REAL NOT NULL,
            who TEXT NOT NULL,
            source TEXT NOT NULL,
            action TEXT NOT NULL,
            target TEXT NOT NULL,
            result TEXT NOT NULL
        )""",
        "CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE schedules (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        """CREATE TABLE channels (
            name TEXT PRIMARY KEY, state INTEGER, value REAL, on_count INTEGER NOT NULL DEFAULT 0,
            off_at REAL, boot TEXT
        ) WITHOUT ROWID""",
    ),
)

VERSION = len(MIGRATIONS)
