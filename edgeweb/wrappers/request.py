"""The request: Werkzeug's, with Flask's additions, and with parsing put off until it is needed."""

from __future__ import annotations

import typing as t
from functools import cache
from io import BytesIO
from operator import attrgetter

from werkzeug.datastructures import EnvironHeaders, ImmutableMultiDict
from werkzeug.exceptions import BadRequest, ClientDisconnected, HTTPException
from werkzeug.http import parse_cookie
from werkzeug.sansio.utils import get_host
from werkzeug.utils import cached_property
from werkzeug.wrappers.request import Request as WerkzeugRequest
from werkzeug.wsgi import _get_server, get_input_stream

from ..globals import _cv_app
from ..json import current as json
from .attributes import Environ, decoded, from_environ, limit
from .parsing import parse_form, parse_tags

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from werkzeug.datastructures import ETags
    from werkzeug.formparser import FormDataParser

    from ..routing import Rule

# A plain form has at most 9,999 bytes. Larger bodies are Werkzeug's to read.
_DIGITS_OF_PLAIN_FORM = 4

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
    max_content_length: int | None = limit(None)
    max_form_memory_size: int | None = limit(500_000)
    max_form_parts: int | None = limit(1000)  # type: ignore[assignment]

    if t.TYPE_CHECKING:
        environ: WSGIEnvironment
    else:
        environ = Environ()
    #: What the request was made of, for reading: without changes that the program has made since.
    environ_at_start: WSGIEnvironment
    #: Whether the program has the environment, and may have changed it.
    environ_was_read = False
    read_environ: WSGIEnvironment
    #: Whether `cookies` are those of `environ_at_start`, as the session has read them.
    cookies_are_fixed = False
    shallow = False

    method: str = from_environ(lambda environ: environ.get("REQUEST_METHOD", "GET").upper())
    scheme: str = from_environ(lambda environ: environ.get("wsgi.url_scheme", "http"))
    server: tuple[str, int | None] | None = from_environ(_get_server)
    root_path: str = from_environ(lambda environ: decoded(environ, "SCRIPT_NAME").rstrip("/"))
    path: str = from_environ(lambda environ: "/" + decoded(environ, "PATH_INFO").lstrip("/"))
    query_string: bytes = from_environ(lambda environ: environ.get("QUERY_STRING", "").encode("latin-1"))
    headers: EnvironHeaders = from_environ(
        lambda environ: EnvironHeaders(getattr(environ, "original", environ))
    )
    remote_addr: str | None = from_environ(lambda environ: environ.get("REMOTE_ADDR"))

    def __init__(
        self, environ: WSGIEnvironment, populate_request: bool = True, shallow: bool = False
    ) -> None:
        # Without Werkzeug's constructor, which computes what the descriptors above put off.
        self.environ_at_start = environ
        if shallow:
            self.shallow = True
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
        if not self._load_plain_form():
            super()._load_form_data()
        ctx = _cv_app.get(None)
        if ctx is not None and ctx.app.debug and self.mimetype != "multipart/form-data" and not self.files:
            from ..debughelpers import attach_enctype_error_multidict

            attach_enctype_error_multidict(self)

    def _load_plain_form(self) -> bool:
        """Read a small form as browsers send it, and return whether this was one.

        The result is that of Werkzeug's parser, which costs eight times as much: it makes a stream with a
        limit, reads headers that are known here, and takes any media type.
        """
        environ = self._environ_now
        length = environ.get("CONTENT_LENGTH", "")
        if (
            environ.get("CONTENT_TYPE") != "application/x-www-form-urlencoded"
            or not (length.isdecimal() and length.isascii() and len(length) <= _DIGITS_OF_PLAIN_FORM)
            or self.shallow
            or not _reads_as_werkzeug(type(self))
        ):
            return False
        attributes, size = self.__dict__, int(length)
        if "form" in attributes or "stream" in attributes or "_cached_data" in attributes:
            return False
        for most in (self.max_content_length, self.max_form_memory_size):
            if most is not None and size > most:
                return False
        body = environ["wsgi.input"].read(size)
        if len(body) < size:
            raise ClientDisconnected
        try:
            fields = parse_form(body.decode())
        except UnicodeDecodeError:
            fields = []
        attributes["stream"] = BytesIO()
        attributes["form"], attributes["files"] = ImmutableMultiDict(fields), ImmutableMultiDict()
        return True

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


# What reading a form in one step leaves out: where a program has overridden any of it, Werkzeug reads.
_form_parts = attrgetter(
    *("make_form_data_parser", "parameter_storage_class", "stream"),
    *("_get_stream_for_parsing", "want_form_data_parsed", "mimetype"),
)
_FORM_PARTS = _form_parts(Request)


@cache
def _werkzeugs_parser() -> type[FormDataParser]:
    """Return the class, imported for the first form: 80 KB. An import statement costs each form a look-up."""
    from werkzeug.formparser import FormDataParser

    return FormDataParser


def _reads_as_werkzeug(cls: type[Request]) -> bool:
    return cls.form_data_parser_class is _werkzeugs_parser() and _form_parts(cls) == _FORM_PARTS
