"""edgeweb.cli: the names of flask.cli, each loaded when it is asked for."""

from __future__ import annotations

import inspect
import subprocess
import sys

import click
import flask.cli
import pytest

from edgeweb import cli

NAMES = [
    name
    for name, value in vars(flask.cli).items()
    if not name.startswith("_")
    and getattr(value, "__module__", None) == "flask.cli"
    and (inspect.isclass(value) or inspect.isfunction(value))
]


def test_flask_has_some() -> None:
    assert {"FlaskGroup", "ScriptInfo", "run_command", "main"} <= {*NAMES, *vars(flask.cli)}


@pytest.mark.parametrize("name", [*NAMES, "run_command", "shell_command", "routes_command", "cli"])
def test_every_name_is_there_and_takes_the_same(name: str) -> None:
    ours, theirs = getattr(cli, name), getattr(flask.cli, name)
    assert isinstance(ours, click.Command) is isinstance(theirs, click.Command)
    if inspect.isfunction(theirs) or inspect.isclass(theirs):
        parameters = [
            [(p.name, p.kind, p.default) for p in inspect.signature(thing).parameters.values()]
            for thing in (ours, theirs)
        ]
        # main() also takes the arguments, for `python -m edgeweb`.
        assert parameters[0] == parameters[1] or name == "main"


@pytest.mark.parametrize("name", ["run_command", "shell_command", "routes_command"])
def test_every_option_of_a_command_is_there(name: str) -> None:
    options = [
        {
            option.name: (option.opts, option.secondary_opts, option.type.name, option.required)
            for option in getattr(module, name).params
        }
        for module in (cli, flask.cli)
    ]
    assert options[0] == options[1]


def test_names_that_are_not_there() -> None:
    assert not hasattr(cli, "no_such_name")
    assert {"FlaskGroup", "click"} <= set(dir(cli))
    assert cli.click is click


def test_nothing_is_loaded_before_it_is_asked_for() -> None:
    program = """
import sys
import edgeweb.cli
print([name for name in ("click", "edgeweb.cli.info", "edgeweb.cli.group") if name in sys.modules])
edgeweb.cli.load_dotenv
print("click" in sys.modules)
edgeweb.cli.AppGroup
print("click" in sys.modules, "edgeweb.cli.run" in sys.modules)
"""
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert output.stdout == "[]\nFalse\nTrue False\n"
