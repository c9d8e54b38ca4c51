# The types of the proxies, which name classes of the floors above. `globals.py` lies below these and cannot
# import them, not even for type checkers; a stub is read by type checkers alone.

import typing as t
from abc import ABCMeta
from contextvars import ContextVar

from .app import Flask
from .ctx import AppContext, RequestContext, _AppCtxGlobals
from .sessions import SessionMixin
from .wrappers import Request

_NO_APP: str
_NO_REQUEST: str

_cv_app: ContextVar[t.Any]
_cv_request: ContextVar[t.Any]

# A proxy is taken wherever its object is, and has one method more.

class _AppContextProxy(AppContext):
    def _get_current_object(self) -> AppContext: ...

class _CurrentApp(Flask):
    def _get_current_object(self) -> Flask: ...

class _GProxy(_AppCtxGlobals):
    def _get_current_object(self) -> _AppCtxGlobals: ...

class _RequestContextProxy(RequestContext):
    def _get_current_object(self) -> RequestContext: ...

class _RequestProxy(Request):
    def _get_current_object(self) -> Request: ...

# Abstract, as the mapping that it stands for has all the methods.
class _SessionProxy(SessionMixin, metaclass=ABCMeta):
    def _get_current_object(self) -> SessionMixin: ...

app_ctx: _AppContextProxy
current_app: _CurrentApp
g: _GProxy
request_ctx: _RequestContextProxy
request: _RequestProxy
session: _SessionProxy
