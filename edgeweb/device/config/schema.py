"""The keys of a profile: one row for each, and nothing else for a new one but its consumer.

A `*` in a path stands for a name that the profile chooses: that of a channel or of a sensor. The kinds are
those of `checks.py`. A channel has the rows of all channels and those of its driver (`channels/drivers/`), a
sensor those of all sensors and of its kind (`sensors/kinds/`); each is imported when a profile names it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..channels.drivers import DRIVERS, driver_module
from ..channels.drivers import outside as outside_drivers
from ..sensors.input import PROGRAM
from ..sensors.kinds import KINDS, kind_module
from ..sensors.kinds import outside as outside_kinds
from .key import NOW, RESTART, Key, Table, setting, table
from .mqtt_keys import MQTT
from .quantities import GIB, KIB, MIB
from .thing_keys import CHANNELS, SENSORS
from .tls_keys import TLS
from .vendor_keys import VENDOR

if TYPE_CHECKING:
    from ..plugins.plugin import Outside

_BOARD = table(
    "board",
    Key("model", NOW, "string", 100, "", "The board's name; empty: that of the device tree or the firmware."),
    Key(
        "architecture",
        NOW,
        "choice",
        ("any", "armv6l", "armv7l", "aarch64", "x86_64"),
        "any",
        "Machine type of the system that the profile is meant for, as `uname -m` prints it.",
    ),
    Key(
        "memory",
        NOW,
        "size",
        (64 * MIB, 256 * GIB),
        256 * MIB,
        "Memory of the smallest version of the board; the server's limits have to fit it.",
    ),
    Key(
        "compatible", NOW, "strings", 100, (), "Device-tree names by which `edgeweb profile detect` knows it."
    ),
)

_SERVER = table(
    "server",
    Key(
        "host",
        RESTART,
        "hosts",
        255,
        ("127.0.0.1",),
        "Address to listen on, or a list: 0.0.0.0 is every IPv4 address, :: every address.",
    ),
    Key("port", RESTART, "integer", (0, 65535), 8080, "TCP port; 0 takes a free one."),
    Key("threads", NOW, "integer", (1, 64), 4, "Requests that are worked on at the same time."),
    Key(
        "connections", NOW, "integer", (4, 10_000), 32, "Open connections; further ones wait in the backlog."
    ),
    Key("backlog", RESTART, "integer", (1, 4096), 64, "Connections that the kernel keeps waiting."),
    Key(
        "idle_timeout",
        NOW,
        "duration",
        (1, 3600),
        15.0,
        "A connection without a request is closed after this time.",
    ),
    Key(
        "drain_timeout",
        NOW,
        "duration",
        (0, 600),
        10.0,
        "From SIGTERM to the end, for requests that came before.",
    ),
    Key("header_bytes", NOW, "size", (1 * KIB, 256 * KIB), 16 * KIB, "Largest request head, in bytes."),
    Key("body_bytes", NOW, "size", (1 * KIB, 1 * GIB), 64 * KIB, "Largest request body, in bytes."),
    Key("queue", NOW, "integer", (1, 10_000), 32, "Requests that may wait for a thread; more get 503."),
    Key("connections_per_peer", NOW, "integer", (1, 10_000), 16, "Open connections from one address."),
    Key("header_fields", NOW, "integer", (10, 1000), 100, "Most fields in a request head."),
    Key("header_timeout", NOW, "duration", (1, 300), 10.0, "Time for a request head to arrive."),
    Key(
        "buffer_bytes",
        NOW,
        "size",
        (256 * KIB, 1 * GIB),
        8 * MIB,
        "All buffers together: half for request bodies, half for answers that wait for slow clients.",
    ),
    Key(
        "least_rate",
        NOW,
        "integer",
        (1, 1_000_000),
        512,
        "Bytes a second that a client has to send of its body, or take of its answer, after the grace.",
    ),
    Key("grace_time", NOW, "duration", (1, 300), 10.0, "Time before the least rate is asked for."),
    Key(
        "upload_folder",
        NOW,
        "string",
        4096,
        "",
        "Where bodies above 128 KiB are kept until they are complete; empty: in memory.",
    ),
    Key("hosts", NOW, "strings", 255, (), "Names for the Host header besides this machine's own."),
    Key("check_host", NOW, "boolean", None, True, "Answer to these names and to the machine's own only."),
    Key("check_origin", NOW, "boolean", None, True, "Refuse changes sent by pages of other sites."),
    Key(
        "allow_origins",
        NOW,
        "origins",
        300,
        (),
        "Origins whose pages may send changes to a program; the device's own application takes none.",
    ),
    Key("security_headers", NOW, "boolean", None, True, "Add security headers to answers without them."),
    Key(
        "frame_ancestors",
        NOW,
        "origins",
        300,
        (),
        "Origins whose pages may show the device in a frame; empty: none.",
    ),
    Key(
        "behind_proxy",
        RESTART,
        "string",
        255,
        "",
        "Address of the proxy whose X-Forwarded headers are believed; localhost for a Unix socket.",
    ),
    Key(
        "prefix",
        RESTART,
        "prefix",
        None,
        "",
        "Path below which a proxy serves the device; X-Forwarded-Prefix of that proxy wins.",
    ),
)

_FIGURES = table(
    "sensors",
    setting("interval", NOW, "duration", (0.5, 3600), 2.0, "How long one reading answers every request."),
    setting(
        "temperatures", NOW, "boolean", None, True, "Read the temperature sensors that the kernel offers."
    ),
    setting(
        "interfaces",
        NOW,
        "strings",
        15,
        (),
        "Network interfaces to report; empty: all with traffic but the loopback.",
    ),
)

_HISTORY = table(
    "history",
    setting(
        "interval", RESTART, "duration", (1, 3600), 10.0, "Time between two readings that are remembered."
    ),
    setting(
        "length", RESTART, "integer", (0, 8640), 360, "Readings that are remembered, in memory; 0: none."
    ),
    setting(
        "keep",
        NOW,
        "boolean",
        None,
        False,
        "Keep minimum, mean and maximum of each hour of each sensor for a year, in the state.",
    ),
)

_STORAGE = table(
    "storage",
    setting("watch", NOW, "strings", 4096, ("/",), "Folders whose file system is reported."),
    Key(
        "state",
        RESTART,
        "string",
        4096,
        "",
        "Folder for users, settings and schedules; empty: $STATE_DIRECTORY, else ~/.local/state/edgeweb;"
        " `memory`: nothing is kept.",
    ),
)

_ACCESS = table(
    "access",
    setting(
        "session_idle",
        NOW,
        "duration",
        (360, 31_536_000),
        604_800.0,
        "A browser that asks for nothing during this time is signed out.",
    ),
    setting("audit_rows", NOW, "integer", (100, 1_000_000), 10_000, "Changes that the audit log remembers."),
    Key(
        "audit_journal",
        NOW,
        "boolean",
        None,
        False,
        "Write each row of the audit log to the journal as well, as `audit who=... source=... action=...`.",
    ),
    Key(
        "reset_input",
        RESTART,
        "string",
        64,
        "",
        "An input of this profile: active at the start and for 10 s from then on, it resets the device to"
        " factory settings, if it was inactive at an earlier start; empty: none.",
    ),
)

_SYSTEM = table(
    "system",
    Key("power", NOW, "boolean", None, True, "Let admins restart the machine and switch it off."),
    Key(
        "services",
        NOW,
        "units",
        64,
        (),
        "Services that admins see, restart and read the log of, such as `nginx.service`.",
    ),
)

_FLEET = table(
    "fleet",
    Key(
        "discover",
        NOW,
        "boolean",
        None,
        False,
        "Tell Prometheus, at /api/v1/fleet/targets, which boards avahi finds; needs avahi-utils.",
    ),
    Key(
        "boards",
        NOW,
        "targets",
        256,
        (),
        "Boards that are named there as well, such as greenhouse.local:80.",
    ),
)

_SCHEDULES = table(
    "schedules",
    setting(
        "wait_for_clock",
        NOW,
        "boolean",
        None,
        True,
        "Schedules by date wait until the clock was set by the network; false: it is always right.",
    ),
)

_DEVICE = table(
    "device",
    setting(
        "latitude",
        NOW,
        "limit",
        (-90, 90),
        "",
        "Degrees north of the equator, south is negative, for schedules by the sun; empty: not known.",
    ),
    setting(
        "longitude",
        NOW,
        "limit",
        (-180, 180),
        "",
        "Degrees east of Greenwich, west is negative, for schedules by the sun; empty: not known.",
    ),
)

_DASHBOARD = table(
    "dashboard",
    setting("title", NOW, "string", 100, "", "Heading of the dashboard; empty: the host name."),
)

#: The rows of every profile. A channel also has those of its driver, a sensor those of its kind.
KEYS: tuple[Key, ...] = (
    *(*_BOARD, *_SERVER, *TLS, *_FIGURES, *_HISTORY, *_STORAGE, *_ACCESS, *_SYSTEM, *_FLEET, *_SCHEDULES),
    *(*_DEVICE, *MQTT, *_DASHBOARD, *VENDOR, *CHANNELS, *SENSORS),
)


def pattern(key: str) -> str:
    """Return a dotted key as the rows have it, with a star for the profile's own name.

    >>> pattern("channels.lamp.title"), pattern("server.port"), pattern("sensors.interval")
    ('channels.*.title', 'server.port', 'sensors.interval')
    """
    first, _, rest = key.partition(".")
    return f"{first}.*.{rest.rpartition('.')[2]}" if first in FAMILIES and "." in rest else key


#: The key of a row for all keys: of a driver or a kind that is faulty, nothing can be checked.
ANY = "*"


def driver_rows(driver: str) -> tuple[Key, ...]:
    """Return the rows that a driver adds to a channel; none for an unknown driver. Imports the driver.

    >>> [row.path for row in driver_rows("led")]
    ['channels.*.line']
    """
    return _rows("channels.*", driver, driver_module, CHANNELS)


def kind_rows(kind: str) -> tuple[Key, ...]:
    """Return the rows that a kind adds to a sensor; none for an unknown kind. Imports the kind.

    >>> [row.path for row in kind_rows("file")]
    ['sensors.*.path']
    """
    return () if kind == PROGRAM else _rows("sensors.*", kind, kind_module, SENSORS)


def _rows(name: str, choice: str, find: Callable[[str], Any], common: tuple[Key, ...]) -> tuple[Key, ...]:
    if not choice:
        return ()
    try:
        module = find(choice)
    except KeyError:
        return ()
    if hasattr(module, "fault"):  # of another package
        from .judge import judge

        judge(module, map(_key_of, common))
        if module.fault:
            return table(name, Key(ANY, RESTART, "unchecked", None, "", "Unknown: the package is faulty."))
    options = module.OPTIONS
    rows = (Key(one.key, RESTART, one.kind, one.limits, one.default, one.meaning) for one in options)
    return table(name, *rows)


class Family(NamedTuple):
    """A table of tables with names of the profile's own, whose rows depend on a module that a key names.

    `selector` is that key, `choices` are its values of edgeweb's own, and `outside()` has those of other
    packages. `rows` are those of every table, and `more` returns those of one value of the selector.
    """

    selector: str
    choices: tuple[str, ...]
    rows: tuple[Key, ...]
    more: Callable[[str], tuple[Key, ...]]
    outside: Callable[[], Outside[Any]]

    def rows_of(self, value: str) -> tuple[Key, ...]:
        """Return all rows of a table with this value of the selector."""
        return (*self.rows, *self.more(value))

    def owners_of(self, key: str) -> list[str]:
        """Return the values whose modules have a key. Imports all of them: for the text of a fault only.

        >>> FAMILIES["channels"].owners_of("frequency")
        ['pwm']
        """
        return [name for name in self.choices if any(_key_of(row) == key for row in self.more(name))]

    def knows(self, value: str) -> bool:
        """Return whether the selector may have a value: a module of edgeweb's own, or of one package."""
        try:
            return value in self.choices or (value != "" and self.outside().find(value))
        except ValueError:
            return False


