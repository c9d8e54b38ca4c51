"""What a view function may return, made into a response."""

from __future__ import annotations

import sys
import typing as t
from collections.abc import Iterator

from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.wrappers.response import Response as WerkzeugResponse

from ..globals import _cv_request
from ..json.provider import DefaultJSONProvider
from ..wrappers import Response
from .static_files import StaticFile

if t.TYPE_CHECKING:
    from ..ctx import RequestContext

# Status line, headers, chunks of the body.
ReadyAnswer = tuple[str, list[tuple[str, str]], t.Iterable[bytes]]

_STATUS_LINES: dict[int, str] = {}
_ERROR_PAGES: dict[type, bytes] = {}
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


def make_ready(app: t.Any, rv: t.Any) -> ReadyAnswer | None:
    """Status, headers and body of what a view returned, as its response would have them.

    No response object is made; `None` for what needs one.
    """
    if Response.default_mimetype != "text/html":
        return None
    status = ""
    kind = type(rv)
    if kind is tuple:
        if len(rv) != 2 or type(rv[1]) is not int:
            return None
        rv, code = rv
        if (found := _status_lines().get(code)) is None:
            return None
        status, kind = found, type(rv)
    if kind is str:
        body, content_type = rv.encode(), "text/html; charset=utf-8"
    elif kind is dict or kind is list:
        provider = app.json
        if type(provider) is not DefaultJSONProvider:
            return None
        body, content_type = provider.response_text(rv).encode(), provider.mimetype
    elif kind is NotFound or kind is MethodNotAllowed:
        return _ready_error(rv)
    elif kind is bytes:
        body, content_type = rv, "text/html; charset=utf-8"
    elif kind is StaticFile and not status:
        return rv.ready()  # type: ignore[no-any-return]
    else:
        return None
    return status or "200 OK", [("Content-Type", content_type), ("Content-Length", str(len(body)))], (body,)


def _status_lines() -> dict[int, str]:
    """Code to status line, for the codes whose answers have a body."""
    if not _STATUS_LINES:
        from werkzeug.http import HTTP_STATUS_CODES

        for code, name in HTTP_STATUS_CODES.items():
            if code >= 200 and code not in (204, 304):
                _STATUS_LINES[code] = f"{code} {name.upper()}"
    return _STATUS_LINES


def _ready_error(error: NotFound | MethodNotAllowed) -> ReadyAnswer | None:
    """The page of an error that says nothing of its own: Werkzeug's, written once."""
    cls = type(error)
    if error.response is not None or error.description is not cls.description:
        return None
    page = _ERROR_PAGES.get(cls)
    if page is None:
        page = _ERROR_PAGES[cls] = error.get_body().encode()
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(page)))]
    methods = getattr(error, "valid_methods", None)
    if methods:
        headers.insert(1, ("Allow", ", ".join(methods)))
    return _status_lines()[cls.code], headers, (page,)


def default_options_response(app: t.Any, ctx: RequestContext) -> Response:
    """The automatic answer to OPTIONS: the methods that the path has."""
    adapter: t.Any = ctx.url_adapter
    response = app.response_class()
    response.allow.update(adapter.allowed_methods())
    return t.cast(Response, response)
