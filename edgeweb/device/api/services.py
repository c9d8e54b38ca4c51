"""The JSON interface to the machine: restart it, switch it off, its services and its log. For admins only.

systemd decides whether this server may: polkit's rule in `systemd/polkit` allows exactly these calls.
"""

from __future__ import annotations

import json
from typing import Any

from werkzeug.exceptions import HTTPException

from edgeweb import Blueprint, Response, make_response

from ..access import passwords
from ..access.roles import needs
from ..config.schema import REQUIRED
from ..device import Device, current_device
from ..http import login, problems
from ..http.body import error, read_body, read_query
from ..http.contract import Fields, contract
from ..http.etag import from_content
from ..http.gate import Actor, actor
from ..http.problems import Problem
from ..system.command import CommandError

system = Blueprint("system", __name__, url_prefix="/api/v1")
system.register_error_handler(HTTPException, problems.answer)

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

LOG_QUERY: Fields = {
    "unit": ("string", 255, "edgeweb.service"),
    "lines": ("integer", (1, 500), 100),
    "priority": ("integer", (0, 7), 7),
    "seconds": ("integer", (1, 31_536_000), 86_400),
}


@system.post("/system/<any(reboot, shutdown):what>")
@needs("admin")
@contract(
    body=POWER_FIELDS,
    answer="Accepted",
    status=202,
    problems=("wrong-password", "system-refused"),
)
def power(what: str) -> Response:
    """Restarts the machine or switches it off: 202, because the answer comes before it happens."""
    device, found = current_device(), actor()
    check_power(device)
    login.check_password(found.name, read_body()["password"])
    end_machine(device, found, what)
    return make_response({"accepted": what}, 202)


def check_power(device: Device) -> None:
    """Raises `Problem` where the profile keeps people from ending the machine."""
    if not device.profile["system.power"]:
        raise Problem("forbidden", "The profile's system.power does not allow this.")


def end_machine(device: Device, found: Actor, what: str) -> None:
    """Asks systemd for a `reboot` or a `shutdown`; raises the `Problem` of its refusal."""
    device.audit.note(found, f"system.{what}", device.name, "asked for")
    # what the log says of it has to be on the disk before the machine goes
    device.audit.flush()
    call(device, f"system.{what}", device.name, ["systemctl", "--no-block", "--no-ask-password", POWER[what]])


@system.get("/services")
@needs("admin")
@contract(answer="Services", problems=("system-refused",))
def services() -> Response:
    """The services of the profile's `system.services`, as systemd sees them."""
    return from_content({"services": read_services(current_device())})


def read_services(device: Device) -> list[dict[str, str]]:
    """A row for each service of the profile. Raises `Problem` where systemd does not answer."""
    units: tuple[str, ...] = device.profile["system.services"]
    if not units:
        return []
    arguments = ["systemctl", "show", f"--property={','.join(_PROPERTIES)}", "--", *units]
    text = call(device, "service.show", "", arguments).decode("utf-8", "replace")
    return [_described(block) for block in text.strip().split("\n\n") if block]


@system.post("/services/<unit>/restart")
@needs("admin")
@contract(answer="Accepted", status=202, problems=("system-refused",))
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
@contract(query=LOG_QUERY, answer="Logs", problems=("system-refused",))
def logs() -> Response:
    """The journal, the newest last: of a `unit` of the profile's list or of edgeweb's own, at most so many
    `lines`, at least of this `priority` (0 emergency to 7 debug), of so many `seconds` of the past."""
    query = read_query()
    return from_content({"unit": query["unit"], "entries": read_log(current_device(), query)})


def read_log(device: Device, query: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines that a query of `LOG_QUERY` asks for. Raises `Problem`: 400 for a service that is not in
    the profile, 503 where the journal does not answer."""
    units = (LOG_QUERY["unit"][2], *device.profile["system.services"])
    unit = query["unit"]
    if unit not in units:
        expected = f"expected one of {', '.join(units)}"
        raise Problem("invalid-query", f"/unit: {expected}", [error(("unit",), expected)])
    arguments = [
        "journalctl",
        "--output=json",
        "--no-pager",
        "--quiet",
        f"--unit={unit}",
        f"--lines={query['lines']}",
        f"--priority={query['priority']}",
        f"--since=-{query['seconds']}s",
    ]
    output = call(device, "logs", unit, arguments)
    rows = [_log_entry(device, line) for line in output.splitlines()]
    return [row for row in rows if row is not None]


def call(device: Device, action: str, target: str, arguments: list[str]) -> bytes:
    """Calls a program; raises the `Problem` of its failure, and logs that."""
    try:
        return device.run(arguments)
    except CommandError as reason:
        device.audit.note(actor(), action, target, f"failed: {reason}")
        raise Problem("system-refused", str(reason)) from reason


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
