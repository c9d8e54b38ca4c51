"""The JSON interface to accounts: the first owner, sign-in, users, tokens, browser sessions, the audit log.

    $ curl -X POST -H 'Content-Type: application/json' http://127.0.0.1:8080/api/v1/setup \\
        -d '{"code": "K7QM-4T2X-9RWD", "name": "ada", "password": "correct horse battery"}'
"""

from __future__ import annotations

from typing import Any

from werkzeug.exceptions import HTTPException

from edgeweb import Blueprint, Response, make_response

from ..access import passwords
from ..access.accounts import AccountError, Token, User
from ..access.roles import ROLES, needs, public
from ..access.sessions import Session
from ..config.schema import REQUIRED
from ..device import current_device
from ..http import login, problems
from ..http.body import error, read_body, read_query
from ..http.contract import Fields, contract
from ..http.etag import from_content
from ..http.gate import actor, find_session, may
from ..http.problems import Problem

account = Blueprint("account", __name__, url_prefix="/api/v1")
account.register_error_handler(HTTPException, problems.answer)

_PASSWORD = ("string", passwords.LONGEST, REQUIRED)
_ROLE = ("choice", ROLES, REQUIRED)

SETUP_FIELDS: Fields = {
    "code": ("string", 40, REQUIRED),
    "name": ("name", None, REQUIRED),
    "password": _PASSWORD,
}
SESSION_FIELDS: Fields = {"name": ("string", 64, REQUIRED), "password": _PASSWORD}
USER_FIELDS: Fields = {"name": ("name", None, REQUIRED), "password": _PASSWORD, "role": _ROLE}
ROLE_FIELDS: Fields = {"role": _ROLE}
PASSWORD_FIELDS: Fields = {"password": _PASSWORD, "new": _PASSWORD}
TOKEN_FIELDS: Fields = {"note": ("string", 100, REQUIRED), "role": ("choice", ROLES, "operator")}
AUDIT_QUERY: Fields = {"before": ("integer", (0, 2**53), None), "limit": ("integer", (1, 500), 100)}


@account.post("/setup")
@public
@contract(
    body=SETUP_FIELDS, answer="SetUp", status=201, problems=("wrong-code", "conflict", "too-many-attempts")
)
def set_up() -> Response:
    """Makes the owner of a device that has none, with the code in its log; answers with a first token."""
    body = read_body()
    _check_new(body["password"], body["name"], "password")
    user = login.claim(body["code"], body["name"], body["password"])
    token, text = _account(
        current_device().accounts.add_token, login.as_actor(user), user, user.role, "set-up"
    )
    return make_response({"user": described_user(user), "token": text, "token_id": token.id}, 201)


@account.post("/session")
@public
@contract(body=SESSION_FIELDS, answer="SignedIn", problems=("wrong-password", "too-many-attempts"))
def sign_in() -> Response:
    """Signs a browser in: the answer sets its cookie. Programs use a token and need no session."""
    body = read_body()
    user = login.check_password(body["name"], body["password"])
    response = make_response({"user": described_user(user)})
    return login.begin_session(response, user)


@account.get("/session")
@contract(answer="WhoAmI")
def who_am_i() -> Response:
    """Who is asking, and what that one may do."""
    found = actor()
    return from_content({"user": {"name": found.name, "role": found.role}, "token_id": found.token})


@account.delete("/session")
@needs("viewer")
@contract(status=204)
def sign_out() -> Response:
    """Ends this browser's session."""
    return login.end_session(Response(status=204))


@account.get("/sessions")
@contract(answer="Sessions")
def sessions() -> Response:
    """The browsers that are signed in: an admin sees all, everybody else their own."""
    device, found = current_device(), actor()
    mine = find_session(device)
    rows = [
        described_session(session, session is mine)
        for session in device.sessions.all()
        if session.user == found.name or may("admin")
    ]
    return from_content({"sessions": rows})


@account.delete("/sessions/<key>")
@needs("viewer")
@contract(status=204)
def end_session(key: str) -> Response:
    """Signs a browser out, wherever it is."""
    device, found, admin = current_device(), actor(), may("admin")
    ended = device.sessions.end(lambda s: s.id == key and (admin or s.user == found.name))
    if not ended:
        raise Problem("not-found", "There is no such session.")
    device.audit.note(found, "session.end", key, "ended")
    return Response(status=204)


@account.get("/users")
@needs("admin")
@contract(answer="Users")
def users() -> Response:
    """All users."""
    rows = [described_user(user) for user in current_device().accounts.users().values()]
    return from_content({"users": rows})


