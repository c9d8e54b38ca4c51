"""Exceptions: finding the handler, by blueprint, code and class, and answering those without one."""

from __future__ import annotations

import sys
import typing as t

from werkzeug.exceptions import BadRequest, BadRequestKeyError, HTTPException, InternalServerError

from ..globals import _cv_request
from ..signals import got_request_exception

if t.TYPE_CHECKING:
    from .. import typing as ft
    from ..wrappers import Response
    from .application import Application, ExcInfo


def find_handler(app: Application, e: Exception, blueprints: list[str]) -> ft.ErrorHandlerCallable | None:
    """Return the handler of an exception, `None` where there is none.

    Handlers for the code come before handlers for the class alone; in each group those of the innermost
    blueprint come first; among these the nearest class in the exception's MRO wins.
    """
    spec = app.error_handler_spec
    if not spec:
        return None
    mro = type(e).__mro__
    code = e.code if isinstance(e, HTTPException) else None
    for wanted in (code, None) if code is not None else (None,):
        for name in (*blueprints, None):
            handlers = spec[name].get(wanted) if name in spec else None
            if handlers:
                for cls in mro:
                    handler: ft.ErrorHandlerCallable | None = handlers.get(cls)
                    if handler is not None:
                        return handler
    return None


def trap_http_exception(app: Application, e: Exception) -> bool:
    """Return whether an HTTP error is treated as any other exception, so that a debugger shows it."""
    if app.config["TRAP_HTTP_EXCEPTIONS"]:
        return True
    trap_bad_request = app.config["TRAP_BAD_REQUEST_ERRORS"]
    if trap_bad_request is None and app.debug and isinstance(e, BadRequestKeyError):
        return True
    return bool(trap_bad_request) and isinstance(e, BadRequest)


def handle_exception(app: Application, e: Exception) -> Response:
    """Answer an exception that no handler took.

    Send the signal; then raise it again in tests and debug mode (`PROPAGATE_EXCEPTIONS`), else log it and
    answer 500, which may have a handler like any other error.
    """
    if got_request_exception.receivers:
        got_request_exception.send(app, _async_wrapper=app.ensure_sync, exception=e)
    propagate = app.config["PROPAGATE_EXCEPTIONS"]
    if propagate is None:
        propagate = app.testing or app.debug
    exc_info = sys.exc_info()
    try:
        if propagate:
            raise e
        app.log_exception(exc_info)
    finally:
        # A traceback holds this frame: a variable of the frame that held it would be a reference cycle.
        del exc_info
    server_error = InternalServerError(original_exception=e)
    handler = app._find_error_handler(server_error, _cv_request.get().request.blueprints)
    rv = server_error if handler is None else app.ensure_sync(handler)(server_error)
    return app.finalize_request(rv, from_error_handler=True)


def log_exception(app: Application, exc_info: ExcInfo) -> None:
    """Log one line with method and path, and the traceback, as the caller: the application's module."""
    request = _cv_request.get().request
    message = f"Exception on {request.path} [{request.method}]"
    app.logger.error(message, exc_info=exc_info, stacklevel=2)
