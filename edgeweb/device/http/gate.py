"""The gate: every request passes here before its view. Closed unless the view is marked public.

A change needs a token, or a cookie together with a sign that a page of this device has sent the request
(`edgeweb.server.origin` has the rule and the reason). A form has the session's CSRF token as well, for
browsers that send no such sign.
"""

from __future__ import annotations

from werkzeug.exceptions import HTTPException

from edgeweb import Flask, current_app, g, request

from ...server.origin import FOREIGN, OWN, SAFE_METHODS, UNKNOWN
from ..access import secrets
from ..access.actor import Actor, stranger
from ..access.roles import PUBLIC, is_unattended, lesser, needed_role
from ..access.sessions import Session
from ..device import Device
from ..errors import DeviceError
from . import cookies, origin
from .current import current_device, device_of
from .problems import Problem

#: What HTML forms can send; everything else needs a script, which `origin` judges.
FORM_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"})

_SCHEMES = ("basic", "bearer", "digest")


def init_app(app: Flask) -> None:
    """Put the gate before every view of an application."""
    app.before_request(check)


def check() -> None:
    """Let the request through, or raise a `Problem` with the reason, which the audit log gets."""
    if request.endpoint is None:
        return
    # not `current_device`, which opens the device: the view that a watchdog asks must not read the state
    device_of(current_app).patience.begin()
    try:
        _check()
    except Problem as problem:
        if problem.code == 403:
            log_refusal(g.get("actor") or _shown(), problem.key)
        raise


def log_refusal(actor: Actor, reason: str) -> None:
    """Log that the current request is refused, by its route: clients choose what is in the address."""
    rule = request.url_rule.rule if request.url_rule else ""
    current_device().audit.refuse(actor, "request", f"{request.method} {rule}", reason)


def _shown() -> Actor:
    """Return whose cookie a request shows that is refused: nothing is done in that name but the log's row."""
    device, source = current_device(), request.remote_addr or ""
    session = find_session(device, used=False)
    user = device.accounts.users().get(session.user) if session else None
    return Actor(user.name, user.role, source, session=session) if user else stranger(source)


def recognise() -> None:
    """Set the actor for an error's page by the cookie, where the request came to no view that has one.

    It gives no right: nothing but the error's page is made for it.
    """
    if "actor" in g:
        return
    try:
        found = _shown()
    except (DeviceError, HTTPException):  # a state that cannot be read, or a cookie that comes twice
        return
    if found.session is not None:
        g.actor = found


def _check() -> None:
    view = current_app.view_functions[request.endpoint or ""]
    needed = needed_role(view, request.method)
    if needed != PUBLIC or request.method not in SAFE_METHODS:
        _check_site()
    if needed == PUBLIC:
        return
    device = current_device()
    if device.setup.is_open:
        raise Problem("no-owner")
    found = _by_header(device) or _by_cookie(device, not is_unattended(view))
    if found is None:
        raise Problem("unauthenticated")
    g.actor = found
    if not found.may(needed):
        raise Problem("forbidden", f"This needs the role {needed}; {found.name} has {found.role}.")


def find_session(device: Device, *, used: bool = True) -> Session | None:
    """Return the browser session of the request's cookie. Without `used` that does not count as use."""
    return device.people.find_session(cookies.session_key(device), used=used)


def _by_header(device: Device) -> Actor | None:
    header = request.headers.get("Authorization")
    if header is None:
        return None
    source = request.remote_addr or ""
    scheme, _, text = header.partition(" ")
    is_bearer = scheme.lower() == "bearer"
    # an unknown scheme may be the bare token, which must not be logged
    shown = scheme if scheme.lower() in _SCHEMES else "unknown scheme"
    known = device.people.check_token(source, text.strip() if is_bearer else "", shown)
    if known is None:
        raise Problem("unauthenticated", "The Authorization header has no token of this device.")
    user, token = known
    if token.shown:
        # a screen on a wall can be taken away: nothing else may open with what it holds
        g.actor = Actor(user.name, "", source, token=token.id)
        raise Problem("forbidden", "This token opens the kiosk, and nothing else.")
    role = lesser(user.role, token.role)
    return Actor(user.name, role, source, token=token.id, scopes=token.scopes)


def _by_cookie(device: Device, used: bool) -> Actor | None:
    session = find_session(device, used=used)
    if session is None:
        return None
    if request.method not in SAFE_METHODS:
        _check_session_site(session)
    role = device.accounts.users()[session.user].role
    return Actor(session.user, role, request.remote_addr or "", session=session)


def _check_site() -> None:
    """Refuse a change that another site's page has asked for, whatever it shows."""
    if request.method in SAFE_METHODS:
        return
    site = origin.site()
    # a form of unknown origin needs a session's CSRF token, which is checked with the session
    if site == FOREIGN or (site == UNKNOWN and _is_public_form()):
        raise Problem(origin.refusal())


def _is_public_form() -> bool:
    view = current_app.view_functions[request.endpoint or ""]
    return request.mimetype in FORM_TYPES and needed_role(view, request.method) == PUBLIC


def _check_session_site(session: Session) -> None:
    if request.mimetype in FORM_TYPES:
        if not secrets.equal(secrets.unmasked(request.form.get("csrf", "")), session.csrf):
            raise Problem("cross-site", "The form is not one of this session: load the page again.")
    elif origin.site() != OWN:
        raise Problem("cross-site", "A change with a cookie has to come from a page of this device.")
