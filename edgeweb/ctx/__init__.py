"""The application context and the request context: what `current_app`, `g`, `request` and `session` refer to.

A request context *is* an application context that also holds a request, so a request needs one object.
A context may be pushed several times (a stream that outlives its view, a test client that keeps one); the
teardown functions run when the last push is popped. Extensions may hang attributes of their own on them.
"""

from __future__ import annotations

import typing as t
from functools import update_wrapper

from ..globals import _cv_app, _cv_request
from .application import AppContext as AppContext
from .application import _AppCtxGlobals as _AppCtxGlobals
from .application import _sentinel as _sentinel
from .reentry import Reentry as Reentry
from .request import RequestContext as RequestContext

if t.TYPE_CHECKING:
    from ..typing import AnyAfterRequestCallable
    from .application import Application as Application
    from .application import FastPath as FastPath

    P = t.ParamSpec("P")
    R = t.TypeVar("R")


def after_this_request(f: AnyAfterRequestCallable) -> AnyAfterRequestCallable:
    """Run a function on the response of the current request only. Usable as a decorator inside a view.

    >>> @after_this_request  # doctest: +SKIP
    ... def mark(response):
    ...     response.headers["X-Mark"] = "1"
    ...     return response

    Raises `RuntimeError` outside a request.
    """
    ctx = _cv_request.get(None)
    if ctx is None:
        raise RuntimeError("'after_this_request' works during a request only, such as in a view.")
    if ctx.after_this is None:
        ctx.after_this = []
    ctx.after_this.append(f)
    return f


def copy_current_request_context(f: t.Callable[P, R]) -> t.Callable[P, R]:
    """Wrap a function so that it has the current request in another thread or greenlet.

    Raises `RuntimeError` outside a request.
    """
    current = _cv_request.get(None)
    if current is None:
        raise RuntimeError("'copy_current_request_context' works during a request only, such as in a view.")
    own = current.copy()

    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with own:
            result: R = own.app.ensure_sync(f)(*args, **kwargs)
            return result

    return update_wrapper(run, f)


def has_request_context() -> bool:
    """Return whether a request is being served, for code that also runs without one."""
    return _cv_request.get(None) is not None


def has_app_context() -> bool:
    """Return whether there is a current application."""
    return _cv_app.get(None) is not None
