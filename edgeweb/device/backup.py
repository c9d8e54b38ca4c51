"""Backup and restore: everything that people have entered on a device, as one JSON file.

The file has users with their password hashes and the secrets of their second factors, the hashes of tokens,
settings, schedules and what is remembered of channels. It has no password and no token, but its holder can
guess at passwords for any length of time: keep it like a password. The audit log is not in it; it belongs to
the machine.

    {"format": "edgeweb-backup", "version": 1, "created_at": "2026-11-21T06:09:13.979Z",
     "device": "greenhouse", "checksum": "sha256:...",
     "content": {"users": [["ada", "admin", "scrypt:..."]], "tokens": [], "settings": [], ...}}

The checksum is over everything else, as `canonical` writes it. It finds damage, not forgery.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from .access import passwords, secrets
from .access.accounts import MAX_TOKENS, MAX_USERS
from .access.actor import Actor
from .access.roles import ROLES, SCOPES
from .access.user import KIOSK
from .config.checks import NAME, accept
from .config.things import MAX_THINGS
from .device import Device
from .errors import MAX_ERRORS, DeviceError, Path
from .schedules.schedule import ScheduleError
from .schedules.scheduler import MAX_SCHEDULES
from .schedules.stored import restored
from .storage.store import Execute

FORMAT = "edgeweb-backup"

#: Grows when a file of today could be misunderstood by the edgeweb of before.
VERSION = 1

#: The tables, in the order in which they are written, with their columns.
TABLES: dict[str, tuple[str, ...]] = {
    "users": ("name", "role", "password"),
    "second_factors": ("user", "secret", "step", "recovery"),
    "tokens": ("id", "digest", "user", "role", "note", "scopes", "created", "used", "expires"),
    "things": ("name", "value"),
    "settings": ("key", "value"),
    "schedules": ("name", "value"),
    "channels": ("name", "state", "value", "on_count"),
}

#: Of these tables `value` is JSON, which is in the file as it is.
_JSON = ("things", "settings", "schedules")

#: Rows of each table. Channels and their settings are bounded by the profile; no board has that many pins.
MAX_ROWS = {
    "users": MAX_USERS,
    "second_factors": MAX_USERS,
    "tokens": MAX_TOKENS,
    "things": MAX_THINGS,
    "settings": 8192,
    "schedules": MAX_SCHEDULES,
    "channels": 1024,
}

#: A file that `edgeweb state restore` reads; the API's limit is the profile's server.body_bytes.
MAX_BYTES = 4 * 1024 * 1024

#: What the request to restore has around the file.
_ENVELOPE = 1024

TOO_LARGE = (
    "This file is larger than the server.body_bytes of the profile lets through: raise that, or restore it"
    " with `edgeweb state restore` on the device."
)

#: scrypt's hash as `access.passwords` writes it: n, r, p, salt, 64 bytes.
_HASH = re.compile(r"scrypt:(\d{1,7}):(\d{1,2}):(\d{1,2})\$([0-9A-Za-z./]{1,64})\$[0-9a-f]{128}", re.ASCII)
#: Characters of a token's scopes: the names of `operations.MAX_SHOWN` channels.
_MAX_SCOPES = 4096
_SECRET = re.compile(r"[0-9a-f]{40}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)

#: Bytes that the check of a password may take, and its work as n * r * p: a forged hash must take neither all
#: memory nor minutes of the processor. Hashes of the device's own have half of that work.
_MAX_MEMORY = 64 * 1024 * 1024
_MAX_WORK = 2 * math.prod(passwords.COST)

#: A row of a table, and all of them; a document's own content is not checked yet.
Row = list[Any]
Content = dict[str, list[Row]]
Document = dict[str, Any]


class BackupError(DeviceError):
    """Nothing was changed. `errors` has a row `(where in the file, what is wrong)` for each fault."""

    key = "invalid-fields"

    def __init__(self, errors: list[tuple[Path, str]]) -> None:
        text = "; ".join(f"/{'/'.join(path)}: {detail}" for path, detail in errors[:3])
        super().__init__(text, errors[:MAX_ERRORS])


def export(device: Device) -> bytes:
    """Return the file of a device as it is now."""
    device.memory.flush()
    statements = [f"SELECT {', '.join(columns)} FROM {table} ORDER BY 1" for table, columns in TABLES.items()]
    tables = dict(zip(TABLES, device.store.snapshot(*statements), strict=True))
    device.clock.check()
    document: Document = {
        "format": FORMAT,
        "version": VERSION,
        "created_at": device.clock.iso(device.clock.monotonic()),
        "device": device.name,
        "content": {table: list(_outside(device, table, rows)) for table, rows in tables.items()},
    }
    if len(written(document)) + _ENVELOPE > device.profile["server.body_bytes"]:
        document["hint"] = TOO_LARGE
    document["checksum"] = checksum(document)
    return written(document)


def download(device: Device, actor: Actor) -> tuple[str, bytes]:
    """Return a backup and the name of its file, and log who has taken it away.

    The name is plain ASCII, because it stands in a header; whatever else is in the device's name becomes `-`.
    """
    content = export(device)
    device.audit.note(actor, "state.backup", device.name, f"{len(content)} bytes")
    name = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in device.name)
    date = device.clock.iso(device.clock.monotonic())[:10]
    return f"edgeweb-{name}-{date}.json", content


def written(document: Document) -> bytes:
    """Return the JSON of a file, one row a line, so that people can read and compare files."""
    tables = []
    for table, rows in document["content"].items():
        lines = ",".join("\n  " + json.dumps(row) for row in rows)
        tables.append(f"{json.dumps(table)}:[{lines}]")
    fields = {key: json.dumps(value) for key, value in document.items() if key != "content"}
    fields["content"] = "{\n " + ",\n ".join(tables) + "}"
    return ("{" + ",\n".join(f"{json.dumps(key)}:{text}" for key, text in fields.items()) + "}\n").encode()


def restore(device: Device, actor: Actor, content: bytes) -> dict[str, int]:
    """Restore a device from a file, and return the number of rows of each table.

    See `restore_document`. Raises `BackupError` for what is no JSON as well.
    """
    if len(content) > MAX_BYTES:
        raise BackupError([((), f"expected a file of at most {MAX_BYTES} bytes")])
    try:
        document = json.loads(content.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BackupError([((), f"expected JSON in UTF-8 ({error or 'nested too deeply'})")]) from error
    return restore_document(device, actor, document)


def restore_document(device: Device, actor: Actor, document: object, above: Path = ()) -> dict[str, int]:
    """Restore a device from the JSON of a file; `above` is where that stands in a request's body.

    All of it is checked before anything is written, and everything is written at once. The account of the
    admin who does this stays as it is, with its password and second factor, so that no admin is locked out;
    browsers whose user has another password now are signed out. Settings, schedules and the counts of inputs
    are in force at once, the last state of outputs is for the next start. Raises `BackupError` with what is
    wrong.
    """
    try:
        head = _check_head(document)
        content = check_content(device, head["content"])
    except BackupError as error:
        raise BackupError([((*above, *path), detail) for path, detail in error.errors]) from None
    keeper = device.accounts.users().get(actor.name)
    if keeper is not None and keeper.role == "admin":
        others = [row for row in content["users"] if row[0] != keeper.name]
        content["users"] = [[keeper.name, keeper.role, keeper.password], *others]
        others = [row for row in content["second_factors"] if row[0] != keeper.name]
        kept = device.store.read("SELECT * FROM second_factors WHERE user = ?", keeper.name)
        content["second_factors"] = [*map(list, kept), *others]
    numbers = {table: len(rows) for table, rows in content.items()}
    words = f"of {head['device']}, {head['created_at']}"

    def change(execute: Execute) -> None:
        for table in reversed(TABLES):
            execute(f"DELETE FROM {table}")
        for table, columns in TABLES.items():
            places = ", ".join("?" * len(columns))
            for row in content[table]:
                execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", _inside(table, row))
        device.audit.insert(execute, actor, "state.restore", device.name, words)

    device.audit.flush()
    device.store.write(change)
    device.accounts.forget()
    device.memory.forget()
    device.channels.recall()
    device.things.reload()
    device.schedules.load()
    users = device.accounts.users()
    device.sessions.end(
        lambda session: session.user not in users or users[session.user].stamp != session.stamp
    )
    return numbers


def check_content(device: Device, tables: dict[str, object]) -> Content:
    """Return the rows of a file, all of which are right. Raises `BackupError` for the others."""
    errors: list[tuple[Path, str]] = []
    content: Content = {}
    for table, columns in TABLES.items():
        rows = tables.get(table)
        if not isinstance(rows, list) or len(rows) > MAX_ROWS[table]:
            errors.append((("content", table), f"expected a list of at most {MAX_ROWS[table]} rows"))
            continue
        content[table] = rows
        seen: set[object] = set()
        for number, row in enumerate(rows):
            fault = _fault_of(table, columns, row)
            if not fault and row[0] in seen:
                fault = f"expected one row for this {columns[0]}"
            if fault:
                errors.append((("content", table, str(number)), fault))
            else:
                seen.add(row[0])
    if not errors:
        errors = [
            *_check_people(content),
            *_check_things(device, content),
            *_check_settings(device, content),
        ]
    if errors:
        raise BackupError(errors)
    return content


def canonical(document: Document) -> bytes:
    """Return JSON in a unique form: without spaces, names sorted, ASCII."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def checksum(document: Document) -> str:
    """Return the checksum of a file: of everything in it but the checksum."""
    rest = {key: value for key, value in document.items() if key != "checksum"}
    return f"sha256:{secrets.digest(canonical(rest).decode())}"


