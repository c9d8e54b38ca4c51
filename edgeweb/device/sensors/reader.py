"""All sensors of a device: read in the background, each at its own interval, or set by a program.

The model. One timer wakes the reader when the next sensors are due. It puts them into the queues of their
lanes, and a thread of each lane reads its queue from one end to the other; the thread ends after a minute
without work (`system/executor.py`). What can hang together shares a lane: the bus of all 1-Wire
thermometers, one program; all that answer at once share one, so that sixteen files cost one thread. A
reading that is not back at its deadline is given up: its sensor is offline until it returns, the thread is
its own from then on, and another one reads the rest of the queue.

The timer waits for nothing, and no view waits for a sensor: what is shown is the last value with its age.
"""

from __future__ import annotations

import sys
from _thread import allocate_lock
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from ..system.source import SourceError
from .input import PROGRAM, BaseInput
from .kinds import kind_module
from .sensor import Sensor, UnknownSensor

if TYPE_CHECKING:
    from ..system.executor import Executor, Inline
    from ..system.timers import Timer

Table = Mapping[str, Mapping[str, Any]]
Later = Callable[[float, Callable[[], object]], "Timer"]

#: Seconds between two rounds at least: sensors that are due within it are read together.
GAP = 0.1


class Sensors:
    """The sensors of a profile and of programs, in that order.

    `table` is the profile's `sensors`, `later(seconds, call)` calls at that time, `executor` has the threads,
    `log` takes a line for each change of a sensor's state, and `changed` is called after each change, from
    any thread. `root` is where the kernel's files are; tests give a tree of their own.
    """

    def __init__(
        self,
        table: Table,
        clock: Callable[[], float],
        later: Later,
        executor: Executor | Inline,
        log: Callable[[str], None] = lambda line: None,
        changed: Callable[[], object] = lambda: None,
        root: str = "/",
    ) -> None:
        self._clock = clock
        self._later = later
        self._executor = executor
        self._log = log
        self._changed = changed
        self._lock = allocate_lock()
        self._sensors: dict[str, Sensor] = {}
        self._read: dict[str, _Reading] = {}
        self._lanes: dict[str, _Lane] = {}
        self._timer: Timer | None = None
        self._runs = False
        self._root = root
        #: What sensors that are gone have counted.
        self._counted = 0
        #: Called with each value of a sensor and its moment, from any thread; it has to return at once.
        self.taken: Callable[[Sensor, float], object] | None = None
        for name, options in table.items():
            self._make(name, options)

    # -- what others ask -------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[Sensor]:
        return iter(list(self._sensors.values()))

    def __len__(self) -> int:
        return len(self._sensors)

    def __getitem__(self, name: str) -> Sensor:
        """Return a sensor. Raises `UnknownSensor`."""
        try:
            return self._sensors[name]
        except KeyError:
            raise UnknownSensor(f'There is no sensor named "{name}".') from None

    @property
    def revision(self) -> int:
        """Return a number that grows with everything that is visible of any sensor."""
        return self._counted + sum(sensor.number for sensor in self)

    # -- what the device calls -------------------------------------------------------------------------

    def open(self) -> None:
        """Begin to read, once. Returns at once: the first values come as soon as they are read."""
        with self._lock:
            if self._runs or not self._read:
                return
            self._runs = True
            now = self._clock()
            for reading in self._read.values():
                reading.due = now
        self._tick()

    def close(self) -> None:
        """Read nothing more. What is being read returns when it does."""
        with self._lock:
            self._runs = False
            if self._timer is not None:
                self._timer.cancel()
            for sensor in self:
                if sensor.timer is not None:
                    sensor.timer.cancel()
            for lane in self._lanes.values():
                while lane.queue:
                    lane.queue.popleft().is_busy = False

    def adopt(
        self,
        table: Table,
        is_same: Callable[[Mapping[str, Any], Mapping[str, Any]], bool] = lambda before, now: True,
    ) -> None:
        """Take another table of the profile's sensors; those of programs stay.

        One is another sensor of the same name where `is_same(before, now)` is false.
        """
        with self._lock:
            now = self._clock()
            for name, reading in list(self._read.items()):
                if name not in table or not is_same(reading.options, table[name]):
                    self._drop(reading)
            for name, options in table.items():
                if (known := self._read.get(name)) is None:
                    self._make(name, options).due = now
                else:
                    known.options = options
                    known.due = min(known.due, now + options["interval"])
                    known.sensor.adopt(options, known.input.unit)
        if self._runs:
            self._tick()
        self._changed()

    def add(self, name: str, options: Mapping[str, Any]) -> Values:
        """Add a sensor whose values a program sets. Raises `ValueError` for a name that is taken."""
        with self._lock:
            if name in self._sensors:
                raise ValueError(f"there is a sensor named {name!r} already")
            # views may be walking through the others
            sensor = Sensor(name, PROGRAM, options)
            self._sensors = {**self._sensors, name: sensor}
        self._changed()
        return Values(self, sensor)

    def note(self, sensor: Sensor, value: float | SourceError) -> None:
        """Keep a value of a sensor, or why it has none. Called from any thread."""
        with self._lock:
            line = self._take(sensor, value)
        if line:
            self._log(line)
        self._changed()

    # -- parts -----------------------------------------------------------------------------------------

    def _make(self, name: str, options: Mapping[str, Any]) -> _Reading:
        """Add a sensor of the profile."""
        found = kind_module(options["kind"]).Input(options, self._root)
        sensor = Sensor(name, options["kind"], options, found.read, found.deadline)
        sensor.adopt(options, found.unit)
        lane = self._lanes.setdefault(found.lane, _Lane(found.lane))
        reading = self._read[name] = _Reading(sensor, found, lane, options)
        # views may be walking through the others
        self._sensors = {**self._sensors, name: sensor}
        self._counted += 1
        return reading

    def _drop(self, reading: _Reading) -> None:
        """Remove a sensor of the profile. What is being read returns when it does, to no one."""
        sensor = reading.sensor
        del self._read[sensor.name]
        self._sensors = {name: one for name, one in self._sensors.items() if one is not sensor}
        self._counted += sensor.number + 1
        if sensor.timer is not None:
            sensor.timer.cancel()
        if reading in reading.lane.queue:
            reading.lane.queue.remove(reading)
        used = {one.lane for one in self._read.values()}
        self._lanes = {
            name: lane for name, lane in self._lanes.items() if lane in used or lane.runs or lane.stuck
        }

    def _take(self, sensor: Sensor, value: float | SourceError) -> str:
        now = self._clock()
        line = sensor.fail(now, value) if isinstance(value, SourceError) else sensor.take(now, value)
        if self.taken is not None and sensor.online:
            self.taken(sensor, now)
        if sensor.timer is not None:
            sensor.timer.cancel()
            sensor.timer = None
        if (due := sensor.due) is not None:
            sensor.timer = self._later(max(due - now, 0.0), partial(self._settle, sensor))
        return line

    def _settle(self, sensor: Sensor) -> None:
        with self._lock:
            settled = sensor.settle(self._clock())
        if settled:
            self._changed()

    def _tick(self) -> None:
        """Give up what is late, begin what is due, and come back for the next."""
        lines: list[str] = []
        begun: list[tuple[_Lane, int, int]] = []
        with self._lock:
            if not self._runs:
                return
            if self._timer is not None:
                self._timer.cancel()
            now = self._clock()
            for lane in self._lanes.values():
                if (late := lane.late(now)) is not None:
                    lines.append(late.sensor.fail(now, late.input.late()))
                    lane.leave_behind()
            for reading in self._read.values():
                if reading.due <= now + GAP:
                    # in step with the first reading, however late this tick comes
                    steps = (now + GAP - reading.due) // reading.sensor.interval + 1
                    reading.due += steps * reading.sensor.interval
                    if not reading.is_busy:
                        reading.is_busy = True
                        reading.lane.queue.append(reading)
            for lane in self._lanes.values():
                if lane.queue and not lane.runs:
                    begun.append((lane, *lane.begin()))
            nearest = min((reading.due for reading in self._read.values()), default=now + 3600.0)
            deadlines = [at for lane in self._lanes.values() if (at := lane.deadline) is not None]
            wait = max(min(nearest, *deadlines, now + 3600.0) - now, GAP)
            self._timer = self._later(wait, self._tick)
        self._write(lines)
        for lane, turn, number in begun:
            if not self._executor.submit(lane.title(number), partial(self._run, lane, turn, number)):
                self._give_up(lane)
        if lines:
            self._changed()

    def _run(self, lane: _Lane, turn: int, number: int) -> None:
        """Read the queue of a lane to its end, unless another thread has taken it over."""
        while True:
            with self._lock:
                if turn != lane.turn:
                    lane.stuck.discard(number)
                    break
                if not lane.queue:
                    lane.runs = False
                    break
                reading = lane.reading = lane.queue.popleft()
                reading.sensor.source.begun = self._clock()
            value: float | SourceError
            try:
                value = reading.sensor.source.read()
            except SourceError as error:
                value = error
            with self._lock:
                reading.is_busy = False
                reading.sensor.source.begun = None
                if lane.reading is reading:
                    lane.reading = None
                # a chip that was found only now has its unit only now
                reading.sensor.adopt_unit(reading.input.unit)
                is_gone = self._read.get(reading.sensor.name) is not reading
                line = "" if is_gone else self._take(reading.sensor, value)
            self._write([line])
        try:
            self._changed()
        except Exception:
            # the lane goes on, and the log has the reason
            sys.excepthook(*sys.exc_info())

    def _give_up(self, lane: _Lane) -> None:
        """Fail all that a lane was to read: no thread can be started."""
        with self._lock:
            lane.runs = False
            lines = []
            while lane.queue:
                reading = lane.queue.popleft()
                reading.is_busy = False
                lines.append(reading.sensor.fail(self._clock(), SourceError("", "no-thread")))
        self._write(lines)

    def _write(self, lines: list[str]) -> None:
        for line in lines:
            if line:
                self._log(line)


