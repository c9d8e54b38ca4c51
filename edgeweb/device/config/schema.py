"""What a profile may say: every key with its kind, limits, default and meaning, as one table.

A row is `(path, kind, limits, default, meaning)`. A `*` in a path stands for a name that the profile
chooses, such as the name of a channel. `KINDS` says what each kind accepts and turns it into the value that
programs see, so a new key is a new row and nothing else. The same kinds check the fields of JSON bodies
(`http/body.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from ..channels.drivers import DRIVERS

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB

Row = tuple[str, str, Any, Any, str]

#: In place of a default: the key has to be there.
REQUIRED: Any = object()

KEYS: tuple[Row, ...] = (
    ("board.model", "string", 100, "", "The board's name; empty: what the device tree or the firmware says."),
    (
        "board.architecture",
        "choice",
        ("any", "armv6l", "armv7l", "aarch64", "x86_64"),
        "any",
        "Machine type of the system that the profile is meant for, as `uname -m` prints it.",
    ),
    (
        "board.memory",
        "size",
        (64 * MIB, 256 * GIB),
        256 * MIB,
        "Memory of the smallest version of the board; the server's limits have to fit it.",
    ),
    ("board.compatible", "strings", 100, (), "Device-tree names by which `edgeweb profile detect` knows it."),
    ("server.host", "string", 255, "127.0.0.1", "Address to listen on; 0.0.0.0 is every IPv4 address."),
    ("server.port", "integer", (0, 65535), 8080, "TCP port; 0 takes a free one."),
    ("server.threads", "integer", (1, 64), 4, "Requests that are worked on at the same time."),
    ("server.connections", "integer", (4, 10_000), 32, "Open connections; further ones wait in the backlog."),
    ("server.backlog", "integer", (1, 4096), 64, "Connections that the kernel keeps waiting."),
    (
        "server.idle_timeout",
        "duration",
        (1, 3600),
        15.0,
        "A connection without a request is closed after this time.",
    ),
    (
        "server.drain_timeout",
        "duration",
        (0, 600),
        10.0,
        "From SIGTERM to the end, for requests that came before.",
    ),
    ("server.header_bytes", "size", (1 * KIB, 256 * KIB), 16 * KIB, "Largest request head, in bytes."),
    ("server.body_bytes", "size", (1 * KIB, 1 * GIB), 64 * KIB, "Largest request body, in bytes."),
    ("server.queue", "integer", (1, 10_000), 32, "Requests that may wait for a thread; more get 503."),
    ("server.connections_per_peer", "integer", (1, 10_000), 16, "Open connections from one address."),
    ("server.header_fields", "integer", (10, 1000), 100, "Most fields in a request head."),
    ("server.header_timeout", "duration", (1, 300), 10.0, "Time for a request head to arrive."),
    (
        "server.buffer_bytes",
        "size",
        (256 * KIB, 1 * GIB),
        8 * MIB,
        "All buffers together: half for request bodies, half for answers that wait for slow clients.",
    ),
    (
        "server.least_rate",
        "integer",
        (1, 1_000_000),
        512,
        "Bytes a second that a client has to send of its body, or take of its answer, after the grace.",
    ),
    ("server.grace_time", "duration", (1, 300), 10.0, "Time before the least rate is asked for."),
    (
        "server.upload_folder",
        "string",
        4096,
        "",
        "Where bodies above 128 KiB are kept until they are complete; empty: in memory.",
    ),
    ("server.hosts", "strings", 255, (), "Names for the Host header besides this machine's own."),
    ("server.check_host", "boolean", None, True, "Answer to these names and to the machine's own only."),
    ("server.check_origin", "boolean", None, True, "Refuse changes sent by pages of other sites."),
    ("server.security_headers", "boolean", None, True, "Add security headers to answers without them."),
    (
        "server.behind_proxy",
        "string",
        255,
        "",
        "Address of the proxy whose X-Forwarded headers are believed; localhost for a Unix socket.",
    ),
    ("server.inline", "boolean", None, False, "Serve views marked by `@edgeweb.inline` without a thread."),
    ("sensors.interval", "duration", (0.5, 3600), 2.0, "How long one reading answers every request."),
    ("sensors.temperatures", "boolean", None, True, "Read the temperature sensors that the kernel offers."),
    (
        "sensors.interfaces",
        "strings",
        15,
        (),
        "Network interfaces to report; empty: all with traffic but the loopback.",
    ),
    ("history.interval", "duration", (1, 3600), 10.0, "Time between two readings that are remembered."),
    ("history.length", "integer", (0, 8640), 360, "Readings that are remembered, in memory; 0: none."),
    ("storage.watch", "strings", 4096, ("/",), "Folders whose file system is reported."),
    (
        "storage.state",
        "string",
        4096,
        "",
        "Folder for users, settings and schedules; empty: $STATE_DIRECTORY, else ~/.local/state/edgeweb;"
        " `memory`: nothing is kept.",
    ),
    (
        "access.session_idle",
        "duration",
        (360, 31_536_000),
        604_800.0,
        "A browser that asks for nothing during this time is signed out.",
    ),
    ("access.audit_rows", "integer", (100, 1_000_000), 10_000, "Changes that the audit log remembers."),
    ("system.power", "boolean", None, True, "Let admins restart the machine and switch it off."),
    (
        "system.services",
        "units",
        64,
        (),
        "Services that admins see, restart and read the log of, such as `nginx.service`.",
    ),
    (
        "schedules.wait_for_clock",
        "boolean",
        None,
        True,
        "Schedules by date wait until the clock was set by the network; false: it is always right.",
    ),
    ("dashboard.title", "string", 100, "", "Heading of the dashboard; empty: the host name."),
    ("channels.*.driver", "choice", tuple(DRIVERS), REQUIRED, "What moves or reads the channel."),
    (
        "channels.*.mode",
        "choice",
        ("output", "input", "pwm"),
        REQUIRED,
        "An output is set, an input is only read, PWM is an output with values from 0 to 1.",
    ),
    ("channels.*.title", "string", 100, "", "What people see; empty: the channel's own name."),
    ("channels.*.inverted", "boolean", None, False, "The electrical level is the opposite of the state."),
    (
        "channels.*.at_start",
        "choice",
        ("off", "on", "leave", "restore"),
        "off",
        "What an output is set to when the server starts; restore: as it was last, off the first time.",
    ),
    (
        "channels.*.at_exit",
        "choice",
        ("leave", "off", "on"),
        "leave",
        "What an output is set to when the server ends.",
    ),
    ("channels.*.interlock", "string", 64, "", "Of all outputs with the same word, one at most is on."),
    (
        "channels.*.busy_delay",
        "duration",
        (0, 3600),
        0.0,
        "Rest after a switch, in which the next one is refused.",
    ),
    ("channels.*.max_on", "duration", (0, 604800), 0.0, "Longest time that an output is on; 0: no limit."),
    ("channels.*.pulse", "duration", (0.01, 3600), 0.5, "Length of a pulse that says no time."),
    ("channels.*.pulse_min", "duration", (0.01, 3600), 0.05, "Shortest pulse."),
    ("channels.*.pulse_max", "duration", (0.01, 3600), 60.0, "Longest pulse."),
    ("channels.*.ramp", "duration", (0, 600), 0.0, "Time that PWM takes from 0 to 1; 0: at once."),
    (
        "channels.*.debounce",
        "duration",
        (0, 60),
        0.0,
        "How long an input has to keep a level before it counts.",
    ),
    (
        "channels.*.poll",
        "duration",
        (0, 3600),
        0.0,
        "Time between two polls of the level; 0: the driver reports changes, or nobody else makes any.",
    ),
    (
        "channels.*.chip",
        "string",
        64,
        "",
        "gpio: number, name, label or path; empty: gpiochip0, or any for a line by name. pwm: pwmchip0.",
    ),
    (
        "channels.*.line",
        "string",
        64,
        "",
        "gpio: number or name of the line; led: name; pwm: number.",
    ),
    (
        "channels.*.bias",
        "choice",
        ("as-is", "disabled", "pull-up", "pull-down"),
        "as-is",
        "gpio: the resistor at the pin.",
    ),
    ("channels.*.frequency", "number", (1, 100_000), 1000.0, "pwm: periods in a second."),
    ("channels.*.on", "strings", 4096, (), "command: the program that switches on, and its arguments."),
    ("channels.*.off", "strings", 4096, (), "command: the program that switches off, and its arguments."),
    (
        "channels.*.read",
        "strings",
        4096,
        (),
        "command: the program that ends with 0 for on and with 1 for off, and its arguments.",
    ),
    ("channels.*.timeout", "duration", (0.1, 10), 5.0, "command: longest time that a program may take."),
)

#: Keys of earlier versions: (the key that says it now, what else has changed). A profile with one is refused.
RENAMED: dict[str, tuple[str, str]] = {
    "server.idle_seconds": ("server.idle_timeout", ""),
    "server.drain_seconds": ("server.drain_timeout", ""),
    "server.header_seconds": ("server.header_timeout", ""),
    "server.grace_seconds": ("server.grace_time", ""),
    "channels.*.initial": ("channels.*.at_start", ""),
    "channels.*.on_start": ("channels.*.at_start", ', which takes "restore", too'),
    "channels.*.on_exit": ("channels.*.at_exit", ""),
    "access.session_hours": ("access.session_idle", ', a duration such as "168 h"'),
}

#: Names that a profile may choose in place of `*`. Those with two underscores on both sides are kept for
#: edgeweb.
NAME = re.compile(r"(?!__.*__$)[a-zA-Z_][a-zA-Z0-9_.-]{0,63}", re.ASCII)
NAME_RULE = "a name of 1 to 64 letters, digits and _ . - that starts with a letter or _ (__x__ is reserved)"

_SIZE = re.compile(r"(\d{1,15})\s*(B|KiB|MiB|GiB)", re.ASCII)
_SIZE_UNITS = {"B": 1, "KiB": KIB, "MiB": MIB, "GiB": GIB}

_DURATION = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)\s*(ms|s|min|h|d)", re.ASCII)
_DURATION_UNITS = {"ms": 0.001, "s": 1, "min": 60, "h": 3600, "d": 86_400}


def _boolean(limits: None, value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _integer(limits: tuple[int, int], value: object) -> int | None:
    # bool is a subclass of int, and `threads = true` is a slip
    if isinstance(value, int) and not isinstance(value, bool) and limits[0] <= value <= limits[1]:
        return value
    return None


def _number(limits: tuple[float, float], value: object) -> float | None:
    # not math.isfinite: it raises for whole numbers that no float holds, and NaN is within no limits
    if isinstance(value, (int, float)) and not isinstance(value, bool) and limits[0] <= value <= limits[1]:
        return float(value)
    return None


def _size(limits: tuple[int, int], value: object) -> int | None:
    if isinstance(value, str) and (match := _SIZE.fullmatch(value.strip())):
        value = int(match[1]) * _SIZE_UNITS[match[2]]
    return _integer(limits, value)


def _duration(limits: tuple[float, float], value: object) -> float | None:
    return _number(limits, seconds(value) if isinstance(value, str) else value)


def _string(limits: int, value: object) -> str | None:
    return value if isinstance(value, str) and len(value) <= limits and value.isprintable() else None


def _strings(limits: int, value: object) -> tuple[str, ...] | None:
    if isinstance(value, (list, tuple)) and len(value) <= 64 and all(_string(limits, v) for v in value):
        return tuple(value)
    return None


def _name(limits: None, value: object) -> str | None:
    return value if isinstance(value, str) and NAME.fullmatch(value) else None


#: Names of systemd's units (systemd.unit(5)); the first letter keeps them apart from options.
_UNIT = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_.@:-]{0,200}\.service", re.ASCII)


def _units(limits: int, value: object) -> tuple[str, ...] | None:
    if isinstance(value, (list, tuple)) and len(value) <= limits:
        good = all(isinstance(unit, str) and _UNIT.fullmatch(unit) for unit in value)
        return tuple(value) if good else None
    return None


def _choice(limits: tuple[str, ...], value: object) -> str | None:
    return value if isinstance(value, str) and value in limits else None


def size_text(number: int) -> str:
    """A byte count as profiles write it.

    >>> size_text(65536)
    '64 KiB'
    """
    unit = next((u for u in ("GiB", "MiB", "KiB") if number and number % _SIZE_UNITS[u] == 0), "B")
    return f"{number // _SIZE_UNITS[unit]} {unit}"


def seconds(text: str) -> float | None:
    """Return the seconds that a number with a unit amounts to; None where the text is none.

    >>> seconds("500 ms"), seconds("10 min"), seconds("10")
    (0.5, 600.0, None)
    """
    match = _DURATION.fullmatch(text.strip())
    # to the microsecond: 0.001 has no exact float, and "1100 ms" has to be 1.1
    return round(float(match[1]) * _DURATION_UNITS[match[2]], 6) if match else None


def duration_text(number: float) -> str:
    """Return seconds as profiles write them: in the largest unit that needs no fraction.

    >>> duration_text(600.0), duration_text(0.05), duration_text(1.5)
    ('10 min', '50 ms', '1.5 s')
    """
    whole = (unit for unit in ("d", "h", "min", "s") if number and number % _DURATION_UNITS[unit] == 0)
    unit = next(whole, "ms" if 0 < number < 1 else "s")
    return f"{round(number / _DURATION_UNITS[unit], 6):.15g} {unit}"


def as_written(kind: str, value: Any) -> Any:
    """Return a value as profiles write it: sizes and durations as text with their unit.

    >>> as_written("size", 65536), as_written("duration", 15.0), as_written("integer", 4)
    ('64 KiB', '15 s', 4)
    """
    return _AS_WRITTEN[kind](value) if kind in _AS_WRITTEN else value


_AS_WRITTEN: dict[str, Callable[[Any], str]] = {"size": size_text, "duration": duration_text}

Accept = Callable[[Any, object], Any]

#: kind: (what turns a value into what programs see, or None where it does not fit; the expectation in words)
KINDS: dict[str, tuple[Accept, Callable[[Any], str]]] = {
    "boolean": (_boolean, lambda limits: "true or false"),
    "integer": (_integer, lambda limits: f"a whole number from {limits[0]} to {limits[1]}"),
    "number": (_number, lambda limits: f"a number from {limits[0]:g} to {limits[1]:g}"),
    "size": (
        _size,
        lambda limits: (
            f'bytes as a whole number or text like "64 KiB",'
            f" from {size_text(limits[0])} to {size_text(limits[1])}"
        ),
    ),
    "duration": (
        _duration,
        lambda limits: (
            f'seconds as a number or text like "10 min" ({", ".join(_DURATION_UNITS)}),'
            f" from {duration_text(limits[0])} to {duration_text(limits[1])}"
        ),
    ),
    "string": (_string, lambda limits: f"text of at most {limits} printable characters"),
    "strings": (_strings, lambda limits: f"a list of at most 64 texts of 1 to {limits} printable characters"),
    "units": (_units, lambda limits: f"a list of at most {limits} names like `nginx.service`"),
    "name": (_name, lambda limits: NAME_RULE),
    "choice": (_choice, lambda limits: "one of " + ", ".join(f'"{choice}"' for choice in limits)),
}


def accept(kind: str, limits: Any, value: object) -> Any:
    """The value as programs see it.

    Raises `ValueError` with what was expected where it does not fit.

    >>> accept("size", (0, 1 << 30), "64 KiB")
    65536
    """
    accepted = KINDS[kind][0](limits, value)
    if accepted is None:
        raise ValueError(expectation(kind, limits))
    return accepted


def expectation(kind: str, limits: Any) -> str:
    """What a value has to be, in words.

    >>> expectation("integer", (1, 64))
    'a whole number from 1 to 64'
    """
    return KINDS[kind][1](limits)


def pattern(key: str) -> str:
    """Return a dotted key as the rows have it, with a star for the profile's own name.

    >>> pattern("channels.lamp.title"), pattern("server.port")
    ('channels.*.title', 'server.port')
    """
    first, _, rest = key.partition(".")
    return f"channels.*.{rest.rpartition('.')[2]}" if first == "channels" else key


def renamed(key: str) -> str:
    """Return what became of a dotted key of an earlier version, in words; the empty text for any other key.

    >>> renamed("server.idle_seconds")
    'server.idle_seconds is now server.idle_timeout'
    """
    new, change = RENAMED.get(pattern(key), ("", ""))
    # the table's own name in place of the star, so that the new key can be copied
    table = key.rpartition(".")[0]
    return f"{key} is now {table}.{new.rpartition('.')[2]}{change}" if new else ""


def row_of(path: Sequence[str]) -> Row:
    """The row of a key, with the profile's own names in place of the stars. Raises `KeyError` for an
    unknown key.

    >>> row_of(("channels", "lamp", "at_start"))[3]
    'off'
    """
    node: Any = tree()
    for key in path:
        node = node.get(key) or node["*"]
    row: Row = node
    return row


def defaults(table: str, **values: Any) -> dict[str, Any]:
    """A table with all its defaults, and these values.

    >>> defaults("channels.*", driver="memory", mode="input")["debounce"]
    0.0
    """
    rows = (row for row in KEYS if row[0].rpartition(".")[0] == table)
    return {row[0].rpartition(".")[2]: row[3] for row in rows} | values


def tree() -> dict[str, Any]:
    """The rows as nested tables: `tree()["server"]["port"]` is a row, `tree()["server"]` a table."""
    root: dict[str, Any] = {}
    for row in KEYS:
        *tables, key = row[0].split(".")
        table = root
        for name in tables:
            table = table.setdefault(name, {})
        table[key] = row
    return root
