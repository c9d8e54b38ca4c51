"""Tests without a server: `app.test_client()`, `app.test_cli_runner()`, `app.test_request_context()`.

Flask's suite (test_testing.py) looks for "Cookies are disabled." and "Session backend did not open a
session".
"""

from __future__ import annotations

import typing as t
from contextlib import ExitStack, closing, contextmanager
from copy import copy
from urllib.parse import urlsplit

from werkzeug.test import Client
from werkzeug.test import EnvironBuilder as WerkzeugEnvironBuilder
from werkzeug.wrappers.request import Request as WerkzeugRequest

from .ctx import Reentry
from .globals import _cv_app, _cv_request

if t.TYPE_CHECKING:
    from types import TracebackType

    from _typeshed.wsgi import WSGIEnvironment
    from werkzeug.test import TestResponse

    from .cli.runner import FlaskCliRunner as FlaskCliRunner
    from .sessions import SessionMixin


class EnvironBuilder(WerkzeugEnvironBuilder):
    """A builder of WSGI environments, with defaults from an application's configuration.

    `path` may be a whole URL. `subdomain` goes in front of `SERVER_NAME`, `url_scheme` in place of
    `PREFERRED_URL_SCHEME`; the rest is for `werkzeug.test.EnvironBuilder`.

    Raises `AssertionError` for `base_url` together with one of these two, which are parts of it.
    """

    def __init__(
        self,
        app: t.Any,
        path: str = "/",
        base_url: str | None = None,
        subdomain: str | None = None,
        url_scheme: str | None = None,
        *args: t.Any,
        **kwargs: t.Any,
    ) -> None:
        assert base_url is None or not (subdomain or url_scheme), (
            "base_url has a scheme and a host. Leave out subdomain and url_scheme."
        )
        if base_url is None:
            host = app.config.get("SERVER_NAME") or "localhost"
            if subdomain:
                host = f"{subdomain}.{host}"
            url = urlsplit(path)
            scheme = url.scheme or url_scheme or app.config["PREFERRED_URL_SCHEME"]
            root = app.config["APPLICATION_ROOT"].lstrip("/")
            base_url = f"{scheme}://{url.netloc or host}/{root}"
            path = f"{url.path}?{url.query}" if url.query else url.path
        self.app = app
        super().__init__(path, base_url, *args, **kwargs)

    def json_dumps(self, obj: object, **kwargs: t.Any) -> str:
        """Return the JSON of the argument `json`, as the application writes it."""
        text: str = self.app.json.dumps(obj, **kwargs)
        return text


def _werkzeug_version() -> str:
    # importlib.metadata costs more than the rest of this module, and a test context does not need it.
    from importlib.metadata import version

    return version("werkzeug")


