"""Ways in, the same for pages and programs: the first owner, passwords, the cookie of a session."""

from __future__ import annotations

from edgeweb import Response, request

from ..access.accounts import AccountError, User
from ..access.passwords import Busy
from ..access.setup import WrongCode
from ..device import current_device
from .gate import Actor, count_failure, find_session, refuse_too_many, too_many
from .problems import Problem

#: In the log in place of a name that nobody has: people type their password there.
UNKNOWN = "unknown name"


def claim(code: str, name: str, password: str) -> User:
    """Makes the first owner. Raises `Problem`: 401 for a wrong code, 409 where there is an owner, 429."""
    device = current_device()
    refuse_too_many(device)
    try:
        user = device.setup.claim(Actor(name, "admin", request.remote_addr or ""), code, name, password)
    except WrongCode:
        count_failure(device, "setup", UNKNOWN)
        raise Problem("wrong-code") from None
    except AccountError as reason:
        raise Problem(reason.key, str(reason)) from reason
    except Busy:
        raise busy() from None
    device.rate_limit.succeed(request.remote_addr or "")
    return user


def check_password(name: str, password: str) -> User:
    """The user with this password. Raises `Problem`: 401, or 429 after too many failures."""
    device = current_device()
    refuse_too_many(device)
    try:
        user = device.accounts.by_password(name, password)
    except Busy:
        raise busy() from None
    if user is None:
        count_failure(device, "sign-in", name if name in device.accounts.users() else UNKNOWN)
        raise Problem("wrong-password")
    device.rate_limit.succeed(request.remote_addr or "")
    return user


def begin_session(response: Response, user: User) -> Response:
    """Signs the browser in that gets this response."""
    device = current_device()
    agent = request.headers.get("User-Agent", "")
    key, _ = device.sessions.open(user, request.remote_addr or "", agent)
    device.audit.note(as_actor(user), "session.begin", user.name, "signed in")
    response.set_cookie(
        device.cookie_name,
        key,
        # an age and no date: the device's clock may be wrong
        max_age=int(device.profile["access.session_idle"]),
        path=request.script_root + "/",
        secure=request.is_secure,
        httponly=True,
        samesite="Strict",
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def end_session(response: Response) -> Response:
    """Signs the browser out that gets this response."""
    device = current_device()
    session = find_session(device)
    if session is not None:
        device.sessions.end(lambda other: other is session)
        source = request.remote_addr or ""
        device.audit.note(Actor(session.user, "", source), "session.end", session.user, "signed out")
    response.delete_cookie(
        device.cookie_name, path=request.script_root + "/", httponly=True, samesite="Strict"
    )
    return response


def as_actor(user: User) -> Actor:
    """A user who has just shown a password, for the audit log."""
    return Actor(user.name, user.role, request.remote_addr or "")


def busy() -> Problem:
    """429 for the next second."""
    return too_many(0.0)
