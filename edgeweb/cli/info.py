"""The application of one command line, and how to load it."""

from __future__ import annotations

import re
import typing as t

import click

from ..helpers import get_debug_flag, get_load_dotenv
from .locate import NoAppException, locate_app, prepare_import

#: Tried in this order in the working directory when no application is named.
_DEFAULT_FILES = ("wsgi.py", "app.py")


class NothingToLoad(NoAppException):
    """No application is named, and none is where one is looked for: no fault where none is needed."""


class ScriptInfo:
    """The object of a click context, `ctx.obj`, that loads the application when a command needs it.

    `app_import_path` names the application, or `create_app` makes it; without either, `wsgi.py` and `app.py`
    are tried. `set_debug_flag` applies `FLASK_DEBUG` to it. `data` is for the commands.

    >>> ScriptInfo(create_app=lambda: "an application", set_debug_flag=False).load_app()
    'an application'
    """

    def __init__(
        self,
        app_import_path: str | None = None,
        create_app: t.Callable[..., t.Any] | None = None,
        set_debug_flag: bool = True,
        load_dotenv_defaults: bool = True,
    ) -> None:
        self.app_import_path = app_import_path
        self.create_app = create_app
        self.data: dict[object, t.Any] = {}
        self.set_debug_flag = set_debug_flag
        self.load_dotenv_defaults = get_load_dotenv(load_dotenv_defaults)
        self._loaded_app: t.Any = None
        #: Whether the help complains where no application is named.
        self.is_missed = True

    def load_app(self) -> t.Any:
        """Return the application, loaded by the first call. Raises `NoAppException` where there is none,
        `NothingToLoad` where none was named either."""
        if self._loaded_app is not None:
            return self._loaded_app
        app = self._find_app()
        if app is None:
            raise NothingToLoad(
                "There is no application to load. Name it with '--app' or in the variable FLASK_APP, or put"
                " it in 'wsgi.py' or 'app.py' in this folder."
            )
        if self.set_debug_flag:
            # The property also sets what depends on it.
            app.debug = get_debug_flag()
        self._loaded_app = app
        return app

    def _find_app(self) -> t.Any:
        if self.create_app is not None:
            return self.create_app()
        if self.app_import_path:
            # A colon before a slash belongs to a Windows drive.
            path, *name = re.split(r":(?![\\/])", self.app_import_path, maxsplit=1)
            return locate_app(prepare_import(path), name[0] if name else None)
        for path in _DEFAULT_FILES:
            app = locate_app(prepare_import(path), None, raise_if_not_found=False)
            if app is not None:
                return app
        return None


#: Pass the `ScriptInfo` to a command's function as the first argument.
pass_script_info = click.make_pass_decorator(ScriptInfo, ensure=True)
