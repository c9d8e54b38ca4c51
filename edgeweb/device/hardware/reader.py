"""All buses, each read as a source of its own: one that is slow or broken costs its own rows only.

A look at the hardware reads what is older than two seconds, and waits for the buses that answer promptly, at
most a second. One that hangs is given up after five; it has a reason then, and no rows. Nothing is read
while no person and no program asks.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

from ..system.executor import Executor, Inline
from ..system.gpiochip import Kernel
from ..system.patience import Patience
from ..system.poller import Poller
from ..system.source import Source, SourceError
from . import cameras, gpio, hwmon, i2c, iio, leds, onewire, pwm
from .tree import Limit, Row
from .usage import Things, with_users

#: How a bus is read: below a folder that stands for /, with as many rows as are left.
Read = Callable[[str, Limit], list[Row]]

#: Name of a bus: how it is read. They are shown in this order.
BUSES: dict[str, Read] = {
    "gpio": gpio.read,
    "leds": leds.read,
    "pwm": pwm.read,
    "onewire": onewire.read,
    "iio": iio.read,
    "hwmon": hwmon.read,
    "i2c": i2c.read,
    "cameras": cameras.read,
}

#: Seconds for which rows are shown without another reading, those in which a bus answers, and those for which
#: the rows of a slow one are shown.
FRESH = 2.0
DEADLINE = 5.0
LONGEST = 60.0


class Found(NamedTuple):
    """The rows of a bus, and whether `tree.MAX_ROWS` has cut them."""

    rows: list[Row]
    is_cut: bool


class Bus(NamedTuple):
    """A bus as it is shown: its rows, or why there are none."""

    name: str
    rows: list[Row]
    is_cut: bool
    error: SourceError | None

    def to_json(self) -> dict[str, object]:
        """Return the bus for JSON."""
        found: dict[str, object] = {"rows": self.rows, "truncated": self.is_cut}
        return found if self.error is None else {**found, "reason": str(self.error)}


class Hardware:
    """The hardware below `root`, which tests give as a recorded tree; `kernel` makes the calls on GPIO chips.

    >>> [bus.name for bus in Hardware("/nonexistent").buses({})][:3]
    ['gpio', 'leds', 'pwm']
    """

    def __init__(
        self,
        root: str = "/",
        kernel: Kernel | None = None,
        clock: Callable[[], float] = time.monotonic,
        executor: Executor | Inline | None = None,
        log: Callable[[str], None] = lambda line: None,
        patience: Patience | None = None,
    ) -> None:
        self._clock = clock
        self._is_read = False
        reads: dict[str, Read] = {**BUSES, "gpio": partial(gpio.read, kernel=kernel)}
        self.sources = tuple(
            Source(f"hardware {name}", partial(_read, read, root), DEADLINE) for name, read in reads.items()
        )
        self._poller = Poller("hardware", self.sources, executor or Inline(), clock, log, patience=patience)

    def buses(self, channels: Things, sensors: Things = MappingProxyType({})) -> list[Bus]:
        """Return all buses in their order, with what these channels and sensors of the profile use."""
        if not self._is_read or self._clock() - self._poller.moment >= FRESH:
            self._is_read = True
            self._poller.read()
        now = self._clock()
        return [
            self._bus(name, source, now, channels, sensors)
            for name, source in zip(BUSES, self.sources, strict=True)
        ]

    def wait(self, pause: Callable[[float], object] = time.sleep) -> None:
        """Read all buses, and wait for the slow ones until their deadline: for commands, not requests."""
        self._is_read = True
        self._poller.read()
        ends = self._clock() + DEADLINE
        while any(source.begun is not None for source in self.sources):
            if self._clock() >= ends:
                self._poller.read()  # gives up on those that are late
                return
            pause(0.1)

    def _bus(self, name: str, source: Source[Found], now: float, channels: Things, sensors: Things) -> Bus:
        found = source.current(now, LONGEST)
        if found is None:
            return Bus(name, [], False, source.error or SourceError("", "pending"))
        return Bus(name, with_users(name, found.rows, channels, sensors), found.is_cut, None)


def _read(read: Read, root: str) -> Found:
    limit = Limit()
    rows = read(root, limit)
    return Found(rows, limit.is_reached)
