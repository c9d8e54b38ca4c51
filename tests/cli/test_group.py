"""edgeweb.cli.group and options: the group of all commands, what is in it, and what it says otherwise."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from inspect import signature
from pathlib import Path
from types import ModuleType

import click
import pytest
from click.testing import CliRunner

import edgeweb
from edgeweb import Flask, current_app, has_app_context
from edgeweb.cli import FlaskGroup, ScriptInfo, cli
from edgeweb.cli import main as command_line
from edgeweb.cli.app_group import AppGroup
from edgeweb.commands import COMMANDS, module_of
from edgeweb.globals import app_ctx


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty working directory, and an environment without Flask's variables."""
    monkeypatch.setattr(sys, "path", sys.path[:])
    monkeypatch.chdir(tmp_path)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FLASK_")}
    monkeypatch.setattr(os, "environ", kept)
    before = set(sys.modules)
    yield tmp_path
    while has_app_context():
        # click before 8.2 ends --help without closing what was opened to list the commands.
        app_ctx.pop()
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.fixture
def runner() -> CliRunner:
    """One that keeps stderr apart: since click 8.2 it does so by itself, before that it had to be told."""
    separately = {"mix_stderr": False} if "mix_stderr" in signature(CliRunner).parameters else {}
    return CliRunner(**separately)


@pytest.fixture
def app() -> Flask:
    app = Flask("group_app")

    @app.cli.command()
    @click.argument("value", callback=lambda ctx, param, value: f"{value} in {current_app.name}")
    def show(value: str) -> None:
        """Shows a value."""
        click.echo(f"{value}, debug {current_app.debug}")

    return app


# --- the application's commands -----------------------------------------------------------------------------


def test_a_command_of_the_application(app: Flask, runner: CliRunner) -> None:
    result = runner.invoke(FlaskGroup(create_app=lambda: app), ["show", "x"])
    assert result.output == "x in group_app, debug False\n"
    assert not current_app


def test_the_frameworks_commands_go_first(app: Flask, runner: CliRunner) -> None:
    @app.cli.command("routes")
    def routes() -> None:
        click.echo("the application's")

    group = FlaskGroup(create_app=lambda: app)
    assert runner.invoke(group, ["routes"]).output.startswith("Endpoint")
    bare = FlaskGroup(create_app=lambda: app, add_default_commands=False)
    assert runner.invoke(bare, ["routes"]).output == "the application's\n"


def test_a_group_in_another_group(app: Flask, runner: CliRunner) -> None:
    outer = click.Group("outer")
    outer.add_command(FlaskGroup(name="inner", create_app=lambda: app))
    assert runner.invoke(outer, ["inner", "show", "x"]).output == "x in group_app, debug False\n"


def test_an_own_object_is_kept(app: Flask, runner: CliRunner) -> None:
    info = ScriptInfo(create_app=lambda: app)
    result = runner.invoke(FlaskGroup(), ["show", "x"], obj=info)
    assert result.output == "x in group_app, debug False\n"


@pytest.mark.parametrize(
    ("args", "variables", "set_debug_flag", "debug"),
    [
        ([], {}, True, False),
        (["--debug"], {}, True, True),
        (["--no-debug"], {"FLASK_DEBUG": "1"}, True, False),
        ([], {"FLASK_DEBUG": "1"}, True, True),
        (["--debug"], {}, False, False),
    ],
)
def test_debug(
    app: Flask,
    runner: CliRunner,
    args: list[str],
    variables: dict[str, str],
    set_debug_flag: bool,
    debug: bool,
) -> None:
    os.environ.update(variables)
    group = FlaskGroup(create_app=lambda: app, set_debug_flag=set_debug_flag)
    result = runner.invoke(group, [*args, "show", "x"])
    assert result.output == f"x in group_app, debug {debug}\n"


def test_app_run_does_not_serve_while_a_command_loads_it(project: Path, runner: CliRunner) -> None:
    (project / "served.py").write_text(
        "from edgeweb import Flask\napp = Flask('served')\n"
        "@app.cli.command()\ndef hello(): print('hello')\n"
        "app.run()\n"
    )
    result = runner.invoke(cli, ["--app", "served", "hello"])
    assert result.exit_code == 0
    assert result.output.endswith("hello\n")
    assert "app.run() does nothing while a command imports the program" in result.output


# --- which application --------------------------------------------------------------------------------------

SHOP = """
from edgeweb import Flask
app = Flask("shop_app")
@app.cli.command()
def where(): print("in", app.name)
"""


def test_where_the_application_is_named(project: Path, runner: CliRunner) -> None:
    (project / "shop_module.py").write_text(SHOP)
    (project / "wsgi.py").write_text(SHOP.replace("shop_app", "default_app"))
    assert runner.invoke(cli, ["-A", "shop_module", "where"]).output == "in shop_app\n"
    assert runner.invoke(cli, ["where"]).output == "in default_app\n"
    assert runner.invoke(cli, ["where"], env={"FLASK_APP": "shop_module:app"}).output == "in shop_app\n"
    # The option wins over the variable.
    result = runner.invoke(cli, ["--app", "shop_module", "where"], env={"FLASK_APP": "no_such_module"})
    assert result.output == "in shop_app\n"


