"""The last hour and the last day of the machine's figures, in rings of fixed size.

Readings are numbered by the monotonic clock. A date is made of that when somebody asks, so a clock that is
set moves the whole hour and tears no hole into it.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from math import isnan, nan
from threading import Lock
from typing import Any

from ..system.clock import WallClock
from .catalogue import METRICS
from .reader import Sample

#: Rings at most, whatever a machine has of interfaces and sensors. With 360 readings one is 1.4 KiB.
MOST = 64

#: Seconds that the coarse rings reach back.
DAY = 86400.0

#: What is kept: figures that go up and down. A counter's rate is among them; what is only on or off is not.
_GAUGES = {name: unit for name, unit, kind, _, _ in METRICS if kind == "gauge" and unit != "boolean"}

_NEVER = -(1 << 60)

Key = tuple[str, str]


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
        """The memory that the rings have, which is the most that they will ever have once all are there."""
        return sum(ring.itemsize * len(ring) for ring in self._rings.values())

    def add(self, number: int, values: list[tuple[Key, float]]) -> None:
        """Keeps a reading; those that are missing since the last one stay empty."""
        with self._lock:
            if number <= self.last:
                return
            for missing in range(max(self.last + 1, number - self.length + 1), number + 1):
                for ring in self._rings.values():
                    ring[missing % self.length] = nan
            self.last = number
            for key, value in values:
                if key not in self._rings and len(self._rings) < MOST:
                    self._rings[key] = array("f", [nan]) * self.length
                if key in self._rings:
                    self._rings[key][number % self.length] = value

    def series(self, name: str = "") -> list[dict[str, Any]]:
        """All rings, or those of one figure; the oldest reading first, None where there was none."""
        found = []
        with self._lock:
            begin = self.last + 1
            for (figure, label), ring in self._rings.items():
                if name and figure != name:
                    continue
                values = [ring[(begin + at) % self.length] for at in range(self.length)]
                row: dict[str, Any] = {"name": figure, "unit": _GAUGES[figure]}
                if label:
                    row["label"] = label
                row["values"] = [None if isnan(value) else round(value, 2) for value in values]
                found.append(row)
        return found


class History:
    """Fine rings with every reading, and coarse ones of the same length with the means of a whole day."""

    def __init__(self, interval: float, length: int) -> None:
        self.interval = interval
        self.length = length
        self.newest = 0.0
        self._fine = Rings(interval, length)
        # a day is never told in finer steps than the readings come in
        self._coarse = Rings(max(DAY / length, interval) if length else DAY, length)
        self._sums: dict[Key, tuple[float, int]] = {}
        self._sums_of = _NEVER

    @property
    def bytes(self) -> int:
        """The memory of all rings."""
        return self._fine.bytes + self._coarse.bytes

    def rings(self, kind: str) -> Rings:
        """The `fine` or the `coarse` rings."""
        return self._fine if kind == "fine" else self._coarse

    def add(self, sample: Sample) -> None:
        """Keeps a reading. For one thread: the timers'."""
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
            if n or len(self._sums) < MOST:
                self._sums[key] = total + value, n + 1

    def series(self, name: str = "") -> list[dict[str, Any]]:
        """The fine rings, as `Rings.series`."""
        return self._fine.series(name)


def _values(sample: Sample) -> Iterator[tuple[Key, float]]:
    for name in _GAUGES:
        value = sample.values.get(name)
        for label, one in value.items() if isinstance(value, dict) else (("", value),):
            if one is not None:
                yield (name, label), one


class Recorder:
    """Reads for the history, as long as it runs. `later(seconds, call)` calls back."""

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
        """Takes the first reading one interval from now: the start of the server has other things to do."""
        self._later(self._history.interval, self._take)

    def _take(self) -> None:
        self._later(self._history.interval, self._take)
        self._history.add(self._read())


def to_json(history: History, clock: WallClock, name: str = "") -> dict[str, Any]:
    """The history as the API shows it."""
    series = history.series(name)
    return {
        "interval_seconds": history.interval,
        "newest_at": clock.iso(history.newest) if series else None,
        "series": series,
    }
