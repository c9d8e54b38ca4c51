"""From an exception to its handler, by blueprint, code and class; what happens to the unhandled."""

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
    """The handler of an exception, `None` where there is none.

    By code before by class alone, each from the innermost blueprint outwards, each by the nearest class of
    the exception's.
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
    """Whether an HTTP error is to be treated as any other exception, so that a debugger shows it."""
    if app.config["TRAP_HTTP_EXCEPTIONS"]:
        return True
    trap_bad_request = app.config["TRAP_BAD_REQUEST_ERRORS"]
    if trap_bad_request is None and app.debug and isinstance(e, BadRequestKeyError):
        return True
    return bool(trap_bad_request) and isinstance(e, BadRequest)


def handle_exception(app: Application, e: Exception) -> Response:
    """The last resort for an exception.

    It is told to the signal's receivers, then raised on where that is wanted (tests, debug mode), else logged
    and answered with 500, which has a handler like any other error.
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
        # A traceback holds this frame: keeping it in a variable of the frame would be a circle.
        del exc_info
    server_error = InternalServerError(original_exception=e)
    handler = find_handler(app, server_error, _cv_request.get().request.blueprints)
    rv = server_error if handler is None else app.ensure_sync(handler)(server_error)
    return app.finalize_request(rv, from_error_handler=True)


def log_exception(app: Application, exc_info: ExcInfo) -> None:
    """One line with method and path, and the traceback."""
    request = _cv_request.get().request
    app.logger.error(f"Exception on {request.path} [{request.method}]", exc_info=exc_info)
