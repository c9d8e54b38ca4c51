"""The rules between the keys of a profile: what a driver needs, what the memory of a board allows.

Each key alone is right by then, or among the faults that are known.
"""

from __future__ import annotations

from ..channels.drivers import DRIVERS, driver_module
from ..sensors.kinds import kind_module
from .errors import Fault, dotted, toml_text
from .key import Table
from .quantities import duration_text, size_text

Path = tuple[str, ...]

DEFAULTS = "defaults"


def check_together(values: Table, origins: dict[Path, str], faults: list[Fault]) -> None:
    """Check the rules between keys, as far as the single keys are right."""
    faulty = {fault.key for fault in faults}
    if not faulty & _OF_MEMORY:
        _check_memory(values, origins, faults)
    vendor = values["vendor"]
    if vendor["contact"] and not vendor["expires"] and "vendor.expires" not in faulty:
        file = origins.get(("vendor", "contact"), DEFAULTS)
        expected = 'a day like "2027-06-30", because vendor.contact needs one (RFC 9116, section 2.5.5)'
        faults.append(Fault(file, "vendor.expires", "", expected))
    name = values["access"]["reset_input"]
    if name and "access.reset_input" not in faulty and not _is_input(values["channels"], name):
        file = origins.get(("access", "reset_input"), DEFAULTS)
        expected = 'the name of a channel of this profile with mode = "input"'
        faults.append(Fault(file, "access.reset_input", toml_text(name), expected))
    for name, channel in values["channels"].items():
        _check_channel(("channels", name), channel, origins, faults, faulty)
    _check_interlocks(values["channels"], origins, faults, faulty)
    for name, sensor in tables_in(values["sensors"]).items():
        _check_sensor(("sensors", name), sensor, origins, faults, faulty)


def _is_input(channels: Table, name: str) -> bool:
    return name in channels and channels[name]["mode"] == "input"


def tables_in(family: Table) -> dict[str, Table]:
    """Return the tables of a family, without the keys that it has itself."""
    return {name: member for name, member in family.items() if isinstance(member, dict)}


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


def foreign_keys(channel: Table) -> tuple[str, ...]:
    return _FOR_OUTPUTS if channel["mode"] == "input" else _FOR_INPUTS


def _check_channel(
    path: Path, channel: Table, origins: dict[Path, str], faults: list[Fault], faulty: set[str]
) -> None:
    def right(*keys: str) -> bool:
        return not any(dotted((*path, key)) in faulty for key in keys)

    is_input = channel["mode"] == "input"
    for key in foreign_keys(channel):
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
        if option.is_needed(mode) and not channel[option.key] and here not in faulty:
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
        if option.is_needed() and not sensor[option.key] and right(option.key):
            add(option.key, f'a value, because the kind "{sensor["kind"]}" needs it')
    check = getattr(module, "check", None)
    if check and right(*(option.key for option in module.OPTIONS)):
        for key, expected in check(sensor).items():
            add(key, expected)
