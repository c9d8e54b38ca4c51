"""The WSGI application: a context around the phases of one request, or around the fast path."""

from __future__ import annotations

import sys
import typing as t

from ..ctx import RequestContext
from ..globals import _cv_app, _cv_request
from . import fast_path
from .overrides import UNCHANGED

if t.TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from ..ctx import AppContext
    from .application import Application


def wsgi_app(self: Application, environ: WSGIEnvironment, start_response: StartResponse) -> t.Iterable[bytes]:
    """Serve a request: call `start_response`, and return the body.

    A middleware is put around this: `app.wsgi_app = Middleware(app.wsgi_app)`.
    """
    app = self  # which is its name as a method
    skipped = app.fast_path
    watch = skipped.watch
    # `skipped.is_current(app)`, without a call for the applications of the class Flask.
    if not (
        watch.probe.__flags__ & UNCHANGED and skipped.revision == watch.revision and skipped.seen is None
    ) and not skipped.is_current(app):
        skipped.update(app)
    is_fast = skipped.is_open
    ctx = RequestContext(app, environ) if is_fast else app.request_context(environ)
    ready: fast_path.ReadyAnswer | None = None
    error: BaseException | None = None
    try:
        try:
            ctx.push()
            if is_fast:
                rv = fast_path.call_view(app, ctx)
                ready = fast_path.make_ready(app, ctx, rv)
                if ready is None:
                    response = app.finalize_request(rv)
                # An HTTP error may be its own answer.
                del rv
            else:
                response = app.full_dispatch_request()
        except Exception as e:
            error = e
            response = app.handle_exception(e)
        except BaseException:
            error = sys.exc_info()[1]
            raise
        if ready is not None:
            status, headers, body = ready
            start_response(status, headers)
            return () if environ["REQUEST_METHOD"] == "HEAD" else body
        return response(environ, start_response)
    finally:
        if "werkzeug.debug.preserve_context" in environ:
            _preserve(environ["werkzeug.debug.preserve_context"])
        if error is not None and app.should_ignore_error(error):
            error = None
        ctx.pop(error)
        # The error's traceback holds this frame: a variable that held the error would be a reference cycle.
        del error


def _preserve(preserve: t.Callable[[AppContext | None], None] | None) -> None:
    """Hand the active contexts to a test client or a debugger, which will push them once more."""
    if preserve is None:
        return
    app_ctx, request_ctx = _cv_app.get(None), _cv_request.get(None)
    if app_ctx is not request_ctx:
        preserve(app_ctx)
    preserve(request_ctx)
