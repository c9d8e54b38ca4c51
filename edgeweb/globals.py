"""The context variables and the proxies over them; this module knows no class of the framework.

`_cv_app` holds the active application context, `_cv_request` the active request context. While a request is
served both hold the same object, unless the program had opened an application context around the request:
then `_cv_app` keeps that one, and the request shares its `g` (Flask 3.1).
"""

from __future__ import annotations

import typing as t
from contextvars import ContextVar

from werkzeug.local import LocalProxy

_NO_APP = """\
Working outside of application context.

Something that needs the current application was used while none is active. Open one around it:
    with app.app_context():
        ...\
"""
_NO_REQUEST = """\
Working outside of request context.

Something that needs the current HTTP request was used while none is served. In a test, open one around it:
    with app.test_request_context("/path"):
        ...
In another thread, wrap the function in copy_current_request_context.\
"""

_cv_app: ContextVar[t.Any] = ContextVar("edgeweb.app_ctx")
_cv_request: ContextVar[t.Any] = ContextVar("edgeweb.request_ctx")

app_ctx: t.Any = LocalProxy(_cv_app, unbound_message=_NO_APP)
current_app: t.Any = LocalProxy(_cv_app, "app", unbound_message=_NO_APP)
g: t.Any = LocalProxy(_cv_app, "g", unbound_message=_NO_APP)

request_ctx: t.Any = LocalProxy(_cv_request, unbound_message=_NO_REQUEST)
request: t.Any = LocalProxy(_cv_request, "request", unbound_message=_NO_REQUEST)
session: t.Any = LocalProxy(_cv_request, "session", unbound_message=_NO_REQUEST)
