"""One driver or kind of another package, and all of a group: imported once, judged, and kept for the process.

The model. A plug-in is offered, then being imported, then usable or faulty, and stays so until the process
ends. What it declares is copied when it has been imported, so that nothing changes under the profile. A
faulty one takes any key and does nothing: its channels and sensors are there, offline, with its `fault` as
the reason.
"""

from __future__ import annotations

import re
import time
from _thread import allocate_lock
from collections.abc import Callable, Iterable
from importlib import import_module
from math import isfinite
from typing import Any, Generic, TypeVar

from ..option import Option, Options
from ..system.text import clean
from .entry_points import Offer, offers
from .guard import QUIET, Call, Faulty, described

#: Seconds for the import of a package: a small board takes some for a large one. A start waits for it.
IMPORT = 10.0
#: Seconds for its `check` of one table, which computes only.
CHECK = 1.0

WIRING = "check the wiring, the address and the supply of its hardware"
#: The last words of each fault.
UPDATE = "update or remove the package, then restart the server"


T = TypeVar("T")
P = TypeVar("P", bound="Plugin")


class Plugin:
    """What a package offers, with the names that a module of edgeweb's own has.

    `fault` is why it cannot be used; empty: it can, as far as is known. `error` is the class of what `ask`
    raises.
    """

    __slots__ = (
        *("OPTIONS", "RUNS_PROGRAMS", "_check", "_error", "_hangs", "fault", "is_judged", "name"),
        "package",
    )

    def __init__(self, offer: Offer, error: type[Exception] = Faulty) -> None:
        self._error = error
        self.name = offer.name
        self.package = offer.package
        self.fault = ""
        self.OPTIONS: tuple[Option, ...] = ()
        self.RUNS_PROGRAMS = False
        #: Whether the kinds and limits of its options have been checked (`config/judge.py`).
        self.is_judged = False
        self._check: Callable[[Options], object] | None = None
        #: Whether its check has not returned once: it is not waited for again.
        self._hangs = False

    def take(self, module: Any) -> None:
        """Copy what an imported module declares. Raises `Faulty`, and what its objects raise."""
        self.OPTIONS = _options(module)
        self.RUNS_PROGRAMS = getattr(module, "RUNS_PROGRAMS", False)
        if not isinstance(self.RUNS_PROGRAMS, bool):
            raise Faulty("RUNS_PROGRAMS has to be True or False")
        self._check = getattr(module, "check", None)
        if self._check is not None and not callable(self._check):
            raise Faulty("check has to be a function")

    def fail(self, reason: str) -> None:
        """Note that it cannot be used. Its channels and sensors then take any key, unchecked."""
        self.fault = f"{self.package}: {reason}"
        self.OPTIONS = ()

    def ask(self, what: str, call: Callable[[], T]) -> T:
        """Make a call into the package. Raises the `error` of its group, whatever the call raises.

        >>> Plugin(Offer("x", "m", "", "acme 1.0", "/"), ValueError).ask("read", dict)
        {}
        """
        try:
            return call()
        except self._error as error:
            raise self._error(clean(error)) from error
        except Faulty as fault:
            raise self._error(f"{self.package}: {fault}: {UPDATE}") from fault
        except OSError as error:
            reason = clean(error.strerror or type(error).__name__)
            raise self._error(f"{self.package}: {reason} in {what}: {WIRING}") from error
        except BaseException as error:  # SystemExit as well: it would end the thread of the lane
            raise self._error(f"{self.package}: {described(error)} in {what}: {UPDATE}") from error

    def check(self, options: Options) -> dict[str, str]:
        """Return the keys of a table with a fault, and what is expected; none where it cannot be asked.

        `checked` then raises when the table is put to use: a profile must not keep a device from starting.
        """
        if self._check is None or self._hangs or self.fault:
            return {}
        call = Call(lambda: self.checked(options))
        self._hangs = not call.is_done(CHECK)
        try:
            return call.result(0)
        except Faulty:
            return {}

    def checked(self, options: Options) -> dict[str, str]:
        """Return what its own check makes of a table. Raises `Faulty`, and what the check raises."""
        found = self._check(options) if self._check is not None else {}
        keys = {option.key for option in self.OPTIONS}
        if not isinstance(found, dict) or not all(
            isinstance(key, str) and key in keys and isinstance(text, str) for key, text in found.items()
        ):
            raise Faulty("check has to return a dict: keys of OPTIONS, and what is expected of each")
        return {key: clean(text) for key, text in found.items()}


