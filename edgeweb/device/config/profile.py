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

from ..channels.drivers import DRIVERS, driver_module
from ..sensors.kinds import kind_module
from .checks import NAME, NAME_RULE, REQUIRED, accept, duration_text, expectation, size_text
from .errors import Fault, ProfileError, dotted, toml_text
from .renamed import renamed
from .schema import FAMILIES, KEYS, Key, Table, row_of, tree

Path = tuple[str, ...]

COMMAND_LINE = "command line"
DEFAULTS = "defaults"

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
            if path[0] != "channels" or path[-1] not in _foreign_keys(self._values["channels"][path[1]]):
                yield path, value

    def row(self, path: Path) -> Key:
        """Return the schema's row of a key, also of one that a driver or a kind has. Raises `KeyError`."""
        family = FAMILIES.get(path[0])
        return row_of(path, self._values[path[0]][path[1]][family.selector] if family else "")

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
    _check_together(values, origins, faults)
    if faults:
        _find_lines(files, faults)
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
    _check_together(values, origins, faults)
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


def _find_lines(files: list[str], faults: list[Fault]) -> None:
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
        # a sensor may have the name that was a key once: it is a table
        now = "" if isinstance(value, dict) and node is not None else renamed(dotted(here))
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
                faults.append(Fault(file, dotted(here), toml_text(value, 60), f"a table: [{dotted(here)}]"))
        else:
            try:
                right[key] = accept(node.kind, node.limits, value)
            except ValueError as error:
                faults.append(Fault(file, dotted(here), toml_text(value, 60), str(error)))
    return right


def _known_keys(known: Table, path: Path) -> str:
    where = f"[{dotted(path)}]" if path else "the top level"
    return f"a known key of {where} ({', '.join(sorted(known))})"


def _nearest(path: Path, siblings: Table) -> str:
    from difflib import get_close_matches  # only a faulty profile needs it

    candidates = [dotted((*path[:-1], key)) for key in siblings if key != "*"]
    for row in KEYS:
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
    for table, family in FAMILIES.items():
        complete[table] = {}
        for name, member in values.get(table, {}).items():
            for row in family.rows_of(member.get(family.selector, "")):
                key = row.path.rpartition(".")[2]
                _fill(row, (table, name, key), values, complete, origins, faults)
    return complete


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


def _check_together(values: Table, origins: dict[Path, str], faults: list[Fault]) -> None:
    """Check the rules between keys, as far as the single keys are right."""
    faulty = {fault.key for fault in faults}
    if not faulty & _OF_MEMORY:
        _check_memory(values, origins, faults)
    for name, channel in values["channels"].items():
        _check_channel(("channels", name), channel, origins, faults, faulty)
    _check_interlocks(values["channels"], origins, faults, faulty)
    for name, sensor in values["sensors"].items():
        _check_sensor(("sensors", name), sensor, origins, faults, faulty)


#: The keys that `_check_memory` compares, and the tables that may be none.
_OF_MEMORY = frozenset(
    ("board", "board.memory", "server", "server.buffer_bytes", "server.body_bytes", "server.upload_folder")
)


def _check_memory(values: Table, origins: dict[Path, str], faults: list[Fault]) -> None:
    server, memory = values["server"], values["board"]["memory"]
    # However many connections there are, the server holds no more than its buffers: bodies in one half.
    buffers, room = server["buffer_bytes"], memory // 4
    if buffers > room:
        file = _origin(origins, "buffer_bytes")
        expected = f"at most {size_text(room)}, a quarter of board.memory"
        faults.append(Fault(file, "server.buffer_bytes", f'"{size_text(buffers)}"', expected))
    if server["body_bytes"] > buffers // 2 and not server["upload_folder"]:
        file = _origin(origins, "body_bytes")
        expected = f"at most {size_text(buffers // 2)}, the half of server.buffer_bytes that is for bodies"
        faults.append(Fault(file, "server.body_bytes", f'"{size_text(server["body_bytes"])}"', expected))


def _origin(origins: dict[Path, str], key: str) -> str:
    """Return the file that has set a figure of the server, or else the figure that it is compared with."""
    keys = [("server", key), ("server", "buffer_bytes"), ("board", "memory")]
    return next((origins[key] for key in keys if key in origins), DEFAULTS)


#: The keys of outputs only, and of inputs only.
_FOR_OUTPUTS = ("at_start", "at_exit", "interlock", "busy_delay", "max_on", "pulse", "ramp")
_FOR_INPUTS = ("debounce",)


