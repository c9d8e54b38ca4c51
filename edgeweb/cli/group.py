"""The command `edgeweb`: the group of all commands, with its options and the application's commands."""

from __future__ import annotations

import os
import typing as t

import click

from ..commands import COMMANDS, module_of
from ..globals import current_app
from .app_group import AppGroup
from .info import NothingToLoad, ScriptInfo
from .locate import NoAppException
from .options import app_option, debug_option, env_file_option, version_option
from .routes import routes_command
from .run import run_command
from .shell import shell_command

#: Entry points where other packages register commands. The first is Flask's, so that its plugins work here.
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
        """Return a command of the framework, of a plugin, or of the application, which is loaded for it."""
        self._load_plugin_commands()
        command = super().get_command(ctx, name)
        if command is not None:
            return command

        info = ctx.ensure_object(ScriptInfo)
        try:
            app = info.load_app()
        except NoAppException as error:
            # Printed and not raised: click then reports an unknown command.
            _complain(f"Error: {error.format_message()}")
            return None
        # Here and not only around the command's function, because its parameters may need the application.
        # A test may have entered it already.
        if not current_app or current_app._get_current_object() is not app:
            ctx.with_resource(app.app_context())
        own: click.Command | None = app.cli.get_command(ctx, name)
        return own

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands. Print why, if those of a broken application are missing."""
        self._load_plugin_commands()
        names = set(super().list_commands(ctx))
        try:
            names.update(ctx.ensure_object(ScriptInfo).load_app().cli.list_commands(ctx))
        except NothingToLoad as error:
            if ctx.ensure_object(ScriptInfo).is_missed:
                _complain(f"Error: {error.format_message()}")
        except NoAppException as error:
            _complain(f"Error: {error.format_message()}")
        except Exception:
            # The help is still needed when the application is broken.
            import traceback

            _complain(traceback.format_exc())
        return sorted(names)

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: t.Any
    ) -> click.Context:
        """Do what `click.Group.make_context` does, with a `ScriptInfo` for the commands."""
        # Read by app.run(): a program that a command imports must not start a server.
        os.environ["FLASK_RUN_FROM_CLI"] = "true"
        if "obj" not in self.context_settings:
            extra.setdefault("obj", ScriptInfo(None, self.create_app, self.set_debug_flag, self.load_dotenv))
        return super().make_context(info_name, args, parent, **extra)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Do what `click.Group.parse_args` does, with the application named before the help is made."""
        if (not args and self.no_args_is_help) or (
            len(args) == 1 and args[0] in self.get_help_option_names(ctx)
        ):
            # --help is eager and would run first. The environment may set these two.
            env_file_option.handle_parse_result(ctx, {}, [])
            app_option.handle_parse_result(ctx, {}, [])
        return super().parse_args(ctx, args)


def _complain(text: str) -> None:
    click.secho(f"{text}\n", err=True, fg="red")


def _own_command(name: str, summary: str) -> click.Command:
    @click.pass_context
    def call(ctx: click.Context, arguments: tuple[str, ...]) -> None:
        from importlib import import_module

        ctx.exit(import_module(module_of(name)).main(list(arguments)))

    return click.Command(
        name,
        callback=call,
        params=[click.Argument(["arguments"], nargs=-1, type=click.UNPROCESSED)],
        help=summary,
        # The module parses all options, --help included.
        add_help_option=False,
        context_settings={"ignore_unknown_options": True},
    )


cli = FlaskGroup(
    name="edgeweb",
    help="""\
Serve a device's dashboard and control, or run and inspect a Flask application.

'edgeweb serve' serves this device. For another application, name it with '--app' or in the variable
FLASK_APP. Otherwise 'wsgi.py' or 'app.py' in this folder is used.
""",
)
# `edgeweb` runs these without click. They stand here to be listed, and for callers of this group.
for _name, _summary in COMMANDS.items():
    cli.add_command(_own_command(_name, _summary))


def main(args: t.Sequence[str] | None = None) -> None:
    """Run the command line, by default with the process's arguments, and exit.

    Its help begins without a complaint where no application is named: not everybody has one. A program that
    calls the group itself gets the complaint, as with Flask.
    """
    info = ScriptInfo(None, cli.create_app, cli.set_debug_flag, cli.load_dotenv)
    info.is_missed = False
    cli.main(args=args, obj=info)
