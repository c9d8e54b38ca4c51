"""Profiles: what a board is, what it may use and what hangs on it, from TOML files in layers.

The layers, each winning over the ones before: the defaults of `schema.py`, the board's file, the system's
`edgeweb.toml`, the system's `edgeweb.toml.d/*.toml` in the order of their names, what was set on the running
device (`settings.py`), the command line. Tables are merged key by key; lists and single values replace what
was there.

Every file is read and checked to its end, and all faults are reported together: a person who edits a
profile on a board should not have to start the server once for each slip.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from .checks import NAME, NAME_RULE, REQUIRED, accept, expectation
from .errors import Fault, ProfileError, dotted, toml_text
from .key import Key, Table
from .quantities import size_text
from .renamed import renamed
from .rules import Path, check_together, foreign_keys, tables_in
from .schema import ANY, FAMILIES, KEYS, row_of, tree

COMMAND_LINE = "command line"

#: No profile needs this much, and a device node or a log named by mistake does not fill the memory.
MAX_FILE = 256 * 1024


class Profile:
    """A checked profile with every default filled in.

    `profile["server.port"]` is a value and `profile["channels"]` a table; an unknown name raises `KeyError`.
    `origins` names, for each key that a file or the command line has set, where that was.
    """

    __slots__ = ("_values", "files", "name", "origins")

    def __init__(self, name: str, values: Table, origins: dict[Path, str], files: list[str]) -> None:
        self.name = name
        self._values = values
        self.origins = origins
        self.files = files

    def __getitem__(self, path: str) -> Any:
        value = self._values
        for key in path.split("."):
            value = value[key]
        return value

    def items(self) -> Iterator[tuple[Path, object]]:
        """Yield all paths and values, in the order of the schema; of a channel, the keys of its mode."""
        for path, value in _leaves(self._values, ()):
            if path[0] != "channels" or path[-1] not in foreign_keys(self._values["channels"][path[1]]):
                yield path, value

    def row(self, path: Path) -> Key:
        """Return the schema's row of a key, also of one that a driver or a kind has. Raises `KeyError`."""
        family = FAMILIES.get(path[0]) if len(path) > 2 else None
        return row_of(path, self._values[path[0]][path[1]][family.selector] if family else "")

    def things(self, family: str) -> dict[str, Table]:
        """Return the tables of a family by their names: `profile.things("sensors")`.

        A family may have keys of its own beside them, such as `sensors.interval`.
        """
        return tables_in(self._values[family])

    def as_dict(self) -> Table:
        """Return a copy of all tables, for JSON."""
        return _copy(self._values)


def load(
    profile: str | os.PathLike[str] = "generic-linux",
    overrides: Mapping[str, object] | None = None,
    *,
    system: str | None = None,
) -> Profile:
    """Read a profile by its name (`raspberry-pi-4`) or the path of its file, and the layers above it.

    `overrides` is the command line's layer: `{"server.port": 9000}`. `system` is the folder with
    `edgeweb.toml`; without it systemd's `$CONFIGURATION_DIRECTORY`, else /etc/edgeweb. Files that are not
    there are no layer, except the profile. Raises `ProfileError` with all faults.
    """
    faults: list[Fault] = []
    file = find_profile(os.fspath(profile), faults)
    files = ([file] if file else []) + _system_files(system, faults)
    values: Table = {}
    origins: dict[Path, str] = {}
    layers = [(layer, _parse(layer, faults)) for layer in files] + [(COMMAND_LINE, _nest(overrides or {}))]
    known = tree(_chosen([table for _, table in layers]))
    for layer, table in layers:
        _merge(values, _check(table, known, (), layer, faults), (), layer, origins)
    values = _complete(values, origins, faults)
    check_together(values, origins, faults)
    if faults:
        find_lines(files, faults)
        raise ProfileError(faults)
    name = os.path.basename(file).removesuffix(".toml")
    return Profile(name, values, origins, files)


