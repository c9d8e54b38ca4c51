"""Drivers and kinds of other packages, as profiles and requests name them.

What is faulty is no fault of the profile: a device starts, with what needs the package offline. A request may
not name it. Nothing of this is imported where all drivers and kinds are edgeweb's own.
"""

from __future__ import annotations

from collections.abc import Mapping

from .errors import Fault, dotted, toml_text
from .profile import Profile, find_lines
from .schema import FAMILIES, names_packages

#: Seconds that a request waits for the import of a package: with the rest of its way it stays below a second.
PATIENCE = 0.4


def faults(profile: Profile) -> list[Fault]:
    """Return a fault for each driver and kind of another package that cannot be used."""
    found: dict[str, Fault] = {}
    for name, family in FAMILIES.items():
        for member, table in profile.things(name).items():
            if reason := _fault_of(name, choice := table[family.selector]):
                path = (name, member, family.selector)
                expected = f"a {family.selector} that can be used; {reason}"
                file = profile.origins.get(path, profile.name)
                found.setdefault(reason, Fault(file, dotted(path), toml_text(choice), expected))
    rows = list(found.values())
    if rows:
        find_lines(profile.files, rows)
    return rows


def notes(profile: Profile) -> list[str]:
    """Return what else there is to say of the packages that a profile uses: each line once in a process."""
    used = (one for name, one in FAMILIES.items() if names_packages(profile.things(name), name))
    return [note for family in used for note in family.outside().take_notes()]


def usable(name: str) -> list[str]:
    """Return all drivers or kinds that can be used now. Imports what other packages offer, for descriptions.

    A package that takes longer than `PATIENCE` for it is left out this time.
    """
    family = FAMILIES[name]
    return [*family.choices, *(one for one in family.outside().names() if not _trouble(name, one))]


def trouble(name: str, table: Mapping[str, object], changes: Mapping[str, object] | None = None) -> str:
    """Return why a request may not have a table: its driver or kind cannot be used at this moment, or ever.

    Empty where it can, and where all `changes` are of keys that every channel or sensor has.
    """
    family = FAMILIES[name]
    common = {row.path.rpartition(".")[2] for row in family.rows} - {family.selector}
    choice = table.get(family.selector)
    if not isinstance(choice, str) or (changes is not None and changes.keys() <= common):
        return ""
    return _trouble(name, choice)


def _trouble(name: str, choice: str) -> str:
    """Return why a module cannot be used, after `PATIENCE` at most; empty for one that no package offers."""
    family = FAMILIES[name]
    if choice in family.choices or not family.knows(choice):
        return ""
    return family.outside().trouble(choice, PATIENCE) or _fault_of(name, choice)


def _fault_of(name: str, choice: str) -> str:
    """Return why a module cannot be used; empty where it can, as all of edgeweb's own."""
    family = FAMILIES[name]
    if choice in family.choices or not family.more(choice):
        return ""
    found: str = family.outside().get(choice).fault
    return found
