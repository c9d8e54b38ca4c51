"""Backup and restore: everything that people have entered on this device, as one file."""

from __future__ import annotations

from collections.abc import Callable

from edgeweb import Response

from ..access import passwords
from ..access.roles import needs
from ..errors import DeviceError
from ..http import confirm
from ..http.body import read_object
from ..http.confirm import asks_itself, confirmed
from ..http.contract import Schemas, contract
from ..http.current import actor, current_device
from ..http.download import attachment
from ..http.on_demand import on_demand
from .blueprint import api


@api.get("/backup")
@needs("admin")
@confirmed("backup")
@contract(answer="Backup", problems=("unconfirmed",), tagged=False)
def backup() -> Response:
    """Return everything that people have entered on this device, as one file.

    It has users with their password hashes, the hashes of tokens, settings, schedules and the remembered
    state of channels. Keep it like a password.
    """
    from ..backup import download  # on use: its tables of checks are rarely needed

    return attachment(*download(current_device(), actor()))


@api.post("/restore")
@needs("admin")
@asks_itself("backup")
@contract(body="Restore", answer="Restored", problems=("wrong-password", "too-many-attempts", "unconfirmed"))
def restore() -> dict[str, object]:
    """Restore a backup, all of it or nothing. `password` is that of the one who asks, where it is needed.

    The account of the one who asks stays as it is.
    """
    from ..backup import restore_document

    body, found, device = read_object(), actor(), current_device()
    if faults := [((name,), detail) for name, is_right, detail in RESTORE_RULES if not is_right(body)]:
        raise InvalidRestore(errors=faults)
    confirm.check("backup", body.get("password", ""))
    numbers = restore_document(device, found, body["backup"], ("backup",))
    pending = numbers["channels"] > 0 or any(row.pending for row in device.settings.rows())
    return {"restored": numbers, "pending": pending}


class InvalidRestore(DeviceError):
    """The body around a backup does not fit."""

    key = "invalid-fields"


def _is_password(value: object) -> bool:
    return isinstance(value, str) and len(value) <= passwords.MAX_LENGTH


#: (field, whether a body is right, what is expected)
RESTORE_RULES: tuple[tuple[str, Callable[[dict[str, object]], bool], str], ...] = (
    (
        "password",
        lambda body: _is_password(body.get("password", "")),
        "expected the password of the one who asks",
    ),
    (
        "backup",
        lambda body: isinstance(body.get("backup"), dict),
        "expected the object that is in the file of a backup",
    ),
    (
        "",
        lambda body: body.keys() <= {"password", "backup"},
        "expected nothing but password and backup",
    ),
)


@on_demand
def schemas() -> Schemas:
    """Return the schemas of this module's answers."""
    from ..http.schemas import by_name, flag, number, one_of, record, ref, rows, text

    tables = {
        "users": "name, role and password hash of each user",
        "second_factors": "user, secret, last step and digests of the recovery codes of each second factor",
        "tokens": "id, digest, user, role, note, scopes and dates of each token",
        "things": "name and table of each channel and sensor that the device has of its own, null if removed",
        "settings": "key and value of each setting",
        "schedules": "name and definition of each schedule",
        "channels": "name, last state and on_count of each channel that is remembered",
    }
    content = {name: rows({"type": "array"}, f"Rows with {meaning}.") for name, meaning in tables.items()}
    password = text("That of the one who asks.", "correct horse battery")
    hint = text("What stands in the way of a restore by this interface.", "This file is larger ...")
    return {
        "Backup": record(
            {"hint": hint},
            format=one_of("What it is.", "edgeweb-backup"),
            version=number("Of the format.", 1, minimum=1),
            created_at=text("When it was made.", "2026-11-21T06:09:13.979Z"),
            device=text("Host name of the device.", "greenhouse"),
            content=record(**content),
            checksum=text("Of everything else.", "sha256:5f1c0a9be2d34711"),
        ),
        "Restore": {**record(password=password, backup=ref("Backup")), "additionalProperties": False},
        "Restored": record(
            restored=by_name({"type": "integer"}, "Rows of each kind.", {"users": 2, "settings": 5}),
            pending=flag("Whether something of it waits for the next start."),
        ),
    }
