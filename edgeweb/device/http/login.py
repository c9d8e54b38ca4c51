"""The cookie of a browser's session, and the password that a request shows."""

from __future__ import annotations

from edgeweb import Response, request

from ..access.user import User
from .current import current_device
from .gate import find_session


def source() -> str:
    """Return the address that the request comes from."""
    return request.remote_addr or ""


def claim(code: str, name: str, password: str) -> User:
    """Make the first owner. Raises as `People.claim`."""
    return current_device().people.claim(source(), code, name, password)


def check_password(name: str, password: str) -> User:
    """Return the user with this password. Raises as `People.check_password`."""
    return current_device().people.check_password(source(), name, password)


def begin_session(response: Response, user: User) -> Response:
    """Sign in the browser that gets this response."""
    device = current_device()
    response.set_cookie(
        device.cookie_name,
        device.people.begin_session(source(), user, request.headers.get("User-Agent", "")),
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
        device.cookie_name, path=request.script_root + "/", httponly=True, samesite="Strict"
    )
    return response
