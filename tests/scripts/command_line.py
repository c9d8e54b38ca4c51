"""What the help of every command of `edgeweb` lists: the measure of the manual and of the completion."""

from __future__ import annotations

import contextlib
import io
import os
import re
from typing import NamedTuple
from unittest import mock

from edgeweb.__main__ import main


class Help(NamedTuple):
    """What one help lists."""

    commands: tuple[str, ...]
    options: tuple[str, ...]


def read_all() -> dict[str, Help]:
    """Return what each help lists, by the command's words after `edgeweb`; "" is the program's own."""
    found = {}
    waiting = [""]
    while waiting:
        name = waiting.pop(0)
        found[name] = _parse(_print_help(name.split()))
        waiting += [f"{name} {command}".strip() for command in found[name].commands]
    return found


def _print_help(words: list[str]) -> str:
    output = io.StringIO()
    # Wide, so that nothing is wrapped where an option stands.
    with (
        mock.patch.dict(os.environ, COLUMNS="300"),
        contextlib.redirect_stdout(output),
        contextlib.suppress(SystemExit),
    ):
        main([*words, "--help"])
    return output.getvalue()


def _parse(text: str) -> Help:
    # click has "Commands:", argparse a group by the name of the value.
    table = re.search(r"^(?:Commands:|  COMMAND)\n((?: +\S.*\n)+)", text, re.MULTILINE)
    commands = re.findall(r"^ {2,4}([a-z][\w-]*)", table[1], re.MULTILINE) if table else []
    rows = re.findall(r"^  (-.*)$", text, re.MULTILINE)
    options = [
        name for row in rows for name in re.findall(r"(?<![\w-])--?[a-z][\w-]*", row.split("  ")[0], re.I)
    ]
    return Help(tuple(commands), tuple(options))
