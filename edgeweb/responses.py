"""What a view function may return, made into a response."""

from __future__ import annotations

import sys
import typing as t
from collections.abc import Iterator

from werkzeug.datastructures import Headers
from werkzeug.wrappers.response import Response as WerkzeugResponse

from .globals import _cv_request

if t.TYPE_CHECKING:
    from .ctx import RequestContext
    from .wrappers import Response

_HEADER_TYPES = (Headers, dict, tuple, list)
_ALLOWED = (
    "The return type must be a string, dict, list, tuple with headers or status, Response instance, or WSGI"
    " callable"
)


def _unpack(rv: tuple[t.Any, ...]) -> tuple[t.Any, t.Any, t.Any]:
    """A tuple's body, status and headers."""
    if len(rv) == 3:
        return rv
    if len(rv) == 2:
        body, other = rv
        return (body, None, other) if isinstance(other, _HEADER_TYPES) else (body, other, None)
    raise TypeError(
        "The view function did not return a valid response tuple. The tuple must have the form (body, status,"
        " headers), (body, status), or (body, headers)."
    )


def make_response(app: t.Any, rv: t.Any) -> Response:
    """Text and bytes become HTML, a dict or list JSON, an iterator a stream; a tuple adds status and headers; a
    response of another class, or any WSGI application, is run and taken over.

    Raises `TypeError` for `None` and for anything else, naming the endpoint.
    """
    status = headers = None
    if isinstance(rv, tuple):
        rv, status, headers = _unpack(rv)
    if rv is None:
        raise TypeError(
            f"The view function for {_cv_request.get().request.endpoint!r} did not return a valid response. The function either returned None or ended without"
            " a return statement."
        )
    response_class = app.response_class
    if not isinstance(rv, response_class):
        if isinstance(rv, (str, bytes, bytearray)) or isinstance(rv, Iterator):
            # Passed to the constructor, not set afterwards: it may decide the headers by them.
            rv = response_class(rv, status=status, headers=headers)
            status = headers = None
        elif isinstance(rv, (dict, list)):
            rv = app.json.response(rv)
        elif isinstance(rv, WerkzeugResponse) or callable(rv):
            try:
                rv = response_class.force_type(rv, _cv_request.get().request.environ)
            except TypeError as e:
                raise TypeError(
                    f"{e}\nThe view function did not return a valid response. {_ALLOWED}, but it was a"
                    f" {type(rv).__name__}."
                ).with_traceback(sys.exc_info()[2]) from None
        else:
            raise TypeError(
                f"The view function did not return a valid response. {_ALLOWED}, but it was a {type(rv).__name__}."
            )
    if status is not None:
        if isinstance(status, (str, bytes, bytearray)):
            rv.status = status
        else:
            rv.status_code = status
    if headers:
        rv.headers.update(headers)
    return t.cast("Response", rv)


def default_options_response(app: t.Any, ctx: RequestContext) -> Response:
    """The automatic answer to OPTIONS: the methods that the path has."""
    adapter: t.Any = ctx.url_adapter
    response = app.response_class()
    response.allow.update(adapter.allowed_methods())
    return t.cast("Response", response)