# -- checks --------------------------------------------------------------------------------------------


def _check_head(document: object) -> Document:
    """Return a file's JSON, which has all but right tables. Raises `BackupError`."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise BackupError([(("format",), f'expected "{FORMAT}": this is no backup of edgeweb')])
    version = document.get("version")
    if version != VERSION or isinstance(version, bool):
        raise BackupError([(("version",), f"expected {VERSION}: update edgeweb to restore a newer backup")])
    for key in ("device", "created_at"):
        if _text(document.get(key), 255):
            raise BackupError([((key,), _text(document.get(key), 255))])
    if not isinstance(document.get("content"), dict):
        raise BackupError([(("content",), "expected an object")])
    try:
        right = document.get("checksum") == checksum(document)
    except (ValueError, RecursionError):
        right = False
    if not right:
        raise BackupError([(("checksum",), "expected another one: the file was changed or is damaged")])
    return document


def _fault_of(table: str, columns: tuple[str, ...], row: object) -> str:
    """Return what is wrong with a row; empty where nothing is."""
    if not isinstance(row, list) or len(row) != len(columns):
        return f"expected a list of {', '.join(columns)}"
    for column, value in zip(columns, row, strict=True):
        if fault := COLUMNS[table, column](value):
            return f"{column}: {fault}"
    if table == "schedules":
        try:
            restored(row[0], json.dumps(row[1]))
        except ScheduleError as error:
            return f"value: {error}"
    return ""


def _check_people(content: Content) -> list[tuple[Path, str]]:
    errors: list[tuple[Path, str]] = []
    if not any(row[1] == "admin" for row in content["users"]):
        errors.append((("content", "users"), "expected an admin among them: a later restore needs one"))
    names = {row[0] for row in content["users"]}
    for table, column in (("tokens", 2), ("second_factors", 0)):
        for number, row in enumerate(content[table]):
            if row[column] not in names:
                fault = "user: expected one of the users of the file"
                errors.append((("content", table, str(number)), fault))
    if len({row[1] for row in content["tokens"]}) != len(content["tokens"]):
        errors.append((("content", "tokens"), "expected one row for each digest"))
    return errors


def _check_settings(device: Device, content: Content) -> list[tuple[Path, str]]:
    """Return a fault for each known setting that does not fit; unknown ones are kept, and ignored."""
    texts = {key: json.dumps(value) for key, value in content["settings"]}
    numbers = {row[0]: str(number) for number, row in enumerate(content["settings"])}
    _, _, ignored = device.settings.fitting(texts)
    return [
        (("content", "settings", numbers[key]), f"{key}: {reason}")
        for key, reason in ignored
        if device.settings.knows(key)
    ]


def _check_things(device: Device, content: Content) -> list[tuple[Path, str]]:
    """Return a fault for each channel and sensor that does not fit this device."""
    texts = {name: json.dumps(value) for name, value in content["things"]}
    numbers = {row[0]: str(number) for number, row in enumerate(content["things"])}
    _, _, ignored = device.things.fitting(texts)
    return [(("content", "things", numbers[name]), f"{name}: {reason}") for name, reason in ignored]


def _accepts(kind: str, limits: object = None) -> Callable[[object], str]:
    def fault_of(value: object) -> str:
        try:
            accept(kind, limits, value)
        except ValueError as reason:
            return f"expected {reason}"
        return ""

    return fault_of


def _text(value: object, most: int) -> str:
    return _accepts("string", most)(value)


def _password(value: object) -> str:
    found = _HASH.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return "expected a hash as edgeweb makes it"
    n, r, p = map(int, found.groups()[:3])
    possible = n > 1 and n & (n - 1) == 0 and r > 0 and p > 0
    cheap = 128 * r * (n + p) <= _MAX_MEMORY and n * r * p <= _MAX_WORK
    return "" if possible and cheap else "expected a hash that can be checked here"


def _note(value: object) -> str:
    """Return what is wrong with a note; `edgeweb users token` takes any."""
    try:
        fits = isinstance(value, str) and len(value.encode()) <= 4096
    except UnicodeEncodeError:  # half of a pair, which no file can have
        fits = False
    return "" if fits else "expected a text of at most 4096 bytes"


def _scopes(value: object) -> str:
    fits = (
        isinstance(value, str)
        and len(value) < _MAX_SCOPES
        and all(
            one in SCOPES or (one.startswith(KIOSK) and NAME.fullmatch(one.removeprefix(KIOSK)))
            for one in value.split()
        )
    )
    return "" if fits else f"expected some of {', '.join(SCOPES)}, separated by spaces"


def _moment(value: object) -> str:
    return "" if value is None else _accepts("number", (0, _LARGEST))(value)


def _digest(value: object) -> str:
    fits = isinstance(value, str) and _DIGEST.fullmatch(value)
    return "" if fits else "expected a SHA-256 digest in hexadecimal digits"


def _digests(value: object) -> str:
    fits = isinstance(value, str) and len(value) <= 4096 and all(map(_DIGEST.fullmatch, value.split(" ")))
    return "" if fits or value == "" else "expected SHA-256 digests, separated by spaces"


def _secret(value: object) -> str:
    fits = isinstance(value, str) and _SECRET.fullmatch(value)
    return "" if fits else "expected 20 bytes in hexadecimal digits"


def _fields(value: object) -> str:
    return "" if isinstance(value, dict) else "expected an object"


def _state(value: object) -> str:
    return "" if value in (None, 0, 1) and not isinstance(value, float) else "expected null, 0 or 1"


def _value(value: object) -> str:
    return "" if value is None else _accepts("number", (0, 1))(value)


_LARGEST = 2**53

#: What is wrong with a value; empty where nothing is.
COLUMNS: dict[tuple[str, str], Callable[[object], str]] = {
    ("users", "name"): _accepts("name"),
    ("users", "role"): _accepts("choice", ROLES),
    ("users", "password"): _password,
    ("second_factors", "user"): _accepts("name"),
    ("second_factors", "secret"): _secret,
    ("second_factors", "step"): _accepts("integer", (0, _LARGEST)),
    ("second_factors", "recovery"): _digests,
    ("tokens", "id"): _accepts("integer", (1, _LARGEST)),
    ("tokens", "digest"): _digest,
    ("tokens", "user"): _accepts("name"),
    ("tokens", "role"): _accepts("choice", ROLES),
    ("tokens", "note"): _note,
    ("tokens", "scopes"): _scopes,
    ("tokens", "created"): _moment,
    ("tokens", "used"): _moment,
    ("tokens", "expires"): _moment,
    ("things", "name"): _accepts("string", 255),
    ("things", "value"): lambda value: "" if value is None else _fields(value),
    ("settings", "key"): _accepts("string", 255),
    ("settings", "value"): lambda value: "expected a value" if value is None else "",
    ("schedules", "name"): _accepts("name"),
    ("schedules", "value"): _fields,
    ("channels", "name"): _accepts("name"),
    ("channels", "state"): _state,
    ("channels", "value"): _value,
    ("channels", "on_count"): _accepts("integer", (0, _LARGEST)),
}


# -- rows in the state and in the file -----------------------------------------------------------------


def _outside(device: Device, table: str, rows: list[tuple[Any, ...]]) -> Iterator[Row]:
    """Yield the rows of the file, without those that this device could not read and has left out."""
    left_out = {key for key, _ in device.settings.ignored if device.settings.knows(key)}
    for row in rows:
        if table not in _JSON:
            yield list(row)
            continue
        try:
            fields = [row[0], json.loads(row[1], parse_constant=_no_constant)]
        except (ValueError, RecursionError):
            continue
        if row[0] not in left_out and not _fault_of(table, TABLES[table], fields):
            yield fields


def _inside(table: str, row: Row) -> tuple[object, ...]:
    if table not in _JSON:
        return tuple(row)
    if table == "schedules":
        # an interval that is restored begins now
        return (row[0], json.dumps({key: value for key, value in row[1].items() if key != "timer"}))
    return (row[0], json.dumps(row[1]))


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
