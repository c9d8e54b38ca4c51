"""Contexts that become active once more: for the stream of a response, and for a client that keeps them."""

from __future__ import annotations

import typing as t

from ..globals import _cv_request
from .application import AppContext, forget_ended
from .request import RequestContext

if t.TYPE_CHECKING:
    from types import TracebackType


class Reentry:
    """The contexts of a request, which may be one, active once more: for its stream, or for a test client.

    A push and its pop reset context variables by tokens, which works only where the push was (in the same
    `contextvars.Context`, so mostly in the same thread) and only from the top. A stream may be closed by
    another thread, or by the garbage collector in the middle of another request; nested test clients may end
    in any order. So the contexts are moved first: set on top, where the caller runs. What the first push has
    set stays behind under others, until nothing lies above it: see `forget_ended`.
    """

    def __init__(self, request_ctx: RequestContext, app_ctx: AppContext) -> None:
        self._request_ctx = request_ctx
        self._app_ctx = app_ctx

    def __enter__(self) -> t.Self:
        ctx = self._request_ctx
        if self._app_ctx is not ctx:
            self._app_ctx.push()
            ctx.push()
        else:
            ctx.push_as_app()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, tb: TracebackType | None
    ) -> None:
        if not self._request_ctx.is_here():
            self._move()
        try:
            self._request_ctx.__exit__(exc_type, exc_value, tb)
        finally:
            if self._app_ctx is not self._request_ctx:
                self._app_ctx.__exit__(exc_type, exc_value, tb)
            forget_ended()

    def bring_up(self) -> None:
        """Make the contexts active where the caller runs, unless they are."""
        if _cv_request.get(None) is not self._request_ctx:
            self._move()

    def _move(self) -> None:
        if self._app_ctx is not self._request_ctx:
            self._app_ctx.move_here()
        self._request_ctx.move_here()
