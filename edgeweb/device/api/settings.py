"""The JSON interface to what people configure on the running device.

    $ curl -i http://127.0.0.1:8080/api/v1/settings
    $ curl -X PATCH -H 'If-Match: "5f1c0a9be2d34711"' -H 'Content-Type: application/merge-patch+json' \\
        -d '{"dashboard.title": "Greenhouse", "history.length": null}' http://127.0.0.1:8080/api/v1/settings
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException

from edgeweb import Blueprint, Response, make_response, request

from ..access import passwords
from ..access.roles import needs
from ..config.settings import SettingsChanged, SettingsError
from ..device import Device, current_device
from ..http import login, problems
from ..http.body import MAX_ERRORS, error, read_object
from ..http.contract import contract
from ..http.etag import conditional
from ..http.gate import actor
from ..http.problems import Problem

if TYPE_CHECKING:
    from ..schedules.schedule import Schedule

configuration = Blueprint("configuration", __name__, url_prefix="/api/v1")
configuration.register_error_handler(HTTPException, problems.answer)

#: RFC 7396, and plain JSON for whoever does not know its name.
PATCH_TYPES = ("application/merge-patch+json", "application/json")


@configuration.get("/settings")
@contract(answer="Settings")
def settings() -> Response:
    """What may be changed on this device, with what each may be, and when it takes effect."""
    device = current_device()
    return conditional(device.settings.tag, lambda: described_settings(device))


@configuration.patch("/settings")
@needs("admin")
@contract(
    body="SettingsChange",
    media=PATCH_TYPES,
    headers=("If-Match",),
    answer="Settings",
    problems=("precondition-required", "precondition-failed"),
)
def change_settings() -> Response:
    """Changes settings, all of them or none: `{"dashboard.title": "Greenhouse"}`; null goes back to the
    profile (RFC 7396). `If-Match` has the tag of the settings that the change is for."""
    device = current_device()
    if "If-Match" not in request.headers:
        raise Problem("precondition-required")
    if request.mimetype not in PATCH_TYPES:
        raise Problem("unsupported-media-type", headers={"Accept-Patch": ", ".join(PATCH_TYPES)})
    changes = read_object()
    try:
        device.settings.change(actor(), changes, request.if_match.contains)
    except SettingsChanged:
        raise Problem("precondition-failed") from None
    except SettingsError as reason:
        raise invalid(reason.errors) from reason
    response = make_response(described_settings(device))
    response.set_etag(device.settings.tag)
    response.headers["Cache-Control"] = "no-store"
    return response


@configuration.get("/schedules")
@contract(answer="Schedules")
def schedules() -> Response:
    """All schedules, by name, and whether those by date wait for the clock to be set."""
    device = current_device()

    def build() -> dict[str, Any]:
        rows = [described_schedule(device, schedule) for schedule in device.schedules]
        return {"waiting": device.schedules.waiting, "schedules": rows}

    return conditional(device.schedules_tag(), build)


@configuration.get("/schedules/<name>")
@contract(answer="Schedule")
def schedule(name: str) -> Response:
    """One schedule: what it says, when it is next, and how it went last."""
    device = current_device()
    tag = device.schedules_tag()
    found = find_schedule(device, name)
    return conditional(tag, lambda: described_schedule(device, found))


@configuration.put("/schedules/<name>")
@contract(body="ScheduleDefinition", answer="Schedule", status=(200, 201), problems=("conflict",))
def put_schedule(name: str) -> Response:
    """Defines a schedule, in place of the one with this name where there is one:
    `{"channel": "lamp", "action": "on", "kind": "daily", "at": "07:00", "days": ["mon", "fri"]}`."""
    if request.mimetype != "application/json":
        raise Problem("unsupported-media-type")
    from ..schedules.schedule import ScheduleError, TooMany

    fields, device = read_object(), current_device()
    try:
        created = device.schedules.put(actor(), name, fields)
    except TooMany as reason:
        raise Problem("conflict", reason.errors[0][1]) from reason
    except ScheduleError as reason:
        raise invalid(reason.errors) from reason
    response = make_response(described_schedule(device, find_schedule(device, name)), 201 if created else 200)
    response.set_etag(device.schedules_tag())
    response.headers["Cache-Control"] = "no-store"
    return response


@configuration.delete("/schedules/<name>")
@contract(status=204)
def remove_schedule(name: str) -> Response:
    """Forgets a schedule."""
    device = current_device()
    find_schedule(device, name)
    device.schedules.remove(actor(), name)
    return Response(status=204)


@configuration.get("/backup")
@needs("admin")
@contract(answer="Backup", tagged=False)
def backup() -> Response:
    """Everything that people have entered on this device, as one file: users with their password hashes, the
    hashes of tokens, settings, schedules and what is remembered of channels. Keep it like a password."""
    from .. import backup  # the import and the tables of its checks: for the few who ask

    device = current_device()
    content = backup.export(device)
    device.audit.note(actor(), "state.backup", device.name, f"{len(content)} bytes")
    name = "".join(letter if letter.isalnum() else "-" for letter in device.name)
    date = device.clock.iso(device.clock.monotonic())[:10]
    headers = {
        "Content-Disposition": f'attachment; filename="edgeweb-{name}-{date}.json"',
        "Cache-Control": "no-store",
    }
    return Response(content, headers=headers, content_type="application/json")


@configuration.post("/restore")
@needs("admin")
@contract(body="Restore", answer="Restored", problems=("wrong-password",))
def restore() -> dict[str, Any]:
    """Brings this device to what a backup says, all of it or nothing; `password` is that of the one who asks.

    The account of the one who asks stays as it is.
    """
    from .. import backup

    if request.mimetype != "application/json":
        raise Problem("unsupported-media-type")
    body, found, device = read_object(), actor(), current_device()
    if faults := [row for row in RESTORE_FAULTS if not row[1](body)]:
        raise invalid([(name, detail) for name, _, detail in faults])
    login.check_password(found.name, body["password"])
    try:
        numbers = backup.restore_document(device, found, body["backup"])
    except backup.BackupError as reason:
        rows = [error(("backup", *path), detail) for path, detail in reason.errors]
        raise Problem("invalid-fields", "Nothing was changed.", rows) from reason
    pending = numbers["channels"] > 0 or any(row.pending for row in device.settings.rows())
    return {"restored": numbers, "pending": pending}


#: (field, whether a body is right, what is expected)
RESTORE_FAULTS: tuple[tuple[str, Callable[[dict[str, Any]], bool], str], ...] = (
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


def find_schedule(device: Device, name: str) -> Schedule:
    """A schedule by its name. Raises `Problem`."""
    try:
        return device.schedules[name]
    except LookupError:
        raise Problem("not-found", f'There is no schedule named "{name}".') from None


def described_schedule(device: Device, schedule: Schedule) -> dict[str, Any]:
    """A schedule as the API shows it."""
    dates = {
        key: None if moment is None else device.clock.date(moment)
        for key, moment in (("next_at", schedule.next_at), ("last_at", schedule.last_at))
    }
    fields = {**schedule.definition(), "title": schedule.title}
    return {"name": schedule.name, **fields, **dates, "last_result": schedule.last_result}


def invalid(errors: list[tuple[str, str]]) -> Problem:
    """422 with a pointer to each field that is wrong."""
    rows = [error((key,), detail) for key, detail in errors[:MAX_ERRORS]]
    return Problem("invalid-fields", "Nothing was changed.", rows)


def described_settings(device: Device) -> dict[str, Any]:
    """The settings as the API shows them."""
    return {
        "settings": [row._asdict() for row in device.settings.rows()],
        "ignored": [{"key": key, "reason": reason} for key, reason in device.settings.ignored],
    }