class Outside(Generic[P]):
    """All plug-ins of a group of entry points. Methods may be called from any thread.

    `own` are edgeweb's own names, which win. `make` returns the plug-in of an offer, before its import.
    """

    def __init__(self, group: str, own: Iterable[str], make: Callable[[Offer], P]) -> None:
        self.group = group
        self.own = frozenset(own)
        self._make = make
        self._lock = allocate_lock()
        self._loads: dict[str, _Load[P]] = {}
        #: Lines for the log, until they are taken.
        self._notes: list[str] = []
        self._noted: set[str] = set()

    def names(self) -> list[str]:
        """Return all names that are offered, or in use; none of them is imported for it."""
        return sorted({*self._offered(), *self._loads})

    def find(self, name: str) -> bool:
        """Return whether one package offers a name. Raises `ValueError` with all where several do."""
        if name in self._loads:
            return True
        found = self._offered().get(name, [])
        if len(found) > 1:
            places = " and ".join(f"{offer.package} in {offer.folder}" for offer in found)
            raise ValueError(f'one package that offers "{name}", not {places}: remove all but one')
        return bool(found)

    def get(self, name: str) -> P:
        """Return a plug-in, which may be faulty; import it where it is not yet, and wait for that.

        Raises `KeyError` where no package offers it, or several do.
        """
        with QUIET:
            load = self._load(name)
            load.finish()
        return load.plugin

    def trouble(self, name: str, seconds: float) -> str:
        """Return why a plug-in cannot be used at this moment; empty where it can. For requests.

        Its import goes on where it takes longer than these seconds. Raises as `get`.
        """
        with QUIET:
            load = self._load(name)
            is_over = load.finish(seconds)
        if not is_over:
            return f"{load.plugin.package}: its import is still under way: try again in a few seconds"
        return load.plugin.fault

    def package_of(self, name: str) -> str:
        """Return the package of a plug-in that is in use; else the empty text."""
        load = self._loads.get(name)
        return load.plugin.package if load else ""

    def take_notes(self) -> list[str]:
        """Return the lines for the log since the last call."""
        with self._lock:
            found, self._notes = self._notes, []
        return found

    def _load(self, name: str) -> _Load[P]:
        with self._lock:
            load = self._loads.get(name)
        if load is None:
            found = self._offered().get(name, [])
            if len(found) != 1:
                raise KeyError(name)
            with self._lock:
                load = self._loads.get(name)
                if load is None:
                    load = self._loads[name] = _Load(self._make, found[0])
        return load

    def _offered(self) -> dict[str, list[Offer]]:
        found: dict[str, list[Offer]] = {}
        for offer in offers(self.group):
            if offer.name not in self.own:
                found.setdefault(offer.name, []).append(offer)
            elif offer.name not in self._noted:
                self._noted.add(offer.name)
                own = f'"{offer.name}" of {offer.package} is not used: edgeweb has one of that name itself'
                self._notes.append(own)
        return found