class FlaskClient(Client):
    """A client that sends requests to an application and keeps its cookies.

    Inside a `with` block the context of the last request stays, so that a test can read `request`, `session`
    and `g`:

    >>> from edgeweb import Flask, request
    >>> app = Flask("example")
    >>> with app.test_client() as client:
    ...     _ = client.get("/?unit=3")
    ...     request.args["unit"]
    '3'

    `environ_base` are values for the WSGI environment of every request.
    """

    application: t.Any

    def __init__(self, *args: t.Any, **kwargs: t.Any) -> None:
        super().__init__(*args, **kwargs)
        self.environ_base: dict[str, t.Any] = {
            "HTTP_USER_AGENT": f"Werkzeug/{_werkzeug_version()}",
            "REMOTE_ADDR": "127.0.0.1",
        }
        # True in a `with` block. The application adds the contexts of a request to the list; after the
        # request they are entered again and kept on the stack.
        self.preserve_context = False
        self._context_stack = ExitStack()
        self._new_contexts: list[t.ContextManager[t.Any]] = []

    @contextmanager
    def session_transaction(self, *args: t.Any, **kwargs: t.Any) -> t.Iterator[SessionMixin]:
        """Enter the session that the next request will get, to read and to change it.

        >>> with client.session_transaction() as session:  # doctest: +SKIP
        ...     session["user_id"] = 1

        The arguments are those of `app.test_request_context`. Raises `TypeError` for a client without cookies
        and `RuntimeError` for an application without sessions, usually because it has no `SECRET_KEY`.
        """
        if self._cookies is None:
            raise TypeError("Cookies are disabled. A session needs a client with use_cookies=True.")
        app = self.application
        interface = app.session_interface
        request_context = app.test_request_context(*args, **kwargs)
        request = request_context.request
        self._add_cookies_to_wsgi(request.environ)
        with request_context:
            session = interface.open_session(app, request)
        if session is None:
            raise RuntimeError("Session backend did not open a session. Is there a SECRET_KEY?")

        yield session

        if interface.is_null_session(session):
            return
        response = app.response_class()
        with request_context:
            interface.save_session(app, session, response)
        self._update_cookies_from_response(
            request.host.partition(":")[0], request.path, response.headers.getlist("Set-Cookie")
        )

    def _copy_environ(self, other: t.Mapping[str, t.Any]) -> WSGIEnvironment:
        environ = {**self.environ_base, **other}
        if self.preserve_context:
            environ["werkzeug.debug.preserve_context"] = self._preserve
        return environ

    def _preserve(self, context: t.Any) -> None:
        """Keep a context that the application hands over at the end of a request."""
        request_ctx = _cv_request.get(None)
        if request_ctx is not None and context is request_ctx:
            self._new_contexts.append(Reentry(request_ctx, _cv_app.get()))
        # Otherwise it is the application's context of the same request, which the line above has as well.

    def _request_from_builder_args(
        self, args: tuple[t.Any, ...], kwargs: dict[str, t.Any]
    ) -> WerkzeugRequest:
        """Return the request for the arguments of `open`: one object, or the arguments of a builder."""
        given = args[0] if args else None
        if isinstance(given, WerkzeugRequest):
            request = copy(given)
            request.environ = self._copy_environ(given.environ)
            return request
        if isinstance(given, WerkzeugEnvironBuilder):
            builder = copy(given)
            builder.environ_base = self._copy_environ(builder.environ_base or {})
            return builder.get_request()
        if isinstance(given, dict):
            builder = EnvironBuilder.from_environ(
                given, app=self.application, environ_base=self._copy_environ({})
            )
        else:
            base = self._copy_environ(kwargs.pop("environ_base", {}))
            builder = EnvironBuilder(self.application, *args, environ_base=base, **kwargs)
        with closing(builder):
            return builder.get_request()

    def open(
        self, *args: t.Any, buffered: bool = False, follow_redirects: bool = False, **kwargs: t.Any
    ) -> TestResponse:
        """Send a request. `get`, `post` and so on do it with the method set.

        `buffered` reads the whole response, so that it can be read again; `follow_redirects` returns the
        response at the end of all redirects. The rest is for `EnvironBuilder`: `json=`, `data=`, `headers=`,
        `query_string=`, ...
        """
        request = self._request_from_builder_args(args, kwargs)
        # Drop the contexts of the previous request.
        self._context_stack.close()
        response = super().open(request, buffered=buffered, follow_redirects=follow_redirects)
        response.json_module = self.application.json

        # One for the request, and one for each redirect that was followed.
        for context in self._new_contexts:
            self._context_stack.enter_context(context)
        self._new_contexts.clear()
        return response

    def __enter__(self) -> t.Self:
        if self.preserve_context:
            raise RuntimeError("This client is in a with block already. Use another one inside.")
        self.preserve_context = True
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.preserve_context = False
        self._context_stack.close()


def __getattr__(name: str) -> object:
    # In a module of its own, because it needs click, which a test context does not.
    if name == "FlaskCliRunner":
        from .cli.runner import FlaskCliRunner

        return FlaskCliRunner
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
