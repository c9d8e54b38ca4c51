"""Browsers that are signed in. Programs use a token and need no session."""

from __future__ import annotations

from edgeweb import Response, make_response

from ..access.roles import needs, public
from ..access.sessions import Session
from ..config.checks import REQUIRED
from ..http import login
from ..http.body import PASSWORD, read_body
from ..http.confirm import scoped
from ..http.contract import Examples, Fields, Parts, Schemas, contract
from ..http.current import actor, current_device
from ..http.etag import from_content
from ..http.gate import find_session
from ..http.on_demand import on_demand
from ..http.problems import Problem
from .blueprint import api
from .users import user_to_json

CONFIRM_FIELDS: Fields = {"password": PASSWORD}
SESSION_FIELDS: Fields = {"name": ("string", 64, REQUIRED), "password": PASSWORD, "code": ("string", 64, "")}


@api.post("/session")
@public
@contract(
    body=SESSION_FIELDS,
    answer="SignedIn",
    problems=("wrong-password", "second-factor", "wrong-second-factor", "too-many-attempts"),
)
def sign_in() -> Response:
    """Sign a browser in. The answer sets its cookie; programs use a token and need no session.

    A user with a second factor sends the `code` of the app as well, or a recovery code.
    """
    body = read_body()
    user = login.sign_in(body["name"], body["password"], body["code"])
    return login.begin_session(make_response({"user": user_to_json(user)}), user)


@api.get("/session")
@contract(answer="WhoAmI")
def who_am_i() -> Response:
    """Return who makes the request, with the role that counts."""
    found = actor()
    return from_content({"user": {"name": found.name, "role": found.role}, "token_id": found.token})


@api.delete("/session")
@needs("viewer")
@contract(status=204)
def sign_out() -> Response:
    """End this browser's session."""
    return login.end_session(Response(status=204))


@api.post("/session/confirm")
@needs("viewer")
@contract(body=CONFIRM_FIELDS, status=204, problems=("wrong-password", "too-many-attempts", "forbidden"))
def confirm_session() -> Response:
    """Show the password again: for five minutes this browser may do what asks for it."""
    people, found = current_device().people, actor()
    if found.session is None:
        raise Problem("forbidden", "A token has scopes instead: make one with those that it needs.")
    login.check_password(found.name, read_body()["password"])
    people.confirm(found)
    return Response(status=204)


@api.get("/sessions")
@contract(answer="Sessions")
def sessions() -> Response:
    """Return the signed-in browsers. An admin sees all, everybody else their own."""
    device = current_device()
    mine = find_session(device)
    rows = device.people.sessions_for(actor())
    return from_content({"sessions": [to_json(row, row is mine) for row in rows]})


@api.delete("/sessions/<key>")
@needs("viewer")
@scoped("accounts")
@contract(status=204, problems=("unconfirmed",))
def end_session(key: str) -> Response:
    """Sign a browser out, wherever it is."""
    current_device().people.end_session(actor(), key)
    return Response(status=204)


def to_json(session: Session, is_mine: bool) -> dict[str, object]:
    """Return a browser session as the API shows it."""
    clock = current_device().clock
    return {
        "id": session.id,
        "user": session.user,
        "source": session.source,
        "agent": session.agent,
        "opened_at": clock.iso(session.opened),
        "seen_at": clock.iso(session.seen),
        "current": is_mine,
    }


@on_demand
def parts() -> Parts:
    """Return what stands in the addresses."""
    return {
        "key": ("q0XbT3vK", "The `id` of a browser session."),
    }


@on_demand
def examples() -> Examples:
    """Return an example of each field."""
    return {
        "name": "ada",
        "password": "correct horse battery",
        "code": "492039",
    }


@on_demand
def schemas() -> Schemas:
    """Return the schemas of this module's answers."""
    from ..http.schemas import flag, moment, nullable, number, record, ref, rows, text

    session = record(
        id=text("For `DELETE /api/v1/sessions/{key}`.", "q0XbT3vK"),
        user=text("Who has signed in.", "ada"),
        source=text("From which address.", "192.168.1.20"),
        agent=text("The browser's User-Agent.", "Mozilla/5.0"),
        opened_at=moment("When it began."),
        seen_at=moment("When it was last used."),
        current=flag("Whether it is the one that asks."),
    )
    return {
        "SignedIn": record(user=ref("User")),
        "WhoAmI": record(
            user=ref("User"),
            token_id=nullable(
                number("Number of the token that was shown; null for a browser.", 1, minimum=1)
            ),
        ),
        "Sessions": record(
            sessions=rows(session, "The browsers that are signed in, the one used last at the end.")
        ),
    }
