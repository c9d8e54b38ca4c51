"""Print the manual page edgeweb(1), made of the command line itself: manual.py VERSION.

The environment variable SOURCE_DATE_EPOCH is the page's date, so that the same commit gives the same page.
Source: man(7) of mandoc; groff_man_style(7); reproducible-builds.org, "SOURCE_DATE_EPOCH".
"""

from __future__ import annotations

import os
import re
import sys
import textwrap
import time
from collections.abc import Iterable, Iterator

from edgeweb.commands import COMMANDS

from .interface import Argument, Command, read, walk

#: What the package puts where; it has no other place that says it.
FILES = {
    "/etc/edgeweb/edgeweb.toml": "settings of this device, which win over the board's profile",
    "/etc/edgeweb/edgeweb.toml.d/*.toml": "more of them, such as a file for each channel",
    "/etc/default/edgeweb": "the profile of the board and the options of the service edgeweb.service",
    "/var/lib/edgeweb": "users, schedules, history and the audit log",
    "~/.config/edgeweb/remotes.toml": "the devices of `edgeweb remote`",
    "/usr/share/doc/edgeweb/README.md": "the first steps",
    "/usr/share/doc/edgeweb/firmware_configs/README.md": "every setting of a board, a channel and a sensor",
}

_ESCAPES = str.maketrans({"\\": r"\e", "-": r"\-", "'": r"\(aq", "`": r"\(ga", "~": r"\(ti", "^": r"\(ha"})


def main() -> None:
    lines = page(read(), sys.argv[1], int(os.environ["SOURCE_DATE_EPOCH"]))
    # A heading begins a paragraph by itself.
    print(re.sub(r"^(\.S[HS] .*\n)\.P\n", r"\1", "\n".join(lines), flags=re.MULTILINE))


def page(program: Command, version: str, seconds: int) -> Iterator[str]:
    """Yield the lines of the page; `seconds` is its date, since 1970."""
    date = time.strftime("%Y-%m-%d", time.gmtime(seconds))
    yield r".\" Made by scripts/debian/manual.py of the help of each command."
    yield f'.TH EDGEWEB 1 "{date}" "edgeweb {version}" "User Commands"'
    yield from (".SH NAME", r"edgeweb \- web server of small boards", ".SH SYNOPSIS")
    yield _usage(program)
    yield ".SH DESCRIPTION"
    yield from _paragraphs(program.text)
    yield ".SH COMMANDS"
    for command in program.commands:
        yield from _entry(f"edgeweb {command.name}", "", command.summary)
    yield from _paragraphs(["Each has the option `--help`, and is described below."])
    yield ".SH OPTIONS"
    names = ", ".join(command.name for command in program.commands if command.name not in COMMANDS)
    yield from _paragraphs([f"These stand before {names} and the commands that an application brings along."])
    for option in program.options:
        yield from _argument(option)
    for command in program.commands:
        yield f".SH {_quote(f'edgeweb {command.name}'.upper())}"
        yield from _section(command)
    yield ".SH FILES"
    for file, text in FILES.items():
        yield from _entry(file, "", text)
    yield ".SH SEE ALSO"
    yield from (".BR systemctl (1),", ".BR journalctl (1)")


def _section(command: Command) -> Iterator[str]:
    yield from (".P", _usage(command))
    # The help begins with the command's name, as its own title.
    yield from _paragraphs(
        re.sub(r"^`edgeweb [\w-]+`: (.)", lambda found: found[1].upper(), text) for text in command.text
    )
    for argument in _listed(command):
        yield from _argument(argument)
    for below in list(walk(command))[1:]:
        yield f'.SS "{_usage(below)}"'
        yield from _paragraphs([below.summary])
        for argument in _listed(below):
            yield from _argument(argument)
    # Of the command, and not of the last one below it.
    if command.commands and command.notes:
        yield f".SS {_quote(f'Notes on edgeweb {command.name}')}"
    yield from _paragraphs(command.notes)


def _listed(command: Command) -> list[Argument]:
    """Return what is described: --help is, once, above all commands; a name alone says nothing."""
    return [
        argument
        for argument in command.arguments
        if "--help" not in argument.names and (argument.names or argument.help)
    ]


def _usage(command: Command) -> str:
    """Return how a command is entered, without its options one by one: they are listed below it."""
    words = [_bold(" ".join(("edgeweb", *command.words)))]
    words += ["[OPTION ...]"] * any(argument.names for argument in _listed(command))
    words += ["COMMAND"] * bool(command.commands)
    for argument in command.values:
        words.append(_text(_value(argument) if argument.required else f"[{_value(argument)}]"))
    return " ".join(words)


def _value(argument: Argument) -> str:
    return argument.value + " ..." * (argument.repeats and "..." not in argument.value)


def _argument(argument: Argument) -> Iterator[str]:
    text = argument.help or f"one of {', '.join(argument.choices)}"
    yield from _entry(", ".join(argument.names), _value(argument), text)


def _entry(name: str, value: str, text: str) -> Iterator[str]:
    yield ".TP"
    yield " ".join(filter(None, (_bold(name) if name else "", _italic(value) if value else "")))
    yield from _sentences(text)


def _paragraphs(paragraphs: Iterable[str]) -> Iterator[str]:
    for paragraph in paragraphs:
        head, *rows = paragraph.split("\n")
        yield ".P"
        if rows and all(row.startswith("  ") for row in rows):
            yield from _sentences(head)
            for row in rows:
                left, _, right = row.strip().partition("  ")
                yield from _entry(left, "", right.strip())
        else:
            yield from _sentences(" ".join(paragraph.split()))


def _sentences(text: str) -> Iterator[str]:
    """Yield the lines of a text, a sentence each, as roff wants them; `code` is bold."""
    for sentence in re.split(r"(?<=[a-z)'\"][.!?]) +(?=[A-Z'`])", text):
        parts = re.split(r"`([^`]+)`", sentence)
        line = "".join(_bold(part) if number % 2 else _text(part) for number, part in enumerate(parts))
        for row in textwrap.wrap(line, 79, break_long_words=False, break_on_hyphens=False):
            # A line that begins with a full stop would be a request.
            yield rf"\&{row}" if row.startswith(".") else row


def _text(text: str) -> str:
    return text.translate(_ESCAPES)


def _bold(text: str) -> str:
    return rf"\fB{_text(text)}\fR"


def _italic(text: str) -> str:
    return rf"\fI{_text(text)}\fR"


def _quote(text: str) -> str:
    return f'"{_text(text)}"'


if __name__ == "__main__":
    main()
