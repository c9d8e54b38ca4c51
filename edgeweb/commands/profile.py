"""`edgeweb profile`: check a profile, show its settings, find the one for this board, and what it can use."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence

from edgeweb.device.config import vendor
from edgeweb.device.config.checks import as_written
from edgeweb.device.config.errors import ProfileError, dotted, toml_text
from edgeweb.device.config.key import Key
from edgeweb.device.config.outside import faults, notes
from edgeweb.device.config.profile import Profile, load, shipped_profiles
from edgeweb.device.config.rules import DEFAULTS
from edgeweb.device.metrics import board

FALLBACK = "generic-linux"


def main(argv: Sequence[str]) -> int:
    """Run `edgeweb profile ...`. Return 0, or 1 for a faulty profile. Faults go to stderr, a line each."""
    options = make_parser().parse_args(argv)
    code: int = options.run(options)
    return code


def detect(root: str = "/") -> str | None:
    """Return the name of the shipped profile for this board, by the device tree; None if none fits."""
    by_word = {
        word: name
        for name in shipped_profiles()
        for word in load(name, system="/nonexistent")["board.compatible"]
    }
    # a device tree begins with the exact board and ends with the chip
    return next((by_word[word] for word in board.compatible(root) if word in by_word), None)


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="edgeweb profile", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    check = commands.add_parser("check", help="show every fault of a profile, and of packages that it names")
    check.add_argument("profile", nargs="*", help=f"names or paths (default: {FALLBACK})")
    check.set_defaults(run=_check)

    show = commands.add_parser(
        "show", help="print all settings of a profile, with their origins and what was set on the device"
    )
    show.add_argument("profile", nargs="?", default=FALLBACK, help=f"a name or a path (default: {FALLBACK})")
    show.add_argument("--changed", action="store_true", help="only what differs from the defaults")
    show.set_defaults(run=_show)

    find = commands.add_parser("detect", help="name the profile for this board")
    find.set_defaults(run=_detect)

    hardware = commands.add_parser("hardware", help="list what this machine has for channels and sensors")
    hardware.add_argument(
        "profile", nargs="?", default=FALLBACK, help=f"whose channels are marked (default: {FALLBACK})"
    )
    hardware.set_defaults(run=_hardware)

    for command in (check, show, find, hardware):
        command.add_argument("--json", action="store_true", help="print JSON, for programs")
    return parser


def _check(options: argparse.Namespace) -> int:
    answers = []
    code = 0
    for name in options.profile or [FALLBACK]:
        try:
            profile = load(name)
            if found := faults(profile):
                raise ProfileError(found)
        except ProfileError as error:
            code = 1
            answers.append(
                {"profile": name, "ok": False, "faults": [fault.as_dict() for fault in error.faults]}
            )
            if not options.json:
                print(error, file=sys.stderr)
        else:
            answers.append({"profile": name, "ok": True, "files": profile.files})
            for note in (*notes(profile), *vendor.notes(profile["vendor"], time.time())):
                print(f"{name}: {note}", file=sys.stderr)
            if not options.json:
                print(f"{name}: no faults in {', '.join(profile.files)}")
    if options.json:
        print(json.dumps(answers, indent=2))
    return code


def _show(options: argparse.Namespace) -> int:
    try:
        profile = _with_things(load(options.profile))
    except ProfileError as error:
        print(error, file=sys.stderr)
        return 1
    rows = [
        (path, value)
        for path, value in profile.items()
        if not options.changed or value != profile.row(path).default
    ]
    origins = [profile.origins.get(path, DEFAULTS) for path, _ in rows]
    if options.json:
        settings = zip(rows, origins, strict=True)
        print(
            json.dumps(
                {dotted(p): {"value": value, "from": origin} for (p, value), origin in settings}, indent=2
            )
        )
        return 0
    lines = [f"{dotted(path)} = {_setting(profile.row(path), value)}" for path, value in rows]
    width = max(map(len, lines), default=0)
    for line, origin in zip(lines, origins, strict=True):
        print(f"{line:{width}}  # {origin}")
    return 0


def _with_things(profile: Profile) -> Profile:
    """Return a profile with the channels and sensors that people have set on this device.

    What of them cannot be read, or does not fit, has a line on stderr.
    """
    import sqlite3

    from edgeweb.device.config.things import fitting
    from edgeweb.device.device import state_folder
    from edgeweb.device.storage import inspect

    folder = state_folder(profile)
    try:
        texts = inspect.things(folder) if folder else {}
    except (OSError, sqlite3.Error) as error:
        reason = f"{folder} cannot be read ({getattr(error, 'strerror', None) or error})"
        print(f"edgeweb profile: what was set on the device is left out: {reason}", file=sys.stderr)
        return profile
    _, found, ignored = fitting(profile, texts)
    for key, reason in ignored:
        print(f"edgeweb profile: {key} of {folder} is left out: {reason}", file=sys.stderr)
    return found


def _detect(options: argparse.Namespace) -> int:
    name = detect()
    if options.json:
        print(
            json.dumps({"profile": name, "model": board.model(), "compatible": board.compatible()}, indent=2)
        )
    elif name:
        print(name)
    else:
        print(f"No profile knows this machine ({board.model()}); {FALLBACK} fits any.", file=sys.stderr)
    return 0 if name else 1


def _hardware(options: argparse.Namespace) -> int:
    from edgeweb.device.hardware.reader import Hardware
    from edgeweb.device.hardware.tables import tables
    from edgeweb.device.system.executor import Executor

    try:
        profile = load(options.profile)
    except ProfileError as error:
        print(error, file=sys.stderr)
        return 1
    found = Hardware(executor=Executor())
    found.wait()
    buses = found.buses(profile["channels"], profile.things("sensors"))
    if options.json:
        print(json.dumps({bus.name: bus.to_json() for bus in buses}, indent=2))
        return 0
    for bus in buses:
        if bus.error is not None:
            print(f"{bus.name}: cannot be read ({bus.error})")
        elif not bus.rows:
            print(f"{bus.name}: none")
        for table in tables(bus):
            print(f"{bus.name}: {table.heading}" if table.heading else f"{bus.name}:")
            if table.reason:
                print(f"  {table.reason}")
            if table.rows:
                _print_table(table.columns, table.rows)
        if bus.is_cut:
            print("  ... there is more")
    return 0


def _print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    lines = [list(columns), *([_cell(value) for value in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        padded = (f"{text:{width}}" for text, width in zip(line, widths, strict=True))
        print(f"  {'  '.join(padded)}".rstrip())


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} = {toml_text(one)}" for key, one in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _setting(row: Key, value: object) -> str:
    """Return a value as a profile writes it: sizes and durations with their unit."""
    return toml_text(as_written(row.kind, value))