class Values:
    """What a program holds of a sensor of its own. Its methods may be called from any thread.

    >>> from edgeweb.device.config.schema import defaults
    >>> from edgeweb.device.system.executor import Inline
    >>> sensors = Sensors({}, lambda: 0.0, lambda seconds, call: None, Inline())
    >>> tank = sensors.add("tank", defaults("sensors.*", kind="program", unit="l"))
    >>> tank.set(640)
    >>> sensors["tank"].value
    640.0
    """

    __slots__ = ("_sensor", "_sensors")

    def __init__(self, sensors: Sensors, sensor: Sensor) -> None:
        self._sensors = sensors
        self._sensor = sensor

    @property
    def name(self) -> str:
        """Return the name of the sensor."""
        return self._sensor.name

    def set(self, value: float) -> None:
        """Set the value. One that is no number, or not within `valid`, takes the sensor offline.

        Raises `TypeError` for what is no number at all.
        """
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError(f"a sensor's value is a number, not {type(value).__name__}")
        try:
            number = float(value)
        except OverflowError:  # a whole number with hundreds of digits
            number = float("inf")
        self._sensors.note(self._sensor, number)

    def fail(self, reason: str) -> None:
        """Take the sensor offline until the next value; `reason` is for people."""
        from ..system.text import clean

        self._sensors.note(self._sensor, SourceError(clean(reason) or "no reason was given"))


