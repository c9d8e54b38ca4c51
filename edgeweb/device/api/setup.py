"""The first owner of a device.

    $ curl -X POST -H 'Content-Type: application/json' http://127.0.0.1:8080/api/v1/setup \\
        -d '{"code": "K7QM-4T2X-9RWD", "name": "ada", "password": "correct horse battery"}'
"""

from __future__ import annotations

from edgeweb import Response, make_response

from ..access.actor import Actor
from ..access.roles import SCOPES, public
from ..config.checks import REQUIRED
from ..http import login
from ..http.body import PASSWORD, read_body
from ..http.contract import Examples, Fields, Schemas, contract
from ..http.current import current_device
from ..http.on_demand import on_demand
from .blueprint import api
from .users import check_new, user_to_json

SETUP_FIELDS: Fields = {
    "code": ("string", 40, REQUIRED),
    "name": ("name", None, REQUIRED),
    "password": PASSWORD,
}


@api.post("/setup")
@public
@contract(
    body=SETUP_FIELDS,
    answer="SetUp",
    status=201,
    problems=("wrong-code", "expired-code", "conflict", "too-many-attempts"),
)
def set_up() -> Response:
    """Make the owner of a device that has none, with its set-up code. The answer has a first token.

    The code is in the log and on the screen of the device, unless it was given one. It is good for a day from
    the start on, and for 50 wrong ones.

    It is one with all scopes, for programs that set devices up: revoke it where nothing needs it.
    """
    body = read_body()
    check_new(body["password"], body["name"], "password")
    user = login.claim(body["code"], body["name"], body["password"])
    owner = Actor(user.name, user.role, login.source())
    token, text = current_device().people.add_token(owner, user.role, "set-up", SCOPES)
    return make_response({"user": user_to_json(user), "token": text, "token_id": token.id}, 201)


@on_demand
def examples() -> Examples:
    """Return an example of each field."""
    return {
        "code": "K7QM-4T2X-9RWD",
        "name": "ada",
        "password": "correct horse battery",
    }


@on_demand
def schemas() -> Schemas:
    """Return the schemas of this module's answers."""
    from ..http.schemas import number, record, ref

    return {
        "SetUp": record(
            user=ref("User"),
            token=ref("TokenText"),
            token_id=number("Number of the token.", 1, minimum=1),
        )
    }
