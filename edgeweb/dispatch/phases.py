"""The phases of a request, as functions over the application and the request's context.

Each phase calls the next one through the application's methods, so that a subclass or an extension can
override any of them. The order is Flask's (documentation, "The Request Context", "How the Context Works").
"""

from __future__ import annotations

import typing as t

from werkzeug.exceptions import BadRequestKeyError, HTTPException

from ..ctx import RequestContext
from ..routing import RequestRedirect, RoutingException
from ..signals import (
    appcontext_tearing_down,
    request_finished,
    request_started,
    request_tearing_down,
)

if t.TYPE_CHECKING:
    from .. import typing as ft
    from ..wrappers import Request, Response
    from .application import Application

# A redirect to the path with a slash keeps the body with these codes; requests of these methods have none.
_KEEPS_BODY = frozenset({307, 308})
_HAS_NO_BODY = frozenset({"GET", "HEAD", "OPTIONS"})


def full_dispatch(app: Application, ctx: RequestContext) -> Response:
    """Turn a matched request into a finished response, errors of view functions and hooks included."""
    try:
        if request_started.receivers:
            request_started.send(app, _async_wrapper=app.ensure_sync)
        rv = app.preprocess_request()
        if rv is None:
            rv = app.dispatch_request()
    except Exception as e:
        rv = app.handle_user_exception(e)
    response = app.finalize_request(rv)
    # An HTTP error without a handler is its own answer, and its traceback holds this frame: no cycle.
    del rv
    return response


def preprocess(app: Application, ctx: RequestContext) -> ft.ResponseReturnValue | None:
    """Run the URL value preprocessors, then the `before_request` functions.

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
            rv: ft.ResponseReturnValue | None = app.ensure_sync(function)()
            if rv is not None:
                return rv
    return None


def dispatch(app: Application, ctx: RequestContext) -> ft.ResponseReturnValue:
    """Call the view function, or raise what matching found wrong."""
    request = ctx.request
    if request.routing_exception is not None:
        app.raise_routing_exception(request)
    rule = request.url_rule
    assert rule is not None
    if request.method == "OPTIONS" and getattr(rule, "provide_automatic_options", False):
        return app.make_default_options_response()
    view_function = app.view_functions[rule.endpoint]
    rv: ft.ResponseReturnValue = app.ensure_sync(view_function)(**(request.view_args or {}))
    return rv


def raise_routing_exception(app: Application, request: Request) -> t.NoReturn:
    """Raise the error of matching. In debug mode a redirect that loses form data has its own."""
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
    app: Application, rv: ft.ResponseReturnValue | HTTPException, from_error_handler: bool
) -> Response:
    """Make the response and run what follows. After an error handler, failures there are only logged."""
    response = app.make_response(rv)
    try:
        response = app.process_response(response)
        if request_finished.receivers:
            request_finished.send(app, _async_wrapper=app.ensure_sync, response=response)
    except Exception:
        if not from_error_handler:
            raise
        # Of the application's module, by which programs sort and filter.
        app.logger.exception("The response to an error could not be finished", stacklevel=2)
    return response


def process_response(app: Application, ctx: RequestContext, response: Response) -> Response:
    """Run the `after_this_request` functions, then the `after_request` functions; then save the session.

    The latter in reverse, from the innermost blueprint outwards.
    """
    for function in ctx.after_this or ():
        response = app.ensure_sync(function)(response)
    after = app.after_request_funcs
    if after:
        for name in (*ctx.request.blueprints, None):
            for function in reversed(after.get(name, ())):
                response = app.ensure_sync(function)(response)
    # An opened session goes to its interface even if unchanged: a program's own interface decides what to
    # save, and a session that was read makes the response vary on the cookie.
    if not ctx.session_waits or not ctx.session_is_unchanged():
        ctx.save_session(response)
    return response


def handle_user_exception(
    app: Application, ctx: RequestContext, e: Exception
) -> HTTPException | ft.ResponseReturnValue:
    """Answer an exception of a view function or a hook by its handler; raise it where there is none."""
    if isinstance(e, HTTPException):
        if isinstance(e, BadRequestKeyError) and (app.debug or app.config["TRAP_BAD_REQUEST_ERRORS"]):
            e.show_exception = True
        if not app.trap_http_exception(e):
            return app.handle_http_exception(e)
    handler = app._find_error_handler(e, ctx.request.blueprints)
    if handler is None:
        try:
            raise e
        finally:
            # Reference cycle: the traceback holds this frame, and the frame would hold the error.
            del e
    rv: ft.ResponseReturnValue = app.ensure_sync(handler)(e)
    return rv


def handle_http_exception(
    app: Application, ctx: RequestContext, e: HTTPException
) -> HTTPException | ft.ResponseReturnValue:
    """Return the answer of an HTTP error's handler, or the error. Redirects of the router have no handler."""
    if e.code is None or isinstance(e, RoutingException):
        return e
    handler = app._find_error_handler(e, ctx.request.blueprints)
    if handler is None:
        return e
    rv: ft.ResponseReturnValue = app.ensure_sync(handler)(e)
    return rv


def teardown_request(app: Application, ctx: RequestContext, exc: BaseException | None) -> None:
    """Run the `teardown_request` functions in reverse, from the innermost blueprint outwards."""
    functions = app.teardown_request_funcs
    if functions:
        for name in (*ctx.request.blueprints, None):
            for function in reversed(functions.get(name, ())):
                app.ensure_sync(function)(exc)
    if request_tearing_down.receivers:
        request_tearing_down.send(app, _async_wrapper=app.ensure_sync, exc=exc)


def teardown_appcontext(app: Application, exc: BaseException | None) -> None:
    """Run the `teardown_appcontext` functions in reverse."""
    for function in reversed(app.teardown_appcontext_funcs):
        app.ensure_sync(function)(exc)
    if appcontext_tearing_down.receivers:
        appcontext_tearing_down.send(app, _async_wrapper=app.ensure_sync, exc=exc)
