"""``edgeweb`` and ``python -m edgeweb``: chooses the command, and imports nothing but that."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

# These run on a device and must not pay for click. All others are click commands of edgeweb.cli.
_OWN_MODULE = ("serve", "build", "footprint", "profile", "state", "users")
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
        import_module("edgeweb.compat").install_as_flask()
    if arguments[:1] and arguments[0] in _OWN_MODULE:
        code = import_module(f"edgeweb.cli.{arguments[0]}").main(arguments[1:])
    else:
        code = import_module("edgeweb.cli").main(arguments)
    return int(code or 0)


if __name__ == "__main__":
    sys.exit(main())
