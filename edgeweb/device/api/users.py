"""Users: who may sign in, with which role."""

from __future__ import annotations

from edgeweb import Response, make_response

from ..access import passwords
from ..access.roles import ROLES, needs
from ..access.user import User
from ..config.checks import REQUIRED
from ..http import login
from ..http.body import PASSWORD, read_body
from ..http.confirm import confirmed
from ..http.contract import Examples, Fields, Parts, Schemas, contract
from ..http.current import actor, current_device
from ..http.etag import from_content
from ..http.on_demand import on_demand
from ..http.problems import Problem, error_row
from .blueprint import api

_ROLE = ("choice", ROLES, REQUIRED)

USER_FIELDS: Fields = {"name": ("name", None, REQUIRED), "password": PASSWORD, "role": _ROLE}
ROLE_FIELDS: Fields = {"role": _ROLE}
PASSWORD_FIELDS: Fields = {"password": PASSWORD, "new": PASSWORD, "end_tokens": ("boolean", None, False)}


@api.get("/users")
@needs("admin")
@contract(answer="Users")
def users() -> Response:
    """Return all users."""
    rows = [user_to_json(user) for user in current_device().accounts.users().values()]
    return from_content({"users": rows})


@api.post("/users")
@needs("admin")
@confirmed("accounts")
@contract(body=USER_FIELDS, answer="User", status=201, problems=("conflict", "unconfirmed"))
def add_user() -> Response:
    """Add a user."""
    body = read_body()
    check_new(body["password"], body["name"], "password")
    user = current_device().accounts.add(actor(), body["name"], body["password"], body["role"])
    return make_response(user_to_json(user), 201)


@api.put("/users/<name>/role")
@needs("admin")
@confirmed("accounts")
@contract(body=ROLE_FIELDS, answer="User", problems=("conflict", "unconfirmed"))
def set_role(name: str) -> dict[str, object]:
    """Give a user another role, in force at once."""
    accounts = current_device().accounts
    accounts.set_role(actor(), name, read_body()["role"])
    return user_to_json(accounts.users()[name])


@api.put("/users/<name>/password")
@needs("viewer")
@contract(body=PASSWORD_FIELDS, status=204, problems=("forbidden", "wrong-password"))
def set_password(name: str) -> Response:
    """Set a password: one's own, or as an admin anybody's. `password` is that of the one who asks.

    All browser sessions of the user end. Tokens stay, because scripts hold them; with `end_tokens` they are
    revoked, too.
    """
    people, found = current_device().people, actor()
    people.check_may_set_password(found, name)
    body = read_body()
    login.check_password(found.name, body["password"])
    check_new(body["new"], name, "new")
    people.set_password(found, name, body["new"], end_tokens=body["end_tokens"])
    return Response(status=204)


@api.delete("/users/<name>")
@needs("admin")
@confirmed("accounts")
@contract(status=204, problems=("conflict", "unconfirmed"))
def remove_user(name: str) -> Response:
    """Remove a user, with all sessions and tokens."""
    current_device().people.remove(actor(), name)
    return Response(status=204)


def user_to_json(user: User) -> dict[str, object]:
    """Return a user as the API shows it."""
    return {"name": user.name, "role": user.role}


def check_new(password: str, name: str, field: str) -> None:
    """Raise `Problem` where a password is too easy for a user with this name."""
    device = current_device()
    if fault := passwords.fault_of(password, name, device.name, device.title):
        detail = f"expected {fault}"
        raise Problem("invalid-fields", f"/{field}: {detail}", [error_row((field,), detail)])


@on_demand
def parts() -> Parts:
    """Return what stands in the addresses."""
    return {
        "name": ("ada", "Name of a user."),
    }


@on_demand
def examples() -> Examples:
    """Return an example of each field."""
    return {
        "name": "ada",
        "password": "correct horse battery",
        "new": "staple battery horse",
        "end_tokens": False,
        "role": "operator",
    }


@on_demand
def schemas() -> Schemas:
    """Return the schemas of this module's answers."""
    from ..http.schemas import one_of, record, ref, rows, text

    return {
        "User": record(
            name=text("Name of a user.", "ada"),
            role=one_of("What the user may do: each role may do what those before it may.", *ROLES),
        ),
        "Users": record(users=rows(ref("User"), "All users.")),
    }
