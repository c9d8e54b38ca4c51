"""systemd: services, the journal, and the end of the machine, through its own programs.

systemd decides whether this server may: polkit's rule in `systemd/polkit` allows exactly these calls. Every
function here raises `CommandError` for a program that is missing, fails, is too slow or answers garbage, and
nothing else; every text in a row is clean.

Source: systemctl(1), journalctl(1), systemd.journal-fields(7), systemd.unit(5).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence

from .command import MAX_OUTPUT, CommandError
from .text import CUT, clean

Run = Callable[[list[str]], bytes]

#: What can be done to the machine, and systemctl's word for it.
POWER = {"reboot": "reboot", "shutdown": "poweroff"}

#: The server's own unit, whose log can always be read.
OWN_UNIT = "edgeweb.service"

#: The unit that updates edgeweb, as root (`systemd/setup/update`).
UPDATE_UNIT = "edgeweb-update.service"

#: property of systemctl: field of a service's row
PROPERTIES = {
    "Id": "unit",
    "Description": "description",
    "LoadState": "load",
    "ActiveState": "active",
    "SubState": "sub",
}

#: The arguments of `journal`: (kind, limits, default), as the fields of a query.
JOURNAL_FIELDS: dict[str, tuple[str, object, object]] = {
    "unit": ("string", 255, OWN_UNIT),
    "lines": ("integer", (1, 500), 100),
    "priority": ("integer", (0, 7), 7),
    "seconds": ("integer", (1, 31_536_000), 86_400),
}

_LATER = ["--no-block", "--no-ask-password"]

#: Characters that are kept of a message of the journal.
MAX_MESSAGE = 4096

#: Priorities of syslog, and the one of an entry that has none (RFC 5424, 6.2.1).
_PRIORITIES = range(8)
_INFORMATIONAL = 6

#: Where unit files are, the strongest first. Source: systemd.unit(5), "Unit File Load Path".
_UNIT_FOLDERS = (
    "etc/systemd/system",
    "run/systemd/system",
    "usr/local/lib/systemd/system",
    "usr/lib/systemd/system",
    "lib/systemd/system",
)


def end_machine(run: Run, what: str) -> None:
    """Restart the machine or switch it off: a key of `POWER`. Returns before it happens."""
    run(["systemctl", *_LATER, POWER[what]])


def restart(run: Run, unit: str) -> None:
    """Ask for the restart of a service; `services` has its outcome."""
    run(["systemctl", *_LATER, "restart", "--", unit])


def start(run: Run, unit: str) -> None:
    """Ask for the start of a service; one that runs already goes on."""
    run(["systemctl", *_LATER, "start", "--", unit])


def services(run: Run, units: Sequence[str]) -> list[dict[str, str]]:
    """Return a row for each unit: `id`, `unit`, `description`, `load`, `active`, `sub`.

    `id` is the name that was asked for, `unit` is systemd's own: an alias such as `sshd.service` has another
    one. What systemd does not report is empty.
    """
    if not units:
        return []
    output = run(["systemctl", "show", f"--property=Names,{','.join(PROPERTIES)}", "--", *units])
    blocks = [_properties(block) for block in output.strip().split(b"\n\n")]
    if not any("Id" in block for block in blocks):
        raise CommandError("systemctl: the answer names no service")
    rows = []
    for number, unit in enumerate(units):
        # a block for each unit, in their order; by name where a line was lost
        found = next((block for block in blocks if unit in block.get("Names", "").split()), None)
        if found is None and len(blocks) == len(units):
            found = blocks[number]
        found = found or {}
        rows.append({"id": unit, **{field: clean(found.get(key, "")) for key, field in PROPERTIES.items()}})
    return rows


def own_name(unit: str, root: str = "/") -> str:
    """Return the name under which systemd runs a unit; that of an alias is its link's target.

    journalctl finds entries by this name only. It is read from the unit files: a program would take time.
    """
    for folder in _UNIT_FOLDERS:
        path = os.path.join(root, folder, unit)
        if os.path.islink(path):
            target = os.path.basename(os.path.realpath(path))
            # a masked unit is a link to /dev/null
            return target if target.endswith(".service") else unit
        if os.path.exists(path):
            break
    return unit


def journal(
    run: Run, date: Callable[[float], str], unit: str, lines: int, priority: int, seconds: int
) -> list[dict[str, object]]:
    """Return the newest lines of a unit, the newest last.

    A row has `at` (by `date`), `priority`, `message` and `truncated`.

    At most `lines`, at least of `priority` (0 emergency to 7 debug), of the last `seconds`. `truncated` is
    whether something of the message is missing: it is longer than `MAX_MESSAGE`, the journal does not give it
    out, or the entry cannot be read.
    """
    names = dict.fromkeys((own_name(unit), unit))
    output = run(
        [
            "journalctl",
            "--output=json",
            "--output-fields=MESSAGE,PRIORITY",
            "--all",  # long messages as well, which are null without it
            "--no-pager",
            "--quiet",
            *(f"--unit={name}" for name in names),
            f"--lines={lines}",
            f"--priority={priority}",
            f"--since=-{seconds}s",
        ]
    )
    found = output.splitlines()
    rows = [_entry(line, date) for line in found]
    if found and not any(rows):
        raise CommandError("journalctl: the answer has no entry that can be read")
    if len(output) >= MAX_OUTPUT and rows[0] is None:
        found[0] = b""  # the end of an entry whose beginning did not fit
    # an entry that cannot be read has the date of the one before it
    dates = [row["at"] for row in rows if row is not None]
    at, shown = dates[0] if dates else "", []
    for line, row in zip(found, rows, strict=True):
        at = row["at"] if row is not None else at
        broken = {"at": at, "priority": _INFORMATIONAL, "message": clean(line), "truncated": True}
        shown.append(row or broken)
    return shown


def _properties(block: bytes) -> dict[str, str]:
    rows = (line.partition("=") for line in block.decode("utf-8", "surrogateescape").split("\n"))
    return {key: value for key, separator, value in rows if separator}


def _entry(line: bytes, date: Callable[[float], str]) -> dict[str, object] | None:
    """Return a line of `journalctl --output=json`; None for one that is none."""
    try:
        entry = json.loads(line)
        at = date(int(entry["__REALTIME_TIMESTAMP"]) / 1_000_000)
    except (ValueError, KeyError, TypeError, OverflowError, OSError, RecursionError):
        return None
    content = entry.get("MESSAGE")
    message = clean(content, MAX_MESSAGE)
    # null stands for a message that journalctl does not write out
    is_left_out = content is None and "MESSAGE" in entry
    return {
        "at": at,
        "priority": _priority(entry.get("PRIORITY")),
        "message": message,
        "truncated": is_left_out or (len(message) == MAX_MESSAGE and message.endswith(CUT)),
    }


def _priority(value: object) -> int:
    """Return the most urgent priority of an entry; it may have several, or none that is one."""
    found = [str(item) for item in (value if isinstance(value, list) else [value])]
    known = [int(item) for item in found if len(item) == 1 and item.isascii() and item.isdecimal()]
    return min((number for number in known if number in _PRIORITIES), default=_INFORMATIONAL)
