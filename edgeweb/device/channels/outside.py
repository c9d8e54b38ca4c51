"""Drivers of other packages, behind what keeps their faults to their own channels.

A package offers a driver by an entry point of the group `edgeweb.channel_drivers`, the name of a module that
has `OPTIONS`, `MODES` and `Driver` as those in `drivers/`. What its driver raises becomes a `DriverError`
that names the package, what it returns is checked, and it is always called on a thread of its lane: that a
write cannot hang (`is_instant`) is not believed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from math import isfinite
from types import MappingProxyType
from typing import Any

from ..modules import module_names
from ..option import Options
from ..plugins.entry_points import Offer
from ..plugins.guard import Faulty
from ..plugins.plugin import Outside, Plugin
from ..system.text import clean
from .driver import ALL_MODES, BaseDriver, DriverError, Level, Report


class OutsideDriverModule(Plugin):
    """What a module of `drivers/` has, of another package."""

    __slots__ = ("MODES", "_driver")

    def __init__(self, offer: Offer) -> None:
        super().__init__(offer, DriverError)
        self.MODES: tuple[str, ...] = ALL_MODES
        self._driver: Callable[[], BaseDriver] | None = None

    def take(self, module: Any) -> None:
        super().take(module)
        modes, driver = getattr(module, "MODES", None), getattr(module, "Driver", None)
        if not isinstance(modes, (tuple, list)) or not modes or not all(mode in ALL_MODES for mode in modes):
            raise Faulty(f"MODES has to be a tuple of some of {', '.join(ALL_MODES)}")
        if not isinstance(driver, type) or not issubclass(driver, BaseDriver):
            raise Faulty("Driver has to be a class that derives from BaseDriver")
        self.MODES, self._driver = tuple(modes), driver

    def fail(self, reason: str) -> None:
        super().fail(reason)
        self.MODES = ALL_MODES

    def Driver(self) -> BaseDriver:
        """Return a new driver. Raises `DriverError`, whatever its class raises."""
        if self.fault or self._driver is None:
            raise DriverError(self.fault)
        return OutsideDriver(self, self.ask("Driver", self._driver))


class OutsideDriver(BaseDriver):
    """A driver of another package, as the controller sees it."""

    __slots__ = ("_attached", "_driver", "_module")

    def __init__(self, module: OutsideDriverModule, driver: BaseDriver) -> None:
        self._module = module
        self._driver = driver
        #: Of what it reports, that of these channels counts.
        self._attached: set[str] = set()

    def has_own_thread(self, options: Options) -> bool:
        try:
            return bool(
                self._module.ask("has_own_thread", lambda: self._driver.has_own_thread(_copy(options)))
            )
        except DriverError:
            return False

    def attach(self, name: str, options: Options, level: Level | None, report: Report) -> Level | None:
        ask, table = self._module.ask, _copy(options)
        for key, expected in ask("check", lambda: self._module.checked(table)).items():
            raise DriverError(f"{key}: expected {expected}")

        def note(channel: str, noted: Level | DriverError | None) -> None:
            if isinstance(channel, str) and channel in self._attached:
                try:
                    report(channel, ask("a report", lambda: _reported(noted)))
                except DriverError as error:
                    report(channel, error)

        self._attached.add(name)
        return ask("attach", lambda: _level(self._driver.attach(name, table, level, note)))

    def write(self, name: str, level: Level) -> Level | None:
        return self._module.ask("write", lambda: _level(self._driver.write(name, level)))

    def read(self, name: str) -> Level | None:
        return self._module.ask("read", lambda: _level(self._driver.read(name)))

    def detach(self, name: str) -> None:
        self._attached.discard(name)
        self._module.ask("detach", lambda: self._driver.detach(name))

    def close(self) -> None:
        self._attached.clear()
        self._module.ask("close", self._driver.close)


def _copy(options: Options) -> Options:
    """Return a table that the package cannot change."""
    return MappingProxyType(dict(options))


def _level(found: object) -> Level | None:
    """Return a level. Raises `Faulty` for what is none."""
    if found is None or isinstance(found, bool):
        return found
    if isinstance(found, (int, float)) and isfinite(found):
        return float(found)
    raise Faulty(f"a level has to be True, False, a number from 0 to 1 or None, not {clean(repr(found), 40)}")


def _reported(noted: object) -> Level | None:
    """Return a level that was reported. Raises an error that was reported instead."""
    if isinstance(noted, DriverError):
        raise noted
    return _level(noted)


class OutsideDrivers(Outside[OutsideDriverModule]):
    """The drivers of other packages."""


#: Edgeweb's own are the files of `drivers/`, which imports this module.
_OWN = module_names([os.path.join(os.path.dirname(__file__), "drivers")])

OUTSIDE = OutsideDrivers("edgeweb.channel_drivers", _OWN, OutsideDriverModule)
