"""The machine's power. For admins, who show their password again."""

from __future__ import annotations

from edgeweb import Response, make_response

from ..access.roles import needs
from ..http import login
from ..http.body import PASSWORD, read_body
from ..http.contract import Fields, contract
from ..http.current import actor, current_device
from ..system.systemd import POWER
from .blueprint import api

#: An open browser is not enough to end the machine.
POWER_FIELDS: Fields = {"password": PASSWORD}


@api.post(f"/system/<any({', '.join(POWER)}):what>")
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
    device.check_may_end()
    login.check_password(found.name, read_body()["password"])
    device.end_machine(found, what)
    return make_response({"accepted": what}, 202)
