"""The history of channels: when each was on, off or not known, and how bright, for a week, in the state.

The model. A *piece* is a time in which a channel was in one state; it begins with a change and lasts until
the next piece. Another percent of a PWM output is another state. Only changes make pieces: a channel that
nothing switches writes nothing, however long it is on. Pieces are gathered in memory on the monotonic clock.
Five minutes after the first of them, those of all channels are written in one transaction and forgotten here,
so that a channel that is switched each second costs a memory card no more than one that is switched each five
minutes.

A channel has a row of the table with `MAX_PIECES` pieces of 20 bytes, 6 KiB. Where there would be more, the
older ones are joined: to slices of 30 seconds in the last hour, of 15 minutes in the last day, of two hours
before. A joined piece has the time on, the number of switches and the mean value of all in it, so that sums
stay right; those at the edge of a time that is asked for count by their share.

As with `sensors/hours.py`, nothing is written before the clock is right, and moments get their date then.
Where the clock was set back, pieces of the time that comes again replace those that were written of it. What
a power cut loses: the switches of the last five minutes, and how long what was on stayed on. What was off
counts as off until the server starts again.
"""

from __future__ import annotations

from _thread import allocate_lock
from collections import deque
from collections.abc import Callable, Iterator
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

from ..errors import DeviceError
from ..storage.store import Execute, Store

if TYPE_CHECKING:
    from typing import Protocol

    from ..system.clock import WallClock
    from .channel import Channel

    class TimeSync(Protocol):
        """Whether the clock is right: `schedules/timesync.py`."""

        @property
        def done(self) -> bool:
            """Return whether it is, and wait for nothing."""

        def check(self) -> bool:
            """Return whether it is; may call a program and wait for it."""


OFF, ON, UNKNOWN, MIXED = range(4)

#: Pieces of a channel, in its row and in memory.
MAX_PIECES = 320

#: Seconds between a change and its way to the disk, and between two attempts.
DELAY = 300.0

#: Up to this age in seconds pieces that have to be joined are as long as this: 300 slices. Each length is a
#: multiple of the one before, so that a joined piece is never divided.
SLICES = ((3600.0, 30.0), (86_400.0, 900.0), (691_200.0, 7200.0))
MAX_AGE = SLICES[-1][0]

#: A piece: begin, state, value in percent, number of switches, seconds on and seconds known.
_ROW = Struct("<dBBHff")
_MAX_SWITCHES = 65_535
#: In place of the seconds known of a piece whose channel was not known before.
_FIRST = -1.0

_SELECT = "SELECT pieces FROM channel_history WHERE name = ?"
_REPLACE = "INSERT OR REPLACE INTO channel_history (name, pieces) VALUES (?, ?)"
_DELETE = "DELETE FROM channel_history WHERE name = ?"


#: The percent of what is no PWM output, and of what is not on.
FULL = 100


class Piece(NamedTuple):
    """A time in which a channel was in one state, up to the next piece.

    `on` and `known` count in a mixed one alone, and tell how many of its seconds it was on and its state was
    known. In the last one that is written, `known` is how long it had lasted then. `percent` is the value of
    a PWM output while it was on, the mean of it in a mixed one.
    """

    begin: float
    state: int
    switches: int = 0
    on: float = 0.0
    known: float = 0.0
    percent: int = FULL

    def measured(self, end: float) -> tuple[float, float]:
        """Return the seconds on, and those in which the state was known, where it lasts until `end`.

        >>> Piece(10.0, ON).measured(25.0), Piece(10.0, MIXED, 3, 2.0, 12.0).measured(25.0)
        ((15.0, 15.0), (2.0, 12.0))
        """
        seconds = end - self.begin
        if self.state == MIXED:
            return min(self.on, seconds), min(self.known, seconds)
        return seconds if self.state == ON else 0.0, 0.0 if self.state == UNKNOWN else seconds

    def continues(self, last: Piece) -> bool:
        """Return whether it is no change after another piece."""
        return (self.state, self.percent) == (last.state, last.percent)


class Span(NamedTuple):
    """A piece with its end, within a time that was asked for."""

    begin: float
    end: float
    state: int
    switches: int
    on: float
    known: float
    percent: int = FULL

    @property
    def is_on(self) -> bool | None:
        """Whether it was on; None where that is not known, or where several were joined."""
        return {OFF: False, ON: True}.get(self.state)


