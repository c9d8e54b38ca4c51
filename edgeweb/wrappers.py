"""Request and Response: Werkzeug's, with what Flask adds and with parsing put off until somebody asks."""

from __future__ import annotations

import typing as t

from werkzeug.datastructures import EnvironHeaders
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.wrappers.request import Request as WerkzeugRequest
from werkzeug.wrappers.response import Response as WerkzeugResponse
from werkzeug.wsgi import _get_server

from .globals import _cv_app
from .json import current as json

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from .routing import Rule

# Blueprint names are few and known, but a name can also come from an endpoint that a user builds: hence a
# bound.
_MAX_BLUEPRINT_PATHS = 512
_blueprint_paths: dict[str, list[str]] = {}


def split_blueprint_path(name: str) -> list[str]:
    """A dotted blueprint name and the names of its parents, innermost first.

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
    """An attribute that is computed from the WSGI environment on first access and then lies in the instance.

    Werkzeug fills eight such attributes in the constructor; most requests look at one or two of them.
    """

    __slots__ = ("compute", "name")

    def __init__(self, compute: t.Callable[[WSGIEnvironment], t.Any]) -> None:
        self.compute = compute

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, request: t.Any, owner: type | None = None) -> t.Any:
        if request is None:
            return self
        value = self.compute(request.environ)
        # By setattr, as looking at __dict__ would make the instance keep a dict, which is slower ever after.
        setattr(request, self.name, value)
        return value


def decoded(environ: WSGIEnvironment, key: str) -> str:
    """A path of the WSGI environment as text."""
    # WSGI hands bytes over as latin-1 text (PEP 3333); paths are UTF-8 in truth.
    value: str = environ.get(key) or ""
    return value if value.isascii() else value.encode("latin-1").decode(errors="replace")


class Request(WerkzeugRequest):
    """The request that views see, `edgeweb.request`.

    All of `werkzeug.wrappers.Request`, and what was matched: `url_rule`, `view_args`, `endpoint`,
    `blueprint`, and `routing_exception` where nothing was. Source: Flask documentation, "Incoming Request
    Data".

    >>> from edgeweb import Flask
    >>> with Flask("example").test_request_context("/?name=ada"):
    ...     from edgeweb import request
    ...     request.args["name"]
    'ada'
    """

    json_module: t.Any = json
    url_rule: Rule | None = None
    view_args: dict[str, t.Any] | None = None
    routing_exception: HTTPException | None = None

    _max_content_length: int | None = None
    _max_form_memory_size: int | None = None
    _max_form_parts: int | None = None

    method: str = _FromEnviron(lambda environ: environ.get("REQUEST_METHOD", "GET").upper())  # type: ignore[assignment]
    scheme: str = _FromEnviron(lambda environ: environ.get("wsgi.url_scheme", "http"))  # type: ignore[assignment]
    server: tuple[str, int | None] | None = _FromEnviron(_get_server)  # type: ignore[assignment]
    root_path: str = _FromEnviron(lambda environ: decoded(environ, "SCRIPT_NAME").rstrip("/"))  # type: ignore[assignment]
    path: str = _FromEnviron(lambda environ: "/" + decoded(environ, "PATH_INFO").lstrip("/"))  # type: ignore[assignment]
    query_string: bytes = _FromEnviron(lambda environ: environ.get("QUERY_STRING", "").encode("latin-1"))  # type: ignore[assignment]
    headers = _FromEnviron(EnvironHeaders)
    remote_addr: str | None = _FromEnviron(lambda environ: environ.get("REMOTE_ADDR"))  # type: ignore[assignment]

    def __init__(
        self, environ: WSGIEnvironment, populate_request: bool = True, shallow: bool = False
    ) -> None:
        # Werkzeug's constructor is not called: it would compute all that the descriptors above put off.
        self.environ = environ
        self.shallow = shallow
        self._form_was_parsed = False
        if populate_request and not shallow:
            environ["werkzeug.request"] = self

    @property
    def max_content_length(self) -> int | None:
        """Bytes a body may have, else 413; the application's `MAX_CONTENT_LENGTH` unless set here."""
        return self._limit("_max_content_length", "MAX_CONTENT_LENGTH", None)

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        self._max_content_length = value

    @property
    def max_form_memory_size(self) -> int | None:
        """Bytes a form field that is no file may have, else 413; by default `MAX_FORM_MEMORY_SIZE`."""
        return self._limit("_max_form_memory_size", "MAX_FORM_MEMORY_SIZE", 500_000)

    @max_form_memory_size.setter
    def max_form_memory_size(self, value: int | None) -> None:
        self._max_form_memory_size = value

    @property  # type: ignore[override]
    def max_form_parts(self) -> int | None:
        """Fields a multipart form may have, else 413; by default `MAX_FORM_PARTS`."""
        return self._limit("_max_form_parts", "MAX_FORM_PARTS", 1000)

    @max_form_parts.setter
    def max_form_parts(self, value: int | None) -> None:
        self._max_form_parts = value

    def _limit(self, own: str, config_key: str, without_app: int | None) -> int | None:
        value: int | None = getattr(self, own)
        if value is not None:
            return value
        ctx = _cv_app.get(None)
        return without_app if ctx is None else ctx.app.config[config_key]

    @property
    def endpoint(self) -> str | None:
        """The endpoint of the rule that matched; `None` when none did, or before matching."""
        rule = self.url_rule
        return None if rule is None else rule.endpoint

    @property
    def blueprint(self) -> str | None:
        """The dotted name under which the blueprint of the matched endpoint is registered."""
        endpoint = self.endpoint
        if endpoint is not None and "." in endpoint:
            return endpoint.rpartition(".")[0]
        return None

    @property
    def blueprints(self) -> list[str]:
        """That name and its parents', innermost first."""
        name = self.blueprint
        return [] if name is None else split_blueprint_path(name)

    def close(self) -> None:
        """Closes the uploaded files, if the form was parsed."""
        if self._form_was_parsed:
            super().close()

    def _load_form_data(self) -> None:
        self._form_was_parsed = True
        super()._load_form_data()
        ctx = _cv_app.get(None)
        if ctx is not None and ctx.app.debug and self.mimetype != "multipart/form-data" and not self.files:
            from .debughelpers import attach_enctype_error_multidict

            attach_enctype_error_multidict(self)

    def on_json_loading_failed(self, e: ValueError | None) -> t.Any:
        """Answers 400 (or 415 for another media type); in debug mode the reason is in the answer."""
        try:
            return super().on_json_loading_failed(e)
        except BadRequest as error:
            ctx = _cv_app.get(None)
            if ctx is not None and ctx.app.debug:
                raise
            raise BadRequest() from error


class Response(WerkzeugResponse):
    """The response that views may return; HTML unless said otherwise.

    Source: Flask documentation, "Response Objects".

    >>> Response("hello", status=201).status
    '201 CREATED'
    """

    default_mimetype: str | None = "text/html"
    json_module: t.Any = json
    autocorrect_location_header = False

    @property
    def max_cookie_size(self) -> int:  # type: ignore[override]
        """Bytes above which a cookie is warned about: the application's `MAX_COOKIE_SIZE`."""
        ctx = _cv_app.get(None)
        if ctx is not None:
            size: int = ctx.app.config["MAX_COOKIE_SIZE"]
            return size
        return super().max_cookie_size
