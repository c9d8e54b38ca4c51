"""The machine's power. For admins, who show their password again."""

from __future__ import annotations

from edgeweb import Response, make_response

from ..access import passwords
from ..access.roles import needs
from ..http import confirm
from ..http.body import read_body
from ..http.confirm import asks_itself
from ..http.contract import Examples, Fields, Parts, Schemas, contract
from ..http.current import actor, current_device
from ..http.on_demand import on_demand
from ..system.systemd import POWER
from .blueprint import api

#: An open browser is not enough to end the machine.
POWER_FIELDS: Fields = {"password": ("string", passwords.MAX_LENGTH, "")}


@api.post(f"/system/<any({', '.join(POWER)}):what>")
@needs("admin")
@asks_itself("power")
@contract(
    body=POWER_FIELDS,
    answer="PowerAccepted",
    status=202,
    problems=("wrong-password", "too-many-attempts", "unconfirmed", "system-refused"),
)
def power(what: str) -> Response:
    """Restart the machine or switch it off. 202, because the answer comes before it happens."""
    device, found = current_device(), actor()
    device.check_may_end()
    confirm.check("power", read_body()["password"])
    device.end_machine(found, what)
    return make_response({"accepted": what}, 202)


@on_demand
def parts() -> Parts:
    """Return what stands in the addresses."""
    return {
        "what": ("reboot", "What the machine is to do."),
    }


@on_demand
def examples() -> Examples:
    """Return an example of each field."""
    return {
        "password": "correct horse battery",
    }


@on_demand
def schemas() -> Schemas:
    """Return the schemas of this module's answers."""
    from ..http.schemas import one_of, record

    return {"PowerAccepted": record(accepted=one_of("What happens now.", *POWER))}
