"""Request and Response: Werkzeug's, with Flask's additions, and with parsing put off until it is needed."""

from __future__ import annotations

import typing as t

from werkzeug.datastructures import EnvironHeaders
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.http import parse_cookie
from werkzeug.sansio.utils import get_host
from werkzeug.utils import cached_property
from werkzeug.wrappers.request import Request as WerkzeugRequest
from werkzeug.wrappers.response import Response as WerkzeugResponse
from werkzeug.wsgi import _get_server, get_input_stream

from .globals import _cv_app, _cv_request
from .json import current as json

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from werkzeug.datastructures import ETags, ImmutableMultiDict

    from .routing import Rule

    T = t.TypeVar("T")

# Bounded, because a name may come from an endpoint that a client chose.
_MAX_BLUEPRINT_PATHS = 512
_blueprint_paths: dict[str, list[str]] = {}


def split_blueprint_path(name: str) -> list[str]:
    """Return a dotted blueprint name and the names of its parents, innermost first.

    >>> split_blueprint_path("shop.cart.items")
    ['shop.cart.items', 'shop.cart', 'shop']
    """
    path = _blueprint_paths.get(name)
    if path is None:
        parts = name.split(".")
        path = [".".join(parts[:end]) for end in range(len(parts), 0, -1)]
        if len(_blueprint_paths) >= _MAX_BLUEPRINT_PATHS:
            _blueprint_paths.clear()
        _blueprint_paths[name] = path
    return path


class _FromEnviron:
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


class _Snapshot(dict[str, t.Any]):
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


class _Environ:
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
            request.environ_at_start = _Snapshot(original)
            request.environ_was_read = True
        if not request.cookies_are_fixed:
            # A session has the cookies as they are when the context is pushed. Until then they may change.
            ctx = _cv_request.get(None)
            if ctx is not None and ctx.request is request and ctx.app.secret_key:
                request.cookies_are_fixed = True
                snapshot = t.cast("_Snapshot", request.environ_at_start)
                dict.update(snapshot, HTTP_COOKIE=snapshot.original.get("HTTP_COOKIE", ""))
        return request.read_environ

    def __set__(self, request: Request, environ: WSGIEnvironment) -> None:
        self.__get__(request)
        request.read_environ = environ


def _from_environ(compute: t.Callable[[WSGIEnvironment], T]) -> T:
    """Return a `_FromEnviron`, under the type that the attribute of an instance has."""
    return t.cast("T", _FromEnviron(compute))


def decoded(environ: WSGIEnvironment, key: str) -> str:
    """Return a path of the WSGI environment as text."""
    # WSGI passes bytes as text in Latin-1 (PEP 3333). Paths are UTF-8.
    value: str = environ.get(key) or ""
    return value if value.isascii() else value.encode("latin-1").decode(errors="replace")


class _Limit:
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


def _limit(default: int | None) -> int | None:
    """Return a `_Limit`, under the type that the attribute of an instance has."""
    return t.cast("int | None", _Limit(default))


def parse_tags(text: str) -> ETags:
    """Return the tags of If-Match or If-None-Match, in time linear in their length (RFC 9110, section 8.8.3).

    Werkzeug 3.1.3 parses them by a regular expression, which takes a third of a second for 15,000 blanks.

    >>> parse_tags('"a", W/"b", c').contains_weak("b"), parse_tags("*").star_tag
    (True, True)
    """
    from werkzeug.datastructures import ETags

    strong: list[str] = []
    weak: list[str] = []
    at, end = 0, len(text)
    while at < end:
        if text[at] in " \t,":
            at += 1
            continue
        is_weak = text[at : at + 2] in ("W/", "w/")
        at += 2 * is_weak
        close = text.find('"', at + 1) if text[at : at + 1] == '"' else -1
        comma = text.find(",", max(at, close))
        comma = end if comma < 0 else comma
        tag = text[at:comma].rstrip() if close < 0 else text[at + 1 : close]
        if tag == "*" and close < 0 and not is_weak:
            return ETags(star_tag=True)
        (weak if is_weak else strong).append(tag)
        at = comma
    return ETags(strong, weak)


