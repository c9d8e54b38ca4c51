"""Static files by a short way: a file that has not changed is answered with the headers of last time.

Werkzeug works a file's headers out anew for each request, at half a million instructions. They depend on
the path, the size and the time of change only, so they are kept: taken from Werkzeug's own answer, that both
ways say the same. What is not the plain case (a range, a condition other than the tag that was given, a file
that is none any more) goes the long way, which decides everything that concerns safety.
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

# Files, some 2 KB each. A program with more is served, too; what is then forgotten is learned again.
_MAX_KNOWN = 256

_known: dict[tuple[str, str], _KnownFile] = {}


def send(folder: str, filename: str, max_age: int | None) -> Response:
    """What `send_from_directory(folder, filename, max_age=max_age)` answers, in the current request."""
    ctx = _cv_request.get()
    app, environ = ctx.app, ctx.request.environ
    if not _is_plain(app, environ):
        return send_from_directory(folder, filename, max_age=max_age)
    known = _known.get((folder, filename))
    if known is not None:
        if max_age is None:
            # As Werkzeug asks it: with the file's path.
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
        # Counts only where there is no If-None-Match (RFC 9110, 13.1.3).
        and ("HTTP_IF_MODIFIED_SINCE" not in environ or "HTTP_IF_NONE_MATCH" in environ)
        and not app.config["USE_X_SENDFILE"]
    )


def _learn(app: Application, folder: str, filename: str, max_age: int | None) -> Response:
    """The long way; keeps the headers of a whole file that stayed the same meanwhile."""
    path = os.path.join(folder, filename)
    # One name a file, so that no client can fill the memory with others of it.
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
    """What tells that a file is still the same: its type, the time of its change, its size."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_mode, found.st_mtime_ns, found.st_size


class _KnownFile:
    """A file as it was, and the headers that it was sent with."""

    __slots__ = ("_headers", "_of_second", "_of_unchanged", "etag", "max_age", "path", "state")

    def __init__(self, path: str, state: State, max_age: int | None, headers: list[Header]) -> None:
        self.path = path
        self.state = state
        self.max_age = max_age
        self.etag = dict(headers).get("ETag")
        self._headers = headers
        # Date and Expires are those of one second; never changed in place, as other threads may read it.
        self._of_second: tuple[int, list[Header]] = (0, [])
        self._of_unchanged: frozenset[str] | None = None

    def answer(self, environ: WSGIEnvironment, max_age: int | None) -> StaticFile | None:
        """The answer as of now, `None` where the headers are no longer those, or were not asked for."""
        if max_age != self.max_age or _state(self.path) != self.state:
            return None
        tag = environ.get("HTTP_IF_NONE_MATCH")
        if tag is not None and tag != self.etag:
            return None
        try:
            # Without a buffer: servers read in large pieces. They close it, too.
            file = FileIO(self.path)
        except OSError:
            return None
        return StaticFile("200 OK" if tag is None else "304 NOT MODIFIED", self, wrap_file(environ, file))

    def headers(self) -> list[Header]:
        """All of them, for this second; not to be changed."""
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
        """Those that go with 304."""
        if self._of_unchanged is None:
            names = Response((), 304, self._headers).get_wsgi_headers({}).keys()
            self._of_unchanged = frozenset(names)
        names = self._of_unchanged
        return [header for header in self.headers() if header[0] in names]


class StaticFile(Response):
    """The response of a known file. Nothing of a response is made before somebody looks at it.

    Hooks and views find an ordinary `Response`; where nobody looks, `ready` says what to send.
    """

    __slots__ = ("_parts",)

    def __init__(self, line: str, file: _KnownFile, chunks: t.Any) -> None:
        # Response's own constructor is called on first access, see below.
        self._parts = line, file, chunks

    def __getattr__(self, name: str) -> t.Any:
        filled = vars(self)
        if "headers" in filled or name[:2] == "__" or name in StaticFile.__slots__:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        # What was set before anything was asked for: it holds.
        given = dict(filled)
        line, file, chunks = self._parts
        super().__init__(chunks, line, file.headers(), direct_passthrough=True)
        filled.update(given)
        return getattr(self, name)

    def ready(self) -> tuple[str, list[Header], t.Iterable[bytes]] | None:
        """Status line, headers and body, if nobody looked at the response or changed it."""
        if vars(self):
            return None
        line, file, chunks = self._parts
        if line[:3] == "304":
            chunks.close()
            return line, file.headers_of_unchanged(), ()
        return line, file.headers().copy(), chunks
