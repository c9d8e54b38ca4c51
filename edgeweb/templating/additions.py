"""What a serving process had to compile, on its way into the cache (mode `auto`)."""

from __future__ import annotations

import threading

from .cachefile import Entry
from .trust import Untrusted
from .writing import update

#: So much code may wait, in bytes.
_MAX_WAITING = 1_000_000


class Additions:
    """Gathers entries and writes them in batches that grow with the file, so that a card is not worn by it.

    Each write is of the whole file. With batches of a quarter of what is there, filling it writes about five
    times its size altogether, however many templates there are. What is waiting is written at the end of the
    process.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._stamp = ""
        self._waiting: dict[str, Entry] = {}
        self._written = 0
        self._gave_up = False

    def add(self, stamp: str, key: str, entry: Entry) -> None:
        """Takes an entry that was compiled under this stamp."""
        with self._lock:
            if self._gave_up:
                return
            if stamp != self._stamp:
                self._stamp, self._written = stamp, 0
                self._waiting.clear()
            self._waiting[key] = entry
            size = sum(len(waiting.code) for waiting in self._waiting.values())
            if 4 * len(self._waiting) > self._written or size > _MAX_WAITING:
                self._write()

    def flush(self) -> None:
        """Writes what is waiting."""
        with self._lock:
            if self._waiting:
                self._write()

    def _write(self) -> None:
        try:
            self._written = update(self._path, self._stamp, self._waiting)
        except BlockingIOError:
            # Another process is at it. Ours can wait, but not grow.
            if sum(len(waiting.code) for waiting in self._waiting.values()) <= _MAX_WAITING:
                return
        except (OSError, Untrusted):
            # A read-only system, another user's folder, a full card: templates are compiled again next time.
            self._gave_up = True
        self._waiting.clear()
