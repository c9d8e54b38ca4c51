"""``edgeweb serve``: this device's application, or any other one, behind the guarded server."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from edgeweb.server import runner

DEFAULT_PROFILE = "generic-linux"


def main(argv: Sequence[str]) -> int:
    """Serve until SIGTERM or Ctrl-C. Exit code 0 after a clean end, 1 for a fault in what was named."""
    options = _parser().parse_args(argv)
    try:
        app = load_app(options.app) if options.app else _device_app(options.profile)
        runner.serve(app, host=options.host, port=options.port, ready=_announce)
    except (AppError, runner.AddressError) as error:
        print(f"edgeweb serve: {error}", file=sys.stderr)
        return 1
    return 0


class AppError(Exception):
    """The application that was named cannot be served; the text has a line for each fault."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="edgeweb serve",
        description="Serve this device's dashboard and control, or another WSGI application.",
    )
    parser.add_argument(
        "app",
        nargs="?",
        metavar="APP",
        help='"module:app" or "module:create_app()"; default: the device application',
    )
    parser.add_argument(
        "--profile", metavar="NAME|PATH", default=DEFAULT_PROFILE, help="board profile (default: %(default)s)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8080, help="0 chooses a free one (default: %(default)s)")
    return parser


def _device_app(profile: str) -> Any:
    from edgeweb.device.profile import ProfileError, load

    from edgeweb import device

    try:
        return device.create_app(profile=load(profile))
    except ProfileError as error:
        raise AppError(str(error)) from error


def load_app(target: str) -> Any:
    """The application that ``module:name`` or ``module:factory()`` names.

    The current folder comes first in the search, as with ``python -m``. An error inside the module is not
    caught: its traceback is what its author needs.

    Raises:
        AppError: no such module, no such name, or not callable.
    """
    module_name, colon, expression = target.partition(":")
    name = expression.removesuffix("()")
    if not colon or not name.isidentifier():
        raise AppError(f'{target!r} names no application: write "module:app" or "module:create_app()"')
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        found = getattr(import_module(module_name), name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            raise
        raise AppError(f"there is no module {error.name!r} here or on the Python path") from error
    except AttributeError as error:
        if error.name != name:
            raise
        raise AppError(f"module {module_name!r} has no {name!r}") from error
    app = found() if expression.endswith("()") else found
    if not callable(app):
        raise AppError(f"{target!r} is a {type(app).__name__}, not a WSGI application")
    return app


def _announce(addresses: list[str]) -> None:
    print("edgeweb serves on " + " ".join(addresses), file=sys.stderr, flush=True)
