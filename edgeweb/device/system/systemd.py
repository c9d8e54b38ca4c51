"""systemd: services, the journal, and the end of the machine, through its own programs.

systemd decides whether this server may: polkit's rule in `systemd/polkit` allows exactly these calls.

Source: systemctl(1), journalctl(1), systemd.journal-fields(7).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from .text import clean

Run = Callable[[list[str]], bytes]

#: What can be done to the machine, and systemctl's word for it.
POWER = {"reboot": "reboot", "shutdown": "poweroff"}

#: The server's own unit, whose log can always be read.
OWN_UNIT = "edgeweb.service"

_PROPERTIES = {
    "Id": "id",
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

#: Characters that are kept of a line of the journal.
_MAX_MESSAGE = 4096


def end_machine(run: Run, what: str) -> None:
    """Restart the machine or switch it off: a key of `POWER`. Returns before it happens."""
    run(["systemctl", *_LATER, POWER[what]])


def restart(run: Run, unit: str) -> None:
    """Ask for the restart of a service; `services` has its outcome."""
    run(["systemctl", *_LATER, "restart", "--", unit])


def services(run: Run, units: Sequence[str]) -> list[dict[str, str]]:
    """Return a row for each unit: `id`, `description`, `load`, `active`, `sub`."""
    if not units:
        return []
    text = run(["systemctl", "show", f"--property={','.join(_PROPERTIES)}", "--", *units])
    blocks = text.decode("utf-8", "surrogateescape").strip().split("\n\n")
    return [_service(block) for block in blocks if block]


def journal(
    run: Run, date: Callable[[float], str], unit: str, lines: int, priority: int, seconds: int
) -> list[dict[str, object]]:
    """Return the newest lines of a unit, the newest last: `at` (by `date`), `priority`, `message`.

    At most `lines`, at least of `priority` (0 emergency to 7 debug), of the last `seconds`.
    """
    output = run(
        [
            "journalctl",
            "--output=json",
            "--no-pager",
            "--quiet",
            f"--unit={unit}",
            f"--lines={lines}",
            f"--priority={priority}",
            f"--since=-{seconds}s",
        ]
    )
    rows = [_line(line, date) for line in output.splitlines()]
    return [row for row in rows if row is not None]


def _service(block: str) -> dict[str, str]:
    rows = (line.partition("=") for line in block.splitlines())
    return {_PROPERTIES[key]: clean(value) for key, _, value in rows if key in _PROPERTIES}


def _line(line: bytes, date: Callable[[float], str]) -> dict[str, object] | None:
    """Return a line of `journalctl --output=json`; None for the one at which the output was cut."""
    try:
        row = json.loads(line)
        at = int(row["__REALTIME_TIMESTAMP"]) / 1_000_000
    except (ValueError, KeyError, TypeError):
        return None
    priority = str(row.get("PRIORITY", "6"))
    return {
        "at": date(at),
        "priority": int(priority) if priority.isdecimal() else 6,
        "message": clean(row.get("MESSAGE"), _MAX_MESSAGE),
    }
