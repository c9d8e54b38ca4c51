"""Tokens: what programs show in place of a password. Their texts are nowhere kept."""

from __future__ import annotations

from edgeweb import Response, make_response

from ..access.roles import ROLES, needs
from ..access.user import Token
from ..config.checks import REQUIRED
from ..http.body import read_body
from ..http.contract import Examples, Fields, Parts, Schemas, contract
from ..http.current import actor, current_device
from ..http.etag import from_content
from ..http.on_demand import on_demand
from .blueprint import api

TOKEN_FIELDS: Fields = {"note": ("string", 100, REQUIRED), "role": ("choice", ROLES, "operator")}


@api.get("/tokens")
@contract(answer="Tokens")
def tokens() -> Response:
    """Return the tokens of the one who asks; an admin sees all. Their texts are nowhere kept."""
    return from_content({"tokens": [to_json(row) for row in current_device().people.tokens_for(actor())]})


@api.post("/tokens")
@needs("viewer")
@contract(body=TOKEN_FIELDS, answer="NewToken", status=201, problems=("conflict",))
def add_token() -> Response:
    """Make a token for the one who asks, with this role at most. Only this answer has its text."""
    body = read_body()
    token, text = current_device().people.add_token(actor(), body["role"], body["note"])
    return make_response({**to_json(token), "token": text}, 201)


@api.delete("/tokens/<int:number>")
@needs("viewer")
@contract(status=204)
def revoke(number: int) -> Response:
    """Revoke a token."""
    current_device().people.revoke(actor(), number)
    return Response(status=204)


def to_json(token: Token) -> dict[str, object]:
    """Return a token as the API shows it."""
    return {"id": token.id, "user": token.user, "role": token.role, "note": token.note}


@on_demand
def parts() -> Parts:
    """Return what stands in the addresses."""
    return {
        "number": (1, "The `id` of a token."),
    }


@on_demand
def examples() -> Examples:
    """Return an example of each field."""
    return {
        "note": "heating script",
        "role": "operator",
    }


@on_demand
def schemas() -> Schemas:
    """Return the schemas of this module's answers."""
    from ..http.schemas import number, one_of, record, ref, rows, text

    token = record(
        id=number("Number of the token.", 1, minimum=1),
        user=text("Whose it is.", "ada"),
        role=one_of("What it may do at most; never more than its user.", *ROLES),
        note=text("What it is for.", "heating script"),
    )
    return {
        "Token": token,
        "NewToken": record(**token["properties"], token=ref("TokenText")),
        "TokenText": text(
            "The token's text. Only this answer has it: it is nowhere kept.",
            "edgeweb_kc8PJcnIanRZnL4jbG1d3VYDyV0yzvZq4cZ5eN5hCxs",
        ),
        "Tokens": record(tokens=rows(ref("Token"), "The oldest first.")),
    }
