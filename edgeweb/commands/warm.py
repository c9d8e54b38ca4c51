"""What the first visitor would otherwise wait for, done before the server says that it is ready.

No request is sent to somebody else's program, which might count it, log it or act on it. Of such a program
the routes are put in order and, where it has templates, what renders them is loaded. The device's own
application is asked for two pages inside; they are public, and neither the audit log nor the limiter of
failed attempts hears of them.
"""

from __future__ import annotations

import os
import sys
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edgeweb.app import Flask
    from edgeweb.server.listener import WSGIApplication

#: Of the device: what watchdogs ask for, and what a browser sees first.
_PUBLIC_PAGES = ("/livez", "/sign-in")
_FIRST_TEMPLATE = "dashboard/overview.html"


def warm(app: WSGIApplication) -> None:
    """Prepares any application; one that is not edgeweb's is left alone."""
    # What has not been imported cannot be its class.
    flask = sys.modules.get("edgeweb.app")
    if flask is None or not isinstance(app, flask.Flask):
        return
    app.url_map.update()
    homes = [app, *app.blueprints.values()]
    if any(home.template_folder and _is_folder(home.root_path, home.template_folder) for home in homes):
        assert app.jinja_env


def warm_device(app: Flask) -> None:
    """Prepares the device's application, which has been started."""
    warm(app)
    app.jinja_env.get_template(_FIRST_TEMPLATE)
    for path in _PUBLIC_PAGES:
        status = ask(app, path)
        if not status.startswith("200 "):
            # Not a reason to stay away: the log has why, and the rest may be in order.
            print(f"edgeweb: {path} answered {status} when it was tried at the start", file=sys.stderr)


def ask(app: WSGIApplication, path: str) -> str:
    """The status line of an answer to a GET from nobody but this process; its body is read and dropped."""
    statuses: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "",
        "HTTP_HOST": "localhost",
        "HTTP_ACCEPT": "text/html",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    body = app(environ, lambda status, headers, exc_info=None: statuses.append(status))
    try:
        for _ in body:
            pass
    finally:
        if hasattr(body, "close"):
            body.close()
    return statuses[-1]


def _is_folder(*parts: Any) -> bool:
    return os.path.isdir(os.path.join(*map(os.fspath, parts)))
