"""The hours of sensors: minimum, mean and maximum value and the number of values, for a year, in the state.

The model. Values are gathered in memory, in the hour of the wall clock that they belong to. An hour that is
over is written with the same hour of all other sensors, in one transaction. A row of the table is a day of
one sensor, with room for 24 hours: a year of a sensor is 366 rows of 350 bytes, and an hour that is written
twice (the server was started again, the clock was set back) is joined with what is there.

A board without a battery starts in 1970. Until its clock is right, values are gathered in quarters of an hour
of the monotonic clock, of which the last day is kept; each is given its hour once the date is known. No date
is compared with today's to decide what is old: a clock that runs wrong for a moment must not delete a year.
What a power cut loses is the hour that runs.
"""

from __future__ import annotations

from _thread import allocate_lock
from collections.abc import Callable, Iterable, Iterator
from operator import mul
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

from ..errors import DeviceError
from ..storage.store import Execute, Store

if TYPE_CHECKING:
    from typing import Protocol

    from ..system.clock import WallClock

    class TimeSync(Protocol):
        """Whether the clock is right: `schedules/timesync.py`."""

        @property
        def done(self) -> bool:
            """Return whether it is, and wait for nothing."""

        def check(self) -> bool:
            """Return whether it is; may call a program and wait for it."""


HOUR, DAY = 3600, 86_400

#: Days that are kept, and sensors of which any are kept: a program may add any number.
MAX_DAYS, MAX_SENSORS = 366, 64

#: Seconds of a slice while the clock is not right, and slices that are kept: a day.
SLICE, MAX_SLICES = 900, 96

#: Hours that are kept in memory while another program holds the state.
MAX_HOURS = 48

#: Seconds until the next attempt: to learn whether the clock is right, or to write.
RETRY = 60.0

#: Seconds after the end of an hour at which it is written: no reading of it is on its way any more.
MARGIN = 5.0

#: An hour of a row: minimum, mean and maximum value as floats of four bytes, and the number of values.
_ROW = Struct("<fffH")
_EMPTY = bytes(24 * _ROW.size)
_MAX_NUMBER = 65_535

_SELECT = "SELECT hours FROM sensor_days WHERE sensor = ? AND day = ? AND length(hours) = 336"
_SELECT_DAYS = (
    "SELECT day, hours FROM sensor_days WHERE sensor = ? AND day BETWEEN ? AND ?"
    " AND length(hours) = 336 ORDER BY day"
)
_REPLACE = "INSERT OR REPLACE INTO sensor_days (sensor, day, hours) VALUES (?, ?, ?)"
_SELECT_OLD = "SELECT DISTINCT day FROM sensor_days ORDER BY day DESC LIMIT 1 OFFSET ?"
# A statement of its own: SQLite 3.40 deletes all rows where this is the subquery of the other one, and empty.
_DELETE_OLD = "DELETE FROM sensor_days WHERE day <= ?"
_DELETE_SENSORS = (
    "DELETE FROM sensor_days WHERE sensor IN"
    " (SELECT sensor FROM sensor_days GROUP BY sensor ORDER BY MAX(day) DESC, sensor LIMIT -1 OFFSET ?)"
)


class Hour(NamedTuple):
    """What was measured in a time that begins `begin` seconds after 1970, in an hour or several.

    `number` is that of the values.
    """

    begin: int
    minimum: float
    mean: float
    maximum: float
    number: int

    def joined(self, other: Hour) -> Hour:
        """Return both together, at this one's time.

        >>> Hour(0, 1.0, 2.0, 4.0, 3).joined(Hour(3600, 0.0, 6.0, 9.0, 1))
        Hour(begin=0, minimum=0.0, mean=3.0, maximum=9.0, number=4)
        """
        number = self.number + other.number
        mean = (self.mean * self.number + other.mean * other.number) / number
        minimum, maximum = min(self.minimum, other.minimum), max(self.maximum, other.maximum)
        return Hour(self.begin, minimum, mean, maximum, number)


