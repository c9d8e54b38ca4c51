"""Tokens: what programs show in place of a password. Their texts are nowhere kept."""

from __future__ import annotations

from typing import Any

from edgeweb import Response, make_response

from ..access.roles import ROLES, needs
from ..access.user import Token
from ..config.checks import REQUIRED
from ..http.body import read_body
from ..http.contract import Fields, contract
from ..http.current import actor, current_device
from ..http.etag import from_content
from .blueprint import api

TOKEN_FIELDS: Fields = {"note": ("string", 100, REQUIRED), "role": ("choice", ROLES, "operator")}


@api.get("/tokens")
@contract(answer="Tokens")
def tokens() -> Response:
    """The tokens of the one who asks; an admin sees all. Their texts are nowhere kept."""
    return from_content({"tokens": [to_json(row) for row in current_device().people.tokens_for(actor())]})


@api.post("/tokens")
@needs("viewer")
@contract(body=TOKEN_FIELDS, answer="NewToken", status=201, problems=("conflict",))
def add_token() -> Response:
    """A new token for the one who asks, with this role at most. Only this answer has its text."""
    body = read_body()
    token, text = current_device().people.add_token(actor(), body["role"], body["note"])
    return make_response({**to_json(token), "token": text}, 201)


@api.delete("/tokens/<int:number>")
@needs("viewer")
@contract(status=204)
def revoke(number: int) -> Response:
    """Ends a token."""
    current_device().people.revoke(actor(), number)
    return Response(status=204)


def to_json(token: Token) -> dict[str, Any]:
    """Return a token as the API shows it."""
    return {"id": token.id, "user": token.user, "role": token.role, "note": token.note}
