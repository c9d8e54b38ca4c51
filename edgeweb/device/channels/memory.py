"""What is remembered of channels: the last state of outputs with `at_start = "restore"`, counts of inputs.

Written some time after a change and together, because a switch that is thrown a thousand times a day must not
wear out a memory card.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from ..storage.store import Execute, Store
from .channel import Channel

#: Seconds between a change and its way to the disk.
STATE_DELAY = 5.0
COUNT_DELAY = 300.0


class ChannelMemory:
    """Remembers channels in a store. `later(seconds, call)` calls back."""

    def __init__(self, store: Store, later: Callable[[float, Callable[[], object]], object]) -> None:
        self._store = store
        self._later = later
        self._lock = Lock()
        self._changed: dict[str, Channel] = {}
        self._written: dict[str, tuple[bool | None, int]] = {}
        self._due: set[float] = set()

    def recall(self, channel: Channel) -> tuple[bool | None, int]:
        """Return the last state, and how often an input went on; None and 0 of what was never remembered."""
        if _delay(channel) is None:
            return None, 0
        rows = self._store.read("SELECT state, on_count FROM channels WHERE name = ?", channel.name)
        if not rows:
            return None, 0
        state, on_count = rows[0]
        self._written[channel.name] = (None if state is None else bool(state), on_count)
        return self._written[channel.name]

    def remember(self, channel: Channel) -> None:
        """Takes note of a change."""
        delay = _delay(channel)
        if delay is None:
            return
        with self._lock:
            self._changed[channel.name] = channel
            due = delay in self._due
            self._due.add(delay)
        if not due:
            self._later(delay, self.flush)

    def forget(self) -> None:
        """What is in the store is no longer what was written: its tables were replaced."""
        with self._lock:
            self._written.clear()

    def flush(self) -> None:
        """Writes what has changed; nothing where it is again as it was."""
        with self._lock:
            changed, self._changed = self._changed, {}
            self._due.clear()
        rows = {}
        for channel in changed.values():
            state = bool(channel.wanted) if channel.is_output else None
            row = (state, channel.current.on_count)
            if self._written.get(channel.name) != row:
                rows[channel.name] = row
        if not rows:
            return

        def change(execute: Execute) -> None:
            for name, (state, on_count) in rows.items():
                execute("INSERT OR REPLACE INTO channels VALUES (?, ?, ?)", (name, state, on_count))

        self._store.write(change, backup=False)
        self._written.update(rows)


def _delay(channel: Channel) -> float | None:
    """How soon a channel's changes are written; None for never."""
    if not channel.is_output:
        return COUNT_DELAY
    return STATE_DELAY if channel.options["at_start"] == "restore" else None
