"""What is remembered of channels from one process to the next: outputs' states and deadlines, inputs' counts.

Written some time after a change and together, because a switch that is thrown a thousand times a day must not
wear out a memory card. A limit that runs is written sooner: a process that is killed must not make it longer.
What a power cut loses is at worst that an output was on, and then it is off.

The rest of an output of its own is written with the switch that begins it, and not again when it ends. While
the output is on, what is written is that it has yet to rest. A group rests at each start instead, and so does
an output whose rest is shorter than its way to the disk.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from ..storage.store import Execute, Store
from .channel import Channel

#: Seconds between a change and its way to the disk: of a limit that runs or an output that went off, of a
#: state, of a count.
LIMIT_DELAY = 0.5
STATE_DELAY = 5.0
COUNT_DELAY = 300.0
#: The kernel's name of this run of the machine. Source: random(4).
_BOOT = "/proc/sys/kernel/random/boot_id"


class Remembered(NamedTuple):
    """What is remembered of a channel.

    `state` is None of one that was never remembered. `off_at` is the moment of the monotonic clock at which
    an output has to go off, minus infinity where the machine was started since: its clock has begun again.
    `rest_until` is that at which the rest of an output of its own ends: infinity of one that may have been on
    to the end, and where the machine was started since. None: it was never switched, or needs no rest.
    """

    state: bool | None = None
    value: float | None = None
    on_count: int = 0
    off_at: float | None = None
    rest_until: float | None = None


NOTHING = Remembered()


if TYPE_CHECKING:
    from typing import Protocol

    class Memory(Protocol):
        """What remembers channels from one process to the next."""

        def recall(self, channel: Channel) -> Remembered:
            """Return what was remembered last."""

        def remember(self, channel: Channel) -> None:
            """Take note of a change; it may be written later."""

        def drop(self, channel: Channel) -> None:
            """Forget a channel that was removed."""


class NullMemory:
    """The memory of a controller without one."""

    def recall(self, channel: Channel) -> Remembered:
        return NOTHING

    def remember(self, channel: Channel) -> None:
        pass

    def drop(self, channel: Channel) -> None:
        pass


class ChannelMemory:
    """Remembers channels in a store. `later(seconds, call)` calls back; `boot` names the machine's run."""

    def __init__(
        self, store: Store, later: Callable[[float, Callable[[], object]], object], boot: str = ""
    ) -> None:
        self._store = store
        self._later = later
        self._boot = boot
        self._lock = Lock()
        self._changed: dict[str, Channel] = {}
        self._written: dict[str, Remembered] = {}
        self._due: set[float] = set()
        #: Channels whose rows are to be removed.
        self._gone: set[str] = set()

    def recall(self, channel: Channel) -> Remembered:
        """Return what was remembered last; `NOTHING` where that is nothing."""
        found = self._recall(channel)
        if channel.is_output and not channel.interlock and 0 < channel.options["busy_delay"] <= LIMIT_DELAY:
            return found._replace(rest_until=math.inf)
        return found

    def _recall(self, channel: Channel) -> Remembered:
        if _delay(channel) is None or channel.name in self._gone:
            return NOTHING
        rows = self._store.read(
            "SELECT state, value, on_count, off_at, rest_until, boot FROM channels WHERE name = ?",
            channel.name,
        )
        if not rows:
            return NOTHING
        state, value, on_count, off_at, rest_until, boot = rows[0]
        if boot is not None and boot != self._this_boot():
            off_at = None if off_at is None else -math.inf
            rest_until = None if rest_until is None else math.inf
        found = Remembered(None if state is None else bool(state), value, on_count, off_at, rest_until)
        self._written[channel.name] = found
        return found

    def remember(self, channel: Channel) -> None:
        """Take note of a change."""
        delay = _delay(channel)
        if delay is None:
            return
        last = self._written.get(channel.name)
        if last is not None and last.state and not channel.wanted:
            # It must not come back on after a kill: off is written as soon as a limit.
            delay = LIMIT_DELAY
        with self._lock:
            self._changed[channel.name] = channel
            due = delay in self._due
            self._due.add(delay)
        if not due:
            self._later(delay, self.flush)

    def drop(self, channel: Channel) -> None:
        """Forget a channel that was removed: another one of its name has no past."""
        with self._lock:
            self._changed.pop(channel.name, None)
            self._written.pop(channel.name, None)
            self._gone.add(channel.name)
        self._later(STATE_DELAY, self.flush)

    def forget(self) -> None:
        """Write every channel's next change: the store's tables were replaced."""
        with self._lock:
            self._written.clear()

    def flush(self) -> None:
        """Write what has changed; nothing where it is again as it was."""
        with self._lock:
            changed, self._changed = self._changed, {}
            gone, self._gone = self._gone, set()
            self._due.clear()
        rows = {}
        for channel in changed.values():
            row = _row(channel)
            if self._written.get(channel.name) != row:
                rows[channel.name] = row
        if not rows and not gone:
            return
        boot = self._this_boot()

        def change(execute: Execute) -> None:
            for name in gone:
                execute("DELETE FROM channels WHERE name = ?", (name,))
            for name, row in rows.items():
                execute(
                    "INSERT OR REPLACE INTO channels (name, state, value, on_count, off_at, rest_until, boot)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (name, *row, None if row.off_at is row.rest_until is None else boot),
                )

        try:
            self._store.write(change, backup=False)
        except BaseException:
            with self._lock:
                self._changed = {**changed, **self._changed}
                self._gone |= gone
            raise
        self._written.update(rows)

    def _this_boot(self) -> str:
        if not self._boot:
            try:
                with open(_BOOT, encoding="ascii") as file:
                    self._boot = file.read().strip()
            except OSError:
                self._boot = "unknown"
        return self._boot


def _row(channel: Channel) -> Remembered:
    """Return what is to be remembered of a channel now."""
    if not channel.is_output:
        return Remembered(on_count=channel.current.on_count)
    rest_until = channel.rest_until if _has_own_rest(channel) else None
    if not _lasts(channel):
        return Remembered(rest_until=rest_until)
    on = bool(channel.wanted or channel.resume)
    value = channel.last_value if channel.is_pwm else None
    return Remembered(on, value, 0, channel.off_at if on else None, rest_until)


def _delay(channel: Channel) -> float | None:
    """Return how soon a channel's changes are written; None for never."""
    if not channel.is_output:
        return COUNT_DELAY
    if _has_own_rest(channel):
        return LIMIT_DELAY
    if not _lasts(channel):
        return None
    return LIMIT_DELAY if channel.limit is not None else STATE_DELAY


def _lasts(channel: Channel) -> bool:
    """Whether an output's state counts for the next process."""
    return not channel.is_button and channel.options["at_start"] != "off"


def _has_own_rest(channel: Channel) -> bool:
    """Whether an output has a rest that no group keeps, and that lasts longer than its way to the disk."""
    return not channel.interlock and channel.options["busy_delay"] > LIMIT_DELAY