def _foreign_keys(channel: Table) -> tuple[str, ...]:
    return _FOR_OUTPUTS if channel["mode"] == "input" else _FOR_INPUTS


def _check_channel(
    path: Path, channel: Table, origins: dict[Path, str], faults: list[Fault], faulty: set[str]
) -> None:
    def right(*keys: str) -> bool:
        return not any(dotted((*path, key)) in faulty for key in keys)

    is_input = channel["mode"] == "input"
    for key in _foreign_keys(channel):
        here = (*path, key)
        if here in origins and right("mode"):
            kind = "an input" if is_input else "an output"
            faults.append(
                Fault(origins[here], dotted(here), toml_text(channel[key]), f"no such key for {kind}")
            )
    if right("driver", "mode"):
        _check_driver(path, channel, origins, faults, faulty)
    if right(*_OF_PULSES) and not channel["pulse_min"] <= channel["pulse"] <= channel["pulse_max"]:
        least, usual, most = (duration_text(channel[key]) for key in ("pulse_min", "pulse", "pulse_max"))
        expected = f"pulse_min <= pulse <= pulse_max, not {least}, {usual}, {most}"
        faults.append(Fault(origins[path], dotted((*path, "pulse")), "", expected))


def _check_driver(
    path: Path, channel: Table, origins: dict[Path, str], faults: list[Fault], faulty: set[str]
) -> None:
    """Compare a channel with what its driver needs and with the modes that it can do."""
    driver, mode = channel["driver"], channel["mode"]
    module = driver_module(driver)
    for option in module.OPTIONS:
        here = dotted((*path, option.key))
        if mode in option.needed and not channel[option.key] and here not in faulty:
            faults.append(Fault(origins[path], here, "", f'a value, because the driver "{driver}" needs it'))
    check = getattr(module, "check", None)
    if check and not any(dotted((*path, option.key)) in faulty for option in module.OPTIONS):
        for key, expected in check(channel).items():
            file = origins.get((*path, key))
            value = toml_text(channel[key]) if file else ""
            faults.append(Fault(file or origins[path], dotted((*path, key)), value, expected))
    if mode not in module.MODES:
        here = dotted((*path, "mode"))
        able = ", ".join(name for name in DRIVERS if mode in driver_module(name).MODES)
        modes = " or ".join(f'"{one}"' for one in module.MODES)
        expected = f'{modes}, because of all drivers only {able} have the mode "{mode}"'
        faults.append(Fault(origins[(*path, "mode")], here, f'"{mode}"', expected))


_OF_PULSES = ("pulse", "pulse_min", "pulse_max")


def _check_interlocks(
    channels: Table, origins: dict[Path, str], faults: list[Fault], faulty: set[str]
) -> None:
    first_on: dict[str, str] = {}
    for name, channel in channels.items():
        key = ("channels", name, "at_start")
        group = channel["interlock"]
        if not group or channel["at_start"] != "on" or dotted(key) in faulty:
            continue
        other = first_on.setdefault(group, name)
        if other != name:
            expected = f'"off", because {other} of the same interlock group starts with "on"'
            faults.append(Fault(origins[key], dotted(key), '"on"', expected))


def _check_sensor(
    path: Path, sensor: Table, origins: dict[Path, str], faults: list[Fault], faulty: set[str]
) -> None:
    """Compare a sensor with what its kind needs, and its limits with each other."""

    def right(*keys: str) -> bool:
        return not any(dotted((*path, key)) in faulty for key in keys)

    def add(key: str, expected: str) -> None:
        value = toml_text(sensor[key]) if (*path, key) in origins else ""
        file = origins.get((*path, key), origins[path])
        faults.append(Fault(file, dotted((*path, key)), value, expected))

    low, high = sensor["low"], sensor["high"]
    if right("low", "high") and "" not in (low, high) and low >= high:
        add("high", f"more than low, which is {low:g}")
    if not right("kind"):
        return
    module = kind_module(sensor["kind"])
    for option in module.OPTIONS:
        if option.needed and not sensor[option.key] and right(option.key):
            add(option.key, f'a value, because the kind "{sensor["kind"]}" needs it')
    check = getattr(module, "check", None)
    if check and right(*(option.key for option in module.OPTIONS)):
        for key, expected in check(sensor).items():
            add(key, expected)


def _leaves(table: Table, path: Path) -> Iterator[tuple[Path, object]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key), value


def _copy(table: Table) -> Table:
    return {key: _copy(value) if isinstance(value, dict) else value for key, value in table.items()}
