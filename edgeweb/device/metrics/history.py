"""The last hour and the last day of the machine's figures, in rings of fixed size.

Readings are numbered by the monotonic clock. A date is made of that when it is read, so a clock that is
set moves the whole hour and tears no hole into it.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from math import isnan, nan
from threading import Lock
from typing import TYPE_CHECKING

from ..system.clock import WallClock
from .catalogue import METRICS
from .reader import Sample

#: Rings at most, however many interfaces and sensors a machine has. With 360 readings one is 1.4 KiB.
MAX_RINGS = 64

#: Seconds that the coarse rings reach back.
DAY = 86400.0

#: The figures that are kept: gauges, among them the rates of counters, but nothing that is only on or off.
_GAUGES = {name: unit for name, unit, kind, _, _ in METRICS if kind == "gauge" and unit != "boolean"}

_NEVER = -(1 << 60)

Key = tuple[str, str]


if TYPE_CHECKING:
    from typing import NotRequired, TypedDict

    class Series(TypedDict):
        """A figure for JSON; its values are None where there was no reading."""

        name: str
        unit: str
        label: NotRequired[str]
        values: list[float | None]


class Rings:
    """One ring for each figure, and for each label of those that have labels; `interval` is in seconds.

    >>> rings = Rings(interval=10.0, length=3)
    >>> for number in range(4):
    ...     rings.add(number, [(("load_1m", ""), number / 2)])
    >>> rings.series("load_1m")
    [{'name': 'load_1m', 'unit': 'processes', 'values': [0.5, 1.0, 1.5]}]
    """

    def __init__(self, interval: float, length: int) -> None:
        self.interval = interval
        self.length = length
        #: The number of the last reading: its moment in intervals.
        self.last = _NEVER
        self._lock = Lock()
        self._rings: dict[Key, array[float]] = {}

    @property
    def bytes(self) -> int:
        """The bytes of all rings, which stay the same once every figure was read."""
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
            for key, value in values:
                if key not in self._rings and len(self._rings) < MAX_RINGS:
                    self._rings[key] = array("f", [nan]) * self.length
                if key in self._rings:
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
                shown = [None if isnan(value) else round(value, 2) for value in values]
                row: Series = {"name": figure, "unit": _GAUGES[figure], "label": label, "values": shown}
                if not label:
                    del row["label"]
                found.append(row)
        return found


class History:
    """Fine rings with every reading, and coarse ones of the same length with the means of a whole day."""

    def __init__(self, interval: float, length: int) -> None:
        self.interval = interval
        self.length = length
        self.newest = 0.0
        self._fine = Rings(interval, length)
        # the steps of a day are never finer than the readings
        self._coarse = Rings(max(DAY / length, interval) if length else DAY, length)
        self._sums: dict[Key, tuple[float, int]] = {}
        self._sums_of = _NEVER

    @property
    def bytes(self) -> int:
        """The memory of all rings."""
        return self._fine.bytes + self._coarse.bytes

    def rings(self, kind: str) -> Rings:
        """Return the `fine` or the `coarse` rings."""
        return self._fine if kind == "fine" else self._coarse

    def add(self, sample: Sample) -> None:
        """Keep a reading. Only the thread of the timers calls this."""
        values = list(_values(sample))
        number = int(sample.moment // self.interval)
        if number <= self._fine.last:
            return
        self._fine.add(number, values)
        self.newest = sample.moment
        self._add_to_mean(int(sample.moment // self._coarse.interval), values)

    def _add_to_mean(self, number: int, values: list[tuple[Key, float]]) -> None:
        if number != self._sums_of:
            self._coarse.add(self._sums_of, [(key, total / n) for key, (total, n) in self._sums.items()])
            self._sums, self._sums_of = {}, number
        for key, value in values:
            total, n = self._sums.get(key, (0.0, 0))
            if n or len(self._sums) < MAX_RINGS:
                self._sums[key] = total + value, n + 1

    def series(self, name: str = "") -> list[Series]:
        """Return the fine rings, as `Rings.series`."""
        return self._fine.series(name)


def _values(sample: Sample) -> Iterator[tuple[Key, float]]:
    for name in _GAUGES:
        value = sample.values.get(name)
        for label, one in value.items() if isinstance(value, dict) else (("", value),):
            if one is not None:
                yield (name, label), one


class Recorder:
    """The timer that adds readings to the history. `later(seconds, call)` calls back."""

    def __init__(
        self,
        history: History,
        read: Callable[[], Sample],
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
        self._history.add(self._read())


def to_json(history: History, clock: WallClock, name: str = "") -> dict[str, object]:
    """Return the history as the API shows it."""
    series = history.series(name)
    return {
        "interval_seconds": history.interval,
        "newest_at": clock.iso(history.newest) if series else None,
        "series": series,
    }
