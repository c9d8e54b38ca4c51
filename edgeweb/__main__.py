"""``edgeweb`` and ``python -m edgeweb``: run a command, and import only that one."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from .commands import COMMANDS

_TRUE = ("1", "true", "yes", "on")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    ``--as-flask`` before the command, or ``EDGEWEB_AS_FLASK=1``, lets programs and extensions that say
    ``import flask`` run on edgeweb unchanged.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    as_flask = os.environ.get("EDGEWEB_AS_FLASK", "").lower() in _TRUE
    if arguments[:1] == ["--as-flask"]:
        del arguments[0]
        as_flask = True
    if as_flask:
        from .compat import install_as_flask

        install_as_flask()
    if arguments[:1] and arguments[0] in COMMANDS:
        return int(import_module(f"edgeweb.commands.{arguments[0]}").main(arguments[1:]) or 0)
    # All others are click commands, of Flask or of the application.
    from . import cli

    cli.main(arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
