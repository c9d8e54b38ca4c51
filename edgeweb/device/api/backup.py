"""Backup and restore: everything that people have entered on this device, as one file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from edgeweb import Response

from ..access import passwords
from ..access.roles import needs
from ..errors import DeviceError
from ..http import login
from ..http.body import read_object
from ..http.contract import contract
from ..http.current import actor, current_device
from ..http.download import attachment
from .blueprint import api


@api.get("/backup")
@needs("admin")
@contract(answer="Backup", tagged=False)
def backup() -> Response:
    """Everything that people have entered on this device, as one file: users with their password hashes, the
    hashes of tokens, settings, schedules and what is remembered of channels. Keep it like a password."""
    from ..backup import download  # with the tables of its checks: for the few who ask

    return attachment(*download(current_device(), actor()))


@api.post("/restore")
@needs("admin")
@contract(body="Restore", answer="Restored", problems=("wrong-password",))
def restore() -> dict[str, Any]:
    """Brings this device to what a backup says, all of it or nothing; `password` is that of the one who asks.

    The account of the one who asks stays as it is.
    """
    from ..backup import restore_document

    body, found, device = read_object(), actor(), current_device()
    if faults := [((name,), detail) for name, is_right, detail in RESTORE_RULES if not is_right(body)]:
        raise InvalidRestore(errors=faults)
    login.check_password(found.name, body["password"])
    numbers = restore_document(device, found, body["backup"], ("backup",))
    pending = numbers["channels"] > 0 or any(row.pending for row in device.settings.rows())
    return {"restored": numbers, "pending": pending}


class InvalidRestore(DeviceError):
    """The body around a backup does not fit."""

    key = "invalid-fields"


#: (field, whether a body is right, what is expected)
RESTORE_RULES: tuple[tuple[str, Callable[[dict[str, Any]], bool], str], ...] = (
    (
        "password",
        lambda body: isinstance(body.get("password"), str) and len(body["password"]) <= passwords.LONGEST,
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