class Request(WerkzeugRequest):
    """The request that views get as `edgeweb.request`.

    It has everything of `werkzeug.wrappers.Request`, and the result of matching: `url_rule`, `view_args`,
    `endpoint`, `blueprint`; or `routing_exception`. Source: Flask documentation, "Incoming Request Data".

    >>> from edgeweb import Flask
    >>> with Flask("example").test_request_context("/?name=ada"):
    ...     from edgeweb import request
    ...     request.args["name"]
    'ada'
    """

    json_module: t.Any = json

    #: The error or redirect of a URL that did not match. Otherwise the rule that did, and its values.
    routing_exception: HTTPException | None = None
    view_args: dict[str, t.Any] | None = None
    url_rule: Rule | None = None

    #: More than these is refused with 413: bytes of a body, bytes of a form field that is not a file, and
    #: fields of a multipart form.
    max_content_length: int | None = _limit(None)
    max_form_memory_size: int | None = _limit(500_000)
    max_form_parts: int | None = _limit(1000)  # type: ignore[assignment]

    if t.TYPE_CHECKING:
        environ: WSGIEnvironment
    else:
        environ = _Environ()
    #: What the request was made of, for reading: without changes that the program has made since.
    environ_at_start: WSGIEnvironment
    #: Whether the program has the environment, and may have changed it.
    environ_was_read = False
    read_environ: WSGIEnvironment
    #: Whether `cookies` are those of `environ_at_start`, as the session has read them.
    cookies_are_fixed = False

    method: str = _from_environ(lambda environ: environ.get("REQUEST_METHOD", "GET").upper())
    scheme: str = _from_environ(lambda environ: environ.get("wsgi.url_scheme", "http"))
    server: tuple[str, int | None] | None = _from_environ(_get_server)
    root_path: str = _from_environ(lambda environ: decoded(environ, "SCRIPT_NAME").rstrip("/"))
    path: str = _from_environ(lambda environ: "/" + decoded(environ, "PATH_INFO").lstrip("/"))
    query_string: bytes = _from_environ(lambda environ: environ.get("QUERY_STRING", "").encode("latin-1"))
    headers: EnvironHeaders = _from_environ(
        lambda environ: EnvironHeaders(getattr(environ, "original", environ))
    )
    remote_addr: str | None = _from_environ(lambda environ: environ.get("REMOTE_ADDR"))

    def __init__(
        self, environ: WSGIEnvironment, populate_request: bool = True, shallow: bool = False
    ) -> None:
        # Without Werkzeug's constructor, which computes what the descriptors above put off.
        self.environ_at_start = environ
        self.shallow = shallow
        self._form_was_parsed = False
        if populate_request and not shallow:
            environ["werkzeug.request"] = self

    @cached_property
    def host(self) -> str:
        """The host that the client asked for, with a port that is not the scheme's own.

        Raises `werkzeug.exceptions.SecurityError` for one that `trusted_hosts` does not have.
        """
        host = self.environ_at_start.get("HTTP_HOST")
        return get_host(self.scheme, host, self.server, self.trusted_hosts)

    @cached_property
    def stream(self) -> t.IO[bytes]:
        """The body, as far as it was not read; see Werkzeug's documentation."""
        if self.shallow:
            return super().stream
        return get_input_stream(self._environ_now, max_content_length=self.max_content_length)

    @property
    def want_form_data_parsed(self) -> bool:
        """Whether there is a body that may be a form: it has a media type."""
        return bool(self._environ_now.get("CONTENT_TYPE"))

    @property
    def _environ_now(self) -> WSGIEnvironment:
        # Reading `environ` would cost every request with a body a copy of it.
        return self.read_environ if self.environ_was_read else self.environ_at_start

    @cached_property
    def cookies(self) -> ImmutableMultiDict[str, str]:
        """The cookies, by name."""
        if not self.cookies_are_fixed:
            return super().cookies
        return parse_cookie(self.environ_at_start["HTTP_COOKIE"], cls=self.dict_storage_class)  # type: ignore[return-value]

    @property
    def endpoint(self) -> str | None:
        """The endpoint of the rule that matched; `None` if none did, and before matching."""
        rule = self.url_rule
        return None if rule is None else rule.endpoint

    @property
    def blueprint(self) -> str | None:
        """The dotted name of the blueprint that the matched endpoint belongs to."""
        endpoint = self.endpoint
        if endpoint is not None and "." in endpoint:
            return endpoint.rpartition(".")[0]
        return None

    @property
    def blueprints(self) -> list[str]:
        """That name and its parents', innermost first."""
        name = self.blueprint
        return [] if name is None else split_blueprint_path(name)

    @property
    def if_match(self) -> ETags:
        """The tags of If-Match."""
        return parse_tags(self.environ.get("HTTP_IF_MATCH", ""))

    @property
    def if_none_match(self) -> ETags:
        """The tags of If-None-Match."""
        return parse_tags(self.environ.get("HTTP_IF_NONE_MATCH", ""))

    def close(self) -> None:
        """Close the uploaded files, if the form was parsed."""
        if self._form_was_parsed:
            super().close()

    def _load_form_data(self) -> None:
        self._form_was_parsed = True
        super()._load_form_data()
        ctx = _cv_app.get(None)
        if ctx is not None and ctx.app.debug and self.mimetype != "multipart/form-data" and not self.files:
            from .debughelpers import attach_enctype_error_multidict

            attach_enctype_error_multidict(self)

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> t.Any:
        """Return the body as JSON; see Flask's documentation.

        A body that is nested deeper than Python's parser goes is as faulty as any other: 400, or None where
        `silent`.
        """
        try:
            return super().get_json(force, silent, cache)
        except RecursionError as error:
            if silent:
                return None
            reason = ValueError("The body is nested too deeply.")
            reason.__cause__ = error
            return self.on_json_loading_failed(reason)

    def on_json_loading_failed(self, e: ValueError | None) -> t.Any:
        """Raise 400, or 415 for another media type; in debug mode with the reason."""
        try:
            return super().on_json_loading_failed(e)
        except BadRequest as error:
            ctx = _cv_app.get(None)
            if ctx is not None and ctx.app.debug:
                raise
            if e is not None and isinstance(e.__cause__, RecursionError):
                raise BadRequest(str(e)) from error
            raise BadRequest() from error


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

    @property
    def max_cookie_size(self) -> int:  # type: ignore[override]
        """Bytes of a cookie above which Werkzeug warns: the application's `MAX_COOKIE_SIZE`."""
        ctx = _cv_app.get(None)
        if ctx is not None:
            size: int = ctx.app.config["MAX_COOKIE_SIZE"]
            return size
        return super().max_cookie_size
