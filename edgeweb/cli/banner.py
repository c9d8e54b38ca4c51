"""The first lines that the development server prints."""

from __future__ import annotations


def show_server_banner(debug: bool | None, app_import_path: str | None) -> None:
    """Print which application is served and whether in debug mode; None leaves out a line.

    The reloader's child prints nothing, because its parent has.
    """
    import click
    from werkzeug.serving import is_running_from_reloader

    lines: list[str] = []
    if app_import_path is not None:
        lines.append(f"Serving Flask app '{app_import_path}'")
    if debug is not None:
        lines.append("Debug mode: " + ("on" if debug else "off"))
    if not is_running_from_reloader():
        for line in lines:
            click.echo(f" * {line}")
