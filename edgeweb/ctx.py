"""The application context and the request context: what `current_app`, `g`, `request` and `session` refer to.

A request context *is* an application context that also holds a request, so a request needs one object.
A context may be pushed several times (a stream that outlives its view, a test client that keeps one); the
teardown functions run when the last push is popped. Extensions may hang attributes of their own on them.
"""

from __future__ import annotations

import sys
import typing as t
from _thread import get_ident
from functools import update_wrapper

from werkzeug.exceptions import HTTPException

from .globals import _cv_app, _cv_request
from .signals import (
    appcontext_popped,
    appcontext_pushed,
    appcontext_tearing_down,
    awake,
    request_tearing_down,
)

if t.TYPE_CHECKING:
    from contextvars import ContextVar, Token
    from types import EllipsisType, TracebackType

    from _typeshed.wsgi import WSGIEnvironment

    from .config import Config
    from .json.provider import JSONProvider
    from .routing import Map, MapAdapter
    from .sessions import SessionInterface, SessionMixin
    from .typing import AnyAfterRequestCallable, HookTable, TeardownCallable
    from .wrappers import Request, Response

    P = t.ParamSpec("P")
    R = t.TypeVar("R")

    class FastPath(t.Protocol):
        """What contexts need of the fast path, which lies above them: see `dispatch.fast_path`."""

        overrides: frozenset[str]
        session_on_demand: bool

        def is_current(self, app: Application) -> bool: ...
        def update(self, app: t.Any) -> None: ...
        def match(self, app: Application, request: Request) -> bool: ...

    class Application(t.Protocol):
        """What contexts need of the application, which lies above them."""

        subdomain_matching: bool
        teardown_appcontext_funcs: list[TeardownCallable]
        teardown_request_funcs: HookTable[TeardownCallable]
        url_map: Map

        # Read-only, since a program's class may name a subclass.
        @property
        def app_ctx_globals_class(self) -> type[_AppCtxGlobals]: ...
        @property
        def config(self) -> Config: ...
        @property
        def json(self) -> JSONProvider: ...
        @property
        def request_class(self) -> type[Request]: ...
        @property
        def session_interface(self) -> SessionInterface: ...
        @property
        def fast_path(self) -> FastPath: ...
        @property
        def name(self) -> str: ...
        def create_url_adapter(self, request: Request | None) -> MapAdapter | None: ...
        def do_teardown_appcontext(self, exc: BaseException | None) -> None: ...
        def do_teardown_request(self, exc: BaseException | None) -> None: ...
        def ensure_sync(self, func: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]: ...


# The default of `exc`: the exception that is being handled. None stands for no exception.
_sentinel: t.Any = object()

# Tokens of a context that are kept: a stream may be read in a new `contextvars.Context` for each chunk.
_MAX_LEFT_BEHIND = 8


class _AppCtxGlobals:
    """The namespace behind `g`: any attribute, until the application context ends.

    `in`, iteration and the methods are those of a dict of the attributes.
    """

    if t.TYPE_CHECKING:

        def __getattr__(self, name: str) -> t.Any: ...

        def __setattr__(self, name: str, value: object) -> None: ...

        def __delattr__(self, name: str) -> None: ...

    def get(self, name: str, default: object = None) -> t.Any:
        """Return an attribute, or `default`."""
        return vars(self).get(name, default)

    def pop(self, name: str, default: object = _sentinel) -> t.Any:
        """Remove an attribute and return it. Raises `KeyError` where it is missing without a default."""
        attributes = vars(self)
        return attributes.pop(name) if default is _sentinel else attributes.pop(name, default)

    def setdefault(self, name: str, default: object = None) -> t.Any:
        """Return an attribute, set to `default` if it is missing."""
        return vars(self).setdefault(name, default)

    def __contains__(self, item: str) -> bool:
        return item in vars(self)

    def __iter__(self) -> t.Iterator[str]:
        return iter(vars(self))

    def __repr__(self) -> str:
        ctx = _cv_app.get(None)
        return object.__repr__(self) if ctx is None else f"<flask.g of '{ctx.app.name}'>"


