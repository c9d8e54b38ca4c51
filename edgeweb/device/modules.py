"""The modules of a package by their file names: pages, routes and languages are in no other list."""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib import import_module


def module_names(path: Iterable[str]) -> list[str]:
    """Return the names of the modules in a package, which `path` is the `__path__` of, in alphabetical order.

    Names that begin with an underscore are left out. A module may be a `.py`, or a `.pyc` without its source.
    """
    files = (file.rpartition(".") for folder in path for file in os.listdir(folder))
    return sorted({name for name, _, kind in files if kind in ("py", "pyc") and not name.startswith("_")})


def import_all(package: str, path: Iterable[str]) -> None:
    """Import the modules of a package, which register what they have."""
    for name in module_names(path):
        import_module(f"{package}.{name}")