class ChannelHistory:
    """The pieces of all channels: gathered, written every five minutes at most, and read.

    `clock` gives the date of a moment, `time_sync` knows whether that is right, `later(seconds, call)` calls
    after that time, on a thread that may wait for the disk.
    """

    def __init__(
        self,
        store: Store,
        clock: WallClock,
        time_sync: TimeSync,
        later: Callable[[float, Callable[[], object]], object],
    ) -> None:
        self._store = store
        self._clock = clock
        self._time_sync = time_sync
        self._later = later
        self._lock = allocate_lock()
        #: What is not written yet, as rows have it, with moments of the monotonic clock.
        self._new: dict[str, bytearray] = {}
        #: Channels whose rows are to be removed.
        self._gone: set[str] = set()
        self._is_due = False
        #: The state and the percent that were noted last, where that was not as unknown.
        self._known: dict[str, tuple[int, int]] = {}

    # -- gathering -------------------------------------------------------------------------------------

    def note(
        self, name: str, was: bool | None, state: bool | None, moment: float, value: float | None = None
    ) -> None:
        """Gather a change of a channel at a moment of the monotonic clock. Waits for nothing."""
        code, percent = _noted(state, value)
        first = _FIRST if was is None else 0.0
        with self._lock:
            if self._known.get(name) == (code, percent):
                return  # another value of the same percent
            pieces = self._new.setdefault(name, bytearray())
            if len(pieces) >= MAX_PIECES * _ROW.size:
                pieces[:] = _packed(compact(_unpacked(pieces), moment))
            self._known.pop(name, None)
            if state is not None:
                self._known[name] = code, percent
            pieces += _ROW.pack(moment, code, percent, int(was is False and state is True), 0.0, first)
        self._write_later()

    def drop(self, name: str) -> None:
        """Forget a channel that was removed: another one of its name has no past."""
        with self._lock:
            self._new.pop(name, None)
            self._known.pop(name, None)
            self._gone.add(name)
        self._write_later()

    def _write_later(self) -> None:
        with self._lock:
            was_due, self._is_due = self._is_due, True
        if not was_due:
            self._later(DELAY, self._tick)

    def _tick(self) -> None:
        try:
            self.flush()
        except DeviceError:
            pass  # another program holds the state: the store has logged it
        with self._lock:
            self._is_due = bool(self._new or self._gone)
            is_due = self._is_due
        if is_due:
            self._later(DELAY, self._tick)

    def flush(self, *, final: bool = False) -> None:
        """Write what was gathered, if the clock is right; `final`: without a wait for that.

        Raises `DeviceError`.
        """
        # the end of a server waits for no program
        is_right = self._time_sync.done if final else self._time_sync.check()
        self._clock.check()
        with self._lock:
            if not is_right or not (self._new or self._gone):
                return
            new, self._new = self._new, {}
            gone, self._gone = self._gone, set()
        now = self._now()

        def change(execute: Execute) -> None:
            for name in gone:
                execute(_DELETE, (name,))
            for name, pieces in new.items():
                row = execute(_SELECT, (name,)).fetchone()
                found = compact(joined(_unpacked(row[0] if row else b""), self._dated(pieces)), now)
                found[-1] = found[-1]._replace(known=max(now - found[-1].begin, 0.0))
                execute(_REPLACE, (name, _packed(found)))

        try:
            self._store.write(change, backup=False)
        except BaseException:
            with self._lock:
                self._gone |= gone
                for name, pieces in self._new.items():
                    new[name] = new.get(name, bytearray()) + pieces
                self._new = new
            raise

    def close(self) -> None:
        """Write everything, and that nothing is known of the channels from now on."""
        moment = self._clock.monotonic()
        with self._lock:
            self._is_due = True  # nothing is called back any more
            names = tuple(self._known)
        for name in names:
            self.note(name, False, None, moment)
        try:
            self.flush(final=True)
        except DeviceError:
            pass  # as in a power cut: the store has logged the reason
        with self._lock:
            self._new.clear()
            self._is_due = False

    # -- reading ---------------------------------------------------------------------------------------

    def spans(self, channel: Channel, begin: float, end: float) -> Iterator[Span]:
        """Yield what a channel did within a time, in seconds since 1970 and not in the future.

        Raises `DeviceError`.
        """
        now = channel.current
        return spans(self.read(channel.name, now.state, now.changed, now.value), begin, end)

    def read(self, name: str, state: bool | None, changed: float, value: float | None = None) -> list[Piece]:
        """Return the pieces of a channel, the oldest first, with moments in seconds since 1970.

        `state` is what it is since `changed`, a moment of the monotonic clock. Raises `DeviceError`.
        """
        rows = self._store.read(_SELECT, name)
        with self._lock:
            new = self._dated(self._new.get(name, b""))
            kept = [] if name in self._gone or not rows else _unpacked(rows[0][0])
        code, percent = _noted(state, value)
        found = joined(kept, new)
        if not found or found[-1].state != code:
            # the server has begun again, in the same process
            begin = max(self._clock.seconds(changed), found[-1].begin if found else 0.0)
            found.append(Piece(begin, code, percent=percent))
        return found

    def _dated(self, pieces: bytes | bytearray) -> list[Piece]:
        return [one._replace(begin=self._clock.seconds(one.begin)) for one in _unpacked(pieces)]

    def _now(self) -> float:
        return self._clock.seconds(self._clock.monotonic())


