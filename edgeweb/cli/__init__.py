"""The command line: `edgeweb run`, `edgeweb routes`, `edgeweb serve`, ... One module a command.

The names that `flask.cli` has are here, each resolved on first use (PEP 562): `edgeweb serve` comes through
this package too, and must not pay for click.
"""

from __future__ import annotations

import typing as t
from importlib import import_module

if t.TYPE_CHECKING:
    import click as click

    from ..commands.banner import show_server_banner as show_server_banner
    from ..commands.dotenv import load_dotenv as load_dotenv
    from ..commands.group import AppGroup as AppGroup
    from ..commands.group import with_appcontext as with_appcontext
    from ..commands.info import ScriptInfo as ScriptInfo
    from ..commands.info import pass_script_info as pass_script_info
    from ..commands.locate import NoAppException as NoAppException
    from ..commands.locate import find_app_by_string as find_app_by_string
    from ..commands.locate import find_best_app as find_best_app
    from ..commands.locate import locate_app as locate_app
    from ..commands.locate import prepare_import as prepare_import
    from ..globals import current_app as current_app
    from ..helpers import get_debug_flag as get_debug_flag
    from ..helpers import get_load_dotenv as get_load_dotenv
    from .certificate import CertParamType as CertParamType
    from .group import FlaskGroup as FlaskGroup
    from .group import cli as cli
    from .group import main as main
    from .options import get_version as get_version
    from .options import version_option as version_option
    from .routes import routes_command as routes_command
    from .run import SeparatedPathType as SeparatedPathType
    from .run import run_command as run_command
    from .shell import shell_command as shell_command

# module: the public names that live there
_HOMES = {
    "edgeweb.commands.banner": "show_server_banner",
    "edgeweb.commands.dotenv": "load_dotenv",
    "edgeweb.commands.group": "AppGroup with_appcontext",
    "edgeweb.commands.info": "ScriptInfo pass_script_info",
    "edgeweb.commands.locate": "NoAppException find_app_by_string find_best_app locate_app prepare_import",
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


def __getattr__(name: str) -> t.Any:
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
