"""`edgeweb shell`: an interactive interpreter with the application at hand."""

from __future__ import annotations

import os
import sys
import typing as t

import click

from ..globals import current_app
from .app_group import with_appcontext


def _startup_names() -> dict[str, t.Any]:
    """What the file that `PYTHONSTARTUP` names defines, as for the plain interpreter."""
    names: dict[str, t.Any] = {}
    path = os.environ.get("PYTHONSTARTUP")
    if path and os.path.isfile(path):
        with open(path) as file:
            exec(compile(file.read(), path, "exec"), names)
    return names


def _complete_from(names: dict[str, t.Any]) -> None:
    """Lets the tab key complete the shell's names; the interpreter's hook completes those of `__main__`."""
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


@click.command("shell", short_help="Run a shell in the app context.")
@with_appcontext
def shell_command() -> None:
    """Run an interactive Python shell in the context of a given Flask
    application.  The application will populate the default namespace of
    this shell according to its configuration.

    This is useful for executing small snippets of management code
    without having to manually configure the application.
    """
    import code

    names = _startup_names()
    names.update(current_app.make_shell_context())
    _complete_from(names)
    banner = (
        f"Python {sys.version} on {sys.platform}\n"
        f"App: {current_app.import_name}\n"
        f"Instance: {current_app.instance_path}"
    )
    code.interact(banner=banner, local=names)
