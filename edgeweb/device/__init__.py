"""The device application: a dashboard and a JSON interface for one board, built on edgeweb's public API only.

>>> from edgeweb.device import create_app
>>> app = create_app("generic-linux")
>>> app.test_client().get("/livez").text
'ok\\n'
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edgeweb import Flask

    from .pages.blueprint import Dashboard
    from .profile import Profile

    dashboard: Dashboard

__all__ = ["create_app", "dashboard", "renew", "start"]


def __getattr__(name: str) -> Any:
    """`dashboard`, the blueprint of all pages, is only loaded by programs that mount it."""
    if name == "dashboard":
        from .pages import dashboard

        return dashboard
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def create_app(profile: Profile | str | os.PathLike[str] = "generic-linux") -> Flask:
    """The whole application for a board: pages at /, JSON under /api/v1, /livez for watchdogs.

    `profile` is a loaded profile, the name of one that comes with edgeweb, or the path of a TOML file. Raises
    `ProfileError` with everything that is wrong with it. No hardware and no file is touched before `start`
    or the first request.
    """
    # Here and not above: `edgeweb profile` reads profiles without an application around them.
    from werkzeug.exceptions import HTTPException

    from edgeweb import Flask

    from .access import gate
    from .access.guard import add_headers
    from .account import account
    from .configuration import configuration
    from .control import control
    from .device import Device
    from .errors import answer_error
    from .health import health
    from .pages import dashboard
    from .profile import Profile, load
    from .prometheus import prometheus
    from .system import system

    if not isinstance(profile, Profile):
        profile = load(profile)
    app = Flask("edgeweb.device", static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = profile["server.body_bytes"]
    app.json.sort_keys = False  # type: ignore[attr-defined]  # a documented setting of Flask's default provider
    Device(profile).init_app(app)
    gate.init_app(app)
    for blueprint in (health, control, account, system, configuration, prometheus, dashboard):
        app.register_blueprint(blueprint)
    app.register_error_handler(HTTPException, answer_error)
    app.after_request(add_headers)
    return app


def start(app: Flask) -> None:
    """Brings a device application to life before its first request: for the process that will serve it.

    Opens the state and the channels, and says on stderr how the owner gets in. At the end of the process the
    state is written and outputs do what their profile says.
    """
    from .device import EXTENSION

    app.extensions[EXTENSION].start()


def renew(app: Flask, profile: Profile) -> list[str]:
    """Puts a profile that was read again into force, as far as that goes while the device runs.

    Gives the keys that wait for the next start, such as `server.port` and the drivers of channels.
    """
    from . import renewal

    return renewal.renew(app, profile)
