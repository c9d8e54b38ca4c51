"""The last hour of the machine's figures, in rings of fixed size.

Readings are numbered by the monotonic clock. A date is made of that when somebody asks, so a clock that is
set moves the whole hour and tears no hole into it.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from math import isnan, nan
from threading import Lock
from typing import Any

from .clock import WallClock
from .metrics import METRICS, Sample

#: Rings at most, whatever a machine has of interfaces and sensors. With 360 readings one is 1.4 KiB.
MOST = 64

#: What is kept: figures that go up and down. A counter's rate is among them.
_GAUGES = tuple((name, unit) for name, unit, kind, _, _ in METRICS if kind == "gauge")

_NEVER = -(1 << 60)


class History:
    """One ring for each figure, and for each label of those that have labels.

    >>> history = History(interval=10.0, length=3)
    >>> for number in range(4):
    ...     history.add(Sample(number, number * 10.0, {"load_1m": number / 2}))
    >>> history.series("load_1m")
    [{'name': 'load_1m', 'unit': 'processes', 'values': [0.5, 1.0, 1.5]}]
    """

    def __init__(self, interval: float, length: int) -> None:
        self.interval = interval
        self.length = length
        self._lock = Lock()
        self._rings: dict[tuple[str, str], array[float]] = {}
        #: The number of the last reading: its moment in intervals.
        self._last = _NEVER
        self.newest = 0.0

    @property
    def bytes(self) -> int:
        """The memory that the rings have, which is the most that they will ever have once all are there."""
        return sum(ring.itemsize * len(ring) for ring in self._rings.values())

    def add(self, sample: Sample) -> None:
        """Keeps a reading; those that are missing since the last one stay empty."""
        number = int(sample.moment // self.interval)
        with self._lock:
            if number <= self._last:
                return
            for missing in range(max(self._last + 1, number - self.length + 1), number + 1):
                for ring in self._rings.values():
                    ring[missing % self.length] = nan
            self._last, self.newest = number, sample.moment
            for name, _ in _GAUGES:
                value = sample.values.get(name)
                for label, one in value.items() if isinstance(value, dict) else (("", value),):
                    room = None if one is None else self._ring(name, label)
                    if room is not None and one is not None:
                        room[number % self.length] = one

    def series(self, name: str = "") -> list[dict[str, Any]]:
        """All rings, or those of one figure; the oldest reading first, None where there was none."""
        units = dict(_GAUGES)
        found = []
        with self._lock:
            begin = self._last + 1
            for (figure, label), ring in self._rings.items():
                if name and figure != name:
                    continue
                values = [ring[(begin + at) % self.length] for at in range(self.length)]
                row: dict[str, Any] = {"name": figure, "unit": units[figure]}
                if label:
                    row["label"] = label
                row["values"] = [None if isnan(value) else round(value, 2) for value in values]
                found.append(row)
        return found

    def _ring(self, name: str, label: str) -> array[float] | None:
        ring = self._rings.get((name, label))
        if ring is None and len(self._rings) < MOST:
            ring = self._rings[name, label] = array("f", [nan]) * self.length
        return ring


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


def described(history: History, clock: WallClock, name: str = "") -> dict[str, Any]:
    """The history as the API shows it."""
    series = history.series(name)
    return {
        "interval_seconds": history.interval,
        "newest_at": clock.iso(history.newest) if series else None,
        "series": series,
    }
