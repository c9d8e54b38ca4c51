"""What a view function may return, made into a response."""

from __future__ import annotations

import sys
import typing as t
from collections.abc import Iterator

from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers.response import Response as WerkzeugResponse

from ..globals import _cv_request
from ..wrappers import Response

if t.TYPE_CHECKING:
    from .. import typing as ft
    from ..ctx import RequestContext
    from .application import Application

_Status = int | str
_HEADER_TYPES = (Headers, dict, tuple, list)


def _kind(rv: object) -> str:
    return f"something else: it was a {type(rv).__name__}"


def _refused(what: str, before: str = "") -> TypeError:
    """Return the error for what a view returned.

    Flask's suite (test_basic.py) looks for "returned None", "tuple must have the form" and "it was a bool".
    """
    return TypeError(
        f"{before}The view of endpoint {_cv_request.get().request.endpoint!r} returned {what}. A view returns"
        " text, bytes, a dict, a list, an iterator, a response or a WSGI application; or a tuple that adds a"
        " status or headers to one."
    )


def _take_apart(rv: object) -> tuple[object, _Status | None, ft.HeadersValue | None]:
    """Return body, status and headers of what a view returned. A program may have put anything there."""
    if not isinstance(rv, tuple):
        return rv, None, None
    if len(rv) == 3:
        return rv
    if len(rv) == 2:
        body, other = rv
        return (body, None, other) if isinstance(other, _HEADER_TYPES) else (body, other, None)
    raise _refused(
        "a tuple, and a tuple must have the form (body, status), (body, headers) or (body, status, headers)"
    )


def make_response(app: Application, rv: object) -> Response:
    """Return the response for what a view returned.

    Text and bytes become HTML, a dict or list JSON, an iterator a stream; a tuple adds status and headers; a
    response of another class, or any WSGI application, is run and taken over.

    Raises `TypeError` for `None` and for anything else, naming the endpoint.
    """
    if type(rv) is app.response_class:
        return rv
    body, status, headers = _take_apart(rv)
    if body is None:
        raise _refused("None, perhaps because it ended without a return statement")
    if isinstance(body, (str, bytes, bytearray, Iterator)):
        # Status and headers go to the constructor, which may decide others by them.
        return app.response_class(body, status=status, headers=headers)  # type: ignore[arg-type]
    response = _response_of(app, body)
    if status is not None:
        response.status = status
    if headers:
        response.headers.update(headers)
    return response


def _response_of(app: Application, body: object) -> Response:
    """Return the response for a body that is neither text nor a stream."""
    response_class = app.response_class
    if isinstance(body, response_class):
        return body
    if isinstance(body, (dict, list)):
        return app.json.response(body)
    if not (isinstance(body, WerkzeugResponse) or callable(body)):
        raise _refused(_kind(body))
    environ = _cv_request.get().request.environ
    if (
        isinstance(body, HTTPException)
        and type(body).__call__ is HTTPException.__call__
        # A subclass may have left out the constructor, which sets it.
        and getattr(body, "response", None) is None
    ):
        # What running it would give, without Werkzeug's test client, which runs programs.
        body = body.get_response(environ)
    try:
        return response_class.force_type(body, environ)  # type: ignore[arg-type, return-value, unused-ignore]
    except TypeError as e:
        raise _refused(_kind(body), f"{e}\n").with_traceback(sys.exc_info()[2]) from None


def default_options_response(app: Application, ctx: RequestContext) -> Response:
    """Return the automatic answer to OPTIONS: the methods that the path has."""
    adapter = ctx.url_adapter
    assert adapter is not None, "A request that was matched has an adapter."
    response = app.response_class()
    response.allow.update(adapter.allowed_methods())
    return response