def test_env_files_name_it_too(project: Path, runner: CliRunner) -> None:
    (project / "shop_module.py").write_text(SHOP)
    (project / "own.env").write_text("FLASK_APP=shop_module\n")
    assert runner.invoke(cli, ["--env-file", "own.env", "where"]).output == "in shop_app\n"
    del os.environ["FLASK_APP"]
    assert runner.invoke(cli, ["where"]).exit_code == 2
    assert runner.invoke(cli, ["where"], env={"FLASK_ENV_FILE": "own.env"}).output == "in shop_app\n"
    os.environ.pop("FLASK_APP", None)
    (project / ".flaskenv").write_text("FLASK_APP=shop_module\n")
    assert runner.invoke(cli, ["where"], env={"FLASK_SKIP_DOTENV": "1"}).exit_code == 2
    assert "Commands:\n" in runner.invoke(cli, ["--help"]).output
    assert runner.invoke(cli, ["where"]).output == "in shop_app\n"


def test_an_env_file_without_python_dotenv(
    project: Path, runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "own.env").touch()
    monkeypatch.setitem(sys.modules, "dotenv", None)
    result = runner.invoke(cli, ["--env-file", "own.env", "routes"])
    assert result.exit_code == 2
    assert "Reading this file needs python-dotenv" in result.stderr


def test_options_of_commands_from_the_environment(project: Path, runner: CliRunner) -> None:
    (project / "shop_module.py").write_text(SHOP)
    env = {"FLASK_APP": "shop_module", "FLASK_ROUTES_ALL_METHODS": "1"}
    assert "GET, HEAD, OPTIONS" in runner.invoke(cli, ["routes"], env=env).output


# --- help ---------------------------------------------------------------------------------------------------


def test_help_lists_the_commands_of_everybody(app: Flask, runner: CliRunner) -> None:
    output = runner.invoke(FlaskGroup(create_app=lambda: app), ["--help"]).output
    listed = [line.split()[0] for line in output.partition("Commands:\n")[2].splitlines()]
    assert listed == ["routes", "run", "shell", "show"]
    assert "show    Shows a value." in output


@pytest.mark.parametrize("arguments", [["--help"], []])
def test_help_begins_with_what_this_is(
    project: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        command_line(arguments)
    out, err = capsys.readouterr()
    said = err + out
    assert said.startswith("Usage: ") and "Error" not in said
    assert said.split("\n\n")[1].strip().startswith("Serve a device's dashboard and control")


def test_help_of_the_group_says_why_there_is_no_application(project: Path, runner: CliRunner) -> None:
    """Flask's suite asks for it."""
    result = runner.invoke(cli, ["--help"])
    assert result.exit_code == 0
    assert result.stderr.startswith("Error: There is no application to load. Name it with '--app'")


def test_help_says_why_a_named_application_is_missing(runner: CliRunner) -> None:
    result = runner.invoke(cli, ["--app", "no_such_module", "--help"])
    assert result.exit_code == 0
    assert (
        "There is no module 'no_such_module'"
        in runner.invoke(cli, [], env={"FLASK_APP": "no_such_module"}).stderr
    )


def test_unknown_commands_say_why_there_is_no_application(runner: CliRunner) -> None:
    result = runner.invoke(cli, ["no-such-command"])
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: There is no application to load. Name it with '--app'")
    assert "No such command 'no-such-command'" in result.stderr


def test_help_survives_an_application_that_fails(runner: CliRunner) -> None:
    def create_app() -> Flask:
        raise ZeroDivisionError("oh no")

    result = runner.invoke(FlaskGroup(create_app=create_app), ["--help"])
    assert result.exit_code == 0
    assert "ZeroDivisionError: oh no" in result.stderr
    assert "Commands:\n  routes" in result.stdout


def test_the_version(runner: CliRunner) -> None:
    output = runner.invoke(cli, ["--version"]).output
    assert output == (
        f"Python {sys.version.split()[0]}\n"
        f"edgeweb {edgeweb.__version__}, with the API of Flask 3.1.3\n"
        f"Werkzeug {version('werkzeug')}\n"
    )
    bare = FlaskGroup(add_version_option=False)
    assert runner.invoke(bare, ["--version"]).exit_code == 2


# --- commands of others -------------------------------------------------------------------------------------


@pytest.mark.parametrize("group", ["flask.commands", "edgeweb.commands"])
def test_plugins(project: Path, runner: CliRunner, group: str) -> None:
    (project / "plugin_module.py").write_text(
        "import click\n@click.command()\ndef command(): click.echo('from the plugin')\n"
    )
    metadata = project / "plugin-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: plugin\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[{group}]\nplug = plugin_module:command\n")
    sys.path.insert(0, str(project))
    flask_group = FlaskGroup()
    assert "plug" in runner.invoke(flask_group, ["--help"]).stdout
    assert runner.invoke(flask_group, ["plug"]).output == "from the plugin\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_of_the_device_are_listed_and_passed_on(
    name: str, runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[list[str]] = []
    stand_in = ModuleType(module_of(name))
    stand_in.main = lambda argv: called.append(argv) or 3  # type: ignore[attr-defined, func-returns-value]
    monkeypatch.setitem(sys.modules, stand_in.__name__, stand_in)
    assert f"\n  {name} " in runner.invoke(cli, ["--help"]).stdout
    result = runner.invoke(cli, [name, "--help", "-x", "value"])
    assert called == [["--help", "-x", "value"]]
    assert result.exit_code == 3
    assert name not in FlaskGroup().commands


def test_main_runs_the_group(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        import_module("edgeweb.cli").main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith("Python ")


def test_the_classes_are_what_their_names_say() -> None:
    assert isinstance(cli, FlaskGroup)
    assert isinstance(cli, AppGroup)
    assert cli.name == "edgeweb"
