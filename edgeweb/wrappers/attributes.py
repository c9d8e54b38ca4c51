"""Attributes of a request that are computed when they are read: what most requests never need."""

from __future__ import annotations

import typing as t

from ..globals import _cv_app, _cv_request

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    T = t.TypeVar("T")

    class Request(t.Protocol):
        """What these attributes need of the request that has them."""

        environ_at_start: WSGIEnvironment
        environ_was_read: bool
        read_environ: WSGIEnvironment
        cookies_are_fixed: bool


class FromEnviron:
    """An attribute that is computed from the WSGI environment on first access and then kept in the instance.

    Werkzeug's constructor sets eight of them, of which most requests need one or two.
    """

    __slots__ = ("compute", "name")

    def __init__(self, compute: t.Callable[[WSGIEnvironment], object]) -> None:
        self.compute = compute

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, request: Request | None, owner: type | None = None) -> object:
        if request is None:
            return self
        value = self.compute(request.environ_at_start)
        # setattr: an access to __dict__ makes all later attribute accesses of the instance slower.
        setattr(request, self.name, value)
        return value


class Snapshot(dict[str, t.Any]):
    """A copy of a WSGI environment, for reading. What is set goes to the original.

    The request is in the original only: here it would be a reference cycle.
    """

    __slots__ = ("original",)

    def __init__(self, original: WSGIEnvironment) -> None:
        super().__init__(original)
        self.pop("werkzeug.request", None)
        self.original = original

    def __setitem__(self, key: str, value: object) -> None:
        self.original[key] = value


class Environ:
    """The WSGI environment as programs see it. Reading it puts a copy in its place, `environ_at_start`.

    Flask computes some attributes when the request is made, and a program that changes the environment does
    not change them. Here they are computed on demand, and from then on, of the copy.
    """

    __slots__ = ()

    def __get__(self, request: Request | None, owner: type | None = None) -> object:
        if request is None:
            return self
        if not request.environ_was_read:
            request.read_environ = original = request.environ_at_start
            request.environ_at_start = Snapshot(original)
            request.environ_was_read = True
        if not request.cookies_are_fixed:
            # A session has the cookies as they are when the context is pushed. Until then they may change.
            ctx = _cv_request.get(None)
            if ctx is not None and ctx.request is request and ctx.app.secret_key:
                request.cookies_are_fixed = True
                snapshot = t.cast("Snapshot", request.environ_at_start)
                dict.update(snapshot, HTTP_COOKIE=snapshot.original.get("HTTP_COOKIE", ""))
        return request.read_environ

    def __set__(self, request: Request, environ: WSGIEnvironment) -> None:
        self.__get__(request)
        request.read_environ = environ


def from_environ(compute: t.Callable[[WSGIEnvironment], T]) -> T:
    """Return a `FromEnviron`, under the type that the attribute of an instance has."""
    return t.cast("T", FromEnviron(compute))


def decoded(environ: WSGIEnvironment, key: str) -> str:
    """Return a path of the WSGI environment as text."""
    # WSGI passes bytes as text in Latin-1 (PEP 3333). Paths are UTF-8.
    value: str = environ.get(key) or ""
    return value if value.isascii() else value.encode("latin-1").decode(errors="replace")


class Limit:
    """A limit of requests: the value set on one, else the application's, else the default.

    The application's value is `config[name.upper()]`.
    """

    __slots__ = ("config_key", "default", "own")

    def __init__(self, default: int | None) -> None:
        self.default = default

    def __set_name__(self, owner: type, name: str) -> None:
        self.own = f"_{name}"
        self.config_key = name.upper()

    def __get__(self, request: Request | None, owner: type | None = None) -> object:
        if request is None:
            return self
        value = getattr(request, self.own, None)
        if value is not None:
            return value
        ctx = _cv_app.get(None)
        return self.default if ctx is None else ctx.app.config[self.config_key]

    def __set__(self, request: Request, value: int | None) -> None:
        setattr(request, self.own, value)


def limit(default: int | None) -> int | None:
    """Return a `Limit`, under the type that the attribute of an instance has."""
    return t.cast("int | None", Limit(default))
