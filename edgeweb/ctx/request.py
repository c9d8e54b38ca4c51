"""The request context: the request and the session of a visitor, with their application."""

from __future__ import annotations

import sys
import typing as t

from werkzeug.exceptions import HTTPException

from ..globals import _cv_app, _cv_request
from ..signals import appcontext_pushed, awake, request_tearing_down
from .application import AppContext, _sentinel, outer_of_new_context

if t.TYPE_CHECKING:
    from contextvars import Token

    from _typeshed.wsgi import WSGIEnvironment

    from ..routing import MapAdapter
    from ..sessions import SessionMixin
    from ..typing import AnyAfterRequestCallable
    from ..wrappers import Request, Response
    from .application import Application


# Bound once. CPython 3.11 makes a method object each time a method of an imported name is called.
_get_app, _set_app, _reset_app = _cv_app.get, _cv_app.set, _cv_app.reset
_get_request, _set_request, _reset_request = _cv_request.get, _cv_request.set, _cv_request.reset


class RequestContext(AppContext):
    """The context that makes a request the current one, and its application with it.

    In a test: `with app.test_request_context("/"): ...`

    Source: Flask documentation, "The Request Context".
    """

    __slots__ = ("_opened_session", "after_this", "flashes", "matched_directly", "request", "session_waits")

    def __init__(
        self,
        app: Application,
        environ: WSGIEnvironment,
        request: Request | None = None,
        session: SessionMixin | None = None,
    ) -> None:
        self.app = app
        self._g = None
        self._url_adapter = ...
        self._pushed = None
        if request is None:
            request = app.request_class(environ)
            request.json_module = app.json
        self.request: Request = request
        self.flashes: list[tuple[str, str]] | None = None
        self._opened_session: SessionMixin | None = session
        # True between a push and the first access, if the session is opened on demand.
        self.session_waits = False
        #: Whether the fast path has found the rule: a request that is no OPTIONS, with a rule or an error.
        self.matched_directly = False
        self.after_this: list[AnyAfterRequestCallable] | None = None

    @property
    def _after_request_functions(self) -> list[AnyAfterRequestCallable]:
        if self.after_this is None:
            self.after_this = []
        return self.after_this

    @property
    def session(self) -> SessionMixin | None:
        """The session, opened on first access; `None` before the context was pushed.

        Reading this marks the session as accessed, so the response varies on the cookie.
        """
        session = self._session
        if session is not None:
            session.accessed = True
        return session

    @session.setter
    def session(self, value: SessionMixin | None) -> None:
        self._session = value

    @property
    def _session(self) -> SessionMixin | None:
        """The session, without marking it as accessed: for saving and copying. Flask-SocketIO assigns it."""
        if self.session_waits:
            self._open_session()
        return self._opened_session

    @_session.setter
    def _session(self, value: SessionMixin | None) -> None:
        self.session_waits = False
        self._opened_session = value

    def _open_session(self) -> None:
        self.session_waits = False
        interface = self.app.session_interface
        session = interface.open_session(self.app, self.request)
        if session is None:
            session = interface.make_null_session(self.app)
        self._opened_session = session

    def session_is_unchanged(self) -> bool:
        """Return whether there is nothing to save: the session was not opened, or not modified.

        A permanent session is sent again with each response. Finding out whether it is permanent may open it.
        """
        app = self.app
        refresh = app.config["SESSION_REFRESH_EACH_REQUEST"]
        if self.session_waits:
            cookies = self.request.environ_at_start.get("HTTP_COOKIE")
            if not cookies or not refresh or app.session_interface.get_cookie_name(app) not in cookies:
                return True
        session = self._session
        return session is None or (not session.modified and not (refresh and session.permanent))

    def save_session(self, response: Response) -> None:
        """Save the session on a response, unless it is a null session."""
        interface, session = self.app.session_interface, self._session
        if session is not None and not interface.is_null_session(session):
            interface.save_session(self.app, session, response)

    def session_was_read(self) -> bool:
        """Return whether the request has read the session, so that the response depends on it."""
        session = self._opened_session
        return (
            session is not None
            and session.accessed
            and not self.app.session_interface.is_null_session(session)
        )

    def _make_url_adapter(self) -> MapAdapter | None:
        try:
            return self.app.create_url_adapter(self.request)
        except HTTPException as error:
            self.request.routing_exception = error
            return None

    def copy(self) -> t.Self:
        """Return a context with the same request and session; see `copy_current_request_context`."""
        return type(self)(
            self.app, environ=self.request.environ_at_start, request=self.request, session=self._session
        )

    def match_request(self) -> None:
        """Find the rule of the request. An error is kept on the request, and raised when it is dispatched."""
        request = self.request
        if self.app.fast_path.match(self.app, request):
            return
        adapter = self.url_adapter
        if adapter is None:
            return
        try:
            request.url_rule, request.view_args = adapter.match(return_rule=True)
        except HTTPException as error:
            request.routing_exception = error

    def push(self) -> None:
        """Make this the active request context, and its application the current one."""
        app = self.app
        outer = _get_app(None)
        if outer is not None and outer.left_behind and outer is not self:
            outer = outer_of_new_context()
        app_token: Token[AppContext] | None = None
        if outer is None or outer.app is not app:
            app_token = _set_app(self)
            if awake and appcontext_pushed.receivers:
                appcontext_pushed.send(app, _async_wrapper=app.ensure_sync)
        elif outer is not self and self._g is None:
            # The program opened the application's context around the request: share its `g` (Flask 3.1).
            self._g = outer.g
        self._pushed = _set_request(self), app_token, self._pushed

        # On the first push only: a stream pushes again and must keep the session that it had.
        if self._opened_session is None and not self.session_waits:
            if app.fast_path.session_on_demand:
                self.session_waits = True
            else:
                self._open_session()
        # After the session, so that URL converters can use it. A subclass may match in another way.
        if type(self) is not RequestContext or not app.fast_path.match(app, self.request):
            self.match_request()
        else:
            self.matched_directly = True

    def push_as_app(self) -> None:
        """Make this the active context of the request and of the application, as in its first push."""
        app_token = _set_app(self)
        if awake and appcontext_pushed.receivers:
            appcontext_pushed.send(self.app, _async_wrapper=self.app.ensure_sync)
        self.push()
        assert self._pushed is not None
        self._pushed = self._pushed[0], app_token, self._pushed[2]

    def pop(self, exc: BaseException | None = _sentinel) -> None:
        """Undo a push. After the last one, run the teardown functions and close the request's files.

        Raises `AssertionError` when another request context is active.
        """
        pushed = self._pushed
        last = pushed is not None and pushed[2] is None
        try:
            if last:
                if exc is _sentinel:
                    exc = sys.exc_info()[1]
                app = self.app
                if (
                    app.teardown_request_funcs
                    or (awake and request_tearing_down.receivers)
                    or ((overrides := app.fast_path.overrides) and "do_teardown_request" in overrides)
                ):
                    app.do_teardown_request(exc)
                self.request.close()
        finally:
            active = _get_request()
            # Read again: a teardown function may have moved the context.
            pushed = self._pushed
            if pushed is None:
                raise AssertionError(f"{self!r} was not pushed.")
            request_token, app_token, self._pushed = pushed
            if request_token is not None:
                _reset_request(request_token)
            if last:
                # Break two reference cycles: environment → request → environment, and request → error of
                # matching → traceback → frames → request.
                request = active.request
                request.environ_at_start["werkzeug.request"] = None
                if request.url_rule is None and request.routing_exception is not None:
                    request.routing_exception.__traceback__ = None
            if app_token is not None:
                app = self.app
                if app.teardown_appcontext_funcs or awake or app.fast_path.overrides:
                    try:
                        if last:
                            self._teardown_app(sys.exc_info()[1] if exc is _sentinel else exc)
                    finally:
                        self._reset_app(app_token)
                else:
                    _reset_app(app_token)
            elif (outer := _get_request(None)) is not None and outer.left_behind:
                outer_of_new_context()
            if active is not self:
                raise AssertionError(f"Popped wrong request context. ({active!r} instead of {self!r})")

    def __repr__(self) -> str:
        request = self.request
        return f"<{type(self).__name__} {request.url!r} [{request.method}] of {self.app.name}>"
