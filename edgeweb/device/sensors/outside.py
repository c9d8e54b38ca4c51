"""Kinds of sensors of other packages, behind what keeps their faults to their own sensors.

A package offers a kind by an entry point of the group `edgeweb.sensor_kinds`, the name of a module that has
`OPTIONS` and `Input` as those in `kinds/`. What its input raises becomes a `SourceError` that names the
package, and what its input declares is checked: the thread (`lane`), the `deadline` and the `unit`. It never
shares the thread of all that answer at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from ..modules import module_names
from ..option import Options
from ..plugins.entry_points import Offer
from ..plugins.guard import Call, Faulty
from ..plugins.plugin import WIRING, Outside, Plugin
from ..system.source import SourceError
from ..system.text import clean
from .input import PROGRAM, BaseInput

#: Seconds for making an input, which touches no hardware: a request may wait for it.
MAKE = 0.5
#: Seconds that a reading may take, at least and at most, and characters of a unit and of a lane.
_SHORTEST, _LONGEST = 0.1, 300.0
_MAX_UNIT, _MAX_LANE = 20, 100


class OutsideKindModule(Plugin):
    """What a module of `kinds/` has, of another package."""

    __slots__ = ("_input",)

    def __init__(self, offer: Offer) -> None:
        super().__init__(offer, SourceError)
        self._input: Callable[[Options, str], BaseInput] | None = None

    def take(self, module: Any) -> None:
        super().take(module)
        found = getattr(module, "Input", None)
        if not isinstance(found, type) or not issubclass(found, BaseInput):
            raise Faulty("Input has to be a class that derives from BaseInput")
        self._input = found

    def Input(self, options: Options, root: str = "/") -> BaseInput:
        """Return what a sensor reads. Never raises: one that cannot be made is made with each reading."""
        return OutsideInput(self, options, root)

    def make(self, options: Options, root: str) -> BaseInput:
        """Return an input of the package. Raises `SourceError`, whatever its class raises."""
        if self.fault or self._input is None:
            raise SourceError(self.fault)
        for key, expected in self.ask("check", lambda: self.checked(options)).items():
            raise SourceError(f"{key}: expected {expected}")
        make = self._input
        return self.ask("Input", lambda: _declared(make(options, root)))


class OutsideInput(BaseInput):
    """What a sensor of another package reads, as the reader sees it."""

    __slots__ = ("_input", "_module", "_options", "_root")

    def __init__(self, module: OutsideKindModule, options: Options, root: str) -> None:
        super().__init__(options, root)
        self._module = module
        #: A table that the package cannot change.
        self._options: Options = MappingProxyType(dict(options))
        self._root = root
        self._input: BaseInput | None = None
        self.lane = f"outside {module.name}"
        if not module.fault:
            call = Call(lambda: module.make(self._options, self._root))
            if call.is_done(MAKE):
                try:
                    self._take(call.result(0))
                except Faulty:
                    pass  # the first reading has the reason

    def read(self) -> float:
        found = self._input
        if found is None:
            # on the thread of the lane, whose deadline ends the wait for one that hangs
            found = self._module.make(self._options, self._root)
            self._input, self.unit = found, found.unit
        value = self._module.ask("read", lambda: _value(found.read()))
        self.unit = self._module.ask("read", lambda: _unit(found))
        return value

    def late(self) -> SourceError:
        return SourceError(f"{self._module.package}: no answer within {self.deadline:g} s: {WIRING}")

    def _take(self, found: BaseInput) -> None:
        self._input = found
        self.unit, self.deadline = found.unit, float(found.deadline)
        self.lane = found.lane or self.lane


def _declared(found: BaseInput) -> BaseInput:
    """Return an input whose declarations are what they have to be. Raises `Faulty`."""
    _unit(found)
    deadline = found.deadline
    if isinstance(deadline, bool) or not isinstance(deadline, (int, float)):
        raise Faulty("deadline of an Input has to be a number of seconds")
    if not _SHORTEST <= deadline <= _LONGEST:
        raise Faulty(f"deadline of an Input has to be from {_SHORTEST:g} to {_LONGEST:g} seconds")
    if not isinstance(found.lane, str) or len(found.lane) > _MAX_LANE:
        raise Faulty(f"lane of an Input has to be a text of at most {_MAX_LANE} characters")
    return found


def _unit(found: BaseInput) -> str:
    """Return the unit of an input. Raises `Faulty`."""
    if not isinstance(found.unit, str) or not found.unit.isprintable() or len(found.unit) > _MAX_UNIT:
        raise Faulty(f"unit of an Input has to be a text of at most {_MAX_UNIT} characters")
    return found.unit


def _value(found: object) -> float:
    """Return a value that was read. Raises `Faulty` for what is none."""
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        raise Faulty(f"read has to return a number, not {clean(repr(found), 40)}")
    return found


class OutsideKinds(Outside[OutsideKindModule]):
    """The kinds of other packages."""


#: Edgeweb's own are the files of `kinds/`, which imports this module.
_OWN = [*module_names([os.path.join(os.path.dirname(__file__), "kinds")]), PROGRAM]

OUTSIDE = OutsideKinds("edgeweb.sensor_kinds", _OWN, OutsideKindModule)
