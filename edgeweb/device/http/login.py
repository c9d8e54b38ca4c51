"""The cookie of a browser's session, and the password that a request shows."""

from __future__ import annotations

from edgeweb import Response, request

from ...server.origin import is_loopback
from ..access.user import User
from ..device import Device
from ..system.text import clean
from .cookies import session_name, set_cookie
from .current import current_device
from .gate import find_session
from .problems import Problem

#: The name of a cookie whose only meaning is that the browser keeps cookies.
_PROBE = "edgeweb_cookies"

#: Seconds for which a browser remembers that it is known: what browsers allow, 400 days.
_KNOWN_AGE = 400 * 86400


def _known(device: Device) -> str:
    """Return the name of the cookie of a known place (`access.known`)."""
    return f"{session_name(device)}_known"


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
    device = current_device()
    return device.people.check_password(source(), name, password, request.cookies.get(_known(device), ""))


def sign_in(name: str, password: str, code: str = "") -> User:
    """Return the user who may be signed in. Raises as `People.sign_in`."""
    device = current_device()
    return device.people.sign_in(source(), name, password, code, request.cookies.get(_known(device), ""))


def enter_code(ticket: str, code: str) -> User:
    """Return the user of a ticket and a code. Raises as `People.enter_code`."""
    device = current_device()
    return device.people.enter_code(source(), ticket, code, request.cookies.get(_known(device), ""))


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
    name = _known(device)
    # WSGI gives the header's bytes as Latin-1 (PEP 3333)
    agent = clean(request.headers.get("User-Agent", "").encode("latin-1", "replace"))
    key, known = device.people.begin_session(source(), user, agent, request.cookies.get(name, ""))
    for cookie, text, age in (
        (session_name(device), key, int(device.profile["access.session_idle"])),
        (name, known, _KNOWN_AGE),
    ):
        set_cookie(response, cookie, text, age, request.script_root + "/", request.is_secure)
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