def layered(profile: Profile, layer: Table, origin: str) -> Profile:
    """Return the profile with one more layer between its files and the command line, checked as they are.

    `layer` is nested as a file is. Raises `ProfileError` with all faults; `profile` stays as it is.
    """
    faults: list[Fault] = []
    values, origins = profile.as_dict(), dict(profile.origins)
    right = _check(layer, tree(_chosen([values, layer])), (), origin, faults)
    _merge(values, right, (), origin, origins)
    for path, value in _leaves(profile.as_dict(), ()):
        if profile.origins.get(path) == COMMAND_LINE:
            *tables, key = path
            table = values
            for name in tables:
                table = table[name]
            table[key], origins[path] = value, COMMAND_LINE
    check_together(values, origins, faults)
    if faults:
        raise ProfileError(faults)
    return Profile(profile.name, values, origins, profile.files)


def with_tables(profile: Profile, tables: Mapping[str, Mapping[str, Table | None]], origin: str) -> Profile:
    """Return the profile with some channels and sensors in place of its own, checked as its files are.

    `tables["channels"]["lamp"]` is a table as a file has it, or None for a channel that is not there. Raises
    `ProfileError` with all faults; `profile` stays as it is.
    """
    faults: list[Fault] = []
    values = profile.as_dict()
    origins = {
        path: where
        for path, where in profile.origins.items()
        if len(path) < 2 or path[1] not in tables.get(path[0], {})
    }
    for family, members in tables.items():
        layer = {family: {name: table for name, table in members.items() if table is not None}}
        right: Table = {}
        _merge(right, _check(layer, tree(_chosen([layer])), (), origin, faults), (), origin, origins)
        for name in members:
            if name not in right.get(family, {}):
                values[family].pop(name, None)
                continue
            values[family][name] = {}
            _fill_table(family, name, right, values, origins, faults)
    check_together(values, origins, faults)
    if faults:
        raise ProfileError(faults)
    return Profile(profile.name, values, origins, profile.files)


def shipped_folder() -> str:
    """Return the folder of the board files: beside the package in a checkout, inside it once installed."""
    package = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
    inside = os.path.join(package, "firmware_configs")
    return inside if os.path.isdir(inside) else os.path.join(os.path.dirname(package), "firmware_configs")


def shipped_profiles() -> list[str]:
    """Return the names of all board files that came with edgeweb."""
    try:
        files = os.listdir(shipped_folder())
    except OSError:
        return []
    return sorted(name.removesuffix(".toml") for name in files if name.endswith(".toml"))


def find_profile(profile: str, faults: list[Fault]) -> str:
    """Return the file of a profile: a name without a slash and .toml is a board's, all else a path."""
    if "/" in profile or profile.endswith(".toml"):
        return profile
    if profile in shipped_profiles():
        return os.path.join(shipped_folder(), profile + ".toml")
    known = ", ".join(shipped_profiles()) or "none, the installation is incomplete"
    faults.append(Fault(profile, "", "", f"the name of a profile ({known}) or the path of a .toml file"))
    return ""


def _system_files(system: str | None, faults: list[Fault]) -> list[str]:
    if system is None:
        # systemd separates several folders by colons; the unit names one
        system = os.environ.get("CONFIGURATION_DIRECTORY", "").split(":")[0] or "/etc/edgeweb"
    file, folder = os.path.join(system, "edgeweb.toml"), os.path.join(system, "edgeweb.toml.d")
    try:
        drop_ins = sorted(name for name in os.listdir(folder) if name.endswith(".toml"))
    except FileNotFoundError:
        drop_ins = []
    except OSError as error:
        drop_ins = []
        faults.append(Fault(folder, "", "", f"a folder that can be read ({error.strerror})"))
    return ([file] if os.path.lexists(file) else []) + [os.path.join(folder, name) for name in drop_ins]


