"""The dashboard: what people see in a browser. It works without JavaScript; a small script keeps it live.

Whoever is not signed in gets the page to sign in, or to become the owner, in place of the page asked for.
"""

from __future__ import annotations

from werkzeug.exceptions import HTTPException

from edgeweb import Blueprint, Response, render_template, request, url_for

from . import entry
from .access import passwords
from .access.gate import actor, find_session, may
from .access.roles import needs, public
from .control import find, switch
from .device import current_device
from .metrics import METRICS
from .problem import PROBLEMS, Problem
from .quantity import quantity
from .schema import NAME, NAME_RULE

dashboard = Blueprint(
    "dashboard", __name__, template_folder="templates", static_folder="static", static_url_path="/static"
)

UNITS = {name: unit for name, unit, _, _, _ in METRICS}

_WAYS_IN = ("dashboard.sign_in", "dashboard.set_up")

#: What the form of a switch sends.
SWITCH = {"true": True, "false": False}


@dashboard.get("/")
def overview() -> Response:
    """The machine's figures and its channels on one page."""
    device = current_device()
    sample = device.metrics.sample()
    page = render_template(
        "dashboard/overview.html",
        device=device,
        values=sample.values,
        sampled_at=device.clock.iso(sample.moment),
        channels=[(channel, device.channel_state(channel)) for channel in device.channels],
        units=UNITS,
        quantity=quantity,
        actor=actor(),
        may_switch=may("operator"),
        storage=device.storage(),
        healthy=device.store.healthy,
    )
    return html(page)


@dashboard.post("/channels/<name>")
def set_channel(name: str) -> Response:
    """Switches a channel from the page's form, where the script does not run, and shows the page again."""
    device = current_device()
    find(device, name)
    on = request.form.get("on", "")
    if on not in SWITCH:
        raise Problem("invalid-fields", 'The form has to say "on" as "true" or "false".')
    switch(device, name, SWITCH[on])
    return see_overview()


@dashboard.get("/sign-in")
@public
def sign_in_page() -> Response:
    """The form for name and password, or for the set-up code of a device without an owner."""
    if find_session(current_device()):
        return see_overview()
    return way_in(200)


@dashboard.post("/sign-in")
@public
def sign_in() -> Response:
    """Signs in by the form."""
    name, password = (_text(field) for field in ("name", "password"))
    return entry.begin_session(see_overview(), entry.check_password(name, password))


@dashboard.post("/set-up")
@public
def set_up() -> Response:
    """Makes the first owner by the form, and signs in."""
    code, name, password = (_text(field) for field in ("code", "name", "password"))
    if not NAME.fullmatch(name):
        raise Problem("invalid-fields", f"The name has to be {NAME_RULE}.")
    if fault := passwords.fault_of(password, name):
        raise Problem("invalid-fields", f"Choose {fault}.")
    return entry.begin_session(see_overview(), entry.claim(code, name, password))


@dashboard.post("/sign-out")
@needs("viewer")
def sign_out() -> Response:
    """Ends this browser's session."""
    return entry.end_session(see_overview())


@dashboard.errorhandler(HTTPException)
def error_page(error: HTTPException) -> Response:
    """An error as a page; the way in where that is what is missing, with the reason why it did not open."""
    if isinstance(error, Problem) and (
        error.key in ("no-owner", "unauthenticated") or request.endpoint in _WAYS_IN
    ):
        response = way_in(error.code or 401, error.description or "" if request.endpoint in _WAYS_IN else "")
        return with_headers(response, error)
    title = PROBLEMS[error.key][1] if isinstance(error, Problem) else error.name
    page = render_template(
        "dashboard/error.html",
        device=current_device(),
        status=error.code,
        title=title,
        detail=error.description,
    )
    return with_headers(html(page, error.code or 500), error)


def way_in(status: int, message: str = "") -> Response:
    """The page to sign in, or to become the owner."""
    device = current_device()
    template = "dashboard/set_up.html" if device.ownership.is_open else "dashboard/sign_in.html"
    page = render_template(template, device=device, message=message, name=request.form.get("name", ""))
    return html(page, status)


def see_overview() -> Response:
    """303: the browser gets the page instead of sending the form again when it is reloaded."""
    return Response(
        status=303, headers={"Location": url_for("dashboard.overview"), "Cache-Control": "no-store"}
    )


def with_headers(response: Response, error: HTTPException) -> Response:
    """The headers that an error brings (Allow, Retry-After), on its page."""
    for name, value in error.get_headers():
        if name.lower() != "content-type":
            response.headers[name] = value
    return response


def _text(field: str) -> str:
    """A field of the form. Raises `Problem` for what no keyboard types."""
    text: str = request.form.get(field, "")
    if len(text) > passwords.LONGEST or not text.isprintable():
        raise Problem("invalid-fields", f"The field {field} has characters that cannot be used.")
    return text


def html(page: str, status: int = 200) -> Response:
    """A page that no cache keeps."""
    return Response(
        page, status, headers={"Cache-Control": "no-store"}, content_type="text/html; charset=utf-8"
    )
