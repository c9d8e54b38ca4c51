"""What sensors read: a module for each kind, and this one for what all of them share.

The name of the module is the name in a profile's `kind = "..."`. A kind is imported when a profile names it,
and not before, so that a board pays for its own kinds only. Its module has two names:

    OPTIONS    the keys that it adds to the table of a sensor
    Input      the class of what one sensor reads, a `BaseInput`

and, where its options have a form of their own, `check(options)`: the keys with a fault, and what is
expected. With `RUNS_PROGRAMS = True` only a profile's file may name it, and no request.

Nothing else has to be changed for a new kind: the checks of profiles and the tables of
`firmware_configs/README.md` are made of these. Sensors of the kind "program" have no module: a program sets
their values (`Device.sensor`).

Other packages offer kinds by entry points of the group `edgeweb.sensor_kinds`, each the name of a module that
has the same names as ours. `outside.py` beside this folder has what is different for them.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from ...modules import module_names
from ...option import Option, Options
from ..input import BaseInput

if TYPE_CHECKING:
    from typing import Protocol

    from ..outside import OutsideKinds

    class KindModule(Protocol):
        """What a module of this folder has."""

        OPTIONS: tuple[Option, ...]

        @property
        def Input(self) -> Callable[[Options, str], BaseInput]: ...


__all__ = ["KINDS", "BaseInput", "Option", "Options", "kind_module", "outside"]

#: The names of all kinds of edgeweb, by the files of this folder: none of them is imported for it.
KINDS: tuple[str, ...] = tuple(module_names(__path__))


def outside() -> OutsideKinds:
    """Return the kinds of other packages. Imports what finds them, for names that are none of `KINDS`."""
    from ..outside import OUTSIDE

    return OUTSIDE


def kind_module(name: str) -> KindModule:
    """Import a kind by its name. Raises `KeyError` for a name that is not in `KINDS`, nor offered."""
    if name not in KINDS:
        return outside().get(name)
    module: KindModule = import_module(f"{__name__}.{name}")
    return module
