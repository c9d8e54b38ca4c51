"""What the first visitor would otherwise wait for, done before the server reports that it is ready.

Another person's program gets no request, which it might count, log or act on: its routes are put in order
and, where it has templates, what renders them is loaded. The device's own application is asked for two pages.
They are public, and leave no trace in the audit log or in the limiter of failed attempts.
"""

from __future__ import annotations

import os
import sys
from io import BytesIO
from typing import TYPE_CHECKING

from edgeweb.server.task import process_environ

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed.wsgi import WSGIApplication

    from edgeweb.app import Flask

#: Of the device: what watchdogs ask for, and what a browser shows first.
_PUBLIC_PAGES = ("/livez", "/sign-in")
_FIRST_TEMPLATE = "dashboard/overview.html"

#: Types of answers that go on until the client leaves: events, and the pictures of a camera.
ENDLESS = ("text/event-stream", "multipart/x-mixed-replace")


def warm(app: WSGIApplication) -> None:
    """Prepare any application; leave one alone that is not edgeweb's."""
    # What has not been imported cannot be its class.
    flask = sys.modules.get("edgeweb.app")
    if flask is None or not isinstance(app, flask.Flask):
        return
    app.url_map.update()
    homes = [app, *app.blueprints.values()]
    if any(home.template_folder and _is_folder(home.root_path, home.template_folder) for home in homes):
        assert app.jinja_env


def warm_device(app: Flask) -> None:
    """Prepare the device's application, which has been started."""
    warm(app)
    app.jinja_env.get_template(_FIRST_TEMPLATE)
    for path in _PUBLIC_PAGES:
        status, _ = ask(app, path, HTTP_ACCEPT="text/html")
        if not status.startswith("200 "):
            # No reason to end: the log has the cause, and the rest may be in order.
            print(f"edgeweb: {path} answered {status} when it was tried at the start", file=sys.stderr)


def ask(app: WSGIApplication, path: str, **fields: str) -> tuple[str, list[tuple[str, str]]]:
    """Send a GET request from this process, read the body, and return the status line and the headers.

    A body of one of the types in `ENDLESS` is closed unread. `fields` are added to the WSGI environment:
    `ask(app, "/", HTTP_ACCEPT="text/html")`. Without an address of a client, nothing is charged to one.
    """
    answers: list[tuple[str, list[tuple[str, str]]]] = []

    def take(
        status: str, headers: list[tuple[str, str]], exc_info: object = None, /
    ) -> Callable[[bytes], object]:
        answers.append((status, headers))
        return lambda data: None

    environ = process_environ() | {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "",
        "HTTP_HOST": "localhost",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        **fields,
    }
    body = app(environ, take)
    try:
        # a body that is written with `start_response`'s function has no type before it is read
        if not answers or not _is_endless(answers[-1][1]):
            for _ in body:
                pass
    finally:
        if hasattr(body, "close"):
            body.close()
    return answers[-1]


def _is_endless(headers: list[tuple[str, str]]) -> bool:
    return any(name.lower() == "content-type" and value.startswith(ENDLESS) for name, value in headers)


def _is_folder(*parts: str | os.PathLike[str]) -> bool:
    return os.path.isdir(os.path.join(*parts))
