"""`edgeweb shell`: an interactive interpreter with the application at hand."""

from __future__ import annotations

import os
import sys

import click

from ..globals import current_app
from .app_group import with_appcontext


def _startup_names() -> dict[str, object]:
    """Return what the file in `PYTHONSTARTUP` defines, as the plain interpreter would."""
    names: dict[str, object] = {}
    path = os.environ.get("PYTHONSTARTUP")
    if path and os.path.isfile(path):
        with open(path) as file:
            exec(compile(file.read(), path, "exec"), names)
    return names


def _complete_from(names: dict[str, object]) -> None:
    """Make the tab key complete the shell's names; by default it completes those of `__main__`."""
    hook = getattr(sys, "__interactivehook__", None)
    if hook is None:
        return
    try:
        import readline
        from rlcompleter import Completer
    except ImportError:  # an interpreter without readline
        pass
    else:
        readline.set_completer(Completer(names).complete)
    hook()


@click.command("shell", short_help="Open a Python prompt inside the application.")
@with_appcontext
def shell_command() -> None:
    """Open a Python prompt inside the application.

    'app' and 'g' are there, and what the application's shell context processors add.
    """
    from code import interact

    app = current_app._get_current_object()
    names = _startup_names() | app.make_shell_context()
    _complete_from(names)
    facts = (
        f"Python {sys.version} on {sys.platform}",
        f"App: {app.import_name}",
        f"Instance: {app.instance_path}",
    )
    interact("\n".join(facts), local=names)
