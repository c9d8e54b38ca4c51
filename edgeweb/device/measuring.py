"""The sensors of a device, and their hours that are kept: their code is there from the first one on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from threading import RLock
from typing import TYPE_CHECKING, Any

from .config.profile import Profile
from .config.schema import is_same
from .config.things import sensor_options
from .schedules.timesync import TimeSync
from .storage.store import Store
from .system.clock import WallClock
from .system.executor import Executor, Inline
from .system.timers import Timers

if TYPE_CHECKING:
    from .sensors.hours import SensorHours
    from .sensors.reader import Sensors, Values
    from .sensors.sensor import Sensor


class Measuring:
    """The sensors of a `Device`, which has the parts that they need."""

    clock: WallClock
    executor: Executor | Inline
    opened: bool
    profile: Profile
    store: Store
    time_sync: TimeSync
    timers: Timers
    _opening: RLock
    #: None until there are any: a board without sensors has no code for them.
    _sensors: Sensors | None = None
    _hours: SensorHours | None = None

    def _log(self, line: str) -> None:
        raise NotImplementedError

    def _changed(self) -> None:
        raise NotImplementedError

    @property
    def sensors(self) -> Sensors | None:
        """Return the sensors, which are read from now on; None where there are none."""
        if self._sensors is None and self.profile.things("sensors"):
            self._make_sensors()
        if self._sensors is not None and self.opened:
            self._sensors.open()
        return self._sensors

    def sensor(self, name: str, **options: object) -> Values:
        """Add a sensor whose values the program sets, from any thread, and return what sets them.

        `options` are keys of `[sensors.*]` in a profile, without those of reading: `unit`, `title`, `scale`,
        `offset`, `valid`, `low`, `high`, `hysteresis`, `group`, `icon`, `keep`, and `for_` for `for`. Raises
        `ValueError` for a name that is taken or no name, and for a value that does not fit, `TypeError` for
        an unknown option.

            tank = device.sensor("tank", unit="l", low=50)
            tank.set(640)
        """
        made = self._make_sensors().add(name, sensor_options(name, options))
        self._keep_hours()
        return made

    def sensor_named(self, name: str) -> Sensor:
        """Return a sensor. Raises `UnknownSensor`."""
        if (sensors := self.sensors) is None:
            from .sensors.sensor import UnknownSensor  # a device with sensors has imported it

            raise UnknownSensor(f'There is no sensor named "{name}".')
        return sensors[name]

    @property
    def hours(self) -> SensorHours:
        """Return the hours of sensors that are kept; their code is imported by the first use."""
        if self._hours is None:
            with self._opening:
                if self._hours is None:
                    from .sensors.hours import SensorHours

                    later = self.timers.after
                    self._hours = SensorHours(self.store, self.clock, self.time_sync, later)
        return self._hours

    def is_kept(self, sensor: Sensor) -> bool:
        """Return whether the hours of a sensor are kept."""
        return sensor.is_kept(self.profile["history.keep"])

    def _keep_hours(self) -> None:
        """Begin to keep the hours of sensors, where there are any to be kept, or end it."""
        if self._sensors is not None:
            needed = any(self.is_kept(sensor) for sensor in self._sensors)
            self._sensors.taken = self._gatherer() if needed else None

    def _gatherer(self) -> Callable[[Sensor, float], None]:
        hours = self.hours

        def gather(sensor: Sensor, moment: float) -> None:
            if self.is_kept(sensor) and (value := sensor.value) is not None:
                hours.add(sensor.name, moment, value)

        return gather

    def _measured(self) -> Iterator[tuple[str, str, float]]:
        """Yield name, unit and value of each sensor that is online, for the history."""
        for sensor in self._sensors or ():
            if (value := sensor.value) is not None:
                yield sensor.name, sensor.unit, value

    def _make_sensors(self) -> Sensors:
        with self._opening:
            if self._sensors is None:
                from .sensors.reader import Sensors

                self._sensors = Sensors(
                    self.profile.things("sensors"),
                    self.clock.monotonic,
                    self.timers.after,
                    self.executor,
                    self._log,
                    self._changed,
                )
                self._keep_hours()
        return self._sensors

    def _adopt_sensors(self, table: Mapping[str, Mapping[str, Any]]) -> None:
        """Take another table of the profile; the first sensors of a device that runs are read from now on."""
        if self._sensors is not None:
            self._sensors.adopt(table, partial(is_same, "sensors"))
            self._keep_hours()
        if self.opened:
            _ = self.sensors

    def _close_sensors(self) -> None:
        if self._sensors is not None:
            self._sensors.close()
        if self._hours is not None:
            self._hours.close()

    def _has_program_sensor(self, family: str, name: str) -> bool:
        return family == "sensors" and any(one.name == name for one in self._sensors or ())
