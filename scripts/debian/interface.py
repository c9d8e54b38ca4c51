"""The command line of `edgeweb` as data, read from its parsers: for its manual and its completion.

Most commands are parsed by argparse, `edgeweb serve` by a table, and `edgeweb run` and its like by click.
"""

from __future__ import annotations

import argparse
import inspect
import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import NamedTuple

import click

from edgeweb.cli.group import cli
from edgeweb.commands import COMMANDS, module_of, serve_options

#: What a shell completes. By the command and the value, or by the option, or by the value's name alone.
KINDS = {
    "remote remove NAME": "device",
    "--upload-folder": "folder",
    "FILE": "file",
    "PATH": "file",
    "TOKEN_FILE": "file",
    "CA_FILE": "file",
    "HOST[:PORT]|CERTIFICATE": "file",
    "KEY": "file",
    "FOLDER": "folder",
    "PROFILE": "profile",
    "NAME|PATH": "profile",
    "DEVICE": "device",
    "CHANNEL": "channel",
    "PROGRAM": "program",
}


class Argument(NamedTuple):
    """An option, or a value that stands by itself: then it has no `names`.

    `value` is the name of the value, such as "FILE", or "" for a switch. `kind` is a value of `KINDS`, or "".
    """

    names: tuple[str, ...]
    value: str
    help: str
    choices: tuple[str, ...] = ()
    kind: str = ""
    repeats: bool = False
    required: bool = False


class Command(NamedTuple):
    """A command, by its words after `edgeweb`; the program itself has none."""

    words: tuple[str, ...]
    summary: str
    #: Paragraphs. One whose lines are indented is a table, and keeps them.
    text: tuple[str, ...]
    notes: tuple[str, ...]
    arguments: tuple[Argument, ...]
    commands: tuple[Command, ...] = ()

    @property
    def name(self) -> str:
        return " ".join(self.words)

    @property
    def options(self) -> list[Argument]:
        return [argument for argument in self.arguments if argument.names]

    @property
    def values(self) -> list[Argument]:
        return [argument for argument in self.arguments if not argument.names]


def read() -> Command:
    """Return the program with all of its commands, in the order of `edgeweb --help`."""
    summaries = {**COMMANDS, **{name: cli.commands[name].get_short_help_str() for name in _click_commands()}}
    commands = tuple(_read_command(name, summaries[name]) for name in sorted(summaries))
    return _from_click(cli, (), "")._replace(commands=commands)


def walk(command: Command) -> Iterator[Command]:
    """Yield a command and all below it, each before its own."""
    yield command
    for below in command.commands:
        yield from walk(below)


def _click_commands() -> list[str]:
    return [name for name in cli.commands if name not in COMMANDS]


def _read_command(name: str, summary: str) -> Command:
    if name == "serve":
        return _from_table(summary)
    if name in COMMANDS:
        return _from_argparse(import_module(module_of(name)).make_parser(), (name,), summary)
    return _from_click(cli.commands[name], (name,), summary)


def _paragraphs(text: str | None) -> tuple[str, ...]:
    return tuple(
        part.strip("\n") for part in re.split(r"\n\s*\n", inspect.cleandoc(text or "")) if part.strip()
    )


def _complete(words: Iterable[str], argument: Argument) -> Argument:
    """Return an argument with its kind."""
    names = (f"{' '.join(words)} {argument.value}", *argument.names, argument.value.partition(" ")[0])
    return argument._replace(kind=next((KINDS[name] for name in names if name in KINDS), ""))


def _from_table(summary: str) -> Command:
    found = []
    for entry, text in serve_options.ARGUMENTS.items():
        name, _, value = entry.partition(" ")
        found.append(Argument((name,), value, text) if value else Argument((), name, text))
    for name, option in serve_options.OPTIONS.items():
        found.append(Argument((name,), option.metavar, option.help, repeats=option.repeats))
    for name, (_, text) in serve_options.SWITCHES.items():
        found.append(Argument((name, f"--no-{name[2:]}"), "", text))
    found.append(Argument(("-h", "--help"), "", "show this help message and exit"))
    arguments = tuple(_complete(("serve",), argument) for argument in found)
    return Command(("serve",), summary, (serve_options.DESCRIPTION,), (serve_options.NOTE,), arguments)


def _from_argparse(parser: argparse.ArgumentParser, words: tuple[str, ...], summary: str) -> Command:
    # argparse offers no public way to its actions.
    arguments, commands = [], []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            texts = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, below in action.choices.items():
                commands.append(_from_argparse(below, (*words, name), texts[name]))
            continue
        choices = tuple(map(str, action.choices or ()))
        value = "" if action.nargs == 0 else str(action.metavar or "|".join(choices) or action.dest.upper())
        argument = Argument(
            tuple(action.option_strings),
            value,
            (action.help or "") % vars(action),
            choices,
            repeats=action.nargs in ("*", "+", argparse.REMAINDER)
            or isinstance(action, argparse._AppendAction),
            required=action.required and action.nargs not in ("?", "*"),
        )
        arguments.append(_complete(words, argument))
    text = _paragraphs(parser.description)
    return Command(words, summary, text, _paragraphs(parser.epilog), tuple(arguments), tuple(commands))


def _from_click(command: click.Command, words: tuple[str, ...], summary: str) -> Command:
    # The option --help belongs to no command, and is made for a context.
    context = click.Context(command)
    arguments = []
    for option in command.get_params(context):
        assert isinstance(option, click.Option), f"edgeweb {' '.join(words)}: {option.name} is not an option"
        choices = tuple(map(str, option.type.choices)) if isinstance(option.type, click.Choice) else ()
        value = option.metavar or "|".join(choices) or option.type.name.upper()
        text = option.help or ""
        if option.show_default:
            text += f" Default: {option.default}."
        is_switch = option.is_flag or option.count
        names = (*option.opts, *option.secondary_opts)
        argument = Argument(names, "" if is_switch else value, text, choices)
        arguments.append(_complete(words, argument))
    return Command(words, summary, _paragraphs(command.help), (), tuple(arguments))
