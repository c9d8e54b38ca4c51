"""``edgeweb`` and ``python -m edgeweb``: run a command, and import only that one."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

from .commands import COMMANDS, hindrance, module_of


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] and arguments[0] in COMMANDS:
        if reason := hindrance(arguments[0], sys.platform):
            print(reason, file=sys.stderr)
            return 1
        if arguments[0] == "serve" and argv is None:
            # Not where a program calls this function: the process is that program's.
            from .commands import allocator

            allocator.settle()
        return int(import_module(module_of(arguments[0])).main(arguments[1:]) or 0)
    # All others are click commands, of Flask or of the application.
    from . import cli

    cli.main(arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
