"""Types for annotations of views, hooks and handlers, under Flask's names (`flask.typing`).

    >>> def index() -> "ResponseReturnValue":
    ...     return {"state": "on"}, 201, {"X-Mark": "1"}

Source: Flask documentation, "API".
"""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from werkzeug.datastructures import Headers
    from werkzeug.sansio.response import Response

# Union, and not |, where a name in quotes is among the operands.

#: What one header is set to: text, or several values.
HeaderValue = str | list[str] | tuple[str, ...]
HeadersValue = t.Union["Headers", t.Mapping[str, HeaderValue], t.Sequence[tuple[str, HeaderValue]]]

# Mapping admits a TypedDict. A server for ASGI sends the asynchronous ones; through WSGI they cannot be sent.
_JSON = list[t.Any] | t.Mapping[str, t.Any]
_Stream = t.Iterator[str] | t.Iterator[bytes] | t.AsyncIterable[str] | t.AsyncIterable[bytes]

#: What a body is made of: text, bytes, JSON, a stream of either, or a whole response.
ResponseValue = t.Union[str, bytes, _JSON, _Stream, "Response"]

#: What a view returns: a body, with a status code, headers or both behind it, or a WSGI application.
ResponseReturnValue = t.Union[
    "WSGIApplication",
    ResponseValue,
    tuple[ResponseValue, int],
    tuple[ResponseValue, HeadersValue],
    tuple[ResponseValue, int, HeadersValue],
]

#: The response that an `after_request` function gets, and returns one of.
ResponseClass = t.TypeVar("ResponseClass", bound="Response")

#: A blueprint's name, or None for the application.
AppOrBlueprintKey = str | None

_Parameters = t.ParamSpec("_Parameters")
_Result = t.TypeVar("_Result")
# A function that may be declared with async.
_Function = t.Callable[_Parameters, _Result] | t.Callable[_Parameters, t.Awaitable[_Result]]
_Values = dict[str, t.Any]

# Functions of a request, in the order in which they are called.
URLValuePreprocessorCallable = t.Callable[[str | None, _Values | None], None]
BeforeFirstRequestCallable = _Function[[], None]
BeforeRequestCallable = _Function[[], ResponseReturnValue | None]
RouteCallable = _Function[..., ResponseReturnValue]
# Any exception, because a handler may be declared for the one class that it handles.
ErrorHandlerCallable = _Function[[t.Any], ResponseReturnValue]
AfterRequestCallable = _Function[[ResponseClass], ResponseClass]
# Not Flask's: one that may be declared for the response class of its application.
AnyAfterRequestCallable = AfterRequestCallable[t.Any]
TeardownCallable = _Function[[BaseException | None], None]

# Functions of templates, of URLs and of the shell.
TemplateContextProcessorCallable = _Function[[], _Values]
TemplateFilterCallable = t.Callable[..., t.Any]
TemplateTestCallable = t.Callable[..., bool]
TemplateGlobalCallable = t.Callable[..., t.Any]
URLDefaultCallable = t.Callable[[str, _Values], None]
ShellContextProcessorCallable = t.Callable[[], _Values]

#: Not Flask's: the application, in methods that programs override. They write `app: Flask` there, and a type
#: checker refuses an override that takes less than the method it overrides: so this cannot be a Protocol.
App = t.Any

# Not Flask's: where hooks and handlers are kept.
_F = t.TypeVar("_F")
#: The name of a blueprint, or None for the application: its functions of one kind.
HookTable = dict[AppOrBlueprintKey, list[_F]]
#: The same names: code, or None for none, to exception class to handler.
ErrorHandlerTable = dict[AppOrBlueprintKey, dict[int | None, dict[type[Exception], ErrorHandlerCallable]]]
