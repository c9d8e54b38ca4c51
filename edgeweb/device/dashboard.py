"""The dashboard: what people see in a browser. It works without JavaScript; a small script keeps it live."""

from __future__ import annotations

from werkzeug.exceptions import HTTPException

from edgeweb import Blueprint, Response, render_template, request, url_for

from . import guard
from .control import find, switch
from .device import current_device
from .metrics import METRICS
from .problem import PROBLEMS, Problem
from .quantity import quantity

dashboard = Blueprint(
    "dashboard", __name__, template_folder="templates", static_folder="static", static_url_path="/static"
)
guard.protect(dashboard, programs=False)

UNITS = {name: unit for name, unit, _, _, _ in METRICS}

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
    # 303: the browser gets the page instead of sending the form again when it is reloaded
    return Response(
        status=303, headers={"Location": url_for("dashboard.overview"), "Cache-Control": "no-store"}
    )


@dashboard.errorhandler(HTTPException)
def error_page(error: HTTPException) -> Response:
    """An error as a page."""
    title = PROBLEMS[error.key][1] if isinstance(error, Problem) else error.name
    page = render_template(
        "dashboard/error.html",
        device=current_device(),
        status=error.code,
        title=title,
        detail=error.description,
    )
    response = html(page, error.code or 500)
    for name, value in error.get_headers():
        if name.lower() != "content-type":
            response.headers[name] = value
    return response


def html(page: str, status: int = 200) -> Response:
    """A page that no cache keeps."""
    return Response(
        page, status, headers={"Cache-Control": "no-store"}, content_type="text/html; charset=utf-8"
    )
