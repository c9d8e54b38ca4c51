"""Cookies, and the session's in particular: its name, which depends on TLS, and its value.

With TLS the name begins with `__Host-`: browsers take such a cookie from this host only, over TLS, and not
from a neighbour that serves `evil.board.example` or plain HTTP (RFC 6265bis, section 4.1.3.2). It needs the
path `/`, so a device below a proxy's path keeps the plain name.
"""

from __future__ import annotations

from werkzeug.http import dump_cookie

from edgeweb import Response, request

from ..device import Device
from .problems import Problem


def session_name(device: Device) -> str:
    """Return the name of the session's cookie for the current request."""
    prefix = "__Host-" if request.is_secure and not request.script_root else ""
    return f"{prefix}{device.cookie_name}"


def session_key(device: Device) -> str:
    """Return what the session's cookie holds; empty without one.

    Raises `Problem` "bad-request" where it comes twice: another host or page has set one of them, and which
    one it is cannot be known.
    """
    found: list[str] = request.cookies.getlist(session_name(device))
    if len(found) > 1:
        raise Problem("bad-request", "The session's cookie comes twice: remove the cookies of this site.")
    return found[0] if found else ""


def set_cookie(response: Response, name: str, text: str, age: int, path: str, secure: bool = False) -> None:
    """Set a cookie that scripts cannot read, and that no other site's page makes the browser send.

    It ends after `age` seconds, and has no date: the device's clock may be wrong. `Response.set_cookie` adds
    a date, which also takes 0.1 MB for the package that formats it.
    """
    cookie = dump_cookie(
        name,
        text,
        max_age=age,
        path=path,
        secure=secure,
        httponly=True,
        sync_expires=False,
        samesite="Strict",
    )
    response.headers.add("Set-Cookie", cookie)
