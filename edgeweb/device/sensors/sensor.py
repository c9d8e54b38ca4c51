"""A sensor: one named value, what the profile says about it, and what is known of it now.

The model. A reading becomes a value by `scale` and `offset`, and counts where it lies in `valid`. A sensor
with a value is online; one whose last reading failed is offline, has a reason and no value. The level of an
online sensor is a small machine:

    low   <->   ok   <->   high

A value below `low` asks for low, one above `high` for high. The way back is longer by the hysteresis: low is
left at `low + hysteresis`, high at `high - hysteresis`. A level counts once values have asked for it for the
time `for` without one in between that asked for another. An offline sensor keeps its level: what was too hot
when the wire broke has not cooled by that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any

from ..errors import DeviceError
from ..system.source import Source, SourceError

if TYPE_CHECKING:
    from ..system.clock import WallClock
    from ..system.timers import Timer

OK, LOW, HIGH = "ok", "low", "high"
LEVELS = (OK, LOW, HIGH)

#: Values above this, either way, are broken: no board measures a number of sixteen digits.
LARGEST = 1e15

#: The reason of a sensor without a first value.
NOT_YET = "no value yet"


class UnknownSensor(DeviceError, LookupError):
    """No sensor has this name."""

    key = "unknown-sensor"


class Sensor:
    """One sensor. All methods are called with the lock of `Sensors` held, and none of them waits.

    `options` is its table of the profile. Moments are those of the monotonic clock.

    >>> options = {"scale": 0.1, "offset": 0.0, "valid": (), "low": "", "high": 30.0, "hysteresis": 1.0}
    >>> sensor = Sensor("tank", "program", {**options, "for": 0.0, "title": "", "unit": "l"})
    >>> _ = sensor.take(5.0, 312.0)
    >>> sensor.value, sensor.level
    (31.2, 'high')
    """

    __slots__ = (
        *("_asked", "_asked_at", "_options", "_unit", "kind", "level", "level_at", "name", "number"),
        *("source", "timer"),
    )

    def __init__(
        self,
        name: str,
        kind: str,
        options: Mapping[str, Any],
        read: Callable[[], float] | None = None,
        deadline: float = 5.0,
    ) -> None:
        self.name = name
        self.kind = kind
        self._options = options
        self._unit = ""
        #: How it is read, and how the last reading went; its value is the last good one.
        self.source: Source[float] = Source("sensor", read or _none, deadline, name)
        self.source.error = SourceError(NOT_YET)
        self.level = OK
        #: The moment at which the level began.
        self.level_at = 0.0
        #: The level that values ask for, and the moment of the first that did.
        self._asked = OK
        self._asked_at = 0.0
        #: The timer that settles the level; None before the first.
        self.timer: Timer | None = None
        #: Counts what is visible: another number is another answer.
        self.number = 0

    # -- what the profile says -------------------------------------------------------------------------

    def adopt(self, options: Mapping[str, Any], unit: str = "") -> None:
        """Take other options; `unit` is that of what is read, for a profile that names none."""
        if options != self._options:
            self._options = options
            self.number += 1
        self.adopt_unit(unit)

    def adopt_unit(self, unit: str) -> None:
        """Take the unit of what is read."""
        if unit != self._unit:
            self._unit = unit
            self.number += 1

    @property
    def title(self) -> str:
        """Return what people see."""
        return self._options["title"] or self.name

    @property
    def unit(self) -> str:
        """Return the unit of the value, for people; empty where there is none."""
        return self._options["unit"] or self._unit

    @property
    def group(self) -> str:
        """Return the name of the sensors that are shown together; empty for none."""
        found: str = self._options["group"]
        return found

    @property
    def order(self) -> int:
        """The place among the others."""
        found: int = self._options["order"]
        return found

    @property
    def icon(self) -> str:
        """Return the name of its symbol; empty for none."""
        found: str = self._options["icon"]
        return found

    @property
    def interval(self) -> float:
        """Return the seconds between two readings."""
        found: float = self._options["interval"]
        return found

    def is_kept(self, by_default: bool) -> bool:
        """Return whether its hours are kept; `by_default` is whether those of all are."""
        found = self._options["keep"]
        return by_default if found == "" else bool(found)

    @property
    def has_limits(self) -> bool:
        """Return whether its level can be another than ok."""
        return bool(self.limits)

    @property
    def limits(self) -> dict[str, float]:
        """Return the limits that it has: `low`, `high`, both or none."""
        return {key: self._options[key] for key in (LOW, HIGH) if self._options[key] != ""}

    # -- what is known now -----------------------------------------------------------------------------

    @property
    def online(self) -> bool:
        """Return whether the last reading gave a value."""
        return self.source.error is None

    @property
    def value(self) -> float | None:
        """Return the value; None while the sensor is offline."""
        return self.source.value if self.source.error is None else None

    @property
    def reason(self) -> str:
        """Return why it is offline; empty while it is online."""
        return "" if self.source.error is None else str(self.source.error)

    @property
    def read_at(self) -> float | None:
        """Return the moment of the last value; None before the first."""
        return None if self.source.value is None else self.source.moment

    @property
    def due(self) -> float | None:
        """Return the moment at which the level that values ask for counts; None where it does already."""
        return None if self._asked == self.level or not self.online else self._asked_at + self._options["for"]

    def take(self, now: float, reading: float) -> str:
        """Keep a reading. Return the line for the log, empty where there is none."""
        if isinstance(reading, bool) or not isinstance(reading, (int, float)):
            return self.fail(now, SourceError(type(reading).__name__, "malformed"))
        value = reading * self._options["scale"] + self._options["offset"]
        if not isfinite(value) or abs(value) > LARGEST:
            return self.fail(now, SourceError(f"{reading:g} is no value", "malformed"))
        valid = self._options["valid"]
        # a product has more digits than the reading
        value = float(f"{value:.12g}")
        if valid and not valid[0] <= value <= valid[1]:
            limits = f"{valid[0]:g} to {valid[1]:g}"
            return self.fail(now, SourceError(f"{value:g} is not within {limits}", "malformed"))
        self.number += 1
        self._begin()
        line = self.source.succeed(now, value)
        asked = self._wanted(value)
        if asked != self._asked:
            self._asked, self._asked_at = asked, now
        self.settle(now)
        return line

    def fail(self, now: float, error: SourceError) -> str:
        """Keep why there is no value. Return the line for the log, empty where there is none."""
        if str(error) != self.reason:
            self.number += 1
        # a level that was not asked for long enough has to be asked for again
        self._asked = self.level
        self._begin()
        return self.source.fail(now, error)

    def settle(self, now: float) -> bool:
        """Take the level that values have asked for long enough. Return whether it is another one."""
        due = self.due
        if due is None or now < due:
            return False
        self.level, self.level_at = self._asked, now
        self.number += 1
        return True

    def _begin(self) -> None:
        """Forget that there was no reading yet: neither its end nor its beginning is news for the log."""
        if self.reason == NOT_YET:
            self.source.error = None

    def _wanted(self, value: float) -> str:
        """Return the level that a value asks for."""
        low, high, more = (self._options[key] for key in ("low", "high", "hysteresis"))
        if high != "" and value > (high - more if self.level == HIGH else high):
            return HIGH
        if low != "" and value < (low + more if self.level == LOW else low):
            return LOW
        return OK

    def warning(self) -> tuple[str, float, float | None] | None:
        """Return what a person should look at: a reason, its moment, that of the last value; else None."""
        if not self.online:
            # before the first reading there is nothing to look at yet
            return None if self.reason == NOT_YET else (self.reason, self.source.since, self.read_at)
        if self.level == OK:
            return None
        limit = self._options[self.level]
        # the limit may have been taken away since the last reading
        shown = f" {limit:g} {self.unit}".rstrip() if limit != "" else " its limit"
        word = "below" if self.level == LOW else "above"
        return f"{word}{shown}", self.level_at, self.level_at

    def to_json(self, clock: WallClock) -> dict[str, object]:
        """Return the sensor, for JSON."""
        found = {"id": self.name, "title": self.title, "kind": self.kind, "unit": self.unit}
        if self.group:
            found["group"] = self.group
        if self.icon:
            found["icon"] = self.icon
        return {**found, **self.state(clock)}

    def state(self, clock: WallClock) -> dict[str, object]:
        """Return its changing part, for JSON."""
        read_at = self.read_at
        return {
            "value": self.value,
            "online": self.online,
            "reason": self.reason,
            "level": self.level,
            "read_at": None if read_at is None else clock.iso(read_at),
        }


def _none() -> float:
    raise SourceError(NOT_YET)
