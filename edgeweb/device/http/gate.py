"""The gate: every request passes here before its view. Closed unless the view is marked public.

A browser sends a request for any page that asks it to, from inside the network that the device trusts, and
with the device's cookie. It says so, too: `Sec-Fetch-Site` where the connection is trustworthy, `Origin` on
every POST and PUT. A program sends neither, and shows a token. So a change needs a token, or a cookie
together with a sign that the request comes from a page of this device; a form also brings the session's own
word, for browsers that say nothing.
"""

from __future__ import annotations

from typing import Any

from edgeweb import Flask, current_app, g, request

from ..access import secrets
from ..access.roles import PUBLIC, SAFE_METHODS, allows, lesser, needed_role
from ..access.sessions import Session
from ..device import Device, current_device
from . import origin
from .problems import Problem

#: What HTML forms can send; everything else needs a script, which `guard` judges by its origin.
_FORM_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"})

_SCHEMES = ("basic", "bearer", "digest")


class Actor:
    """Who makes a request. `session` for a browser, `token` for a program, neither for a stranger."""

    __slots__ = ("name", "role", "session", "source", "token")

    def __init__(
        self, name: str, role: str, source: str, session: Session | None = None, token: int | None = None
    ) -> None:
        self.name = name
        self.role = role
        self.source = source
        self.session = session
        self.token = token


def init_app(app: Flask) -> None:
    """Puts the gate before every view of an application."""
    app.before_request(check)


def actor() -> Actor:
    """Who makes the current request. Raises `Problem` "unauthenticated" for a stranger."""
    found: Actor | None = g.get("actor")
    if found is None:
        raise Problem("unauthenticated")
    return found


def stranger() -> Actor:
    """Who makes a request to a public view, for the audit log."""
    return Actor("-", "", request.remote_addr or "")


def may(role: str) -> bool:
    """Whether the one who makes the request has this role."""
    found: Actor | None = g.get("actor")
    return found is not None and allows(found.role, role)


def check() -> None:
    """Lets the request through, or raises the `Problem` that says why not."""
    if request.endpoint is None:
        return
    needed = needed_role(current_app.view_functions[request.endpoint], request.method)
    if needed != PUBLIC or request.method not in SAFE_METHODS:
        _check_site()
    if needed == PUBLIC:
        return
    device = current_device()
    if device.setup.is_open:
        raise Problem("no-owner")
    found = _by_header(device) or _by_cookie(device)
    if found is None:
        raise Problem("unauthenticated")
    g.actor = found
    if not allows(found.role, needed):
        raise Problem("forbidden", f"This needs the role {needed}; {found.name} has {found.role}.")


def count_failure(device: Device, action: str, name: str) -> None:
    """Counts a failed attempt to get in, and logs it."""
    source = request.remote_addr or ""
    device.rate_limit.fail(source)
    device.audit.note(stranger(), action, name, "refused")


def refuse_too_many(device: Device) -> None:
    """Raises `Problem` 429 where this address has failed too often. Ask before looking at a password."""
    wait = device.rate_limit.wait(request.remote_addr or "")
    if wait > 0:
        raise too_many(wait)


def too_many(wait: float) -> Problem:
    """429 with the seconds to wait."""
    seconds = str(int(wait) + 1)
    return Problem("too-many-attempts", f"Try again in {seconds} seconds.", headers={"Retry-After": seconds})


def find_session(device: Device) -> Session | None:
    """The browser session of the request's cookie, while its user and its password are still the same."""
    key = request.cookies.get(device.cookie_name, "")
    session = device.sessions.find(key) if key else None
    if session is None:
        return None
    user = device.accounts.users().get(session.user)
    if user is None or user.password != session.password:
        device.sessions.end(lambda other: other is session)
        return None
    return session


def _by_header(device: Device) -> Actor | None:
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, text = header.partition(" ")
    known = device.accounts.by_token(text.strip()) if scheme.lower() == "bearer" else None
    if known is None:
        refuse_too_many(device)
        # what is no scheme may be the token itself
        count_failure(device, "token", scheme if scheme.lower() in _SCHEMES else "unknown scheme")
        raise Problem("unauthenticated", "The Authorization header has no token of this device.")
    user, token = known
    return Actor(user.name, lesser(user.role, token.role), request.remote_addr or "", token=token.id)


def _by_cookie(device: Device) -> Actor | None:
    session = find_session(device)
    if session is None:
        return None
    if request.method not in SAFE_METHODS:
        _check_session_site(session)
    role = device.accounts.users()[session.user].role
    return Actor(session.user, role, request.remote_addr or "", session=session)


def _check_site() -> None:
    """Refuses a change that another site's page has asked for, whoever it claims to come from."""
    if request.method in SAFE_METHODS:
        return
    site = origin.site()
    # a form that nobody vouches for: only a session's word can, and that is looked at with the session
    if site == origin.FOREIGN or (site == origin.UNKNOWN and _is_public_form()):
        raise Problem("cross-site")


def _is_public_form() -> bool:
    view: Any = current_app.view_functions[request.endpoint or ""]
    return request.mimetype in _FORM_TYPES and needed_role(view, request.method) == PUBLIC


def _check_session_site(session: Session) -> None:
    if request.mimetype in _FORM_TYPES:
        if not secrets.equal(request.form.get("csrf", ""), session.csrf):
            raise Problem("cross-site", "The form is not one of this session: load the page again.")
    elif origin.site() != origin.OWN:
        raise Problem("cross-site", "A change with a cookie has to come from a page of this device.")
