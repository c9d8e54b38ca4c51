"""What moves and reads channels: a module for each driver, and this one for what all of them share.

The name of the module is the name in a profile's `driver = "..."`. A driver is imported when a profile names
it, and not before, so that a board pays for its own drivers only. Its module has three names:

    OPTIONS    the keys that it adds to the table of a channel
    MODES      the modes that it can do, of `ALL_MODES`
    Driver     the class, a `BaseDriver`

and, where its keys depend on one another, `check(options)`: the keys with a fault, and what is expected.
With `RUNS_PROGRAMS = True` only a profile's file may name it, and no request.

Nothing else has to be changed for a new driver: the checks of profiles, the interface's description and the
tables of `firmware_configs/README.md` are made of these. `kernel/` has what several drivers use.

Other packages offer drivers by entry points of the group `edgeweb.channel_drivers`, each the name of a module
that has the same names as ours. `outside.py` beside this folder has what is different for them.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from ...modules import module_names
from ...option import Option, Options
from ..driver import ALL_MODES, BaseDriver, DriverError, Level, Report

if TYPE_CHECKING:
    from typing import Protocol

    from ..outside import OutsideDrivers

    class DriverModule(Protocol):
        """What a module of this folder has."""

        OPTIONS: tuple[Option, ...]
        MODES: tuple[str, ...]

        @property
        def Driver(self) -> Callable[[], BaseDriver]: ...


__all__ = [
    "ALL_MODES",
    "DRIVERS",
    "BaseDriver",
    "DriverError",
    "Level",
    "Option",
    "Options",
    "Report",
    "driver_module",
    "make_driver",
    "outside",
    "package_of",
]

#: The names of all drivers of edgeweb, by the files of this folder: none of them is imported for it.
DRIVERS: tuple[str, ...] = tuple(module_names(__path__))


def outside() -> OutsideDrivers:
    """Return the drivers of other packages. Imports what finds them, for names that are none of `DRIVERS`."""
    from ..outside import OUTSIDE

    return OUTSIDE


def driver_module(name: str) -> DriverModule:
    """Import a driver by its name. Raises `KeyError` for a name that is not in `DRIVERS`, nor offered."""
    if name not in DRIVERS:
        return outside().get(name)
    module: DriverModule = import_module(f"{__name__}.{name}")
    return module


def make_driver(name: str) -> BaseDriver:
    """Return a new driver by its name. Raises `KeyError` as `driver_module`, `DriverError` where it fails."""
    return driver_module(name).Driver()


def package_of(name: str) -> str:
    """Return the package that a driver comes from, with its version; empty for one of edgeweb's own."""
    return "" if name in DRIVERS else outside().package_of(name)