class AppContext:
    """The context that makes an application the current one, e.g. in a command: `with app.app_context(): ...`

    Source: Flask documentation, "The Application Context".
    """

    # Slots are fast to read. The dict, for any other attribute, is made only if one is set.
    __slots__ = ("__dict__", "__weakref__", "_g", "_tokens", "_url_adapter", "app")

    def __init__(self, app: Application) -> None:
        self.app = app
        self._g: _AppCtxGlobals | None = None
        # None if there cannot be one; an Ellipsis until the first access.
        self._url_adapter: MapAdapter | EllipsisType | None = ...
        # One entry a push: the tokens that reset the request's and the application's variable.
        self._tokens: list[tuple[Token[RequestContext] | None, Token[AppContext] | None]] = []

    @property
    def g(self) -> _AppCtxGlobals:
        """The namespace of this context, made on first access."""
        if self._g is None:
            self._g = self.app.app_ctx_globals_class()
        return self._g

    @g.setter
    def g(self, value: _AppCtxGlobals) -> None:
        self._g = value

    @property
    def url_adapter(self) -> MapAdapter | None:
        """Builds URLs; without a request `None` while `SERVER_NAME` is not set. Made on first access."""
        if self._url_adapter is ...:
            self._url_adapter = self._make_url_adapter()
        return self._url_adapter

    @url_adapter.setter
    def url_adapter(self, value: MapAdapter | None) -> None:
        self._url_adapter = value

    def _make_url_adapter(self) -> MapAdapter | None:
        return self.app.create_url_adapter(None)

    def push(self) -> None:
        """Make this the active application context."""
        self._tokens.append((None, _cv_app.set(self)))
        if awake and appcontext_pushed.receivers:
            appcontext_pushed.send(self.app, _async_wrapper=self.app.ensure_sync)

    #: Tokens of pushes that `move_here` has replaced.
    left_behind: tuple[Token[t.Any], ...] = ()

    #: The thread of the last `move_here`.
    moved_to_thread = 0

    @property
    def is_elsewhere(self) -> bool:
        """Whether another thread has gone on with this."""
        return bool(self.left_behind) and self.moved_to_thread != get_ident()

    @property
    def has_ended(self) -> bool:
        """Whether each push was undone."""
        return not self._tokens

    def is_here(self) -> bool:
        """Return whether the request's context is on top, and was pushed where the caller runs.

        Not so in a `contextvars.Context` that was copied, as executors do: it has the same on top.
        """
        request_token, app_token = self._tokens[-1]
        if request_token is None or _cv_request.get(None) is not self:
            return False
        try:
            _cv_request.reset(request_token)
        except ValueError:
            return False
        self._tokens[-1] = (_cv_request.set(t.cast("RequestContext", self)), app_token)
        return True

    def move_here(self) -> None:
        """Replace the last push by one where the caller runs; see `Reentry`."""
        self.moved_to_thread = get_ident()
        before = self._tokens.pop()
        tokens = [token for token in before if token is not None]
        self.left_behind = (*self.left_behind, *tokens)[-_MAX_LEFT_BEHIND:]
        request_token = None if before[0] is None else _cv_request.set(t.cast("RequestContext", self))
        self._tokens.append((request_token, None if before[1] is None else _cv_app.set(self)))

    def pop(self, exc: BaseException | None = _sentinel) -> None:
        """Undo a push. After the last one, run the teardown functions.

        Raises `AssertionError` when another context is active: pushes and pops have to nest.
        """
        try:
            if len(self._tokens) == 1:
                if exc is _sentinel:
                    exc = sys.exc_info()[1]
                self._teardown_app(exc)
        finally:
            active = _cv_app.get()
            self._reset_app(self._tokens.pop()[1])
            if active is not self:
                raise AssertionError(f"Popped wrong app context. ({active!r} instead of {self!r})")

    def _teardown_app(self, exc: BaseException | None) -> None:
        app = self.app
        if not app.fast_path.is_current(app):
            app.fast_path.update(app)
        if (
            app.teardown_appcontext_funcs
            or (awake and appcontext_tearing_down.receivers)
            or "do_teardown_appcontext" in app.fast_path.overrides
        ):
            app.do_teardown_appcontext(exc)

    def _reset_app(self, token: Token[AppContext] | None) -> None:
        if token is not None:
            _cv_app.reset(token)
        if awake and appcontext_popped.receivers:
            appcontext_popped.send(self.app, _async_wrapper=self.app.ensure_sync)

    def __enter__(self) -> t.Self:
        self.push()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, tb: TracebackType | None
    ) -> None:
        app = self.app
        # A test may have patched a class inside the block. The server's requests were asked at their start.
        if not app.fast_path.is_current(app):
            app.fast_path.update(app)
        self.pop(exc_value)


