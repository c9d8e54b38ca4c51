"""`edgeweb` itself: the group of all commands, its options, and the application's commands among them."""

from __future__ import annotations

import os
import typing as t

import click

from ..commands import COMMANDS
from ..globals import current_app
from .app_group import AppGroup
from .info import ScriptInfo
from .locate import NoAppException
from .options import app_option, debug_option, env_file_option, version_option
from .routes import routes_command
from .run import run_command
from .shell import shell_command

#: Where other packages register commands (entry points); the first is Flask's, so its plugins work here too.
_PLUGIN_GROUPS = ("flask.commands", "edgeweb.commands")


class FlaskGroup(AppGroup):
    """A group with the commands of the framework, of its plugins, and of the application.

    `create_app` makes the application; without it `--app` names one. `add_default_commands` adds `run`,
    `shell` and `routes`, `add_version_option` adds `--version`; `load_dotenv` reads `.env` files,
    `set_debug_flag` puts `FLASK_DEBUG` into force on the application. `extra` goes to `click.Group`.

    Source: Flask documentation, "Command Line Interface", "Custom Scripts".
    """

    def __init__(
        self,
        add_default_commands: bool = True,
        create_app: t.Callable[..., t.Any] | None = None,
        add_version_option: bool = True,
        load_dotenv: bool = True,
        set_debug_flag: bool = True,
        **extra: t.Any,
    ) -> None:
        options = [env_file_option, app_option, debug_option]
        if add_version_option:
            options.append(version_option)
        extra["params"] = [*(extra.get("params") or ()), *options]
        # FLASK_RUN_PORT sets --port of run, and so on.
        extra.setdefault("context_settings", {}).setdefault("auto_envvar_prefix", "FLASK")
        super().__init__(**extra)
        self.create_app = create_app
        self.load_dotenv = load_dotenv
        self.set_debug_flag = set_debug_flag
        if add_default_commands:
            for command in (run_command, shell_command, routes_command):
                self.add_command(command)
        self._loaded_plugin_commands = False

    def _load_plugin_commands(self) -> None:
        if self._loaded_plugin_commands:
            return
        from importlib.metadata import entry_points

        for group in _PLUGIN_GROUPS:
            for entry_point in entry_points(group=group):
                self.add_command(entry_point.load(), entry_point.name)
        self._loaded_plugin_commands = True

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """A command by name: of the framework or a plugin, else of the application, which is then loaded."""
        self._load_plugin_commands()
        command = super().get_command(ctx, name)
        if command is not None:
            return command

        info = ctx.ensure_object(ScriptInfo)
        try:
            app = info.load_app()
        except NoAppException as error:
            # Said here, and not as the reason why the command is unknown: it is still searched for.
            click.secho(f"Error: {error.format_message()}\n", err=True, fg="red")
            return None
        # For the command's parameters too, so before its own wrapper. Not twice: a test may be inside
        # already.
        if not current_app or current_app._get_current_object() is not app:
            ctx.with_resource(app.app_context())
        return app.cli.get_command(ctx, name)  # type: ignore[no-any-return]

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands; not those of an application that fails to load; stderr says why."""
        self._load_plugin_commands()
        names = set(super().list_commands(ctx))
        try:
            names.update(ctx.ensure_object(ScriptInfo).load_app().cli.list_commands(ctx))
        except NoAppException as error:
            click.secho(f"Error: {error.format_message()}\n", err=True, fg="red")
        except Exception:
            # An application that fails to start must not take the help away.
            import traceback

            click.secho(f"{traceback.format_exc()}\n", err=True, fg="red")
        return sorted(names)

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: t.Any
    ) -> click.Context:
        """As `click.Group.make_context`, with a `ScriptInfo` for the commands."""
        # Seen by app.run(), which must not start a server while the program is only being imported.
        os.environ["FLASK_RUN_FROM_CLI"] = "true"
        if "obj" not in extra and "obj" not in self.context_settings:
            extra["obj"] = ScriptInfo(
                create_app=self.create_app,
                set_debug_flag=self.set_debug_flag,
                load_dotenv_defaults=self.load_dotenv,
            )
        return super().make_context(info_name, args, parent=parent, **extra)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As `click.Group.parse_args`, with the application known before the help lists its commands."""
        if (not args and self.no_args_is_help) or (
            len(args) == 1 and args[0] in self.get_help_option_names(ctx)
        ):
            # --help is eager and would come before these two, which may be set by the environment.
            env_file_option.handle_parse_result(ctx, {}, [])
            app_option.handle_parse_result(ctx, {}, [])
        return super().parse_args(ctx, args)


def _own_command(name: str, summary: str) -> click.Command:
    @click.pass_context
    def call(ctx: click.Context, arguments: tuple[str, ...]) -> None:
        from importlib import import_module

        ctx.exit(import_module(f"edgeweb.commands.{name}").main(list(arguments)))

    return click.Command(
        name,
        callback=call,
        params=[click.Argument(["arguments"], nargs=-1, type=click.UNPROCESSED)],
        help=summary,
        # Every option, --help among them, is for the module.
        add_help_option=False,
        context_settings={"ignore_unknown_options": True},
    )


cli = FlaskGroup(
    name="edgeweb",
    help="""\
A general utility script for Flask applications, and for devices.

An application to load must be given with the '--app' option,
'FLASK_APP' environment variable, or with a 'wsgi.py' or 'app.py' file
in the current directory.
""",
)
# `edgeweb` runs these without click. They stand here to be listed, and for callers of this group.
for _name, _summary in COMMANDS.items():
    cli.add_command(_own_command(_name, _summary))


def main(args: t.Sequence[str] | None = None) -> None:
    """Runs the command line, by default with the process's arguments, and ends the process."""
    cli.main(args=args)
