"""Adding what a serving process had to compile to the cache (mode `auto`)."""

from __future__ import annotations

import threading

from .cachefile import Entry
from .trust import Untrusted
from .writing import update

#: Maximum of code that waits to be written, in bytes.
_MAX_WAITING = 1_000_000


class Additions:
    """Gathers entries and writes them in batches that grow with the file, to spare the memory card.

    Each write is of the whole file. With batches of a quarter of its entries, filling the file writes about
    five times its size, for any number of templates. The rest is written when the process ends.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._stamp = ""
        self._waiting: dict[str, Entry] = {}
        self._written = 0
        self._gave_up = False

    def add(self, stamp: str, key: str, entry: Entry) -> None:
        """Add an entry that was compiled under this stamp; write if the batch is complete."""
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
        """Write what is waiting."""
        with self._lock:
            if self._waiting:
                self._write()

    def _write(self) -> None:
        try:
            self._written = update(self._path, self._stamp, self._waiting)
        except BlockingIOError:
            # Another process is writing. Ours can wait, unless too much is waiting already.
            if sum(len(waiting.code) for waiting in self._waiting.values()) <= _MAX_WAITING:
                return
        except (OSError, Untrusted):
            # A read-only system, another user's folder, a full card: the next process compiles again.
            self._gave_up = True
        self._waiting.clear()
