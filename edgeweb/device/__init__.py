"""The device application: a dashboard and a JSON interface for one board, built on edgeweb's public API only.

>>> from edgeweb.device import create_app
>>> app = create_app("generic-linux")
>>> app.test_client().get("/livez").text
'ok\\n'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .app import create_app, reload, start
    from .http.current import device_of
    from .ui.blueprint import Dashboard

    dashboard: Dashboard

__all__ = ["Dashboard", "create_app", "dashboard", "device_of", "reload", "start"]

#: The module of each name, imported when the name is used: `edgeweb profile` reads profiles without an
#: application around them. `dashboard` is the blueprint of all pages, for programs that mount it; `device_of`
#: returns the device of an application, for programs that add sensors to it.
_MODULES = {
    "Dashboard": ".ui.pages",
    "create_app": ".app",
    "dashboard": ".ui.pages",
    "device_of": ".http.current",
    "reload": ".app",
    "start": ".app",
}


def __getattr__(name: str) -> object:
    if name in _MODULES:
        return getattr(import_module(_MODULES[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
