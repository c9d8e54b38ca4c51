"""Things: channels and sensors that people add, change and remove on the running device.

They are a layer between the profile's files and its settings, kept in the state: a table in place of the one
that the files have for the same name, or none where it was removed. A change is checked together with
everything else in the profile before any of it is written.

What runs programs is left to the files: an admin of the dashboard is no administrator of the machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from threading import RLock
from typing import Any

from ..access import secrets
from ..access.actor import Actor
from ..access.audit import Audit
from ..channels.drivers import driver_module
from ..errors import DeviceError
from ..sensors.kinds import kind_module
from ..storage.store import Execute, Store
from .checks import NAME, NAME_RULE, accept
from .errors import Fault, ProfileError, dotted, toml_text
from .key import Table
from .profile import Profile, with_tables
from .schema import FAMILIES, defaults, names_packages, row_of
from .settings import MAX_LOGGED, SettingsChanged

#: The origin of a key that was set on the device.
ORIGIN = "device"

#: By family and name: a table as a file has it, None for what was removed.
Tables = dict[tuple[str, str], Table | None]

#: Things of the state. No board has that many pins.
MAX_THINGS = 256

#: Maximum characters of a table in an audit row.
_MAX_TABLE = 200

_MODULES: dict[str, Callable[[str], Any]] = {"channels": driver_module, "sensors": kind_module}


class UnknownThing(DeviceError, LookupError):
    """No channel or no sensor has this name."""

    def __init__(self, family: str, name: str) -> None:
        super().__init__(f'There is no {_word(family)} named "{name}".')
        self.key = f"unknown-{_word(family)}"


class NameTaken(DeviceError):
    """There is a channel or a sensor of this name."""

    key = "conflict"


class TooManyThings(DeviceError):
    """The state has as many things as it may."""

    key = "conflict"


class ThingError(DeviceError):
    """A faulty table, of which nothing was kept. `errors` has a row `((key,), text)` for each fault."""

    key = "invalid-fields"

    def __init__(self, errors: list[tuple[tuple[str, ...], str]]) -> None:
        super().__init__("; ".join(": ".join((*path, detail)) for path, detail in errors), errors)


class Things:
    """The things of the state, and the profile with them.

    `current()` is the profile in force, with the settings; `adopt(profile)` puts another one in force below
    them. `taken(family, name)` returns whether a program has a thing of that name. Nothing is read before
    `load`.
    """

    def __init__(
        self,
        base: Profile,
        store: Store,
        audit: Audit,
        current: Callable[[], Profile],
        adopt: Callable[[Profile], object],
        taken: Callable[[str, str], bool],
        log: Callable[[str], object],
    ) -> None:
        self._base = base
        self._store = store
        self._audit = audit
        self._current = current
        self._adopt = adopt
        self._taken = taken
        self._log = log
        self._lock = RLock()
        self._tables: Tables = {}
        self._profile = base

    def load(self) -> Profile:
        """Read the state, and return the profile with its things."""
        with self._lock:
            rows = self._store.read("SELECT name, value FROM things ORDER BY rowid")
            self._tables, self._profile, ignored = self.fitting(dict(rows))
            for key, reason in ignored[:MAX_LOGGED]:
                self._log(f"{key} is ignored: {reason}")
            if more := len(ignored[MAX_LOGGED:]):
                self._log(f"{more} more things of the state are ignored")
            return self._profile

    def reload(self) -> None:
        """Read the state again, because its tables were replaced, and put it in force."""
        with self._lock:
            self._adopt(self.load())

    @property
    def base(self) -> Profile:
        """The profile without what was added, changed or removed on the device."""
        return self._base

    def renew(self, base: Profile) -> None:
        """Put another profile underneath."""
        with self._lock:
            self._base = base
            self.reload()

    def definition(self, family: str, name: str) -> Table:
        """Return the keys of a channel or a sensor that are set, in files or on the device.

        `family` is "channels" or "sensors". Raises `UnknownThing`.
        """
        profile = self._current()
        if name not in profile.things(family):
            raise UnknownThing(family, name)
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in profile[family][name].items()
            if (family, name, key) in profile.origins
        }

    def is_of_device(self, family: str, name: str) -> bool:
        """Return whether a thing was added or changed on the device."""
        return (family, name) in self._tables

    def tag(self, family: str, name: str) -> str:
        """Return the entity tag of a definition. Raises as `definition`."""
        shown = [self.definition(family, name), self.is_of_device(family, name)]
        return secrets.digest(json.dumps(shown))[:16]

    def add(self, actor: Actor, family: str, name: str, table: Mapping[str, object]) -> None:
        """Add a channel or a sensor. Raises `NameTaken`, `TooManyThings`, `ThingError` with all faults."""
        self._check_module(family, table)
        with self._lock:
            self._check_name(family, name)
            self._put(actor, "add", family, name, dict(table))

    def change(
        self,
        actor: Actor,
        family: str,
        name: str,
        changes: Mapping[str, object],
        expected: Callable[[str], bool] = lambda tag: True,
    ) -> None:
        """Change some keys, all or none; None removes a key. One with other lines is closed and opened.

        `expected` returns whether a tag is the one that the change was made for. Raises as `definition`,
        `SettingsChanged` where it does not take the present one, `ThingError` with all faults.
        """
        with self._lock:
            last = self.definition(family, name)
            if not expected(self.tag(family, name)):
                raise SettingsChanged
            table = {key: value for key, value in {**last, **changes}.items() if value is not None}
            self._check_module(family, table, changes)
            if table != last:
                self._put(actor, "change", family, name, table)

    def remove(
        self,
        actor: Actor,
        family: str,
        name: str,
        expected: Callable[[str], bool] = lambda tag: True,
    ) -> None:
        """Remove a channel or a sensor, also one of the files. Raises as `change`."""
        with self._lock:
            self.definition(family, name)
            if not expected(self.tag(family, name)):
                raise SettingsChanged
            self._put(actor, "remove", family, name, None)

    def checked(self, family: str, name: str, table: Mapping[str, object]) -> Table:
        """Return a table with all its defaults, as `add` would keep it; nothing is kept. Raises as `add`."""
        self._check_module(family, table)
        with self._lock:
            self._check_name(family, name)
            found: Table = self._with({**self._tables, (family, name): dict(table)}, name)[family][name]
            return found

    def fitting(self, texts: Mapping[str, str]) -> tuple[Tables, Profile, list[tuple[str, str]]]:
        """Sort the things of a state, as `fitting` does for the profile underneath."""
        return fitting(self._base, texts)

    # -- parts -----------------------------------------------------------------------------------------

    def _check_name(self, family: str, name: str) -> None:
        if name in self._current()[family] or self._taken(family, name):
            raise NameTaken(f'There is a {_word(family)} named "{name}": choose another name.')

    def _check_module(
        self, family: str, table: Mapping[str, object], changes: Mapping[str, object] | None = None
    ) -> None:
        """Raise `ThingError` where a table names a driver or a kind of another package that is of no use."""
        if names_packages({"": table}, family):
            from .outside import trouble

            if reason := trouble(family, table, changes):
                raise ThingError([((FAMILIES[family].selector,), reason)])

    def _put(self, actor: Actor, word: str, family: str, name: str, table: Table | None) -> None:
        tables = {**self._tables, (family, name): table}
        if table is None and name not in self._base.things(family):
            del tables[family, name]
        if len(tables) > MAX_THINGS:
            raise TooManyThings(f"The device has {MAX_THINGS} things of its own: remove one first.")
        profile = self._with(tables, name)
        if table is not None:
            kept = profile[family][name]
            tables[family, name] = {key: kept[key] for key in table}
        self._audit.flush()
        self._store.write(lambda execute: self._write(execute, actor, word, (family, name), tables))
        self._tables, self._profile = tables, profile
        self._adopt(profile)

    def _with(self, tables: Tables, name: str) -> Profile:
        """Return the profile with these tables. Raises `ThingError` with the faults of the one named."""
        try:
            return _build(self._base, tables)
        except ProfileError as error:
            raise ThingError([_pointed(fault, name) for fault in error.faults]) from error

    def _write(
        self,
        execute: Execute,
        actor: Actor,
        word: str,
        path: tuple[str, str],
        tables: Tables,
    ) -> None:
        key = dotted(path)
        if path in tables:
            execute("INSERT OR REPLACE INTO things VALUES (?, ?)", (key, json.dumps(tables[path])))
        else:
            execute("DELETE FROM things WHERE name = ?", (key,))
        # a definition takes over the single settings of its thing
        execute("DELETE FROM settings WHERE substr(key, 1, ?) = ?", (len(key) + 1, f"{key}."))
        shown = toml_text(tables.get(path) or {}, _MAX_TABLE)
        self._audit.insert(execute, actor, f"{_word(path[0])}.{word}", path[1], shown)


def fitting(base: Profile, texts: Mapping[str, str]) -> tuple[Tables, Profile, list[tuple[str, str]]]:
    """Sort the things of a state: those that fit a profile, the profile with them, and the others.

    `texts` has the rows of the state. edgeweb or the profile may have changed since they were written; that
    must not keep a device from starting.
    """
    good: Tables = {}
    ignored: list[tuple[str, str]] = []
    keys: dict[tuple[str, str], str] = {}
    for text, value in texts.items():
        try:
            path = _split(text)
            good[path], keys[path] = _table(json.loads(value)), text
        except (ValueError, RecursionError) as error:
            ignored.append((text, str(error)))
    while True:
        try:
            return good, _build(base, good), ignored
        except ProfileError as error:
            # the first fault alone: without its thing there may be no other
            fault = error.faults[0]
            concerned = [path for path in good if f"{fault.key}.".startswith(f"{dotted(path)}.")]
            for path in concerned or list(good):
                del good[path]
                ignored.append((keys[path], f"expected {fault.expected}"))


def _build(base: Profile, tables: Tables) -> Profile:
    """Return the profile with these tables. Raises `ProfileError` with all faults."""
    nested: dict[str, dict[str, Table | None]] = {family: {} for family in FAMILIES}
    for (family, name), table in tables.items():
        nested[family][name] = table
    profile = with_tables(base, nested, ORIGIN)
    faults = [fault for path, table in tables.items() if table for fault in _programs(base, path, profile)]
    if faults:
        raise ProfileError(faults)
    return profile


def _programs(base: Profile, path: tuple[str, str], profile: Profile) -> Iterator[Fault]:
    """Yield what a thing has of a driver or a kind that only files may name."""
    family, name = path
    found, files = profile[family][name], base.things(family).get(name, {})
    selector = FAMILIES[family].selector
    if not runs_programs(family, found[selector]):
        return
    options = module_of(family, found[selector]).OPTIONS
    for key in (selector, *(option.key for option in options)):
        if found[key] != files.get(key):
            expected = f'no change: what runs programs ("{found[selector]}") stands in files of the profile'
            yield Fault(ORIGIN, dotted((*path, key)), toml_text(found[key], 60), expected)
            return


def runs_programs(family: str, choice: str) -> bool:
    """Return whether only files may name a driver or a kind, because it runs programs.

    >>> runs_programs("channels", "command"), runs_programs("sensors", "file")
    (True, False)
    """
    return bool(getattr(module_of(family, choice), "RUNS_PROGRAMS", False))


def module_of(family: str, choice: str) -> Any:
    """Import the module of a driver or a kind. Raises `KeyError` for an unknown one."""
    return _MODULES[family](choice)


def sensor_options(name: str, options: Mapping[str, object]) -> Table:
    """Return the table of a sensor whose values a program sets; `for_` stands for the key `for`.

    Raises `ValueError` for what is no name and for a value that does not fit, `TypeError` for an unknown key.

    >>> sensor_options("tank", {"unit": "l", "for_": "30 s"})["for"]
    30.0
    """
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not {NAME_RULE}")
    values: dict[str, object] = {}
    for option, value in options.items():
        key = option.rstrip("_")
        if key in ("kind", "interval"):
            raise TypeError(f"a sensor of a program has no {key}")
        try:
            row = row_of(("sensors", name, key))
        except KeyError:
            raise TypeError(f"a sensor has no option {key!r}") from None
        try:
            values[key] = accept(row.kind, row.limits, value)
        except ValueError as error:
            raise ValueError(f"{key} = {value!r}: expected {error}") from error
    return defaults("sensors.*", kind="program", **values)


def _word(family: str) -> str:
    return family.removesuffix("s")


def _split(text: str) -> tuple[str, str]:
    """Return family and name of a key of the state. Raises `ValueError`.

    >>> _split("channels.lamp")
    ('channels', 'lamp')
    """
    family, _, name = text.partition(".")
    if family not in FAMILIES or not name:
        raise ValueError("this device has no such things")
    return family, json.loads(name) if name.startswith('"') else name


def _table(value: object) -> Table | None:
    if value is not None and not isinstance(value, dict):
        raise ValueError("expected a table, or null for a thing that was removed")
    return value


def _pointed(fault: Fault, name: str) -> tuple[tuple[str, ...], str]:
    """Return a fault with the key of the thing that is asked for, or with its whole key."""
    for family in FAMILIES:
        prefix = f"{dotted((family, name))}."
        if fault.key.startswith(prefix):
            return (fault.key.removeprefix(prefix),), f"expected {fault.expected}"
    return (), f"{fault.key}: expected {fault.expected}"
