"""The whole application: one device, its JSON interface and its pages."""

from __future__ import annotations

import os
from collections.abc import Callable

from werkzeug.exceptions import HTTPException
from werkzeug.routing.converters import IntegerConverter

from edgeweb import Flask, Response, request

from .api import api, health, prometheus
from .api.well_known import security_txt
from .config.profile import Profile, load
from .device import COOKIE_PREFIX, Device
from .errors import DeviceError
from .http import etag, gate, problems
from .http.compress import compress
from .http.current import attach, device_of
from .http.origin import add_headers
from .ui.pages import Dashboard
from .ui.pages.login import error_page


def create_app(profile: Profile | str | os.PathLike[str] = "generic-linux") -> Flask:
    """Return the application for a board: pages at /, JSON under /api/v1, /livez for watchdogs.

    `profile` is a loaded profile, the name of one that comes with edgeweb, or the path of a TOML file. Raises
    `ProfileError` with everything that is wrong with it. No hardware and no file is touched before `start`
    or the first request.
    """
    if not isinstance(profile, Profile):
        profile = load(profile)
    app = Flask("edgeweb.device", static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = profile["server.body_bytes"]
    app.json.sort_keys = False  # type: ignore[attr-defined]  # a documented setting of Flask's default provider
    app.url_map.converters["int"] = Number
    attach(app, Device(profile))
    gate.init_app(app)
    etag.init_app(app)
    for blueprint in (health, api, prometheus, Dashboard()):
        app.register_blueprint(blueprint)
    app.add_url_rule("/.well-known/security.txt", view_func=security_txt)
    app.register_error_handler(HTTPException, answer_error)
    app.register_error_handler(DeviceError, lambda error: answer_error(problems.problem_of(error)))
    app.after_request(add_headers)
    app.after_request(compress)
    app.shows_credentials = _shows_credentials
    app.serves_in_clear = _serves_in_clear
    return app


def _shows_credentials(headers: dict[str, str]) -> bool:
    """Return whether a request shows a token or the cookie of a session, right or wrong.

    The server reads large bodies without them only while few are connected, see `server.pressure`. The gate
    checks them when the body is there.
    """
    return "AUTHORIZATION" in headers or COOKIE_PREFIX in headers.get("COOKIE", "")


#: What monitors ask for, what explains the certificate, and what that page needs.
_IN_CLEAR = (
    *("/livez", "/readyz", "/tls", "/tls/authority.crt", "/language", "/manifest.webmanifest"),
    "/.well-known/security.txt",
)


def _serves_in_clear(path: str) -> bool:
    """Return whether the port without TLS serves a path where there is one with it, see `server.to_tls`."""
    return path in _IN_CLEAR or path.startswith("/static/")


class Number(IntegerConverter):
    """A number in an address: ASCII digits, and no more of them than the state's numbers have."""

    regex = "[0-9]{1,16}"


def start(
    app: Flask,
    invite: Callable[[str], None] | None = None,
    report: Callable[[str], None] | None = None,
) -> None:
    """Bring a device application to life before its first request: for the process that will serve it.

    Open the state and the channels. Where there is no owner yet, `invite` gets the line with the set-up
    code, and `report` the steps of a start that takes longer; by default both go to stderr. At the end of the
    process the state is written and outputs go to their `at_exit`.
    """
    device = device_of(app)
    device.start(invite, report)
    if device.profile["mqtt.host"]:
        from edgeweb import __version__

        from .mqtt.publisher import Publisher

        publisher = Publisher(device, __version__)
        device.broker = publisher
        publisher.open()


def reload(app: Flask, profile: Profile) -> list[str]:
    """Put a profile that was read again into force, as far as that goes while the device runs.

    Return the keys that wait for the next start, such as `server.port` and the drivers of channels. What
    people have set on the running device stays above the profile (`config/settings.py`).
    """
    from .config.reload import merge  # with the first SIGHUP

    device = device_of(app)
    merged, waiting = merge(device.things.base, profile)
    device.things.renew(merged)
    app.config["MAX_CONTENT_LENGTH"] = merged["server.body_bytes"]
    return waiting


def answer_error(error: HTTPException) -> Response:
    """Answer an unknown address or a wrong method: a page for browsers, else a problem document.

    Browsers name text/html in `Accept`; curl does not.
    """
    wants_page = "text/html" in request.headers.get("Accept", "")
    if wants_page and not request.path.startswith("/api/"):
        return error_page(error)
    return problems.answer(error)
