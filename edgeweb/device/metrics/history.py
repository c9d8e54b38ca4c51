"""The last hour and the last day of the machine's figures, in rings of fixed size.

Readings are numbered by the monotonic clock. A date is made of that when it is read, so a clock that is
set moves the whole hour and tears no hole into it.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from math import isnan, nan
from threading import Lock
from typing import TYPE_CHECKING

from ..system.clock import WallClock
from .catalogue import METRICS
from .sample import Sample

#: Labels of one figure at most. Interfaces of containers come and go, and a server has 64 cores: neither may
#: take the room of another figure, and what comes later takes the place of what has gone.
MAX_LABELS = 10

#: Seconds that the coarse rings reach back.
DAY = 86400.0

#: The figures that are kept: gauges, among them the rates of counters, but nothing that is only on or off.
_GAUGES = {name: unit for name, unit, kind, _, _ in METRICS if kind == "gauge" and unit != "boolean"}

#: The figure of a sensor is this and its name.
SENSOR = "sensor."

#: Sensors that are kept, each a figure of its own. A program may add any number.
MAX_SENSORS = 64

#: Rings of the machine's figures at most. With 360 readings one is 1.4 KiB; a board with four cores and two
#: interfaces has about 30.
MAX_RINGS = sum(MAX_LABELS if label else 1 for name, _, _, label, _ in METRICS if name in _GAUGES)

_NEVER = -(1 << 60)

Key = tuple[str, str]

#: Name, unit and value of a sensor.
Measured = tuple[str, str, float]


if TYPE_CHECKING:
    from typing import NotRequired, TypedDict

    class Series(TypedDict):
        """A figure for JSON; its values are None where there was no reading."""

        name: str
        unit: str
        label: NotRequired[str]
        values: list[float | None]


class Places:
    """Which labels of a figure have a place, at most `MAX_LABELS` of them, and when each was last read.

    >>> places = Places()
    >>> places.take(0, [("temperature_celsius", f"sensor {n}") for n in range(MAX_LABELS)])
    []
    >>> places.take(1, [("temperature_celsius", "new")])
    [('temperature_celsius', 'sensor 0')]
    """

    def __init__(self) -> None:
        self._last: dict[str, dict[str, int]] = {}

    def __contains__(self, key: Key) -> bool:
        return key[1] in self._last.get(key[0], ())

    def take(self, number: int, keys: Iterable[Key]) -> list[Key]:
        """Give the keys of a reading their places; return those that lose theirs.

        A key without a place gets that of the one that was read the longest time ago, if it is not in this
        reading.
        """
        lost = []
        newcomers = []
        for name, label in keys:
            last = self._last.setdefault(name, {})
            if label in last:
                last[label] = number
            else:
                newcomers.append((name, label))
        for name, label in newcomers:
            last = self._last[name]
            if len(last) >= MAX_LABELS:
                oldest = min(last, key=last.__getitem__)
                if last[oldest] == number:
                    continue
                del last[oldest]
                lost.append((name, oldest))
            last[label] = number
        return lost

    def drop_before(self, number: int) -> list[Key]:
        """Take the places of all that have not been read since a number; return them."""
        lost = [(name, label) for name, last in self._last.items() for label in last if last[label] < number]
        for name, label in lost:
            del self._last[name][label]
        return lost


class Rings:
    """One ring for each figure, and for each label of those that have labels; `interval` is in seconds.

    A ring in which every reading is empty is dropped.

    >>> rings = Rings(interval=10.0, length=3)
    >>> for number in range(4):
    ...     rings.add(number, [(("load_1m", ""), number / 2)])
    >>> rings.series("load_1m")
    [{'name': 'load_1m', 'unit': 'processes', 'values': [0.5, 1.0, 1.5]}]
    """

    def __init__(self, interval: float, length: int, units: Mapping[str, str] = _GAUGES) -> None:
        self.interval = interval
        self.length = length
        self._units = units
        #: The number of the last reading: its moment in intervals.
        self.last = _NEVER
        self._lock = Lock()
        self._rings: dict[Key, array[float]] = {}
        self._places = Places()

    @property
    def bytes(self) -> int:
        """The bytes of all rings, which stay the same once every figure was read."""
        with self._lock:
            return sum(ring.itemsize * len(ring) for ring in self._rings.values())

    def add(self, number: int, values: list[tuple[Key, float]]) -> None:
        """Keep a reading; those that are missing since the last one stay empty."""
        with self._lock:
            if number <= self.last:
                return
            for missing in range(max(self.last + 1, number - self.length + 1), number + 1):
                for ring in self._rings.values():
                    ring[missing % self.length] = nan
            self.last = number
            lost = self._places.drop_before(number - self.length + 1)
            lost += self._places.take(number, (key for key, _ in values))
            for key in lost:
                del self._rings[key]
            for key, value in values:
                if key in self._places:
                    if key not in self._rings:
                        self._rings[key] = array("f", [nan]) * self.length
                    self._rings[key][number % self.length] = value

    def series(self, name: str = "") -> list[Series]:
        """Return all rings, or those of one figure; the oldest reading first, None where there was none."""
        found = []
        with self._lock:
            begin = self.last + 1
            for (figure, label), ring in self._rings.items():
                if name and figure != name:
                    continue
                values = [ring[(begin + at) % self.length] for at in range(self.length)]
                digits = _rounded if figure in _GAUGES else _significant
                shown = [None if isnan(value) else digits(value) for value in values]
                row: Series = {"name": figure, "unit": self._units[figure], "label": label, "values": shown}
                if not label:
                    del row["label"]
                found.append(row)
        return found


class History:
    """Fine rings with every reading, and coarse ones of the same length with the means of a whole day.

    `measured` returns the values of all sensors that are online, to be kept with each reading.
    """

    def __init__(
        self, interval: float, length: int, measured: Callable[[], Iterable[Measured]] = lambda: ()
    ) -> None:
        self.interval = interval
        self.length = length
        self.newest = 0.0
        self._lock = Lock()
        self._measured = measured
        #: The unit of each figure, those of sensors with the first reading of each.
        self._units = dict(_GAUGES)
        self._fine = Rings(interval, length, self._units)
        # the steps of a day are never finer than the readings
        self._coarse = Rings(max(DAY / length, interval) if length else DAY, length, self._units)
        self._sums: dict[Key, tuple[float, int]] = {}
        self._places = Places()
        self._step = 0
        self._sums_of = _NEVER

    @property
    def bytes(self) -> int:
        """The memory of all rings."""
        return self._fine.bytes + self._coarse.bytes

    def rings(self, kind: str) -> Rings:
        """Return the `fine` or the `coarse` rings."""
        return self._fine if kind == "fine" else self._coarse

    def add(self, sample: Sample) -> None:
        """Keep a reading, unless there is one of its interval already."""
        values = [*_values(sample), *self._sensors()]
        number = int(sample.moment // self.interval)
        with self._lock:
            if number <= self._fine.last:
                return
            self._fine.add(number, values)
            self.newest = sample.moment
            self._add_to_mean(int(sample.moment // self._coarse.interval), values)

    def _sensors(self) -> Iterator[tuple[Key, float]]:
        for name, unit, value in islice(self._measured(), MAX_SENSORS):
            figure = SENSOR + name
            self._units[figure] = unit
            yield (figure, ""), value

    def _add_to_mean(self, number: int, values: list[tuple[Key, float]]) -> None:
        if number != self._sums_of:
            self._coarse.add(self._sums_of, [(key, total / n) for key, (total, n) in self._sums.items()])
            self._sums, self._sums_of, self._places = {}, number, Places()
        self._step += 1
        for key in self._places.take(self._step, (key for key, _ in values)):
            del self._sums[key]
        for key, value in values:
            if key in self._places:
                total, n = self._sums.get(key, (0.0, 0))
                self._sums[key] = total + value, n + 1

    def series(self, name: str = "") -> list[Series]:
        """Return the fine rings, as `Rings.series`."""
        return self._fine.series(name)


def _rounded(value: float) -> float:
    return round(value, 2)


def _significant(value: float) -> float:
    # a ring keeps seven digits; where the point is depends on the sensor
    return float(f"{value:.6g}")


def _values(sample: Sample) -> Iterator[tuple[Key, float]]:
    for name in _GAUGES:
        value = sample.values.get(name)
        for label, one in value.items() if isinstance(value, dict) else (("", value),):
            if one is not None:
                yield (name, label), one


class Recorder:
    """The timer that adds readings to the history.

    `read(call)` calls back with a sample once it has one, and `later(seconds, call)` after that time.
    """

    def __init__(
        self,
        history: History,
        read: Callable[[Callable[[Sample], object]], object],
        later: Callable[[float, Callable[[], object]], object],
    ) -> None:
        self._history = history
        self._read = read
        self._later = later

    def start(self) -> None:
        """Take the first reading one interval from now: the start of the server has other things to do."""
        self._later(self._history.interval, self._take)

    def _take(self) -> None:
        self._later(self._history.interval, self._take)
        # the thread of the timers never waits for the system
        self._read(self._history.add)


def to_json(history: History, clock: WallClock, name: str = "") -> dict[str, object]:
    """Return the history as the API shows it."""
    series = history.series(name)
    return {
        "interval_seconds": history.interval,
        "newest_at": clock.iso(history.newest) if series else None,
        "series": series,
    }
