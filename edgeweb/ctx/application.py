"""The application context: which application is the current one, and its `g`."""

from __future__ import annotations

import sys
import typing as t
from _thread import get_ident

from ..globals import _cv_app, _cv_request
from ..signals import appcontext_popped, appcontext_pushed, appcontext_tearing_down, awake

if t.TYPE_CHECKING:
    from contextvars import ContextVar, Token
    from types import EllipsisType, TracebackType

    from ..config import Config
    from ..json.provider import JSONProvider
    from ..routing import Map, MapAdapter
    from ..sessions import SessionInterface
    from ..typing import HookTable, TeardownCallable
    from ..wrappers import Request

    #: A push: the tokens that reset the request's and the application's variable, and the push before it.
    Pushed = tuple[Token[t.Any] | None, Token["AppContext"] | None, "Pushed | None"]

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
    __slots__ = ("__dict__", "__weakref__", "_g", "_pushed", "_url_adapter", "app")

    def __init__(self, app: Application) -> None:
        self.app = app
        self._g: _AppCtxGlobals | None = None
        # None if there cannot be one; an Ellipsis until the first access.
        self._url_adapter: MapAdapter | EllipsisType | None = ...
        self._pushed: Pushed | None = None

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
        self._pushed = None, _cv_app.set(self), self._pushed
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
        return self._pushed is None

    def is_here(self) -> bool:
        """Return whether the request's context is on top, and was pushed where the caller runs.

        Not so in a `contextvars.Context` that was copied, as executors do: it has the same on top.
        """
        assert self._pushed is not None, "A context is here or elsewhere between its push and its pop."
        request_token, app_token, before = self._pushed
        if request_token is None or _cv_request.get(None) is not self:
            return False
        try:
            _cv_request.reset(request_token)
        except ValueError:
            return False
        self._pushed = _cv_request.set(t.cast("t.Any", self)), app_token, before
        return True

    def move_here(self) -> None:
        """Replace the last push by one where the caller runs; see `Reentry`."""
        self.moved_to_thread = get_ident()
        assert self._pushed is not None, "A context moves between its push and its pop."
        *last, before = self._pushed
        tokens = [token for token in last if token is not None]
        self.left_behind = (*self.left_behind, *tokens)[-_MAX_LEFT_BEHIND:]
        request_token = None if last[0] is None else _cv_request.set(t.cast("t.Any", self))
        self._pushed = request_token, None if last[1] is None else _cv_app.set(self), before

    def pop(self, exc: BaseException | None = _sentinel) -> None:
        """Undo a push. After the last one, run the teardown functions.

        Raises `AssertionError` when another context is active: pushes and pops have to nest.
        """
        try:
            if self._pushed is not None and self._pushed[2] is None:
                if exc is _sentinel:
                    exc = sys.exc_info()[1]
                self._teardown_app(exc)
        finally:
            active = _cv_app.get()
            if self._pushed is not None:
                token, self._pushed = self._pushed[1:]
                self._reset_app(token)
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


def forget_ended() -> None:
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


def outer_of_new_context() -> AppContext | None:
    """Return the application context around a new one. Remove those on top that have ended elsewhere."""
    forget_ended()
    outer = _cv_app.get(None)
    # The stream of another request, which another thread reads on, has nothing to share.
    return None if outer is not None and outer.is_elsewhere else outer