class RequestContext(AppContext):
    """The context that makes a request the current one, and its application with it.

    In a test: `with app.test_request_context("/"): ...`

    Source: Flask documentation, "The Request Context".
    """

    __slots__ = ("_opened_session", "after_this", "flashes", "request", "session_waits")

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
        self._tokens = []
        if request is None:
            request = app.request_class(environ)
            request.json_module = app.json
        self.request: Request = request
        self.flashes: list[tuple[str, str]] | None = None
        self._opened_session: SessionMixin | None = session
        # True between a push and the first access, if the session is opened on demand.
        self.session_waits = False
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
        outer = _cv_app.get(None)
        if outer is not None and outer.left_behind and outer is not self:
            outer = _outer_of_new_context()
        app_token: Token[AppContext] | None = None
        if outer is None or outer.app is not app:
            app_token = _cv_app.set(self)
            if awake and appcontext_pushed.receivers:
                appcontext_pushed.send(app, _async_wrapper=app.ensure_sync)
        elif outer is not self and self._g is None:
            # The program opened the application's context around the request: share its `g` (Flask 3.1).
            self._g = outer.g
        self._tokens.append((_cv_request.set(self), app_token))

        # On the first push only: a stream pushes again and must keep the session that it had.
        if self._opened_session is None and not self.session_waits:
            if app.fast_path.session_on_demand:
                self.session_waits = True
            else:
                self._open_session()
        # After the session, so that URL converters can use it.
        self.match_request()

    def push_as_app(self) -> None:
        """Make this the active context of the request and of the application, as in its first push."""
        app_token = _cv_app.set(self)
        if awake and appcontext_pushed.receivers:
            appcontext_pushed.send(self.app, _async_wrapper=self.app.ensure_sync)
        self.push()
        self._tokens[-1] = (self._tokens[-1][0], app_token)

    def pop(self, exc: BaseException | None = _sentinel) -> None:
        """Undo a push. After the last one, run the teardown functions and close the request's files.

        Raises `AssertionError` when another request context is active.
        """
        tokens = self._tokens
        last = len(tokens) == 1
        try:
            if last:
                if exc is _sentinel:
                    exc = sys.exc_info()[1]
                app = self.app
                overrides = app.fast_path.overrides
                if (
                    app.teardown_request_funcs
                    or (awake and request_tearing_down.receivers)
                    or (overrides and "do_teardown_request" in overrides)
                ):
                    app.do_teardown_request(exc)
                self.request.close()
        finally:
            active = _cv_request.get()
            request_token, app_token = tokens.pop()
            if request_token is not None:
                _cv_request.reset(request_token)
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
                    _cv_app.reset(app_token)
            elif (outer := _cv_request.get(None)) is not None and outer.left_behind:
                _outer_of_new_context()
            if active is not self:
                raise AssertionError(f"Popped wrong request context. ({active!r} instead of {self!r})")

    def __repr__(self) -> str:
        request = self.request
        return f"<{type(self).__name__} {request.url!r} [{request.method}] of {self.app.name}>"


class Reentry:
    """The contexts of a request, which may be one, active once more: for its stream, or for a test client.

    A push and its pop reset context variables by tokens, which works only where the push was (in the same
    `contextvars.Context`, so mostly in the same thread) and only from the top. A stream may be closed by
    another thread, or by the garbage collector in the middle of another request; nested test clients may end
    in any order. So the contexts are moved first: set on top, where the caller runs. What the first push has
    set stays behind under others, until nothing lies above it: see `_forget`.
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
            _forget()

    def bring_up(self) -> None:
        """Make the contexts active where the caller runs, unless they are."""
        if _cv_request.get(None) is not self._request_ctx:
            self._move()

    def _move(self) -> None:
        if self._app_ctx is not self._request_ctx:
            self._app_ctx.move_here()
        self._request_ctx.move_here()


def _forget() -> None:
    """Remove contexts that have ended and were left behind, as far as they are on top."""
    variables: tuple[ContextVar[t.Any], ...] = (_cv_request, _cv_app)
    for variable in variables:
        while (ctx := variable.get(None)) is not None and ctx.has_ended:
            if not any(_reset(variable, token) for token in reversed(ctx.left_behind)):
                break


def _reset(variable: ContextVar[t.Any], token: Token[t.Any]) -> bool:
    try:
        variable.reset(token)
    except (ValueError, RuntimeError):  # of the other variable or another thread; used before
        return False
    return True


def _outer_of_new_context() -> AppContext | None:
    """Return the application context around a new one. Remove those on top that have ended elsewhere."""
    _forget()
    outer = _cv_app.get(None)
    # The stream of another request, which another thread reads on, has nothing to share.
    return None if outer is not None and outer.is_elsewhere else outer


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
