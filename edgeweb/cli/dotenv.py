"""Reads `.env` files into the environment, by python-dotenv where it is installed."""

from __future__ import annotations

import os

#: Read by default, from the working directory or a folder above; the later one wins.
_DEFAULT_FILES = (".flaskenv", ".env")


def load_dotenv(path: str | os.PathLike[str] | None = None, load_defaults: bool = True) -> bool:
    """Sets environment variables from `.flaskenv`, `.env` and the file `path`, the last one winning.

    A variable that is set already is left alone. Returns whether a file had something; without python-dotenv
    nothing is read, and a tip says so where there are files. Source: Flask documentation, "Command Line
    Interface".
    """
    try:
        import dotenv
    except ImportError:
        if path or any(os.path.isfile(name) for name in _DEFAULT_FILES):
            import click

            click.secho(
                " * Tip: There are .env files present. Install python-dotenv to use them.",
                fg="yellow",
                err=True,
            )
        return False

    values: dict[str, str | None] = {}
    if load_defaults:
        for name in _DEFAULT_FILES:
            # The whole way up, because a program may be started from a folder of the project.
            if found := dotenv.find_dotenv(name, usecwd=True):
                values |= dotenv.dotenv_values(found, encoding="utf-8")
    if path is not None and os.path.isfile(path):
        values |= dotenv.dotenv_values(path, encoding="utf-8")

    for key, value in values.items():
        if value is not None:
            os.environ.setdefault(key, value)
    return bool(values)
