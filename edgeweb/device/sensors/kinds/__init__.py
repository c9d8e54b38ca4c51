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
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ...modules import module_names

if TYPE_CHECKING:
    from typing import Protocol

    class KindModule(Protocol):
        """What a module of this folder has."""

        OPTIONS: tuple[Option, ...]
        Input: type[BaseInput]


#: A sensor's table in the profile: keys and values that were checked by the schema and by `OPTIONS`.
Options = Mapping[str, Any]


class Option:
    """A key that a kind adds to the table of a sensor. It counts from the next start on.

    `kind` and `limits` are those of `config/checks.py`, `default` is what the kind gets without a line in the
    profile; where the key is `needed` the profile has to have a value.
    """

    __slots__ = ("default", "key", "kind", "limits", "meaning", "needed")

    def __init__(
        self, key: str, kind: str, limits: object, default: object, meaning: str, needed: bool = False
    ) -> None:
        self.key = key
        self.kind = kind
        self.limits = limits
        self.default = default
        self.meaning = meaning
        self.needed = needed


class BaseInput:
    """What one sensor reads. `read` is called on a thread of the reader's, one call at a time.

    `root` is the folder in which the kernel's files are looked for; tests give one of their own.
    """

    __slots__ = ("deadline", "lane", "unit")

    def __init__(self, options: Options, root: str = "/") -> None:
        #: The unit of what `read` returns, for people; empty where the kind does not know it.
        self.unit = ""
        #: Seconds in which a reading is complete; a sensor that takes longer is offline.
        self.deadline = 5.0
        #: The thread that reads it: sensors with the same name are read one after another. Empty: the thread
        #: of all that answer at once.
        self.lane = ""

    def read(self) -> float:
        """Return the value now, in `unit`. Raises `SourceError` where there is none."""
        raise NotImplementedError


#: The names of all kinds, by the files of this folder: none of them is imported for it.
KINDS: tuple[str, ...] = tuple(module_names(__path__))


def kind_module(name: str) -> KindModule:
    """Import a kind by its name. Raises `KeyError` for a name that is not in `KINDS`."""
    if name not in KINDS:
        raise KeyError(name)
    module: KindModule = import_module(f"{__name__}.{name}")
    return module
