"""Tokens: what programs show in place of a password. Their texts are nowhere kept."""

from __future__ import annotations

from edgeweb import Response, make_response

from ..access.roles import ROLES, SCOPES, needs
from ..access.user import Token
from ..config.checks import REQUIRED
from ..http.body import read_body
from ..http.confirm import confirmed, scoped
from ..http.contract import Examples, Fields, Parts, Schemas, contract
from ..http.current import actor, current_device
from ..http.etag import from_content
from ..http.on_demand import on_demand
from ..http.problems import Problem, error_row
from ..operations import NotShown
from .blueprint import api

#: Ten years.
MAX_DAYS = 3650

TOKEN_FIELDS: Fields = {
    "note": ("string", 100, REQUIRED),
    "role": ("choice", ROLES, "operator"),
    "scopes": ("choices", SCOPES, ()),
    "days": ("integer", (0, MAX_DAYS), 0),
    "kiosk": ("strings", 64, ()),
}


@api.get("/tokens")
@contract(answer="Tokens")
def tokens() -> Response:
    """Return the tokens of the one who asks; an admin sees all. Their texts are nowhere kept."""
    return from_content({"tokens": [to_json(row) for row in current_device().people.tokens_for(actor())]})


@api.post("/tokens")
@needs("viewer")
@confirmed("accounts")
@contract(body=TOKEN_FIELDS, answer="NewToken", status=201, problems=("conflict", "forbidden", "unconfirmed"))
def add_token() -> Response:
    """Make a token for the one who asks, with this role at most. Only this answer has its text.

    It may do what needs a scope (accounts, backup, power, things) only where it is made with that scope.
    After `days` it ends; 0: never. With names of channels and sensors in `kiosk` it is for a screen: it opens
    the kiosk with these, which a viewer's shows and an operator's switches, and nothing else.
    """
    body, device = read_body(), current_device()
    if body["kiosk"]:
        if body["scopes"]:
            raise Problem("invalid-fields", "", [error_row(("scopes",), "expected none beside kiosk")])
        try:
            token, text = device.add_kiosk_token(
                actor(), body["role"], body["note"], body["kiosk"], body["days"] or None
            )
        except NotShown as error:
            raise Problem("invalid-fields", str(error), [error_row(("kiosk",), str(error))]) from error
    else:
        token, text = device.people.add_token(
            actor(), body["role"], body["note"], body["scopes"], body["days"] or None
        )
    return make_response({**to_json(token), "token": text}, 201)


@api.delete("/tokens/<int:number>")
@needs("viewer")
@scoped("accounts")
@contract(status=204, problems=("unconfirmed",))
def revoke(number: int) -> Response:
    """Revoke a token."""
    current_device().people.revoke(actor(), number)
    return Response(status=204)


def to_json(token: Token) -> dict[str, object]:
    """Return a token as the API shows it."""
    date = current_device().clock.date
    return {
        "id": token.id,
        "user": token.user,
        "role": token.role,
        "note": token.note,
        "scopes": [scope for scope in token.scopes if scope in SCOPES],
        "kiosk": list(token.shown),
        "created_at": None if token.created is None else date(token.created),
        "used_at": None if token.used is None else date(token.used),
        "expires_at": None if token.expires is None else date(token.expires),
    }


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
        "scopes": [],
        "days": 90,
        "kiosk": [],
    }


@on_demand
def schemas() -> Schemas:
    """Return the schemas of this module's answers."""
    from ..http.schemas import moment, nullable, number, one_of, record, ref, rows, text

    token = record(
        id=number("Number of the token.", 1, minimum=1),
        user=text("Whose it is.", "ada"),
        role=one_of("What it may do at most; never more than its user.", *ROLES),
        note=text("What it is for.", "heating script"),
        scopes=rows(one_of("What it may do besides.", *SCOPES), "Empty: nothing of these."),
        kiosk=rows(
            text("Name of a channel or a sensor.", "lamp"),
            "What its screen shows: it opens the kiosk and nothing else. Empty: it is none of a kiosk.",
        ),
        created_at=nullable(moment("When it was made; null where the clock was not set then.")),
        used_at=nullable(moment("The day of its last use; null before that.")),
        expires_at=nullable(moment("When it ends; null for never.")),
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
