"""The options of `edgeweb` itself, which every command may rely on."""

from __future__ import annotations

import os
import typing as t

import click
from click.core import ParameterSource

from .dotenv import load_dotenv
from .info import ScriptInfo


def _set_app(ctx: click.Context, param: click.Option, value: str | None) -> str | None:
    if value is not None:
        ctx.ensure_object(ScriptInfo).app_import_path = value
    return value


def _set_debug(ctx: click.Context, param: click.Option, value: bool) -> bool | None:
    source = ctx.get_parameter_source(param.name)
    if source in (None, ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP):
        return None
    # By the environment, because the reloader starts a second process, and because an application factory may
    # ask.
    os.environ["FLASK_DEBUG"] = "1" if value else "0"
    return value


def _load_env_file(ctx: click.Context, param: click.Option, value: str | None) -> str | None:
    if value is not None:
        try:
            import dotenv  # noqa: F401
        except ImportError:
            raise click.BadParameter(
                "python-dotenv must be installed to load an env file.", ctx=ctx, param=param
            ) from None
    load_defaults = ctx.ensure_object(ScriptInfo).load_dotenv_defaults
    if value is not None or load_defaults:
        load_dotenv(value, load_defaults=load_defaults)
    return value


def get_version(ctx: click.Context, param: click.Parameter, value: t.Any) -> None:
    """The callback of `--version`: prints the versions and ends the command."""
    if not value or ctx.resilient_parsing:
        return
    import platform
    from importlib.metadata import version

    from .. import __version__
    from ..compat import FLASK_VERSION

    click.echo(
        f"Python {platform.python_version()}\nedgeweb {__version__}, with the API of Flask {FLASK_VERSION}\n"
        f"Werkzeug {version('werkzeug')}",
        color=ctx.color,
    )
    ctx.exit()


# Eager, and read before the group looks for commands: the application they name may have some.
env_file_option = click.Option(
    ["-e", "--env-file"],
    type=click.Path(exists=True, dir_okay=False),
    help=(
        "Load environment variables from this file, taking precedence over those set by '.env' and"
        " '.flaskenv'. Variables set directly in the environment take highest precedence. python-dotenv must"
        " be installed."
    ),
    is_eager=True,
    expose_value=False,
    callback=_load_env_file,
)
app_option = click.Option(
    ["-A", "--app"],
    metavar="IMPORT",
    help=(
        "The Flask application or factory function to load, in the form 'module:name'. Module can be a dotted"
        " import or file path. Name is not required if it is 'app', 'application', 'create_app', or"
        " 'make_app', and can be 'name(args)' to pass arguments."
    ),
    is_eager=True,
    expose_value=False,
    callback=_set_app,
)
debug_option = click.Option(
    ["--debug/--no-debug"], help="Set debug mode.", expose_value=False, callback=_set_debug
)
version_option = click.Option(
    ["--version"],
    help="Show the versions.",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=get_version,
)
