"""The methods of an application that serve a request.

They are short, so that a program can override one of them in a subclass, or replace it on an application. The
work is done by the other modules of this package. An override of a method in `overrides.OVERRIDABLE` keeps
requests off the fast path.
"""

from __future__ import annotations

import sys
import typing as t

from ..ctx import _sentinel
from ..globals import _cv_request, request_ctx
from ..helpers import is_coroutine_function
from . import exceptions, phases, responses, urls, wsgi

if t.TYPE_CHECKING:
    from werkzeug.exceptions import HTTPException

    from .. import typing as ft
    from ..routing import BuildError
    from ..wrappers import Request, Response
    from .application import Application


class DispatchMethods:
    """The part of `Flask` that serves requests and builds URLs."""

    # The function is the method: a call between them would cost each request 400 instructions.
    wsgi_app = wsgi.wsgi_app

    def full_dispatch_request(self: Application) -> Response:
        """Run hooks, view function and error handlers of the current request; return the response."""
        if not self._got_first_request:
            self._got_first_request = True
        return phases.full_dispatch(self, _cv_request.get())

    def preprocess_request(self: Application) -> ft.ResponseReturnValue | None:
        """Run URL value preprocessors and `before_request` functions. What one returns is the response."""
        return phases.preprocess(self, _cv_request.get())

    def dispatch_request(self: Application) -> ft.ResponseReturnValue:
        """Call the view function."""
        return phases.dispatch(self, _cv_request.get())

    def raise_routing_exception(self: Application, request: Request) -> t.NoReturn:
        """Raise the error or redirect of matching."""
        phases.raise_routing_exception(self, request)

    def make_default_options_response(self: Application) -> Response:
        """Return the automatic response to OPTIONS."""
        return responses.default_options_response(self, _cv_request.get())

    def make_response(self: Application, rv: ft.ResponseReturnValue) -> Response:
        """Return a response made of what a view function may return."""
        return responses.make_response(self, rv)

    def process_response(self: Application, response: Response) -> Response:
        """Run the `after_request` functions and save the session."""
        # The proxy has the error of a call outside of a request, and costs five times as much.
        ctx = _cv_request.get(None) or request_ctx._get_current_object()
        return phases.process_response(self, ctx, response)

    def handle_user_exception(self: Application, e: Exception) -> HTTPException | ft.ResponseReturnValue:
        """Return what the handler of an exception returns, or raise the exception."""
        try:
            return phases.handle_user_exception(self, _cv_request.get(), e)
        finally:
            del e  # its traceback refers to this frame

    def handle_http_exception(self: Application, e: HTTPException) -> HTTPException | ft.ResponseReturnValue:
        """Return what the handler of an HTTP error returns, or the error."""
        return phases.handle_http_exception(self, _cv_request.get(), e)

    def handle_exception(self: Application, e: Exception) -> Response:
        """Answer an unhandled exception with 500, or raise it in tests and debug mode."""
        return exceptions.handle_exception(self, e)

    def _find_error_handler(
        self: Application, e: Exception, blueprints: list[str]
    ) -> ft.ErrorHandlerCallable | None:
        """Return the handler of an exception raised in a request of these blueprints, innermost first."""
        return exceptions.find_handler(self, e, blueprints)

    def trap_http_exception(self: Application, e: Exception) -> bool:
        """Return whether to raise an HTTP error like any other exception; see `TRAP_HTTP_EXCEPTIONS`."""
        return exceptions.trap_http_exception(self, e)

    def should_ignore_error(self: Application, error: BaseException | None) -> bool:
        """Return whether to keep an error from teardown functions: False, unless overridden."""
        return False

    def do_teardown_request(self: Application, exc: BaseException | None = _sentinel) -> None:
        """Run the `teardown_request` functions, by default with the exception being handled."""
        if exc is _sentinel:
            exc = sys.exc_info()[1]
        phases.teardown_request(self, _cv_request.get(), exc)

    def do_teardown_appcontext(self: Application, exc: BaseException | None = _sentinel) -> None:
        """Run the `teardown_appcontext` functions."""
        if exc is _sentinel:
            exc = sys.exc_info()[1]
        phases.teardown_appcontext(self, exc)

    def ensure_sync(self: Application, func: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
        """Return a function unchanged, and for a coroutine function one that runs it."""
        return self.async_to_sync(func) if is_coroutine_function(func) else func

    def async_to_sync(
        self: Application, func: t.Callable[..., t.Coroutine[t.Any, t.Any, t.Any]]
    ) -> t.Callable[..., t.Any]:
        """Wrap a coroutine function. Raises `RuntimeError` without the extra `async` (asgiref)."""
        try:
            from asgiref.sync import async_to_sync
        except ImportError:
            raise RuntimeError("Views with async need asgiref: pip install 'edgeweb[async]'") from None
        return async_to_sync(func)

    def url_for(
        self: Application,
        /,
        endpoint: str,
        *,
        _anchor: str | None = None,
        _method: str | None = None,
        _scheme: str | None = None,
        _external: bool | None = None,
        **values: t.Any,
    ) -> str:
        """Return the URL of an endpoint. Values that the rule does not name become the query.

        `.name` stands for an endpoint of the current blueprint. In a request the URL is relative to the host
        unless `_external`; outside of one `SERVER_NAME` has to be set. `_anchor` is appended, `_method`
        chooses between rules, `_scheme` sets the scheme and needs `_external`.
        """
        return urls.url_for(self, endpoint, _anchor, _method, _scheme, _external, values)

    def inject_url_defaults(self: Application, endpoint: str, values: dict[str, object]) -> None:
        """Run the `url_defaults` functions on the values of a URL that is built."""
        urls.inject_url_defaults(self, endpoint, values)

    def handle_url_build_error(
        self: Application, error: BuildError, endpoint: str, values: dict[str, object]
    ) -> str:
        """Return the URL of an `url_build_error_handlers` function, or raise the error."""
        return urls.handle_build_error(self, error, endpoint, values)
