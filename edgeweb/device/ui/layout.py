"""What all pages have in common: navigation, language, messages, and the address of their live figures."""

from __future__ import annotations

import gc
from typing import Any

from edgeweb import Response, current_app, g, render_template, request, url_for

from ..access import secrets
from ..access.actor import Actor
from ..http.current import current_device, device_of, may
from ..http.problems import Problem
from ..metrics.catalogue import METRICS
from . import forms
from .assets import addresses
from .blueprint import mounted
from .format import age, moment, quantity, unpadded
from .i18n import LANGUAGES, Words, chosen
from .live import split
from .problems import explained

#: The endpoint of the device's events. A program that mounts the pages alone has none.
EVENTS = "api.events"


UNITS = {name: unit for name, unit, _, _, _ in METRICS}


def page(name: str, /, *, problem: Problem | None = None, live: str = "", **values: object) -> Response:
    """Return a page from `templates/dashboard/NAME.html`, which no cache keeps.

    `problem` is shown above it, and its status is the page's. `live` is the query with which the script keeps
    the page up to date (`live.py`).
    """
    words = Words(chosen())
    # an error's page of a process without the device shows its name, and nothing that only the owner knows
    is_elsewhere = problem is not None and problem.key == "state-in-use"
    device = device_of(current_app) if is_elsewhere else current_device()
    actor: Actor | None = g.get("actor")
    topics, polled = split(live)
    has_events = topics and EVENTS in current_app.view_functions
    notice = request.args.get("done", "") if problem is None and request.method == "GET" else ""
    html = render_template(
        f"dashboard/{name}.html",
        t=words,
        device=device,
        here=name,
        actor=actor,
        form_token=secrets.masked(actor.session.csrf) if actor and actor.session else "",
        may=may,
        link=link,
        asset=asset,
        icon=icon,
        languages=LANGUAGES,
        navigation=[entry for entry in mounted()[1].navigation if may(entry.role)],
        units=UNITS,
        quantity=lambda value, unit: quantity(value, unit, words),
        unpadded=lambda text: unpadded(text, words),
        moment=lambda iso: moment(iso, words),
        age=lambda seconds: age(seconds, words),
        storage=device.storage(),
        live=f"{link('live')}?{live}" if live else "",
        events=url_for(EVENTS, topics=topics) if has_events else "",
        polled=f"{link('live')}?{polled}" if has_events and polled else "",
        message=explained(problem, words) if problem else "",
        back=_back(problem),
        notice=words(f"done.{notice}") if f"done.{notice}" in words else "",
        errors={row["pointer"].strip("/"): row["detail"] for row in problem.errors} if problem else {},
        **values,
    )
    # Macros refer to their page and the page to its macros. Such cycles add up to half a megabyte before the
    # collector runs by its own thresholds; at once, while they are young, it takes a tenth of a millisecond.
    gc.collect(1)
    response = html_response(html, (problem.code if problem else None) or 200)
    response.headers["Content-Language"] = words.language
    response.headers["Vary"] = "Accept-Language, Cookie"
    if problem is not None:
        for key, value in problem.get_headers():
            if key.lower() != "content-type":
                response.headers[key] = value
    return response


def _back(problem: Problem | None) -> str:
    """Return the address to come back to after a sign-in or a change of the language."""
    if request.method == "GET":
        path: str = (request.script_root + request.full_path).rstrip("?")
        return path if len(path) <= forms.MAX_PATH else link("overview")
    # a body that was too large to be read is not read for this
    is_read = problem is None or problem.key != "too-large"
    return (forms.own_path("next") if is_read else "") or link("overview")


def html_response(html: str, status: int = 200) -> Response:
    """Return HTML that no cache keeps."""
    headers = {"Cache-Control": "no-store"}
    return Response(html, status, headers=headers, content_type="text/html; charset=utf-8")


def see(endpoint: str, /, **values: str) -> Response:
    """Redirect to a page with 303, so that reloading it does not send the form again."""
    return Response(status=303, headers={"Location": link(endpoint, **values), "Cache-Control": "no-store"})


def link(endpoint: str, /, **values: Any) -> str:
    """Return the address of a page or form of the dashboard, wherever it is mounted."""
    return url_for(f"{mounted()[0]}.{endpoint}", **values)


def asset(name: str) -> str:
    """Return the address of a file of `static/`."""
    return link("static", filename=addresses()[name])


def icon(name: str) -> str:
    """Return the address of one of the icons."""
    return f"{asset('icons.svg')}#{name}"
