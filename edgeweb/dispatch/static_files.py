"""Static files: the headers of a file are kept until the file changes.

Werkzeug computes a file's headers for each request, at half a million instructions. They depend on path, size
and modification time only, so the headers of its first answer are kept and sent again. Everything but a plain
GET of a known, unchanged file goes through Werkzeug's `send_from_directory`: a range, a condition other than
the ETag, a path that is not a file. That function also makes every decision about safety.
"""

from __future__ import annotations

import os
import typing as t
from io import FileIO
from time import time

from werkzeug.http import http_date
from werkzeug.wsgi import wrap_file

from ..globals import _cv_request
from ..helpers import send_from_directory
from ..wrappers import Response

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from .application import Application

Header = tuple[str, str]
State = tuple[int, int, int]

# Maximum of files to remember, about 2 KB each. Beyond, forget all and begin again.
_MAX_KNOWN = 256

_known: dict[tuple[str, str], _KnownFile] = {}


def send(folder: str, filename: str, max_age: int | None) -> Response:
    """Return what `send_from_directory(folder, filename, max_age=max_age)` would, in the current request."""
    ctx = _cv_request.get()
    app, environ = ctx.app, ctx.request.environ_at_start
    if not _is_plain(app, environ):
        return send_from_directory(folder, filename, max_age=max_age)
    known = _known.get((folder, filename))
    if known is not None:
        if max_age is None:
            # With the file's path, as Werkzeug does.
            max_age = app.get_send_file_max_age(known.path)
        response = known.answer(environ, max_age)
        if response is not None:
            return response
    return _learn(app, folder, filename, max_age)


def _is_plain(app: Application, environ: WSGIEnvironment) -> bool:
    return (
        environ["REQUEST_METHOD"] == "GET"
        and app.response_class is Response
        and "HTTP_RANGE" not in environ
        and "HTTP_IF_RANGE" not in environ
        and "HTTP_IF_MATCH" not in environ
        # Ignored where there is an If-None-Match (RFC 9110, 13.1.3).
        and ("HTTP_IF_MODIFIED_SINCE" not in environ or "HTTP_IF_NONE_MATCH" in environ)
        and not app.config["USE_X_SENDFILE"]
    )


def _learn(app: Application, folder: str, filename: str, max_age: int | None) -> Response:
    """Answer by Werkzeug, and keep the headers if this was a whole file that did not change meanwhile."""
    path = os.path.join(folder, filename)
    # One name a file: otherwise a client could fill the table with other names of the same file.
    may_be_kept = os.path.isabs(folder) and os.path.normpath(path) == path
    before = _state(path) if may_be_kept else None
    response = send_from_directory(folder, filename, max_age=max_age)
    if max_age is None:
        max_age = app.get_send_file_max_age(path)
    if (
        before is not None
        and type(response) is Response
        and response.status_code == 200
        and (max_age is None or type(max_age) is int)
        and _state(path) == before
    ):
        if len(_known) >= _MAX_KNOWN:
            _known.clear()
        _known[folder, filename] = _KnownFile(path, before, max_age, list(response.headers))
    return response


def _state(path: str) -> State | None:
    """Return mode, modification time and size: equal as long as the file is unchanged. None: no file."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_mode, found.st_mtime_ns, found.st_size


class _KnownFile:
    """A file's state when it was last sent, and the headers that went with it."""

    __slots__ = (
        *("_extension", "_headers", "_media_type", "_mimetypes", "_of_second", "_of_unchanged"),
        *("etag", "max_age", "path", "state"),
    )

    def __init__(self, path: str, state: State, max_age: int | None, headers: list[Header]) -> None:
        self.path = path
        self.state = state
        self.max_age = max_age
        self.etag = dict(headers).get("ETag")
        self._headers = headers
        # A program may register another media type at any time. Werkzeug has loaded the module for this file.
        import mimetypes

        self._mimetypes = mimetypes
        self._extension = os.path.splitext(path)[1].lower()
        self._media_type = mimetypes.types_map.get(self._extension)
        # Date and Expires hold for one second. Replaced, never changed: other threads may read it.
        self._of_second: tuple[int, list[Header]] = (0, [])
        self._of_unchanged: frozenset[str] | None = None

    def answer(self, environ: WSGIEnvironment, max_age: int | None) -> StaticFile | None:
        """Return the answer for now; `None` if the file has changed or the request has another ETag."""
        if (
            max_age != self.max_age
            or _state(self.path) != self.state
            or self._mimetypes.types_map.get(self._extension) is not self._media_type
        ):
            return None
        tag = environ.get("HTTP_IF_NONE_MATCH")
        if tag is not None and tag != self.etag:
            return None
        try:
            # Without a buffer: servers read in large pieces. They also close it.
            file = FileIO(self.path)
        except OSError:
            return None
        return StaticFile("200 OK" if tag is None else "304 NOT MODIFIED", self, wrap_file(environ, file))

    def headers(self) -> list[Header]:
        """Return all headers for this second. Do not change the list."""
        now = int(time())
        second, headers = self._of_second
        if second != now:
            times = {"Date": now, "Expires": now + (self.max_age or 0)}
            headers = [
                (name, http_date(times[name]) if name in times else value) for name, value in self._headers
            ]
            self._of_second = now, headers
        return headers

    def headers_of_unchanged(self) -> list[Header]:
        """Return the headers that go with 304."""
        if self._of_unchanged is None:
            names = Response((), 304, self._headers).get_wsgi_headers({}).keys()
            self._of_unchanged = frozenset(names)
        names = self._of_unchanged
        return [header for header in self.headers() if header[0] in names]


class StaticFile(Response):
    """The response for a known file, filled in on first access.

    Hooks and views see an ordinary `Response`. If none of them reads it, the fast path sends what `ready`
    returns.
    """

    __slots__ = ("_parts",)

    def __init__(self, line: str, file: _KnownFile, chunks: t.Any) -> None:
        # Response's constructor is called on first access, in __getattr__.
        self._parts = line, file, chunks

    def __getattr__(self, name: str) -> t.Any:
        filled = vars(self)
        if "headers" in filled or name[:2] == "__" or name in StaticFile.__slots__:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        # Attributes that were set before the first access win.
        given = dict(filled)
        line, file, chunks = self._parts
        super().__init__(chunks, line, file.headers(), direct_passthrough=True)
        filled.update(given)
        return getattr(self, name)

    def ready(self) -> tuple[str, list[Header], t.Iterable[bytes]] | None:
        """Return status line, headers and body; `None` if the response has been read or changed."""
        if vars(self):
            return None
        line, file, chunks = self._parts
        if line[:3] == "304":
            chunks.close()
            return line, file.headers_of_unchanged(), ()
        return line, file.headers().copy(), chunks
