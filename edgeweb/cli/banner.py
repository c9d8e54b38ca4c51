"""The first lines of the development server."""

from __future__ import annotations


def show_server_banner(debug: bool | None, app_import_path: str | None) -> None:
    """Says which application is served and in which mode; only once, not again in the reloader's child."""
    import click
    from werkzeug.serving import is_running_from_reloader

    if is_running_from_reloader():
        return
    if app_import_path is not None:
        click.echo(f" * Serving Flask app '{app_import_path}'")
    if debug is not None:
        click.echo(f" * Debug mode: {'on' if debug else 'off'}")
