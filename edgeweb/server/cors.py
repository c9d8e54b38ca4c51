"""Asking a program whether a page of another site may send a change: by the preflight of CORS.

A program with CORS, by an extension or by fields of its own, answers a preflight with the origins that it
permits. A browser asks before most changes, remembers the answer for hours, and asks nothing before a plain
form or a body of text. So the program is asked here, once for each such change, with the request that the
browser would send: the answer then counts for every kind of change, and for a server that was started since.

| the change brings                    | the preflight's answer has to have                             |
|--------------------------------------|----------------------------------------------------------------|
| neither of the next row              | `Access-Control-Allow-Origin`: the page's origin, or `*`        |
| a cookie, or a password that the     | the page's origin, and `Access-Control-Allow-Credentials: true` |
| browser adds (`Authorization: Basic`)|                                                                |

Source: Fetch Standard, "CORS protocol" and "CORS-preflight fetch".
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from .log import logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

#: Variables of a change that its preflight does not have.
_NOT_ASKED = ("CONTENT_LENGTH", "CONTENT_TYPE", "HTTP_AUTHORIZATION", "HTTP_COOKIE")

#: Schemes whose credentials only a script can add; those of the others a browser sends by itself.
_OF_SCRIPTS = "bearer "


def permits(app: WSGIApplication, environ: WSGIEnvironment) -> bool:
    """Return whether the program permits the change of this environment to the page that has sent it.

    An exception of the program is logged, and permits nothing.
    """
    origin = environ.get("HTTP_ORIGIN", "")
    if not origin:
        return False
    try:
        status, headers = _ask(app, _preflight(environ))
    except Exception:
        logger.exception("Exception while asking for the preflight of %a", environ["PATH_INFO"])
        return False
    if not status.startswith("2"):
        return False
    return is_permitted(origin, brings_credentials(environ), headers)


def is_permitted(origin: str, with_credentials: bool, headers: list[tuple[str, str]]) -> bool:
    """Return whether the answer to a preflight permits an origin.

    >>> is_permitted("https://a.example", False, [("Access-Control-Allow-Origin", "*")])
    True
    >>> is_permitted("https://a.example", True, [("Access-Control-Allow-Origin", "*")])
    False
    """
    fields = [(name.lower(), value.strip()) for name, value in headers]
    origins = [value for name, value in fields if name == "access-control-allow-origin"]
    if with_credentials:
        return origins == [origin] and ("access-control-allow-credentials", "true") in fields
    return origins in ([origin], ["*"])


def brings_credentials(environ: WSGIEnvironment) -> bool:
    """Return whether a request has what a browser adds without its page: a cookie, or a password."""
    authorization = environ.get("HTTP_AUTHORIZATION", "").lower()
    return "HTTP_COOKIE" in environ or bool(authorization and not authorization.startswith(_OF_SCRIPTS))


def _preflight(environ: WSGIEnvironment) -> WSGIEnvironment:
    asked = environ.copy()
    for name in _NOT_ASKED:
        asked.pop(name, None)
    asked["REQUEST_METHOD"] = "OPTIONS"
    asked["HTTP_ACCESS_CONTROL_REQUEST_METHOD"] = environ["REQUEST_METHOD"]
    fields = {"authorization": "HTTP_AUTHORIZATION", "content-type": "CONTENT_TYPE"}
    names = [name for name, key in fields.items() if key in environ]
    if names:
        asked["HTTP_ACCESS_CONTROL_REQUEST_HEADERS"] = ",".join(names)
    asked["wsgi.input"] = BytesIO()
    return asked


def _ask(app: WSGIApplication, environ: WSGIEnvironment) -> tuple[str, list[tuple[str, str]]]:
    answers: list[tuple[str, list[tuple[str, str]]]] = [("", [])]

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: object = None, /
    ) -> Callable[[bytes], object]:
        answers[:] = [(status, headers)]
        return lambda data: None

    body = app(environ, start_response)
    try:
        next(iter(body), None)  # a generator calls start_response with its first chunk only
    finally:
        if hasattr(body, "close"):
            body.close()
    return answers[0]
