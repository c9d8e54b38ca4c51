"""The JSON interface to the machine: restart it, switch it off, its services and its log. For admins only.

systemd decides whether this server may: polkit's rule in `systemd/polkit` allows exactly these calls.
"""

from __future__ import annotations

import json
import re
from typing import Any

from werkzeug.exceptions import HTTPException

from edgeweb import Blueprint, Response, make_response, request

from . import entry, problem
from .access import passwords
from .access.gate import actor
from .access.roles import needs
from .body import Fields, error, read_body
from .device import Device, current_device
from .problem import Problem
from .programs import ProgramError
from .schema import REQUIRED, accept

system = Blueprint("system", __name__, url_prefix="/api/v1")
system.register_error_handler(HTTPException, problem.answer)

#: What the address says, and systemctl's word for it.
POWER = {"reboot": "reboot", "shutdown": "poweroff"}

#: Whoever ends the machine shows the password again: an open browser is not enough.
POWER_FIELDS: Fields = {"password": ("string", passwords.LONGEST, REQUIRED)}

_PROPERTIES = {
    "Id": "id",
    "Description": "description",
    "LoadState": "load",
    "ActiveState": "active",
    "SubState": "sub",
}

#: Query fields of the log: kind and limits of `schema.KINDS`, and the default.
_LOG_NUMBERS = {"lines": ((1, 500), 100), "priority": ((0, 7), 7), "seconds": ((1, 31_536_000), 86_400)}


@system.post("/system/<any(reboot, shutdown):what>")
@needs("admin")
def power(what: str) -> Response:
    """Restarts the machine or switches it off: 202, because the answer comes before it happens."""
    device, found = current_device(), actor()
    if not device.profile["system.power"]:
        raise Problem("forbidden", "The profile's system.power does not allow this.")
    entry.check_password(found.name, read_body(POWER_FIELDS)["password"])
    device.audit.note(found, f"system.{what}", device.name, "asked for")
    # what the log says of it has to be on the disk before the machine goes
    device.audit.flush()
    call(device, f"system.{what}", device.name, ["systemctl", "--no-block", "--no-ask-password", POWER[what]])
    return make_response({"accepted": what}, 202)


@system.get("/services")
@needs("admin")
def services() -> dict[str, Any]:
    """The services of the profile's `system.services`, as systemd sees them."""
    device = current_device()
    units: tuple[str, ...] = device.profile["system.services"]
    if not units:
        return {"services": []}
    arguments = ["systemctl", "show", f"--property={','.join(_PROPERTIES)}", "--", *units]
    text = call(device, "service.show", "", arguments).decode("utf-8", "replace")
    return {"services": [_described(block) for block in text.strip().split("\n\n") if block]}


@system.post("/services/<unit>/restart")
@needs("admin")
def restart(unit: str) -> Response:
    """Restarts a service of the profile's list: 202, and `GET /api/v1/services` says how it went."""
    device = current_device()
    if unit not in device.profile["system.services"]:
        raise Problem("not-found", "The profile's system.services does not name this service.")
    call(
        device,
        "service.restart",
        unit,
        ["systemctl", "--no-block", "--no-ask-password", "restart", "--", unit],
    )
    device.audit.note(actor(), "service.restart", unit, "asked for")
    return make_response({"accepted": "restart", "service": unit}, 202)


@system.get("/logs")
@needs("admin")
def logs() -> dict[str, Any]:
    """The journal, the newest last: `?unit=` of the profile's list or edgeweb's own, `lines=`, `priority=`
    (0 emergency to 7 debug), `seconds=` of the past."""
    device = current_device()
    units = ("edgeweb.service", *device.profile["system.services"])
    unit = request.args.get("unit", units[0])
    if unit not in units:
        raise Problem("invalid-query", f"unit: expected one of {', '.join(units)}")
    numbers = {name: _number(name) for name in _LOG_NUMBERS}
    arguments = [
        "journalctl",
        "--output=json",
        "--no-pager",
        "--quiet",
        f"--unit={unit}",
        f"--lines={numbers['lines']}",
        f"--priority={numbers['priority']}",
        f"--since=-{numbers['seconds']}s",
    ]
    output = call(device, "logs", unit, arguments)
    rows = [_log_entry(device, line) for line in output.splitlines()]
    return {"unit": unit, "entries": [row for row in rows if row is not None]}


def call(device: Device, action: str, target: str, arguments: list[str]) -> bytes:
    """Calls a program; raises the `Problem` of its failure, and logs that."""
    try:
        return device.run(arguments)
    except ProgramError as reason:
        device.audit.note(actor(), action, target, f"failed: {reason}")
        raise Problem("system-refused", str(reason)) from reason


def _number(name: str) -> int:
    limits, default = _LOG_NUMBERS[name]
    text = request.args.get(name)
    if text is None:
        return default
    value = int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None
    try:
        return int(accept("integer", limits, value))
    except ValueError as reason:
        raise Problem("invalid-query", f"{name}: expected {reason}", [error((name,), str(reason))]) from None


def _described(block: str) -> dict[str, str]:
    rows = (line.partition("=") for line in block.splitlines())
    return {_PROPERTIES[key]: value for key, _, value in rows if key in _PROPERTIES}


def _log_entry(device: Device, line: bytes) -> dict[str, Any] | None:
    """A line of `journalctl --output=json`; None for the one at which the output was cut."""
    try:
        row = json.loads(line)
        at = int(row["__REALTIME_TIMESTAMP"]) / 1_000_000
    except (ValueError, KeyError, TypeError):
        return None
    message = row.get("MESSAGE")
    if isinstance(message, list):  # the journal's way to say bytes that are no text
        message = bytes(message).decode("utf-8", "replace")
    priority = str(row.get("PRIORITY", "6"))
    return {
        "at": device.clock.date(at),
        "priority": int(priority) if priority.isdecimal() else 6,
        "message": str(message or "")[:4096],
    }