FAMILIES: dict[str, Family] = {
    "channels": Family("driver", DRIVERS, CHANNELS, driver_rows, outside_drivers),
    "sensors": Family("kind", KINDS, SENSORS, kind_rows, outside_kinds),
}

#: Settings that people look for; the page folds all others away as those of experts.
BASIC = frozenset(
    (
        *("access.session_idle", "dashboard.title", "device.latitude", "device.longitude"),
        *("history.keep", "sensors.interval"),
        *(f"channels.*.{key}" for key in ("at_start", "max_on", "pulse", "title")),
        *(f"sensors.*.{key}" for key in ("group", "high", "icon", "low", "title", "unit")),
    )
)


def names_packages(tables: Mapping[str, Mapping[str, Any]], family: str) -> bool:
    """Return whether a table of a family names a driver or a kind of another package."""
    selector, own = FAMILIES[family].selector, FAMILIES[family].choices
    return any(table.get(selector) not in own for table in tables.values())


def row_of(path: Sequence[str], choice: str = "") -> Key:
    """Return the row of a key; `choice` is the driver of its channel, the kind of its sensor.

    Raises `KeyError` for an unknown key.

    >>> row_of(("channels", "lamp", "at_start")).default
    'off'
    """
    family = FAMILIES.get(path[0]) if len(path) > 2 else None
    wanted = f"{path[0]}.*.{path[-1]}" if family else ".".join(path)
    for row in (*KEYS, *(family.more(choice) if family else ())):
        if row.path in (wanted, f"{path[0]}.*.{ANY}"):
            return row
    raise KeyError(wanted)