class _Reading:
    """A sensor that is read: what reads it, in which lane, and when again."""

    __slots__ = ("due", "input", "is_busy", "lane", "options", "sensor")

    def __init__(self, sensor: Sensor, found: BaseInput, lane: _Lane, options: Mapping[str, Any]) -> None:
        self.sensor = sensor
        self.options = options
        self.input = found
        self.lane = lane
        self.due = 0.0
        #: Whether it waits in the queue, or is being read.
        self.is_busy = False


class _Lane:
    """What is read one after another, on one thread."""

    __slots__ = ("_name", "_number", "queue", "reading", "runs", "stuck", "turn")

    def __init__(self, name: str) -> None:
        self._name = name
        self.queue: deque[_Reading] = deque()
        #: What its thread is reading; None between two.
        self.reading: _Reading | None = None
        self.runs = False
        #: Counts the threads that have read the queue: the one with this number still does.
        self.turn = 0
        self._number = 0
        #: Numbers of the threads that do not return.
        self.stuck: set[int] = set()

    @property
    def deadline(self) -> float | None:
        """Return the moment at which the present reading is late; None where nothing is read."""
        source = self.reading.sensor.source if self.reading else None
        return None if source is None or source.begun is None else source.begun + source.deadline

    def late(self, now: float) -> _Reading | None:
        """Return the reading that should have been back."""
        deadline = self.deadline
        return self.reading if deadline is not None and now >= deadline else None

    def leave_behind(self) -> None:
        """Leave the thread to the reading that does not return."""
        self.stuck.add(self._number)
        self.reading = None
        self.runs = False
        self.turn += 1

    def begin(self) -> tuple[int, int]:
        """Return turn and number of the next thread, which is to read the queue."""
        self.runs = True
        self.turn += 1
        self._number = next(number for number in count() if number not in self.stuck)
        return self.turn, self._number

    def title(self, number: int) -> str:
        """Return the name of its thread in the executor."""
        return " ".join(filter(None, ("sensors", self._name, str(number))))
