"""Read `.env` files into the environment, with python-dotenv where it is installed."""

from __future__ import annotations

import os

#: Read from the working directory, or the nearest folder above it. The later one wins.
_DEFAULT_FILES = (".flaskenv", ".env")


def load_dotenv(path: str | os.PathLike[str] | None = None, load_defaults: bool = True) -> bool:
    """Set environment variables from `.flaskenv`, `.env` and the file `path`; the last one wins.

    Variables that are set already are kept. Return whether a file had values. Without python-dotenv nothing
    is read; if there are files, a tip is printed. Source: Flask documentation, "Command Line Interface".
    """
    try:
        import dotenv
    except ImportError:
        if path or any(os.path.isfile(name) for name in _DEFAULT_FILES):
            import click

            click.secho(
                " * There are .env files. To read them, install python-dotenv.",
                fg="yellow",
                err=True,
            )
        return False

    values: dict[str, str | None] = {}
    if load_defaults:
        for name in _DEFAULT_FILES:
            # The search goes up, because a program may be started in a subfolder of the project.
            if found := dotenv.find_dotenv(name, usecwd=True):
                values |= dotenv.dotenv_values(found, encoding="utf-8")
    if path is not None and os.path.isfile(path):
        values |= dotenv.dotenv_values(path, encoding="utf-8")

    for key, value in values.items():
        if value is not None:
            os.environ.setdefault(key, value)
    return bool(values)
