"""The application that a command is given by name, as `module:app`."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class AppError(Exception):
    """A profile or an application that cannot be used; the text has a line for each fault.

    `status` is the exit status of the process.
    """

    def __init__(self, text: str, status: int = 1) -> None:
        super().__init__(text)
        self.status = status


def load_app(target: str) -> WSGIApplication:
    """Return the application that `module:name` or `module:factory()` names.

    The current folder comes first in the search, as with `python -m`. An error inside the module is not
    caught: its traceback is what its author needs.

    Raises `AppError`: no such module, no such name, or not callable.
    """
    module_name, colon, expression = target.partition(":")
    name = expression.removesuffix("()")
    if not colon or not name.isidentifier():
        raise AppError(f'{target!r} names no application: write "module:app" or "module:create_app()"')
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        found = getattr(import_module(module_name), name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            raise
        raise AppError(f"there is no module {error.name!r} here or on the Python path") from error
    except AttributeError as error:
        if error.name != name:
            raise
        raise AppError(f"module {module_name!r} has no {name!r}") from error
    app: WSGIApplication = found() if expression.endswith("()") else found
    if not callable(app):
        raise AppError(f"{target!r} is a {type(app).__name__}, not a WSGI application")
    return app