class _Load(Generic[P]):
    """The import of a plug-in, from its begin. `plugin` is usable or faulty once `finish` returns True."""

    __slots__ = ("_call", "_is_over", "_lock", "_until", "plugin")

    def __init__(self, make: Callable[[Offer], P], offer: Offer) -> None:
        self.plugin = make(offer)
        self._until = time.monotonic() + IMPORT
        self._lock = allocate_lock()
        self._is_over = False
        self._call = Call(lambda: _import(make(offer), offer))

    def finish(self, seconds: float = IMPORT) -> bool:
        """Wait for the import, for these seconds or until its own are over. Return whether it is over."""
        if self._is_over:
            return True
        left = self._until - time.monotonic()
        is_done = self._call.is_done(min(left, seconds))
        if not is_done and left > seconds:
            return False
        with self._lock:
            if not self._is_over:
                try:
                    if not is_done:
                        raise Faulty(f"it was not imported within {IMPORT:g} s: {UPDATE}")
                    self.plugin = self._call.result(0)
                except Faulty as fault:
                    self.plugin.fail(str(fault))
                self._is_over = True
        return True


def _import(plugin: P, offer: Offer) -> P:
    """Import what was offered, and return the plug-in with what it declares. Raises `Faulty`."""
    if offer.attribute:
        named = f"{offer.module}:{offer.attribute}"
        raise Faulty(f"its entry point has to name a module, not {named}: {UPDATE}")
    try:
        module = import_module(offer.module)
    except ModuleNotFoundError as error:
        missing = clean(error.name or "a module", 100)
        if f"{offer.module}.".startswith(f"{missing}."):
            raise Faulty(f"its module {missing} is missing: install the package again") from None
        raise Faulty(
            f"it needs {missing}, which is not installed: install it, then restart the server"
        ) from None
    except BaseException as error:  # a package may call sys.exit while it is imported
        raise Faulty(f"{described(error)}: try python3 -c 'import {offer.module}', then {UPDATE}") from None
    try:
        plugin.take(module)
    except Faulty as fault:
        raise Faulty(f"{fault} in {offer.module}: {UPDATE}") from None
    except BaseException as error:  # its objects are anything
        raise Faulty(f"{described(error)}, declared by {offer.module}: {UPDATE}") from None
    return plugin


#: Items of a list and characters of a text that are kept unchecked.
_MAX_ITEMS, _MAX_TEXT = 64, 4096

#: A key of a profile, as TOML writes it without quotes.
_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)


def _options(module: Any) -> tuple[Option, ...]:
    """Return copies of a module's options. Raises `Faulty` where they are not what they have to be."""
    found = getattr(module, "OPTIONS", None)
    if not isinstance(found, (tuple, list)) or not all(isinstance(one, Option) for one in found):
        raise Faulty("OPTIONS has to be a tuple of Option(...)")
    for one in found:
        if not isinstance(one.key, str) or not _KEY.fullmatch(one.key):
            raise Faulty("the key of an Option has to be a name of small letters, digits and _")
        needed = one.needed if isinstance(one.needed, tuple) else ()
        if not isinstance(one.needed, (bool, tuple)) or not all(isinstance(mode, str) for mode in needed):
            raise Faulty(f"needed of {one.key} has to be True, False or a tuple of modes")
        if not isinstance(one.kind, str) or not isinstance(one.meaning, str):
            raise Faulty(f"kind and meaning of {one.key} have to be texts")
    if len({one.key for one in found}) < len(found):
        raise Faulty("OPTIONS has a key twice")
    return tuple(
        Option(one.key, one.kind, one.limits, one.default, clean(one.meaning), one.needed) for one in found
    )


def unchecked(value: object) -> object:
    """Return a value of a table whose package is faulty; None for what cannot be written as JSON.

    >>> unchecked(["a", 1]), unchecked({}), unchecked(float("nan"))
    (('a', 1), None, None)
    """
    if isinstance(value, (list, tuple)):
        nested = any(isinstance(one, (list, tuple)) or unchecked(one) is None for one in value)
        return None if nested or len(value) > _MAX_ITEMS else tuple(value)
    if isinstance(value, float):
        return value if isfinite(value) else None
    return value if isinstance(value, int) or (isinstance(value, str) and len(value) <= _MAX_TEXT) else None