def joined(kept: list[Piece], new: list[Piece]) -> list[Piece]:
    """Return pieces that were written, then new ones.

    >>> kept, new = [Piece(5.0, OFF), Piece(9.0, ON)], [Piece(8.0, ON), Piece(10.0, OFF)]
    >>> [piece.begin for piece in joined(kept, new)]
    [5.0, 8.0, 10.0]
    """
    if not new:
        return kept
    first = new[0]
    found = [piece for piece in kept if piece.begin < first.begin]
    if found and found[-1].state == ON and first.known == _FIRST:
        # the process before this one was killed, or the power was cut
        found.append(Piece(min(found[-1].begin + found[-1].known, first.begin), UNKNOWN))
    for piece in new:
        if not found or piece.state == MIXED or not piece.continues(found[-1]):
            found.append(piece._replace(known=0.0) if piece.known == _FIRST else piece)
    return found


def compact(pieces: list[Piece], now: float) -> list[Piece]:
    """Return `MAX_PIECES` pieces at most, without those of another age: all as they are, or else joined.

    The last one, which goes on, is never joined.
    """
    rest = deque(pieces)
    while len(rest) > 1 and rest[1].begin < now - MAX_AGE:
        rest.popleft()
    if len(rest) < MAX_PIECES:
        return list(rest)
    found = []
    while len(rest) > 1:
        first = rest.popleft()
        length = next((length for age, length in SLICES if now - first.begin <= age), SLICES[-1][1])
        limit = (first.begin // length + 1) * length
        on, known = first.measured(min(rest[0].begin, limit))
        power, switches, number = on * first.percent, first.switches, 1
        while len(rest) > 1 and rest[0].begin < limit:
            piece = rest.popleft()
            end = rest[0].begin
            if end > limit and piece.state != MIXED:
                rest.appendleft(piece._replace(begin=limit, switches=0))
                end = limit
            more_on, more_known = piece.measured(end)
            on, known, power = on + more_on, known + more_known, power + more_on * piece.percent
            switches, number = switches + piece.switches, number + 1
        percent = round(power / on) if on else FULL
        found.append(first if number == 1 else Piece(first.begin, MIXED, switches, on, known, percent))
    return [*found, *rest][-MAX_PIECES:]


def spans(pieces: list[Piece], begin: float, end: float) -> Iterator[Span]:
    """Yield the pieces within a time, cut at its edges; the last one lasts until `end`.

    >>> [span.on for span in spans([Piece(0.0, OFF), Piece(10.0, ON, 1), Piece(30.0, OFF)], 20.0, 60.0)]
    [10.0, 0.0]
    """
    for at, piece in enumerate(pieces):
        goes_on = at + 1 == len(pieces)
        last = max(end, piece.begin) if goes_on else pieces[at + 1].begin
        first, limit = max(piece.begin, begin), min(last, end)
        if limit < first or (limit == first and last > piece.begin) or (piece.begin == end and not goes_on):
            continue
        share = (limit - first) / (last - piece.begin) if last > piece.begin else 1.0
        on, known = piece.measured(last)
        counts = share if piece.state == MIXED else piece.begin >= begin
        switches = round(piece.switches * counts)
        yield Span(first, limit, piece.state, switches, on * share, known * share, piece.percent)


def _unpacked(pieces: bytes | bytearray) -> list[Piece]:
    if len(pieces) % _ROW.size:  # of a damaged file
        return []
    return [
        Piece(begin, state, switches, on, known, percent)
        for begin, state, percent, switches, on, known in _ROW.iter_unpack(pieces)
    ]


def _packed(pieces: list[Piece]) -> bytes:
    return b"".join(
        _ROW.pack(one.begin, one.state, one.percent, min(one.switches, _MAX_SWITCHES), one.on, one.known)
        for one in pieces
    )


def _noted(state: bool | None, value: float | None) -> tuple[int, int]:
    """Return state and percent as a piece has them: what is on has one percent at least.

    >>> _noted(True, 0.254), _noted(True, 0.001), _noted(True, None), _noted(False, 0.0)
    ((1, 25), (1, 1), (1, 100), (0, 100))
    """
    if not state:
        return (UNKNOWN if state is None else OFF), FULL
    return ON, FULL if value is None else max(1, round(value * 100))
