"""The factory reset, see `device.factory_reset`. For admins, who show their password again."""

from __future__ import annotations

from edgeweb import Response, make_response

from ..access import passwords
from ..access.roles import needs
from ..config.checks import REQUIRED
from ..http import confirm
from ..http.body import read_body
from ..http.confirm import asks_itself
from ..http.contract import Examples, Fields, Schemas, contract
from ..http.current import actor, current_device
from ..http.on_demand import on_demand
from .blueprint import api

#: An open browser is not enough. Without a default: a request that forgets its body must not do this.
RESET_FIELDS: Fields = {"password": ("string", passwords.MAX_LENGTH, REQUIRED)}


@api.post("/reset")
@needs("admin")
@asks_itself("reset")
@contract(
    body=RESET_FIELDS,
    answer="ResetAccepted",
    status=202,
    problems=("wrong-password", "too-many-attempts", "unconfirmed", "system-refused"),
)
def reset() -> Response:
    """Remove everything that people have entered and that was measured. Take a backup first.

    `password` is that of the one who asks; a token with the scope `reset` may leave it empty.
    202, because the answer comes before it happens: the server ends, and where it is a service it starts
    again without an owner and with a new set-up code.
    """
    confirm.check("reset", read_body()["password"])
    current_device().reset(actor())
    return make_response({"accepted": "reset"}, 202)


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

    return {"ResetAccepted": record(accepted=one_of("What happens now.", "reset"))}
