"""The phases of a request, as functions over the application and the request's context.

Each phase calls the next one through the application's methods, so that a subclass or an extension can
replace any of them. The order is Flask's (documentation, "The Request Context", "How the Context Works").
"""

from __future__ import annotations

import sys
import typing as t

from werkzeug.exceptions import BadRequestKeyError, HTTPException, MethodNotAllowed, NotFound

from ..ctx import RequestContext
from ..globals import _cv_app, _cv_request
from ..helpers import is_coroutine_function
from ..routing import RequestRedirect, RoutingException
from ..signals import (
    appcontext_tearing_down,
    awake,
    request_finished,
    request_started,
    request_tearing_down,
)
from . import exceptions
from .responses import make_ready

if t.TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from .. import typing as ft
    from ..wrappers import Request, Response

# Redirects to the slashed path keep method and body with these codes, or have none to lose with these
# methods.
_KEEPS_BODY = frozenset({307, 308})
_PLAIN_REFUSALS = (NotFound, MethodNotAllowed)
_HAS_NO_BODY = frozenset({"GET", "HEAD", "OPTIONS"})


def run(app: t.Any, environ: WSGIEnvironment, start_response: StartResponse) -> t.Iterable[bytes]:
    """The WSGI application: a context around one dispatch."""
    overrides = app.overrides
    ctx = app.request_context(environ) if "request_context" in overrides else RequestContext(app, environ)
    error: BaseException | None = None
    try:
        try:
            ctx.push()
            response = app.full_dispatch_request() if overrides else answer(app, ctx)
        except Exception as e:
            error = e
            response = app.handle_exception(e)
        except BaseException:
            error = sys.exc_info()[1]
            raise
        if type(response) is tuple:
            status, headers, body = response
            start_response(status, headers)
            return () if environ["REQUEST_METHOD"] == "HEAD" else body
        return response(environ, start_response)  # type: ignore[no-any-return]
    finally:
        preserve = environ.get("werkzeug.debug.preserve_context")
        if preserve is not None:
            _preserve(preserve)
        if error is not None and app.should_ignore_error(error):
            error = None
        ctx.pop(error)
        # The error's traceback holds this frame: a variable that held the error would close the circle.
        del error


def _preserve(preserve: t.Callable[[t.Any], None]) -> None:
    """Hands the active contexts to a test client or a debugger, which will push them once more."""
    app_ctx, request_ctx = _cv_app.get(None), _cv_request.get(None)
    if app_ctx is not request_ctx:
        preserve(app_ctx)
    preserve(request_ctx)


def answer(app: t.Any, ctx: RequestContext) -> t.Any:
    """`full_dispatch` for an application whose methods nobody replaced.

    The same phases in the same order, but those that have nothing to do are not called, and where nobody
    would see the response object none is made.
    """
    if not app._got_first_request:
        return app.full_dispatch_request()
    request = ctx.request
    rv: t.Any = None
    try:
        if awake and request_started.receivers:
            request_started.send(app, _async_wrapper=app.ensure_sync)
        if app.before_request_funcs or app.url_value_preprocessors:
            rv = preprocess(app, ctx)
        if rv is None:
            rule = request.url_rule
            if rule is None or request.method == "OPTIONS" or request.routing_exception is not None:
                rv = _refusal(app, request) or dispatch(app, ctx)
            else:
                endpoint = rule.endpoint
                view_function = app.view_functions[endpoint]
                if app._plain_views.get(endpoint) is not view_function:
                    if is_coroutine_function(view_function):
                        view_function = app.async_to_sync(view_function)
                    else:
                        # What a function is does not change: looked at once.
                        app._plain_views[endpoint] = view_function
                rv = view_function(**request.view_args)  # type: ignore[arg-type]
    except Exception as e:
        rv = app.handle_user_exception(e)
    if (
        not app.after_request_funcs
        and ctx._after_this is None
        and not (awake and request_finished.receivers)
        and ((ctx._session_waits and "HTTP_COOKIE" not in request.environ) or ctx.session_is_unchanged())
    ):
        ready = make_ready(app, rv)
        if ready is not None:
            del rv  # see below
            if not ctx._session_waits and ctx.session_was_read():
                ready[1].append(("Vary", "Cookie"))
            return ready
    response = app.finalize_request(rv)
    # An HTTP error that nobody handles is its own answer, and its traceback holds this frame: no circle.
    del rv
    return response


def _refusal(app: t.Any, request: Request) -> HTTPException | None:
    """A 404 or 405 for which no handler is registered: what raising it would come to, without raising it."""
    refusal = request.routing_exception
    if type(refusal) not in _PLAIN_REFUSALS or app.error_handler_spec or app.config["TRAP_HTTP_EXCEPTIONS"]:
        return None
    return refusal


def full_dispatch(app: t.Any, ctx: RequestContext) -> Response:
    """From the matched request to the finished response, errors of view functions and hooks included."""
    if not app._got_first_request:
        app._got_first_request = True
        app._note_overrides()
    try:
        if request_started.receivers:
            request_started.send(app, _async_wrapper=app.ensure_sync)
        rv = app.preprocess_request()
        if rv is None:
            rv = app.dispatch_request()
    except Exception as e:
        rv = app.handle_user_exception(e)
    response = app.finalize_request(rv)
    del rv  # see answer()
    return response  # type: ignore[no-any-return]


