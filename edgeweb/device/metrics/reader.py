"""The machine's figures as views, live pages, scrapes and the history get them: the last values, at once.

One poller reads them in the background, each source on its own, and only on demand: the history asks once in
its interval, and a view where the last sample is older than `sensors.interval`. A view waits for the prompt
sources, which takes a millisecond or two, and 0.2 s where one of them has become slow. With nobody looking a
device makes 360 rounds an hour, those of the history, and without a history none.
"""

from __future__ import annotations

import time
from _thread import allocate_lock
from collections.abc import Callable
from functools import partial

from ..system.clock import synchronized
from ..system.executor import Executor, Inline
from ..system.patience import Patience
from ..system.poller import Poller
from ..system.source import Source
from ..system.text import clean
from . import figures
from .catalogue import METRICS
from .firmware import Firmware
from .processor import Processor, Value
from .sample import Sample, SourceWarning

#: Seconds for which the value of a slow source is shown, or twice the interval where that is longer.
LONGEST = 60.0

#: Seconds in which the sensors answer: one on a 1-wire bus takes 0.75 s.
SENSORS_DEADLINE = 15.0


class Metrics:
    """The machine's figures: read at most once in `interval` seconds, however many requests there are.

    `executor` makes the readings, `log` takes a line for each change of a source's state, `patience` is that
    of requests. `root` is where the files of the kernel, the firmware and the clock are; tests give a
    recorded tree.

    Rates need two readings and are None before the second. Processor use has an average since the machine
    started at the first, as with top and iostat.

    >>> metrics = Metrics()
    >>> 0 <= metrics.sample().values["memory_used_percent"] <= 100
    True
    """

    def __init__(
        self,
        *,
        interval: float = 2.0,
        folders: tuple[str, ...] = ("/",),
        interfaces: tuple[str, ...] = (),
        temperatures: bool = True,
        clock: Callable[[], float] = time.monotonic,
        root: str = "/",
        executor: Executor | Inline | None = None,
        log: Callable[[str], None] = lambda line: None,
        patience: Patience | None = None,
    ) -> None:
        self._clock = clock
        self._composing = allocate_lock()
        self._network = figures.Network()
        firmware = Firmware(root)
        #: Those of every machine, the ones that never wait first.
        self._always = (
            Source("processor", Processor(root).read),
            Source("load", figures.load),
            Source("memory", figures.memory),
            Source("swap", figures.swap),
            Source("uptime", figures.uptime),
            Source("server", partial(figures.server_memory, root)),
            Source("network", lambda: figures.labelled(self._network.read())),
            Source("clock", lambda: {"clock_synchronized": synchronized(root)}),
            Source("firmware", firmware.read),
        )
        self._sensors = Source(
            "temperatures", lambda: figures.labelled(figures.temperatures()), SENSORS_DEADLINE
        )
        #: folder: its source, which stays the same while the folder is watched.
        self._disks: dict[str, Source[figures.Values]] = {}
        self._poller = Poller("figures", (), executor or Executor(), clock, log, self._compose, patience)
        self.configure(interval, folders, interfaces, temperatures)
        # the sample before the first reading, in which every figure is None
        self._sample = Sample(0, self._poller.moment, {})
        self._compose()

    def configure(
        self, interval: float, folders: tuple[str, ...], interfaces: tuple[str, ...], temperatures: bool
    ) -> None:
        """Set what is read, from the next reading on."""
        self._interval = interval
        self._network.interfaces = interfaces
        self._disks = {folder: self._disks.get(folder) or _disk(folder) for folder in folders}
        sensors = (self._sensors,) if temperatures else ()
        self._poller.sources = (*self._always, *sensors, *self._disks.values())

    @property
    def sources(self) -> tuple[Source[figures.Values], ...]:
        """Return what is read."""
        return self._poller.sources

    def sample(self) -> Sample:
        """Return the last sample, after a short wait for another one where it is older than the interval."""
        if not self._is_fresh() and not self._poller.read():
            self._compose()
        return self._sample

    def sample_soon(self, then: Callable[[Sample], object]) -> None:
        """Call `then` with a fresh sample as soon as there is one, and wait for nothing."""
        if self._is_fresh():
            then(self._sample)
        else:
            self._poller.begin(lambda: then(self._sample))

    def _is_fresh(self) -> bool:
        return self._sample.number > 1 and self._clock() - self._sample.moment < self._interval

    def _compose(self) -> None:
        """Make a sample of the last values of all sources."""
        with self._composing:
            now, longest = self._clock(), max(LONGEST, 2 * self._interval)
            values: dict[str, Value] = {name: {} if label else None for name, _, _, label, _ in METRICS}
            warnings = []
            for source in self._poller.sources:
                error = source.error
                if error is not None:
                    read_at = None if source.value is None else source.moment
                    warnings.append(SourceWarning(source, error, source.since, read_at))
                found = source.current(now, longest)
                if found is None and source.subject:
                    found = {name: {source.subject: None} for name in figures.DISK_FIGURES}
                _add(values, found)
            self._sample = Sample(self._sample.number + 1, self._poller.moment, values, tuple(warnings))


def _disk(folder: str) -> Source[figures.Values]:
    return Source("disk", lambda: figures.labelled(figures.disk(folder)), subject=clean(folder))


def _add(values: dict[str, Value], found: figures.Values | None) -> None:
    for name, value in (found or {}).items():
        kept = values[name]
        if isinstance(kept, dict) and isinstance(value, dict):
            kept.update(value)
        else:
            values[name] = value