def is_same(table: str, before: Mapping[str, object], now: Mapping[str, object]) -> bool:
    """Return whether a channel or a sensor is still the same one: with its driver or kind, lines and mode.

    >>> lamp = defaults("channels.*", driver="memory", mode="output")
    >>> is_same("channels", lamp, {**lamp, "title": "Lamp"}), is_same("channels", lamp, {**lamp, "poll": 5.0})
    (True, False)
    """
    family = FAMILIES[table]
    if before[family.selector] != now[family.selector]:
        return False
    rows = family.rows_of(str(now[family.selector]))
    fixed = {_key_of(row) for row in rows if row.change == RESTART and not row.setting}
    if ANY in fixed:
        others = {_key_of(row) for row in rows} - fixed
        fixed = (before.keys() | now.keys()) - others
    return all(before.get(key) == now.get(key) for key in fixed)


def defaults(table: str, **values: object) -> Table:
    """Return a table with all its defaults, and these values; a channel with the keys of its driver.

    >>> defaults("channels.*", driver="memory", mode="input")["debounce"]
    0.0
    """
    family = FAMILIES.get(table.partition(".")[0])
    more = family.more(str(values.get(family.selector, ""))) if family else ()
    rows = (row for row in (*KEYS, *more) if _table_of(row) == table and _key_of(row) != ANY)
    return {_key_of(row): row.default for row in rows} | values


def tree(chosen: Mapping[str, Mapping[str, str]] | None = None) -> Table:
    """Return the rows as nested tables: `tree()["server"]["port"]` is a row, `tree()["server"]` a table.

    `chosen` has the drivers of the profile's channels by their names, and the kinds of its sensors, which
    then have tables of their own beside the star. A channel with an unknown driver may have the keys of any:
    that its driver is wrong is one fault, and all its other keys are none.
    """
    root: Table = {}
    for row in KEYS:
        node = root
        for name in _table_of(row).split("."):
            node = node.setdefault(name, {})
        node[_key_of(row)] = row
    for members, choices in (chosen or {}).items():
        family = FAMILIES[members]
        for name, choice in choices.items():
            if isinstance(root[members].get(name), Key):
                continue  # the family's own key: no table has its name
            owners = (choice,) if family.knows(choice) else family.choices
            rows = (*family.rows, *(row for owner in owners for row in family.more(owner)))
            root[members][name] = {_key_of(row): row for row in rows}
    return root


def _table_of(row: Key) -> str:
    return row.path.rpartition(".")[0]


def _key_of(row: Key) -> str:
    return row.path.rpartition(".")[2]
