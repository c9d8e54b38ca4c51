"""Known places: the browsers and addresses with an earlier sign-in to an account.

Guesses at an account slow strangers down. The owner's own browser must not be among them, so it gets a
cookie with a random key that it shows with the next sign-in; the state has the key's hash. An address counts
as well, for programs and for browsers without the cookie. Both survive a restart, and both open nothing: they
spare their holder the limits for strangers (`rate_limit.py`) and the queue of strangers (`passwords.py`).
"""

from __future__ import annotations

from threading import Lock

from ..storage.store import Execute, Store
from . import secrets

#: Places of each kind for one account; the oldest is forgotten first.
MAX_PLACES = 8

BROWSER, ADDRESS = "browser", "address"


class KnownPlaces:
    """All known places. They are read from the state at a sign-in, and written at the first from a place."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()

    def find(self, user: str, address: str, key: str) -> str:
        """Return the mark under which a place is known to an account; the empty text for a stranger.

        `key` is that of the browser's cookie.
        """
        sql = "SELECT mark FROM known WHERE user = ? AND mark IN (?, ?) ORDER BY kind DESC"
        rows = self._store.read(sql, user, _browser(key), _address(address))
        return str(rows[0][0]) if rows else ""

    def add(self, user: str, address: str, key: str = "") -> str:
        """Make a place known to an account after a sign-in; return the key for the browser's cookie.

        Nothing is written where all of it is known already.
        """
        with self._lock:
            key = key if key and self._has(user, _browser(key)) else secrets.new_key()
            wanted = ((BROWSER, _browser(key)), (ADDRESS, _address(address)))
            missing = [(kind, mark) for kind, mark in wanted if not self._has(user, mark)]

            def change(execute: Execute) -> None:
                for kind, mark in missing:
                    execute(
                        "INSERT OR IGNORE INTO known (user, kind, mark) VALUES (?, ?, ?)", (user, kind, mark)
                    )
                    execute(
                        "DELETE FROM known WHERE id IN (SELECT id FROM known WHERE user = ? AND kind = ?"
                        " ORDER BY id DESC LIMIT -1 OFFSET ?)",
                        (user, kind, MAX_PLACES),
                    )

            if missing:
                self._store.write(change, backup=False)
        return key

    def _has(self, user: str, mark: str) -> bool:
        return bool(self._store.read("SELECT 1 FROM known WHERE user = ? AND mark = ?", user, mark))


def _browser(key: str) -> str:
    return f"{BROWSER} {secrets.digest(key)}" if key else ""


def _address(address: str) -> str:
    return f"{ADDRESS} {address}"
