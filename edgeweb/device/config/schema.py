"""What a profile may say: one row for each key, and nothing else for a new one but its consumer.

A `*` in a path stands for a name that the profile chooses, such as the name of a channel. The kinds are those
of `checks.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..channels.drivers import DRIVERS
from .checks import GIB, KIB, MIB, REQUIRED

#: When another value counts: at once, or from the next start on.
NOW, RESTART = "now", "restart"


class Key:
    """A key of the profile.

    `kind` and `limits` say what it may be, `default` what it is without a line in any file, or REQUIRED.
    `change` is when another value counts, be it of a profile that was read again or of a setting.

    `setting`: a person may change it on the running device. Addresses and names that are answered, programs,
    drivers and pins, and what a service may do are no settings: they are not for somebody who has got hold of
    an admin's browser.
    """

    __slots__ = ("change", "default", "kind", "limits", "meaning", "path", "setting")

    def __init__(
        self,
        path: str,
        kind: str,
        limits: Any,
        default: Any,
        meaning: str,
        change: str = RESTART,
        setting: bool = False,
    ) -> None:
        self.path = path
        self.kind = kind
        self.limits = limits
        self.default = default
        self.meaning = meaning
        self.change = change
        self.setting = setting


KEYS: tuple[Key, ...] = (
    Key(
        "board.model",
        "string",
        100,
        "",
        "The board's name; empty: what the device tree or the firmware says.",
        change=NOW,
    ),
    Key(
        "board.architecture",
        "choice",
        ("any", "armv6l", "armv7l", "aarch64", "x86_64"),
        "any",
        "Machine type of the system that the profile is meant for, as `uname -m` prints it.",
        change=NOW,
    ),
    Key(
        "board.memory",
        "size",
        (64 * MIB, 256 * GIB),
        256 * MIB,
        "Memory of the smallest version of the board; the server's limits have to fit it.",
        change=NOW,
    ),
    Key(
        "board.compatible",
        "strings",
        100,
        (),
        "Device-tree names by which `edgeweb profile detect` knows it.",
        change=NOW,
    ),
    Key("server.host", "string", 255, "127.0.0.1", "Address to listen on; 0.0.0.0 is every IPv4 address."),
    Key("server.port", "integer", (0, 65535), 8080, "TCP port; 0 takes a free one."),
    Key("server.threads", "integer", (1, 64), 4, "Requests that are worked on at the same time.", change=NOW),
    Key(
        "server.connections",
        "integer",
        (4, 10_000),
        32,
        "Open connections; further ones wait in the backlog.",
        change=NOW,
    ),
    Key("server.backlog", "integer", (1, 4096), 64, "Connections that the kernel keeps waiting."),
    Key(
        "server.idle_timeout",
        "duration",
        (1, 3600),
        15.0,
        "A connection without a request is closed after this time.",
        change=NOW,
    ),
    Key(
        "server.drain_timeout",
        "duration",
        (0, 600),
        10.0,
        "From SIGTERM to the end, for requests that came before.",
        change=NOW,
    ),
    Key(
        "server.header_bytes",
        "size",
        (1 * KIB, 256 * KIB),
        16 * KIB,
        "Largest request head, in bytes.",
        change=NOW,
    ),
    Key(
        "server.body_bytes",
        "size",
        (1 * KIB, 1 * GIB),
        64 * KIB,
        "Largest request body, in bytes.",
        change=NOW,
    ),
    Key(
        "server.queue",
        "integer",
        (1, 10_000),
        32,
        "Requests that may wait for a thread; more get 503.",
        change=NOW,
    ),
    Key(
        "server.connections_per_peer",
        "integer",
        (1, 10_000),
        16,
        "Open connections from one address.",
        change=NOW,
    ),
    Key("server.header_fields", "integer", (10, 1000), 100, "Most fields in a request head.", change=NOW),
    Key(
        "server.header_timeout", "duration", (1, 300), 10.0, "Time for a request head to arrive.", change=NOW
    ),
    Key(
        "server.buffer_bytes",
        "size",
        (256 * KIB, 1 * GIB),
        8 * MIB,
        "All buffers together: half for request bodies, half for answers that wait for slow clients.",
        change=NOW,
    ),
    Key(
        "server.least_rate",
        "integer",
        (1, 1_000_000),
        512,
        "Bytes a second that a client has to send of its body, or take of its answer, after the grace.",
        change=NOW,
    ),
    Key(
        "server.grace_time",
        "duration",
        (1, 300),
        10.0,
        "Time before the least rate is asked for.",
        change=NOW,
    ),
    Key(
        "server.upload_folder",
        "string",
        4096,
        "",
        "Where bodies above 128 KiB are kept until they are complete; empty: in memory.",
        change=NOW,
    ),
    Key(
        "server.hosts",
        "strings",
        255,
        (),
        "Names for the Host header besides this machine's own.",
        change=NOW,
    ),
    Key(
        "server.check_host",
        "boolean",
        None,
        True,
        "Answer to these names and to the machine's own only.",
        change=NOW,
    ),
    Key(
        "server.check_origin",
        "boolean",
        None,
        True,
        "Refuse changes sent by pages of other sites.",
        change=NOW,
    ),
    Key(
        "server.security_headers",
        "boolean",
        None,
        True,
        "Add security headers to answers without them.",
        change=NOW,
    ),
    Key(
        "server.behind_proxy",
        "string",
        255,
        "",
        "Address of the proxy whose X-Forwarded headers are believed; localhost for a Unix socket.",
    ),
    Key(
        "server.inline",
        "boolean",
        None,
        False,
        "Serve views marked by `@edgeweb.inline` without a thread.",
        change=NOW,
    ),
    Key(
        "sensors.interval",
        "duration",
        (0.5, 3600),
        2.0,
        "How long one reading answers every request.",
        change=NOW,
        setting=True,
    ),
    Key(
        "sensors.temperatures",
        "boolean",
        None,
        True,
        "Read the temperature sensors that the kernel offers.",
        change=NOW,
        setting=True,
    ),
    Key(
        "sensors.interfaces",
        "strings",
        15,
        (),
        "Network interfaces to report; empty: all with traffic but the loopback.",
        change=NOW,
        setting=True,
    ),
    Key(
        "history.interval",
        "duration",
        (1, 3600),
        10.0,
        "Time between two readings that are remembered.",
        setting=True,
    ),
    Key(
        "history.length",
        "integer",
        (0, 8640),
        360,
        "Readings that are remembered, in memory; 0: none.",
        setting=True,
    ),
    Key(
        "storage.watch",
        "strings",
        4096,
        ("/",),
        "Folders whose file system is reported.",
        change=NOW,
        setting=True,
    ),
    Key(
        "storage.state",
        "string",
        4096,
        "",
        "Folder for users, settings and schedules; empty: $STATE_DIRECTORY, else ~/.local/state/edgeweb;"
        " `memory`: nothing is kept.",
    ),
    Key(
        "access.session_idle",
        "duration",
        (360, 31_536_000),
        604_800.0,
        "A browser that asks for nothing during this time is signed out.",
        change=NOW,
        setting=True,
    ),
    Key(
        "access.audit_rows",
        "integer",
        (100, 1_000_000),
        10_000,
        "Changes that the audit log remembers.",
        change=NOW,
        setting=True,
    ),
    Key(
        "system.power", "boolean", None, True, "Let admins restart the machine and switch it off.", change=NOW
    ),
    Key(
        "system.services",
        "units",
        64,
        (),
        "Services that admins see, restart and read the log of, such as `nginx.service`.",
        change=NOW,
    ),
    Key(
        "schedules.wait_for_clock",
        "boolean",
        None,
        True,
        "Schedules by date wait until the clock was set by the network; false: it is always right.",
        change=NOW,
        setting=True,
    ),
    Key(
        "dashboard.title",
        "string",
        100,
        "",
        "Heading of the dashboard; empty: the host name.",
        change=NOW,
        setting=True,
    ),
    Key("channels.*.driver", "choice", tuple(DRIVERS), REQUIRED, "What moves or reads the channel."),
    Key(
        "channels.*.mode",
        "choice",
        ("output", "input", "pwm"),
        REQUIRED,
        "An output is set, an input is only read, PWM is an output with values from 0 to 1.",
    ),
    Key(
        "channels.*.title",
        "string",
        100,
        "",
        "What people see; empty: the channel's own name.",
        change=NOW,
        setting=True,
    ),
    Key("channels.*.inverted", "boolean", None, False, "The electrical level is the opposite of the state."),
    Key(
        "channels.*.at_start",
        "choice",
        ("off", "on", "leave", "restore"),
        "off",
        "What an output is set to when the server starts; restore: as it was last, off the first time.",
        setting=True,
    ),
    Key(
        "channels.*.at_exit",
        "choice",
        ("leave", "off", "on"),
        "leave",
        "What an output is set to when the server ends.",
        change=NOW,
        setting=True,
    ),
    Key("channels.*.interlock", "string", 64, "", "Of all outputs with the same word, one at most is on."),
    Key(
        "channels.*.busy_delay",
        "duration",
        (0, 3600),
        0.0,
        "Rest after a switch, in which the next one is refused.",
        change=NOW,
        setting=True,
    ),
    Key(
        "channels.*.max_on",
        "duration",
        (0, 604800),
        0.0,
        "Longest time that an output is on; 0: no limit.",
        change=NOW,
        setting=True,
    ),
    Key(
        "channels.*.pulse",
        "duration",
        (0.01, 3600),
        0.5,
        "Length of a pulse that says no time.",
        change=NOW,
        setting=True,
    ),
    Key("channels.*.pulse_min", "duration", (0.01, 3600), 0.05, "Shortest pulse.", change=NOW, setting=True),
    Key("channels.*.pulse_max", "duration", (0.01, 3600), 60.0, "Longest pulse.", change=NOW, setting=True),
    Key(
        "channels.*.ramp",
        "duration",
        (0, 600),
        0.0,
        "Time that PWM takes from 0 to 1; 0: at once.",
        change=NOW,
        setting=True,
    ),
    Key(
        "channels.*.debounce",
        "duration",
        (0, 60),
        0.0,
        "How long an input has to keep a level before it counts.",
        change=NOW,
        setting=True,
    ),
    Key(
        "channels.*.poll",
        "duration",
        (0, 3600),
        0.0,
        "Time between two polls of the level; 0: the driver reports changes, or nobody else makes any.",
    ),
    Key(
        "channels.*.chip",
        "string",
        64,
        "",
        "gpio: number, name, label or path; empty: gpiochip0, or any for a line by name. pwm: pwmchip0.",
    ),
    Key("channels.*.line", "string", 64, "", "gpio: number or name of the line; led: name; pwm: number."),
    Key(
        "channels.*.bias",
        "choice",
        ("as-is", "disabled", "pull-up", "pull-down"),
        "as-is",
        "gpio: the resistor at the pin.",
    ),
    Key("channels.*.frequency", "number", (1, 100_000), 1000.0, "pwm: periods in a second."),
    Key("channels.*.on", "strings", 4096, (), "command: the program that switches on, and its arguments."),
    Key("channels.*.off", "strings", 4096, (), "command: the program that switches off, and its arguments."),
    Key(
        "channels.*.read",
        "strings",
        4096,
        (),
        "command: the program that ends with 0 for on and with 1 for off, and its arguments.",
    ),
    Key("channels.*.timeout", "duration", (0.1, 10), 5.0, "command: longest time that a program may take."),
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


def row_of(path: Sequence[str]) -> Key:
    """The row of a key, with the profile's own names in place of the stars. Raises `KeyError` for an
    unknown key.

    >>> row_of(("channels", "lamp", "at_start")).default
    'off'
    """
    node: Any = tree()
    for key in path:
        node = node.get(key) or node["*"]
    row: Key = node
    return row


def defaults(table: str, **values: Any) -> dict[str, Any]:
    """A table with all its defaults, and these values.

    >>> defaults("channels.*", driver="memory", mode="input")["debounce"]
    0.0
    """
    rows = (row for row in KEYS if row.path.rpartition(".")[0] == table)
    return {row.path.rpartition(".")[2]: row.default for row in rows} | values


def tree() -> dict[str, Any]:
    """The rows as nested tables: `tree()["server"]["port"]` is a row, `tree()["server"]` a table."""
    root: dict[str, Any] = {}
    for row in KEYS:
        *tables, key = row.path.split(".")
        table = root
        for name in tables:
            table = table.setdefault(name, {})
        table[key] = row
    return root
