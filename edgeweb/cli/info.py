"""What the commands of one run share: which application, and how to load it."""

from __future__ import annotations

import re
import typing as t

import click

from ..helpers import get_debug_flag, get_load_dotenv
from .locate import NoAppException, locate_app, prepare_import

#: Looked for, in this order, in the working directory when no application is named.
_DEFAULT_FILES = ("wsgi.py", "app.py")


class ScriptInfo:
    """The object of a click context, `ctx.obj`, that loads the application when a command needs it.

    `app_import_path` names it, or `create_app` makes it; without either, `wsgi.py` and `app.py` are looked
    for. `set_debug_flag` puts `FLASK_DEBUG` into force on it. `data` is for the commands' own use.

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
        self.data: dict[t.Any, t.Any] = {}
        self.set_debug_flag = set_debug_flag
        self.load_dotenv_defaults = get_load_dotenv(load_dotenv_defaults)
        self._loaded_app: t.Any = None

    def load_app(self) -> t.Any:
        """The application, loaded at the first call. Raises `NoAppException` where there is none."""
        if self._loaded_app is not None:
            return self._loaded_app
        app = self._find_app()
        if app is None:
            raise NoAppException(
                "Could not locate a Flask application. Use the '--app' option, 'FLASK_APP' environment"
                " variable, or a 'wsgi.py' or 'app.py' file in the current directory."
            )
        if self.set_debug_flag:
            # By the property, which also sets what depends on it.
            app.debug = get_debug_flag()
        self._loaded_app = app
        return app

    def _find_app(self) -> t.Any:
        if self.create_app is not None:
            return self.create_app()
        if self.app_import_path:
            # Not at a colon in front of a slash: that one belongs to a Windows drive.
            path, *name = re.split(r":(?![\\/])", self.app_import_path, maxsplit=1)
            return locate_app(prepare_import(path), name[0] if name else None)
        for path in _DEFAULT_FILES:
            app = locate_app(prepare_import(path), None, raise_if_not_found=False)
            if app is not None:
                return app
        return None


#: Decorates a command that wants the `ScriptInfo` as its first argument.
pass_script_info = click.make_pass_decorator(ScriptInfo, ensure=True)