#: Number of an hour, or of a slice: the values of each sensor in it.
_Gathered = dict[int, dict[str, Hour]]


class SensorHours:
    """The hours of all sensors that are kept: gathered, written each hour, and read.

    `clock` gives the date of a moment, `time_sync` knows whether that is right, `later(seconds, call)` calls
    after that time, on a thread that may wait for the disk. Nothing is called before the first value.
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
        self._hours: _Gathered = {}
        self._slices: _Gathered = {}
        self._is_right = False
        self._runs = False

    # -- gathering -------------------------------------------------------------------------------------

    def add(self, name: str, moment: float, value: float) -> None:
        """Gather a value of a sensor that was read at a moment of the monotonic clock. Waits for nothing."""
        with self._lock:
            if self._is_right:
                self._clock.check()
                into, number, most = self._hours, int(self._clock.seconds(moment) // HOUR), MAX_HOURS
            else:
                into, number, most = self._slices, int(moment // SLICE), MAX_SLICES
            _add(into, number, name, Hour(int(moment), value, value, value, 1), most)
            begins, self._runs = not self._runs, True
        if begins:
            self._later(0.0, self._tick)

    def _tick(self) -> None:
        """Write what is over, and come back after the present hour, or sooner where that was not possible."""
        wait = RETRY
        try:
            self.flush()
            if self._is_right:
                wait = HOUR - self._clock.seconds(self._clock.monotonic()) % HOUR + MARGIN
        except DeviceError:
            pass  # another program holds the state: the store has logged it
        finally:
            self._later(wait, self._tick)

    def flush(self, *, final: bool = False) -> None:
        """Write all hours that are over; `final`: the present one as well. Raises `DeviceError`."""
        # the end of a server waits for no program
        is_right = self._time_sync.done if final else self._time_sync.check()
        self._clock.check()
        with self._lock:
            self._is_right = is_right
            if not is_right:
                return
            now = self._clock.monotonic()
            for number, values in self._slices.items():
                for name, value in values.items():
                    # in the middle of its values, which begin at a moment of the monotonic clock
                    middle = (value.begin + min((number + 1) * SLICE, now)) / 2
                    hour = int(self._clock.seconds(middle) // HOUR)
                    _add(self._hours, hour, name, value, MAX_HOURS)
            self._slices.clear()
            present = int(self._clock.seconds(now) // HOUR)
            due = {hour: values for hour, values in self._hours.items() if final or hour != present}
            for hour in due:
                del self._hours[hour]
        if not due:
            return
        try:
            self._store.write(lambda execute: _write(execute, due), backup=False)
        except BaseException:
            with self._lock:
                for hour, values in due.items():
                    for name, value in values.items():
                        _add(self._hours, hour, name, value, MAX_HOURS)
            raise

    def close(self) -> None:
        """Write everything, as far as the state can be written and the date is known."""
        self._runs = False
        try:
            self.flush(final=True)
        except DeviceError:
            pass  # as in a power cut: the store has logged the reason

    # -- reading ---------------------------------------------------------------------------------------

    def steps(self, name: str, begin: float, end: float, step: int) -> Iterator[Hour]:
        """Yield what `read` yields, joined into steps of so many seconds since 1970.

        Whole days are joined as they are read: a year of hours is 24 times the work.
        """
        if step % DAY or begin % DAY or end % DAY:
            return by_step(self.read(name, begin, end), step)
        rows = self._store.read(_SELECT_DAYS, name, begin // DAY, end // DAY - 1)
        days = {day: found for day, content in rows if (found := _joined(day, content)) is not None}
        with self._lock:
            for hour, values in self._hours.items():
                day = hour // 24
                if name in values and begin <= day * DAY < end:
                    value = values[name]._replace(begin=day * DAY)
                    days[day] = days[day].joined(value) if day in days else value
        return by_step((days[day] for day in sorted(days)), step)

    def read(self, name: str, begin: float, end: float) -> Iterator[Hour]:
        """Yield the hours of a sensor that begin in this time, in seconds since 1970; those with values only.

        The hour that runs is among them. Raises `DeviceError`.
        """
        first, last = int(begin // HOUR), int(-(-end // HOUR)) - 1
        rows = self._store.read(_SELECT_DAYS, name, first // 24, last // 24)
        with self._lock:
            gathered = {
                hour: values[name]._replace(begin=hour * HOUR)
                for hour, values in sorted(self._hours.items())
                if name in values and first <= hour <= last
            }
        for day, content in rows:
            for found in _unpacked(day, content):
                hour = found.begin // HOUR
                if not first <= hour <= last:
                    continue
                for earlier in [one for one in gathered if one < hour]:
                    yield gathered.pop(earlier)
                running = gathered.pop(hour, None)
                yield found if running is None else found.joined(running)
        yield from gathered.values()


def by_step(hours: Iterable[Hour], step: int) -> Iterator[Hour]:
    """Join hours, which come in their order, into steps of so many seconds since 1970.

    >>> hours = [Hour(0, 1.0, 1.0, 1.0, 1), Hour(3600, 3.0, 3.0, 3.0, 1), Hour(7200, 5.0, 5.0, 5.0, 1)]
    >>> [(step.begin, step.mean) for step in by_step(hours, 7200)]
    [(0, 2.0), (7200, 5.0)]
    """
    found: Hour | None = None
    for hour in hours:
        begin = hour.begin // step * step
        if found is not None and found.begin == begin:
            found = found.joined(hour)
        else:
            if found is not None:
                yield found
            found = hour._replace(begin=begin)
    if found is not None:
        yield found


def _add(into: _Gathered, number: int, name: str, value: Hour, most: int) -> None:
    values = into.get(number)
    if values is None:
        if len(into) >= most:
            del into[min(into)]
        values = into[number] = {}
    if name in values:
        values[name] = values[name].joined(value)
    elif len(values) < MAX_SENSORS:
        values[name] = value


def _write(execute: Execute, due: _Gathered) -> None:
    """Join hours with what the table has of their days, and delete what it has no more room for."""
    days: dict[tuple[str, int], list[tuple[int, Hour]]] = {}
    for hour, values in due.items():
        for name, value in values.items():
            days.setdefault((name, hour // 24), []).append((hour % 24, value))
    is_longer = False
    for (name, day), hours in days.items():
        row = execute(_SELECT, (name, day)).fetchone()
        content = bytearray(row[0] if row else _EMPTY)
        for at, value in hours:
            before = Hour(0, *_ROW.unpack_from(content, at * _ROW.size))
            _, minimum, mean, maximum, number = value.joined(before) if before.number else value
            _ROW.pack_into(content, at * _ROW.size, minimum, mean, maximum, min(number, _MAX_NUMBER))
        execute(_REPLACE, (name, day, bytes(content)))
        if row is None:
            is_longer = True
    if is_longer:
        if old := execute(_SELECT_OLD, (MAX_DAYS,)).fetchone():
            execute(_DELETE_OLD, old)
        execute(_DELETE_SENSORS, (MAX_SENSORS,))


def _unpacked(day: int, content: bytes) -> Iterator[Hour]:
    for at, (minimum, mean, maximum, number) in enumerate(_ROW.iter_unpack(content)):
        if number:
            yield Hour(day * DAY + at * HOUR, _digits(minimum), _digits(mean), _digits(maximum), number)


def _joined(day: int, content: bytes) -> Hour | None:
    """Return a day of the table as one; None where it has no value."""
    hours = [row for row in _ROW.iter_unpack(content) if row[3]]
    if not hours:
        return None
    minimums, means, maximums, numbers = zip(*hours, strict=True)
    number = sum(numbers)
    mean = sum(map(mul, means, numbers)) / number
    return Hour(day * DAY, _digits(min(minimums)), _digits(mean), _digits(max(maximums)), number)


def _digits(value: float) -> float:
    # a float of four bytes has seven digits
    return float(f"{value:.7g}")
