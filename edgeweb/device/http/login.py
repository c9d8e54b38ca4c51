"""The cookie of a browser's session, and the password that a request shows."""

from __future__ import annotations

from edgeweb import Response, request

from ...server.origin import is_loopback
from ..access.user import User
from ..system.text import clean
from .cookies import session_name
from .current import current_device
from .gate import find_session
from .problems import Problem

#: The name of a cookie whose only meaning is that the browser keeps cookies.
_PROBE = "edgeweb_cookies"


def source() -> str:
    """Return the address that the request comes from."""
    return request.remote_addr or ""


def is_in_clear() -> bool:
    """Return whether others may read what the browser sends: without TLS, and not on this machine alone."""
    hosts: tuple[str, ...] = current_device().profile["server.host"]
    return not (request.is_secure or all(map(is_loopback, (*hosts, source()))))


def claim(code: str, name: str, password: str) -> User:
    """Make the first owner. Raises as `People.claim`."""
    return current_device().people.claim(source(), code, name, password)


def check_password(name: str, password: str) -> User:
    """Return the user with this password. Raises as `People.check_password`."""
    return current_device().people.check_password(source(), name, password)


def ask_for_cookies(response: Response) -> None:
    """Give a browser without any cookie one that comes back with the form: see `check_cookies`."""
    if not request.cookies:
        response.set_cookie(_PROBE, "1", path=request.script_root + "/", httponly=True, samesite="Strict")


def check_cookies() -> None:
    """Raise `Problem` for a form whose browser has not kept the cookie that came with it.

    Without it the person would sign in and see the form again. A program sends the form without that field.
    """
    if request.form.get("cookies") and not request.cookies:
        raise Problem("no-cookies")


def begin_session(response: Response, user: User) -> Response:
    """Sign in the browser that gets this response."""
    device = current_device()
    # WSGI gives the header's bytes as Latin-1 (PEP 3333)
    agent = clean(request.headers.get("User-Agent", "").encode("latin-1", "replace"))
    response.set_cookie(
        session_name(device),
        device.people.begin_session(source(), user, agent),
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
    """Sign out the browser that gets this response."""
    device = current_device()
    if session := find_session(device):
        device.people.sign_out(source(), session)
    response.delete_cookie(
        session_name(device),
        path=request.script_root + "/",
        # Browsers ignore a __Host- cookie without it, also one that deletes.
        secure=request.is_secure,
        httponly=True,
        samesite="Strict",
    )
    return response
