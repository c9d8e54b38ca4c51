"""`app.run`: Werkzeug's development server, with its reloader and debugger."""

from __future__ import annotations

import os
import typing as t

from .banner import show_server_banner


def is_loading_from_command(app: object) -> bool:
    """Return whether a command imports the program, which must not start a server then; print that once."""
    if os.environ.get("FLASK_RUN_FROM_CLI") != "true":
        return False
    from werkzeug.serving import is_running_from_reloader

    if not is_running_from_reloader():
        import click

        click.secho(
            " * app.run() does nothing while a command imports the program.\n"
            "   Call it below 'if __name__ == \"__main__\":' only.",
            fg="red",
        )
    return True


def run(app: t.Any, host: str | None, port: int | None, options: dict[str, t.Any]) -> None:
    """Serve until interrupted. Host and port, unless given, are those of `SERVER_NAME`."""
    named_host, _, named_port = (app.config["SERVER_NAME"] or "").partition(":")
    host = host or named_host or "127.0.0.1"
    if port is None:
        port = int(named_port) if named_port else 5000
    options.setdefault("use_reloader", app.debug)
    options.setdefault("use_debugger", app.debug)
    options.setdefault("threaded", True)
    show_server_banner(app.debug, app.name)

    from werkzeug import serving

    # As an attribute, because programs and tests replace it.
    serving.run_simple(host, int(port), app, **options)
