"""Settings: the keys of the profile that a person may change on the running device.

They are a layer between the profile's files and the command line, kept in the state. Changes are checked
together with everything else in the profile before any of them is written, and all are written at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from threading import RLock
from typing import NamedTuple

from ..access import secrets
from ..access.actor import Actor
from ..access.audit import Audit
from ..errors import DeviceError
from ..storage.store import Execute, Store
from .errors import ProfileError, dotted, toml_text
from .key import RESTART, Table
from .profile import COMMAND_LINE, Profile, layered
from .renamed import renamed
from .rules import Path
from .schema import KEYS, pattern, row_of

#: The keys that are settings, and when another value counts.
CHANGEABLE: dict[str, str] = {row.path: row.change for row in KEYS if row.setting}

#: The origin of a value that was set on the device.
ORIGIN = "settings"

#: Lines in the log of settings that are ignored.
MAX_LOGGED = 8

#: Maximum characters of each value (old, new) in an audit row.
_MAX_VALUE = 50


class Setting(NamedTuple):
    """One key: its kind and limits (`checks.KINDS`), its value, and that of the profile.

    `effect` is "now" or "restart". `changed`: set on the device, so not as in the profile. `pending`: what
    is in force is another value, until the next start.
    """

    key: str
    kind: str
    limits: object
    value: object
    default: object
    meaning: str
    effect: str
    changed: bool
    pending: bool


class SettingsError(DeviceError):
    """Faulty changes, of which none was made. `errors` has a row `((key,), text)` for each fault."""

    key = "invalid-fields"

    def __init__(self, errors: list[tuple[str, str]]) -> None:
        super().__init__(
            "; ".join(f"{key}: {detail}" for key, detail in errors),
            [((key,), detail) for key, detail in errors],
        )


class SettingsChanged(DeviceError):
    """The settings were changed since they were read."""

    key = "precondition-failed"


class Settings:
    """The settings of the state, and the profile with them.

    `adopt(profile)` puts a profile in force. Nothing is read before `load`.
    """

    def __init__(
        self,
        base: Profile,
        store: Store,
        audit: Audit,
        adopt: Callable[[Profile], object],
        log: Callable[[str], object],
    ) -> None:
        self._base = base
        self._store = store
        self._audit = audit
        self._adopt = adopt
        self._log = log
        self._lock = RLock()
        self._paths: dict[str, Path] = {}
        self._stored: dict[str, object] = {}
        #: The profile with all settings, also those that wait for the next start.
        self.profile = base
        self._started = base
        #: Keys of the state that this device does not take, with the reason.
        self.ignored: list[tuple[str, str]] = []

    def load(self, base: Profile) -> None:
        """Read the state and put it in force on a profile, before anything that depends on it is opened."""
        self.renew(base)
        self._started = self.profile

    @property
    def base(self) -> Profile:
        """The profile without what was set on the device."""
        return self._base

    def renew(self, base: Profile) -> None:
        """Put another profile underneath."""
        with self._lock:
            self._base = base
            self.reload()

    def reload(self) -> None:
        """Read the state again, because its tables were replaced; some of it waits for the next start."""
        with self._lock:
            paths = (path for path, _ in self._base.items())
            self._paths = {dotted(path): path for path in paths if pattern(dotted(path)) in CHANGEABLE}
            rows = self._store.read("SELECT key, value FROM settings ORDER BY key")
            self._stored, self.profile, self.ignored = self.fitting(dict(rows))
            for key, reason in self.ignored[:MAX_LOGGED]:
                self._log(f"the setting {key} is ignored: {reason}")
            # A backup may bring thousands.
            if more := len(self.ignored[MAX_LOGGED:]):
                self._log(f"{more} more settings are ignored: GET /api/v1/settings lists them")
            self._adopt(self.profile)

    def knows(self, key: str) -> bool:
        """Return whether this device has such a setting."""
        return key in self._paths

    def rows(self) -> list[Setting]:
        """Return all settings, in the order of the profile."""
        with self._lock:
            return [self._row(key, path) for key, path in self._paths.items()]

    @property
    def tag(self) -> str:
        """The entity tag of all settings, which changes with `rows` and `ignored`."""
        shown = json.dumps([self.rows(), self.ignored])
        return secrets.digest(shown)[:16]

    def change(
        self,
        actor: Actor,
        changes: Mapping[str, object],
        expected: Callable[[str], bool] = lambda tag: True,
    ) -> None:
        """Change settings, all or none; None goes back to the profile.

        `expected` returns whether a tag is the one that the change was made for. Raises `SettingsChanged`
        where it does not take the present one, `SettingsError` with all faults.
        """
        with self._lock:
            if not expected(self.tag):
                raise SettingsChanged
            self._check_keys(changes)
            wanted = {**self._stored, **changes}
            stored = {key: value for key, value in wanted.items() if value is not None}
            try:
                profile = self._with(stored)
            except ProfileError as error:
                faults = [(fault.key, f"expected {fault.expected}") for fault in error.faults]
                raise SettingsError(faults) from error
            stored = {key: _at(profile, self._paths[key]) for key in stored}
            changed = [key for key in changes if self._stored.get(key) != stored.get(key)]
            forgotten = {key for key, _ in self.ignored} & changes.keys()
            if not changed and not forgotten:
                return
            self._audit.flush()
            self._store.write(
                lambda execute: self._write(execute, actor, changed, forgotten, profile, stored)
            )
            self._stored, self.profile = stored, profile
            self.ignored = [row for row in self.ignored if row[0] not in forgotten]
            self._adopt(profile)

    def fitting(self, texts: Mapping[str, str]) -> tuple[dict[str, object], Profile, list[tuple[str, str]]]:
        """Sort the keys and values of the state: those that fit, the profile with them, and the others.

        edgeweb or the profile may have changed since they were written; that must not keep a device from
        starting.
        """
        good: dict[str, object] = {}
        ignored: list[tuple[str, str]] = []
        for key, text in texts.items():
            try:
                if key not in self._paths:
                    raise ValueError(renamed(key) or "this device has no such setting")
                good[key] = json.loads(text)
            except (ValueError, RecursionError) as error:
                ignored.append((key, str(error)))
        while True:
            try:
                profile = self._with(good)
            except ProfileError as error:
                # the first fault alone: without its setting there may be no other
                fault = error.faults[0]
                for key in _concerned(fault.key, good):
                    del good[key]
                    ignored.append((key, f"expected {fault.expected}"))
            else:
                return {key: _at(profile, self._paths[key]) for key in good}, profile, ignored

    # -- parts -----------------------------------------------------------------------------------------

    def _row(self, key: str, path: Path) -> Setting:
        row, value = row_of(path), _at(self.profile, path)
        pending = row.change == RESTART and value != _at(self._started, path, value)
        default, changed = _at(self._base, path), key in self._stored
        return Setting(key, row.kind, row.limits, value, default, row.meaning, row.change, changed, pending)

    def _with(self, stored: Mapping[str, object]) -> Profile:
        layer: Table = {}
        for key, value in stored.items():
            *tables, last = self._paths[key]
            table = layer
            for name in tables:
                table = table.setdefault(name, {})
            table[last] = value
        return layered(self._base, layer, ORIGIN)

    def _check_keys(self, changes: Mapping[str, object]) -> None:
        errors = []
        for key, value in changes.items():
            if key not in self._paths:
                # what is ignored can be removed, and nothing else
                if value is not None or key not in dict(self.ignored):
                    unknown = "unknown setting; GET /api/v1/settings lists them"
                    errors.append((key, renamed(key) or unknown))
            elif self._base.origins.get(self._paths[key]) == COMMAND_LINE:
                errors.append((key, "the command line sets it, and wins"))
        if errors:
            raise SettingsError(errors)

    def _write(
        self,
        execute: Execute,
        actor: Actor,
        changed: list[str],
        forgotten: set[str],
        profile: Profile,
        stored: Mapping[str, object],
    ) -> None:
        for key in changed:
            if key in stored:
                execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (key, json.dumps(stored[key])))
            path = self._paths[key]
            words = [toml_text(_at(one, path), _MAX_VALUE) for one in (self.profile, profile)]
            self._audit.insert(execute, actor, "setting.change", key, " -> ".join(words))
        for key in {*changed, *forgotten} - stored.keys():
            execute("DELETE FROM settings WHERE key = ?", (key,))
        for key in sorted(forgotten - set(changed)):
            self._audit.insert(execute, actor, "setting.change", key, "removed")


def _at(profile: Profile, path: Path, missing: object = None) -> object:
    """Return the value of a key; `missing` for one of a channel that the profile does not have."""
    value = profile[path[0]]
    for key in path[1:]:
        if key not in value:
            return missing
        value = value[key]
    return value


def _concerned(fault: str, good: Mapping[str, object]) -> list[str]:
    """Return the settings that a fault concerns: its own key, else those of the same table, else all."""
    if fault in good:
        return [fault]
    table = fault.rpartition(".")[0] + "."
    return [key for key in good if key.startswith(table)] or list(good)
