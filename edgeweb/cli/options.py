"""The options of `edgeweb`, read before those of its commands."""

from __future__ import annotations

import os

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
    # In the environment, where an application factory and the reloader's second process find it.
    os.environ["FLASK_DEBUG"] = "1" if value else "0"
    return value


def _load_env_file(ctx: click.Context, param: click.Option, value: str | None) -> str | None:
    if value is not None:
        try:
            import dotenv  # noqa: F401
        except ImportError:
            raise click.BadParameter(
                "Reading this file needs python-dotenv: pip install python-dotenv", ctx=ctx, param=param
            ) from None
    load_defaults = ctx.ensure_object(ScriptInfo).load_dotenv_defaults
    if value is not None or load_defaults:
        load_dotenv(value, load_defaults=load_defaults)
    return value


def get_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    """Print the versions and exit: the callback of `--version`."""
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


# Eager: the application that they name may have commands of its own.
env_file_option = click.Option(
    ["-e", "--env-file"],
    type=click.Path(exists=True, dir_okay=False),
    help=(
        "File with environment variables. It overrides '.env' and '.flaskenv', and is overridden by variables"
        " that are set already. Needs python-dotenv."
    ),
    is_eager=True,
    expose_value=False,
    callback=_load_env_file,
)
app_option = click.Option(
    ["-A", "--app"],
    metavar="IMPORT",
    help=(
        "The application, as 'module:name': a dotted name or a file, then a variable, a factory, or a call of"
        " it such as 'create_app(\"test\")'. The names app, application, create_app and make_app may be left"
        " out."
    ),
    is_eager=True,
    expose_value=False,
    callback=_set_app,
)
debug_option = click.Option(
    ["--debug/--no-debug"], help="Turn debug mode on or off.", expose_value=False, callback=_set_debug
)
version_option = click.Option(
    ["--version"],
    help="Print the versions and exit.",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=get_version,
)