def preprocess(app: t.Any, ctx: RequestContext) -> ft.ResponseReturnValue | None:
    """URL value preprocessors, then `before_request` functions.

    Those of the application, then from the outermost blueprint inwards. The first that returns something ends
    the request with it.
    """
    request = ctx.request
    preprocessors, before = app.url_value_preprocessors, app.before_request_funcs
    if not preprocessors and not before:
        return None
    names = (None, *reversed(request.blueprints))
    for name in names:
        for preprocessor in preprocessors.get(name, ()):
            preprocessor(request.endpoint, request.view_args)
    for name in names:
        for function in before.get(name, ()):
            rv = app.ensure_sync(function)()
            if rv is not None:
                return t.cast("ft.ResponseReturnValue", rv)
    return None


def dispatch(app: t.Any, ctx: RequestContext) -> ft.ResponseReturnValue:
    """Calls the view function, or raises what matching found wrong."""
    request = ctx.request
    if request.routing_exception is not None:
        app.raise_routing_exception(request)
    rule: t.Any = request.url_rule
    if request.method == "OPTIONS" and getattr(rule, "provide_automatic_options", False):
        return t.cast("Response", app.make_default_options_response())
    view_function = app.view_functions[rule.endpoint]
    return app.ensure_sync(view_function)(**(request.view_args or {}))  # type: ignore[no-any-return]


def raise_routing_exception(app: t.Any, request: Request) -> t.NoReturn:
    """Raises it; in debug mode a redirect that would lose a form's data is an error that says so."""
    error = request.routing_exception
    if (
        app.debug
        and isinstance(error, RequestRedirect)
        and error.code not in _KEEPS_BODY
        and request.method not in _HAS_NO_BODY
    ):
        from ..debughelpers import FormDataRoutingRedirect

        raise FormDataRoutingRedirect(request)
    assert error is not None
    raise error


def finalize(
    app: t.Any, ctx: RequestContext, rv: ft.ResponseReturnValue | HTTPException, from_error_handler: bool
) -> Response:
    """Makes the response and runs what follows; after an error handler, failures of that are only logged."""
    response = app.make_response(rv)
    try:
        response = app.process_response(response)
        if request_finished.receivers:
            request_finished.send(app, _async_wrapper=app.ensure_sync, response=response)
    except Exception:
        if not from_error_handler:
            raise
        app.logger.exception("The response to an error could not be finished")
    return t.cast("Response", response)


def process_response(app: t.Any, ctx: RequestContext, response: Response) -> Response:
    """`after_this_request` functions in their order, then `after_request` functions; then saves the session.

    The latter in reverse, from the innermost blueprint outwards.
    """
    for function in ctx._after_this or ():
        response = app.ensure_sync(function)(response)
    after = app.after_request_funcs
    if after:
        for name in (*ctx.request.blueprints, None):
            for function in reversed(after.get(name, ())):
                response = app.ensure_sync(function)(response)
    # Not "unchanged" alone: an interface of a user's own decides for itself, and a read one is marked.
    if not ctx._session_waits or not ctx.session_is_unchanged():
        interface, session = app.session_interface, ctx._session
        if not interface.is_null_session(session):
            interface.save_session(app, session, response)
    return response


def handle_user_exception(app: t.Any, ctx: RequestContext, e: Exception) -> t.Any:
    """Answers an exception of a view function or a hook by its handler; raises it on where there is none."""
    if isinstance(e, HTTPException):
        if isinstance(e, BadRequestKeyError) and (app.debug or app.config["TRAP_BAD_REQUEST_ERRORS"]):
            e.show_exception = True
        if not app.trap_http_exception(e):
            return app.handle_http_exception(e)
    handler = exceptions.find_handler(app, e, ctx.request.blueprints)
    if handler is None:
        try:
            raise e
        finally:
            # The traceback holds this frame, and the frame would hold the error.
            del e
    return app.ensure_sync(handler)(e)


def handle_http_exception(app: t.Any, ctx: RequestContext, e: HTTPException) -> t.Any:
    """Answers an HTTP error by its handler, or by itself; redirects of the router pass unhandled."""
    if e.code is None or isinstance(e, RoutingException):
        return e
    handler = exceptions.find_handler(app, e, ctx.request.blueprints)
    return e if handler is None else app.ensure_sync(handler)(e)


def teardown_request(app: t.Any, ctx: RequestContext, exc: BaseException | None) -> None:
    """`teardown_request` functions in reverse, from the innermost blueprint outwards."""
    functions = app.teardown_request_funcs
    if functions:
        for name in (*ctx.request.blueprints, None):
            for function in reversed(functions.get(name, ())):
                app.ensure_sync(function)(exc)
    if request_tearing_down.receivers:
        request_tearing_down.send(app, _async_wrapper=app.ensure_sync, exc=exc)


def teardown_appcontext(app: t.Any, exc: BaseException | None) -> None:
    """`teardown_appcontext` functions in reverse."""
    for function in reversed(app.teardown_appcontext_funcs):
        app.ensure_sync(function)(exc)
    if appcontext_tearing_down.receivers:
        appcontext_tearing_down.send(app, _async_wrapper=app.ensure_sync, exc=exc)
