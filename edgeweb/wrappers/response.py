"""The response: Werkzeug's, with Flask's additions, and with a shorter way out for the ordinary one."""

from __future__ import annotations

import typing as t
from operator import attrgetter

from werkzeug.datastructures import Headers
from werkzeug.wrappers.response import Response as WerkzeugResponse

from ..globals import _cv_app
from ..json import current as json
from .parsing import parse_tags
from .request import Request

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# What `werkzeug.urls.iri_to_uri` leaves as it is, in a path and in a query.
_IN_PATH = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@/"
_IN_QUERY = _IN_PATH + "?"


def is_plain_path(location: str) -> bool:
    """Return whether a location is a path, perhaps with a query, that is a URI as it stands.

    >>> is_plain_path("/garden?page=2"), is_plain_path("//other.example/"), is_plain_path("/gärten")
    (True, False, False)
    """
    path, mark, query = location.partition("?")
    return (
        path[:1] == "/"
        and path[1:2] != "/"
        and not path.strip(_IN_PATH)
        and not query.strip(_IN_QUERY)
        and bool(query) == bool(mark)
    )


class _Body:
    """The chunks of an answer, and what to call when they were sent."""

    __slots__ = ("_chunks", "close")

    def __init__(self, chunks: list[bytes], close: t.Callable[[], None]) -> None:
        self._chunks = iter(chunks)
        self.close = close

    def __iter__(self) -> t.Iterator[bytes]:
        return self._chunks

    def __next__(self) -> bytes:
        return next(self._chunks)


class Response(WerkzeugResponse):
    """The response that views may return. Its media type is HTML unless given.

    Source: Flask documentation, "Response Objects".

    >>> Response("hello", status=201).status
    '201 CREATED'
    """

    default_mimetype: str | None = "text/html"
    json_module: t.Any = json
    autocorrect_location_header = False

    def make_conditional(
        self,
        request_or_environ: WSGIEnvironment | Request,  # type: ignore[override]
        accept_ranges: bool | str = False,
        complete_length: int | None = None,
    ) -> Response:
        """Make this a 304, 412 or 206 where the request's preconditions ask for it.

        Werkzeug gets the tags in canonical form: see `parse_tags`.
        """
        environ = request_or_environ if isinstance(request_or_environ, dict) else request_or_environ.environ
        if given := [key for key in ("HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH") if key in environ]:
            environ = environ | {key: parse_tags(environ[key]).to_header() for key in given}
        return super().make_conditional(environ, accept_ranges, complete_length)  # type: ignore[return-value]

    def get_wsgi_response(
        self, environ: WSGIEnvironment
    ) -> tuple[t.Iterable[bytes], str, list[tuple[str, str]]]:
        """Return body, status line and headers, as WSGI takes them.

        Werkzeug copies all headers, and checks each again. A response whose headers are sent as they are goes
        without that.
        """
        body, code = self.response, self.status_code
        if (
            type(body) is not list
            or type(self.headers) is not Headers  # a program may have assigned a dict
            or code < 200
            or code in (204, 304)
            or self.direct_passthrough
            or environ["REQUEST_METHOD"] == "HEAD"
            or _answer_parts(type(self)) != _ANSWER_PARTS
        ):
            return super().get_wsgi_response(environ)
        headers = self.headers.to_wsgi_list()
        has_length, has_location = not self.automatically_set_content_length, False
        for name, value in headers:
            key = name.lower()
            if key == "content-length":
                has_length = True
            elif key in ("location", "content-location"):
                # Of several, Werkzeug sends the last, and under this name.
                if has_location or name not in ("Location", "Content-Location") or not is_plain_path(value):
                    return super().get_wsgi_response(environ)
                has_location = True
        chunks = [chunk.encode() if isinstance(chunk, str) else chunk for chunk in body]
        if not has_length:
            headers.append(("Content-Length", str(sum(map(len, chunks)))))
        return _Body(chunks, self.close), self.status, headers

    @property
    def max_cookie_size(self) -> int:  # type: ignore[override]
        """Bytes of a cookie above which Werkzeug warns: the application's `MAX_COOKIE_SIZE`."""
        ctx = _cv_app.get(None)
        if ctx is not None:
            size: int = ctx.app.config["MAX_COOKIE_SIZE"]
            return size
        return super().max_cookie_size


# What the shorter way of an answer leaves out; as above.
_answer_parts = attrgetter("get_wsgi_headers", "get_app_iter", "iter_encoded", "is_sequence")
_ANSWER_PARTS = _answer_parts(Response)
