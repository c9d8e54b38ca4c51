"""The types that views, hooks and handlers may have: `from edgeweb.typing import ResponseReturnValue`.

The names are Flask's (`flask.typing`).

    >>> def index() -> "ResponseReturnValue":
    ...     return {"state": "on"}, 201, {"X-Mark": "1"}
"""

from __future__ import annotations

import collections.abc as cabc
import typing as t

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from werkzeug.datastructures import Headers
    from werkzeug.sansio.response import Response

#: What a body can be made of.
ResponseValue = t.Union[
    "Response",
    str,
    bytes,
    list[t.Any],
    # Mapping and not dict, so that a TypedDict fits.
    t.Mapping[str, t.Any],
    t.Iterator[str],
    t.Iterator[bytes],
    cabc.AsyncIterable[str],  # for ASGI wrappers around the application; WSGI cannot send it
    cabc.AsyncIterable[bytes],
]

HeaderValue = str | list[str] | tuple[str, ...]
HeadersValue = t.Union[
    "Headers",
    t.Mapping[str, HeaderValue],
    t.Sequence[tuple[str, HeaderValue]],
]

#: What a view may return; `make_response` turns it into a response.
ResponseReturnValue = t.Union[
    ResponseValue,
    tuple[ResponseValue, HeadersValue],
    tuple[ResponseValue, int],
    tuple[ResponseValue, int, HeadersValue],
    "WSGIApplication",
]

#: The class of the response that an `after_request` function was given, and has to give back.
ResponseClass = t.TypeVar("ResponseClass", bound="Response")

#: The name of a blueprint, or None for the application.
AppOrBlueprintKey = str | None

AfterRequestCallable = (
    t.Callable[[ResponseClass], ResponseClass] | t.Callable[[ResponseClass], t.Awaitable[ResponseClass]]
)
BeforeFirstRequestCallable = t.Callable[[], None] | t.Callable[[], t.Awaitable[None]]
BeforeRequestCallable = (
    t.Callable[[], ResponseReturnValue | None] | t.Callable[[], t.Awaitable[ResponseReturnValue | None]]
)
ShellContextProcessorCallable = t.Callable[[], dict[str, t.Any]]
TeardownCallable = (
    t.Callable[[BaseException | None], None] | t.Callable[[BaseException | None], t.Awaitable[None]]
)
TemplateContextProcessorCallable = (
    t.Callable[[], dict[str, t.Any]] | t.Callable[[], t.Awaitable[dict[str, t.Any]]]
)
TemplateFilterCallable = t.Callable[..., t.Any]
TemplateGlobalCallable = t.Callable[..., t.Any]
TemplateTestCallable = t.Callable[..., bool]
URLDefaultCallable = t.Callable[[str, dict[str, t.Any]], None]
URLValuePreprocessorCallable = t.Callable[[str | None, dict[str, t.Any] | None], None]

# The argument is Any and not Exception: a handler for one class may name just that class, and parameters are
# contravariant.
ErrorHandlerCallable = (
    t.Callable[[t.Any], ResponseReturnValue] | t.Callable[[t.Any], t.Awaitable[ResponseReturnValue]]
)
RouteCallable = t.Callable[..., ResponseReturnValue] | t.Callable[..., t.Awaitable[ResponseReturnValue]]
