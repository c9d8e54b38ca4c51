"""Flask's command line, `flask.cli`: `edgeweb run`, `edgeweb routes`, `@app.cli.command()`, ... with click.

Every public name of `flask.cli` is resolved on first use (PEP 562), so that an application that reads a
`.env` file, say, does not pay for click. edgeweb's own commands are in `edgeweb.commands`.
"""

from __future__ import annotations

import typing as t
from importlib import import_module

if t.TYPE_CHECKING:
    import click as click

    from ..globals import current_app as current_app
    from ..helpers import get_debug_flag as get_debug_flag
    from ..helpers import get_load_dotenv as get_load_dotenv
    from .app_group import AppGroup as AppGroup
    from .app_group import with_appcontext as with_appcontext
    from .banner import show_server_banner as show_server_banner
    from .certificate import CertParamType as CertParamType
    from .dotenv import load_dotenv as load_dotenv
    from .group import FlaskGroup as FlaskGroup
    from .group import cli as cli
    from .group import main as main
    from .info import ScriptInfo as ScriptInfo
    from .info import pass_script_info as pass_script_info
    from .locate import NoAppException as NoAppException
    from .locate import find_app_by_string as find_app_by_string
    from .locate import find_best_app as find_best_app
    from .locate import locate_app as locate_app
    from .locate import prepare_import as prepare_import
    from .options import get_version as get_version
    from .options import version_option as version_option
    from .routes import routes_command as routes_command
    from .run import SeparatedPathType as SeparatedPathType
    from .run import run_command as run_command
    from .shell import shell_command as shell_command

# module: the public names that live there
_HOMES = {
    "edgeweb.cli.banner": "show_server_banner",
    "edgeweb.cli.dotenv": "load_dotenv",
    "edgeweb.cli.app_group": "AppGroup with_appcontext",
    "edgeweb.cli.info": "ScriptInfo pass_script_info",
    "edgeweb.cli.locate": "NoAppException find_app_by_string find_best_app locate_app prepare_import",
    "edgeweb.globals": "current_app",
    "edgeweb.helpers": "get_debug_flag get_load_dotenv",
    "edgeweb.cli.certificate": "CertParamType",
    "edgeweb.cli.group": "FlaskGroup cli main",
    "edgeweb.cli.options": "get_version version_option",
    "edgeweb.cli.routes": "routes_command",
    "edgeweb.cli.run": "SeparatedPathType run_command",
    "edgeweb.cli.shell": "shell_command",
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = ["click", *_HOME_OF]  # noqa: PLE0604


def __getattr__(name: str) -> object:
    if name in _HOME_OF:
        value = getattr(import_module(_HOME_OF[name]), name)
    elif name == "click":
        value = import_module("click")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
