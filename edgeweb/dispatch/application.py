"""The type of `app` in this package: what the way of a request needs of the application.

A `Protocol`, since `Flask` lies above and calls down. Its methods are the phases, most of which a program may
override. All of it is for type checkers: while a program runs this module is empty, and not imported.
"""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from logging import Logger
    from types import TracebackType

    from _typeshed.wsgi import WSGIEnvironment
    from werkzeug.exceptions import HTTPException

    from .. import typing as ft
    from ..ctx import Application as ContextApplication
    from ..ctx import FastPath as ContextFastPath
    from ..ctx import RequestContext
    from ..json.provider import DefaultJSONProvider
    from ..routing import BuildError
    from ..wrappers import Request, Response

    Attributes = tuple[object, ...]
    ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    BuildErrorHandler = t.Callable[[Exception, str, dict[str, object]], str | None]

    class Watch(t.Protocol):
        """See `overrides.Watch`, which is above this module."""

        @property
        def probe(self) -> t.Any: ...
        @property
        def revision(self) -> int: ...

    class FastPath(ContextFastPath, t.Protocol):
        """See `fast_path.FastPath`, which is above this module."""

        encode: t.Callable[[object], str] | None
        is_open: bool
        json_is_plain: bool
        plain_views: dict[str, t.Callable[..., ft.ResponseReturnValue]]
        revision: int
        seen: Attributes | None

        @property
        def watch(self) -> Watch: ...

        def add_host(self, header: str | None) -> None: ...
        def learn_encoder(self, provider: DefaultJSONProvider) -> t.Callable[[object], str] | None: ...

    class Application(ContextApplication, t.Protocol):
        """See `Flask` for what each of them does."""

        _got_first_request: bool
        after_request_funcs: ft.HookTable[ft.AnyAfterRequestCallable]
        before_request_funcs: ft.HookTable[ft.BeforeRequestCallable]
        error_handler_spec: ft.ErrorHandlerTable
        url_build_error_handlers: list[BuildErrorHandler]
        url_default_functions: ft.HookTable[ft.URLDefaultCallable]
        url_value_preprocessors: ft.HookTable[ft.URLValuePreprocessorCallable]
        view_functions: dict[str, ft.RouteCallable]

        # Read-only, since a program's class may name a subclass, or compute the value.
        @property
        def debug(self) -> bool: ...
        @property
        def fast_path(self) -> FastPath: ...
        @property
        def logger(self) -> Logger: ...
        @property
        def response_class(self) -> type[Response]: ...
        @property
        def testing(self) -> t.Any: ...

        def _find_error_handler(
            self, e: Exception, blueprints: list[str]
        ) -> ft.ErrorHandlerCallable | None: ...
        def async_to_sync(self, func: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]: ...
        def dispatch_request(self) -> ft.ResponseReturnValue: ...
        def finalize_request(
            self, rv: ft.ResponseReturnValue | HTTPException, from_error_handler: bool = False
        ) -> Response: ...
        def full_dispatch_request(self) -> Response: ...
        def get_send_file_max_age(self, filename: str | None) -> int | None: ...
        def handle_exception(self, e: Exception) -> Response: ...
        def handle_http_exception(self, e: HTTPException) -> HTTPException | ft.ResponseReturnValue: ...
        def handle_url_build_error(
            self, error: BuildError, endpoint: str, values: dict[str, object]
        ) -> str: ...
        def handle_user_exception(self, e: Exception) -> HTTPException | ft.ResponseReturnValue: ...
        def inject_url_defaults(self, endpoint: str, values: dict[str, object]) -> None: ...
        def log_exception(self, exc_info: ExcInfo) -> None: ...
        def make_default_options_response(self) -> Response: ...
        def make_response(self, rv: ft.ResponseReturnValue | HTTPException) -> Response: ...
        def preprocess_request(self) -> ft.ResponseReturnValue | None: ...
        def process_response(self, response: Response) -> Response: ...
        def raise_routing_exception(self, request: Request) -> t.NoReturn: ...
        def request_context(self, environ: WSGIEnvironment) -> RequestContext: ...
        def should_ignore_error(self, error: BaseException | None) -> bool: ...
        def trap_http_exception(self, e: Exception) -> bool: ...