@account.post("/users")
@needs("admin")
@contract(body=USER_FIELDS, answer="User", status=201, problems=("conflict",))
def add_user() -> Response:
    """A new user."""
    body = read_body()
    _check_new(body["password"], body["name"], "password")
    user = _account(current_device().accounts.add, actor(), body["name"], body["password"], body["role"])
    return make_response(described_user(user), 201)


@account.put("/users/<name>/role")
@needs("admin")
@contract(body=ROLE_FIELDS, answer="User", problems=("conflict",))
def set_role(name: str) -> dict[str, Any]:
    """Another role, in force at once."""
    accounts = current_device().accounts
    _account(accounts.set_role, actor(), name, read_body()["role"])
    return described_user(accounts.users()[name])


@account.put("/users/<name>/password")
@needs("viewer")
@contract(body=PASSWORD_FIELDS, status=204, problems=("forbidden", "wrong-password"))
def set_password(name: str) -> Response:
    """Another password: one's own, or as an admin anybody's. `password` is that of the one who asks.

    All browser sessions of the user end; tokens stay, because scripts hold them: revoke what has leaked.
    """
    found = actor()
    if name != found.name and not may("admin"):
        raise Problem("forbidden", "Only an admin may set the password of somebody else.")
    body = read_body()
    login.check_password(found.name, body["password"])
    _check_new(body["new"], name, "new")
    device = current_device()
    _account(device.accounts.set_password, found, name, body["new"])
    device.sessions.end(lambda session: session.user == name)
    return Response(status=204)


@account.delete("/users/<name>")
@needs("admin")
@contract(status=204, problems=("conflict",))
def remove_user(name: str) -> Response:
    """No longer a user: sessions and tokens end too."""
    device = current_device()
    _account(device.accounts.remove, actor(), name)
    device.sessions.end(lambda session: session.user == name)
    return Response(status=204)


@account.get("/tokens")
@contract(answer="Tokens")
def tokens() -> Response:
    """The tokens of the one who asks; an admin sees all. Their texts are nowhere kept."""
    found, admin = actor(), may("admin")
    rows = [token for token in current_device().accounts.tokens() if admin or token.user == found.name]
    return from_content({"tokens": [described_token(token) for token in rows]})


@account.post("/tokens")
@needs("viewer")
@contract(body=TOKEN_FIELDS, answer="NewToken", status=201, problems=("conflict",))
def add_token() -> Response:
    """A new token for the one who asks, with this role at most. Only this answer has its text."""
    body, found = read_body(), actor()
    accounts = current_device().accounts
    # a token must not beget one that may do more than itself
    user = User(found.name, found.role, "")
    token, text = _account(accounts.add_token, found, user, body["role"], body["note"])
    return make_response({**described_token(token), "token": text}, 201)


@account.delete("/tokens/<int:number>")
@needs("viewer")
@contract(status=204)
def revoke(number: int) -> Response:
    """Ends a token."""
    found, accounts = actor(), current_device().accounts
    mine = any(token.id == number and token.user == found.name for token in accounts.tokens())
    if not mine and not may("admin"):
        raise Problem("not-found", f"There is no token {number}.")
    _account(accounts.revoke, found, number)
    return Response(status=204)


@account.get("/audit")
@needs("admin")
@contract(query=AUDIT_QUERY, answer="Audit")
def audit() -> Response:
    """Who has changed what, the newest first; `before` is the `id` of a row to go on from."""
    device, query = current_device(), read_query()
    rows = device.audit.rows(query["before"], query["limit"])
    for row in rows:
        row["at"] = device.clock.date(row["at"])
    return from_content({"audit": rows})


def described_user(user: User) -> dict[str, Any]:
    """A user as the API shows it."""
    return {"name": user.name, "role": user.role}


def described_token(token: Token) -> dict[str, Any]:
    """A token as the API shows it."""
    return {"id": token.id, "user": token.user, "role": token.role, "note": token.note}


def described_session(session: Session, is_mine: bool) -> dict[str, Any]:
    """A browser session as the API shows it."""
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


def _check_new(password: str, name: str, field: str) -> None:
    if fault := passwords.fault_of(password, name):
        raise Problem("invalid-fields", f"/{field}: expected {fault}", [error((field,), f"expected {fault}")])


def _account(call: Any, *arguments: Any) -> Any:
    """Calls; raises the `Problem` of its failure."""
    try:
        return call(*arguments)
    except AccountError as reason:
        raise Problem(reason.key, str(reason)) from reason
    except passwords.Busy:
        raise login.busy() from None