def _parse(file: str, faults: list[Fault]) -> Table:
    import tomllib  # 1 MB and 7 ms, which a process without a profile does not pay

    try:
        with open(file, "rb") as stream:
            content = stream.read(MAX_FILE + 1)
        if len(content) > MAX_FILE:
            faults.append(Fault(file, "", "", f"a TOML file of at most {size_text(MAX_FILE)}"))
            return {}
        return tomllib.loads(content.decode("utf-8"))
    except OSError as error:
        faults.append(Fault(file, "", "", f"a TOML file that can be read ({error.strerror or error})"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        faults.append(Fault(file, "", "", "UTF-8 text", line=line))
    except tomllib.TOMLDecodeError as error:
        message, _, place = str(error).partition(" (at ")
        # "line 3, column 5)" or "end of document)"
        words = place.split(",")[0].split()
        line = int(words[1]) if words[:1] == ["line"] else content.count(b"\n") + 1
        faults.append(Fault(file, "", "", f"TOML ({message})", line=line))
    except RecursionError:
        faults.append(Fault(file, "", "", "tables and lists that are not nested hundreds deep"))
    return {}


def find_lines(files: list[str], faults: list[Fault]) -> None:
    """Give each fault at a key of a file its line, or that of its table where it is missing; sort them."""
    from .toml_lines import line_of, lines_of  # only a faulty profile needs it

    for file in files:
        with_key = [fault for fault in faults if fault.file == file and fault.key]
        if with_key:
            with open(file, encoding="utf-8") as stream:
                lines = lines_of(stream.read())
            for fault in with_key:
                fault.line = line_of(lines, fault.key)
    places = {file: place for place, file in enumerate(files)}
    faults.sort(key=lambda fault: (places.get(fault.file, len(files)), fault.line))


def _chosen(layers: list[Table]) -> dict[str, dict[str, str]]:
    """Return the driver of each channel and the kind of each sensor, before anything is checked.

    The last layer that has one wins.
    """
    chosen: dict[str, dict[str, str]] = {table: {} for table in FAMILIES}
    for layer in layers:
        for table, choices in chosen.items():
            members = layer.get(table)
            for name, member in members.items() if isinstance(members, dict) else ():
                if isinstance(member, dict) and NAME.fullmatch(name):
                    found = member.get(FAMILIES[table].selector, choices.get(name))
                    choices[name] = found if isinstance(found, str) else ""
    return chosen


def _check(table: Table, known: Table, path: Path, file: str, faults: list[Fault]) -> Table:
    """Return the valid part of a layer, as programs see it; append a fault for the rest."""
    right: Table = {}
    for key, value in table.items():
        here = (*path, key)
        node = known.get(key) or known.get("*")
        now = renamed(dotted(here))
        if now:
            shown = "" if isinstance(value, dict) else toml_text(value, 60)
            faults.append(Fault(file, dotted(here), shown, f"another key: {now}"))
        elif node is None:
            shown = "" if isinstance(value, dict) else toml_text(value, 60)
            family = FAMILIES.get(path[0]) if path else None
            if family and (owners := family.owners_of(key)):
                expected = f"no such key, which belongs to other {family.selector}s ({', '.join(owners)})"
                faults.append(Fault(file, dotted(here), shown, expected))
            else:
                expected, nearest = _known_keys(known, path), _nearest(here, known)
                faults.append(Fault(file, dotted(here), shown, expected, nearest))
        elif "*" in known and (not NAME.fullmatch(key)):
            faults.append(Fault(file, dotted(here), "", NAME_RULE))
        elif isinstance(node, dict):
            if isinstance(value, dict):
                right[key] = _check(value, node, here, file, faults)
            else:
                expected, nearest = f"a table: [{dotted(here)}]", ""
                if keys := {one: row for one, row in known.items() if not isinstance(row, dict)}:
                    expected = f"{_known_keys(keys, path)}, or {expected}"
                    nearest = _nearest(here, keys, stars=False)
                faults.append(Fault(file, dotted(here), toml_text(value, 60), expected, nearest))
        else:
            try:
                right[key] = accept(node.kind, node.limits, value)
            except ValueError as error:
                faults.append(Fault(file, dotted(here), toml_text(value, 60), str(error)))
    return right


def _known_keys(known: Table, path: Path) -> str:
    where = f"[{dotted(path)}]" if path else "the top level"
    return f"a known key of {where} ({', '.join(sorted(known))})"


def _nearest(path: Path, siblings: Table, *, stars: bool = True) -> str:
    from difflib import get_close_matches  # only a faulty profile needs it

    candidates = [dotted((*path[:-1], key)) for key in siblings if key != "*"]
    for row in KEYS if stars else ():
        keys = row.path.split(".")
        # the profile's own name stands in for the star, so that the suggestion can be copied
        filled = tuple(path[at] if key == "*" and at < len(path) else key for at, key in enumerate(keys))
        if "*" not in filled:
            candidates += [dotted(filled[:end]) for end in range(1, len(filled) + 1)]
    return next(iter(get_close_matches(dotted(path), dict.fromkeys(candidates), 1, 0.6)), "")


def _merge(into: Table, layer: Table, path: Path, file: str, origins: dict[Path, str]) -> None:
    for key, value in layer.items():
        here = (*path, key)
        if isinstance(value, dict):
            # a table belongs to the file that has begun it: that is where a missing key is missing
            origins.setdefault(here, file)
            _merge(into.setdefault(key, {}), value, here, file, origins)
        else:
            into[key] = value
            origins[here] = file


def _nest(overrides: Mapping[str, object]) -> Table:
    nested: Table = {}
    for path, value in overrides.items():
        *tables, key = path.split(".")
        table = nested
        for name in tables:
            table = table.setdefault(name, {})
        table[key] = value
    return nested


def _complete(values: Table, origins: dict[Path, str], faults: list[Fault]) -> Table:
    """Return the same tables with every key of the schema, in its order."""
    complete: Table = {}
    for row in KEYS:
        if "*" not in row.path:
            _fill(row, tuple(row.path.split(".")), values, complete, origins, faults)
    for table in FAMILIES:
        complete.setdefault(table, {})
        for name in tables_in(values.get(table, {})):
            _fill_table(table, name, values, complete, origins, faults)
    return complete


def _fill_table(
    table: str, name: str, source: Table, target: Table, origins: dict[Path, str], faults: list[Fault]
) -> None:
    """Copy the table of a channel or a sensor, with its defaults."""
    family, found = FAMILIES[table], source[table][name]
    for row in family.rows_of(found.get(family.selector, "")):
        key = row.path.rpartition(".")[2]
        if key != ANY:
            _fill(row, (table, name, key), source, target, origins, faults)
        else:  # the last row: whatever else there is
            target[table][name].update({one: found[one] for one in found.keys() - target[table][name].keys()})


def _fill(
    row: Key, path: Path, source: Table, target: Table, origins: dict[Path, str], faults: list[Fault]
) -> None:
    """Copy the value of one key, or its default."""
    *tables, key = path
    for name in tables:
        source, target = source.get(name, {}), target.setdefault(name, {})
    target[key] = source.get(key, row.default)
    if target[key] is REQUIRED and not _has_fault(faults, dotted(path)):
        expected = f"{expectation(row.kind, row.limits)}, but the key is missing"
        faults.append(Fault(origins[path[:-1]], dotted(path), "", expected))


def _has_fault(faults: list[Fault], key: str) -> bool:
    return any(fault.key == key for fault in faults)


def _leaves(table: Table, path: Path) -> Iterator[tuple[Path, object]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key), value


def _copy(table: Table) -> Table:
    return {key: _copy(value) if isinstance(value, dict) else value for key, value in table.items()}
