"""edgeweb.cli.app_group and runner: commands that run with an application."""

from __future__ import annotations

from typing import Any

import click
import pytest
from click.testing import CliRunner

from edgeweb import Blueprint, Flask, current_app
from edgeweb.cli.app_group import AppGroup, with_appcontext
from edgeweb.cli.info import ScriptInfo, pass_script_info
from edgeweb.cli.runner import FlaskCliRunner


@pytest.fixture
def app() -> Flask:
    return Flask("group_app")


def test_with_appcontext_pushes_the_application(app: Flask) -> None:
    @click.command()
    @click.option("--times", default=1)
    @with_appcontext
    def show(times: int) -> None:
        """Shows it."""
        click.echo(current_app.name * times)

    assert show.help == "Shows it."
    result = CliRunner().invoke(show, ["--times", "2"], obj=ScriptInfo(create_app=lambda: app))
    assert (result.output, result.exit_code) == ("group_appgroup_app\n", 0)
    assert not current_app


def test_with_appcontext_uses_an_active_application(app: Flask) -> None:
    @click.command()
    @with_appcontext
    def show() -> None:
        click.echo(current_app.name)

    with app.app_context():
        result = CliRunner().invoke(show, obj=ScriptInfo(create_app=lambda: pytest.fail("not needed")))
    assert result.output == "group_app\n"


def test_commands_of_a_group_run_with_the_application_unless_they_say_no(app: Flask) -> None:
    @app.cli.command()
    def inside() -> None:
        click.echo(current_app.name)

    @app.cli.command("outside", with_appcontext=False)
    def outside() -> None:
        click.echo(str(bool(current_app)))

    runner = app.test_cli_runner()
    assert runner.invoke(args=["inside"]).output == "group_app\n"
    assert runner.invoke(args=["outside"]).output == "False\n"


def test_groups_in_groups(app: Flask) -> None:
    @app.cli.group()
    def outer() -> None: ...

    @outer.group()
    def inner() -> None: ...

    @inner.command()
    def show() -> None:
        click.echo(current_app.name)

    assert isinstance(outer, AppGroup)
    assert isinstance(inner, AppGroup)
    assert app.test_cli_runner().invoke(args=["outer", "inner", "show"]).output == "group_app\n"


def test_another_class_for_a_group(app: Flask) -> None:
    class Own(click.Group): ...

    @app.cli.group(cls=Own)
    def own() -> None: ...

    assert type(own) is Own


def test_pass_script_info(app: Flask) -> None:
    @app.cli.command()
    @pass_script_info
    def show(info: ScriptInfo) -> None:
        info.data["seen"] = True
        click.echo(info.load_app().name)

    info = ScriptInfo(create_app=lambda: app)
    assert app.test_cli_runner().invoke(show, obj=info).output == "group_app\n"
    assert info.data == {"seen": True}


def test_commands_of_blueprints(app: Flask) -> None:
    def blueprint(name: str, **options: Any) -> Blueprint:
        blueprint = Blueprint(name, __name__, **options)

        @blueprint.cli.command(f"show-{name}")
        def show() -> None:
            click.echo(f"{name} of {current_app.name}")

        return blueprint

    app.register_blueprint(blueprint("plain"))
    app.register_blueprint(blueprint("merged", cli_group=None))
    app.register_blueprint(blueprint("renamed", cli_group="other"))
    app.register_blueprint(blueprint("late"), cli_group="later")
    runner = app.test_cli_runner()
    for args in (["plain", "show-plain"], ["show-merged"], ["other", "show-renamed"], ["later", "show-late"]):
        name = args[-1].removeprefix("show-")
        assert runner.invoke(args=args).output == f"{name} of group_app\n"


def test_the_runner(app: Flask) -> None:
    runner = app.test_cli_runner()
    assert type(runner) is FlaskCliRunner
    assert runner.app is app

    class Own(FlaskCliRunner): ...

    app.test_cli_runner_class = Own
    assert type(app.test_cli_runner(env={"A": "1"})) is Own


def test_a_program_without_commands_does_not_load_click() -> None:
    import subprocess
    import sys

    program = """
import sys
from edgeweb import Blueprint, Flask
app = Flask("lean")
app.register_blueprint(Blueprint("blueprint", "lean"))
import edgeweb.commands
print("click" in sys.modules)
app.cli
print("click" in sys.modules)
"""
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert output.stdout == "False\nTrue\n"
