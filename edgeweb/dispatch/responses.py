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
    from ..ctx import RequestContext

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


def _unpack(rv: tuple[t.Any, ...]) -> tuple[t.Any, t.Any, t.Any]:
    """A tuple's body, status and headers."""
    if len(rv) == 3:
        return rv
    if len(rv) == 2:
        body, other = rv
        return (body, None, other) if isinstance(other, _HEADER_TYPES) else (body, other, None)
    raise _refused(
        "a tuple, and a tuple must have the form (body, status), (body, headers) or (body, status, headers)"
    )


def make_response(app: t.Any, rv: t.Any) -> Response:
    """A response from what a view returned.

    Text and bytes become HTML, a dict or list JSON, an iterator a stream; a tuple adds status and headers; a
    response of another class, or any WSGI application, is run and taken over.

    Raises `TypeError` for `None` and for anything else, naming the endpoint.
    """
    status = headers = None
    if isinstance(rv, tuple):
        rv, status, headers = _unpack(rv)
    if rv is None:
        raise _refused("None, perhaps because it ended without a return statement")
    response_class = app.response_class
    if not isinstance(rv, response_class):
        if isinstance(rv, (str, bytes, bytearray, Iterator)):
            # Passed to the constructor, not set afterwards: it may decide the headers by them.
            rv = response_class(rv, status=status, headers=headers)
            status = headers = None
        elif isinstance(rv, (dict, list)):
            rv = app.json.response(rv)
        elif isinstance(rv, WerkzeugResponse) or callable(rv):
            if isinstance(rv, HTTPException) and rv.response is None:
                # What running it would give, without Werkzeug's test client, which runs programs.
                rv = rv.get_response(_cv_request.get().request.environ)
            try:
                rv = response_class.force_type(rv, _cv_request.get().request.environ)
            except TypeError as e:
                raise _refused(_kind(rv), f"{e}\n").with_traceback(sys.exc_info()[2]) from None
        else:
            raise _refused(_kind(rv))
    if status is not None:
        rv.status = status
    if headers:
        rv.headers.update(headers)
    return t.cast(Response, rv)


def default_options_response(app: t.Any, ctx: RequestContext) -> Response:
    """The automatic answer to OPTIONS: the methods that the path has."""
    adapter: t.Any = ctx.url_adapter
    response = app.response_class()
    response.allow.update(adapter.allowed_methods())
    return t.cast(Response, response)
