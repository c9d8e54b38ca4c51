"""What a folder holds is a list already: pages, routes and languages are found by their file names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from importlib import import_module
from types import ModuleType


def module_names(path: Iterable[str]) -> list[str]:
    """Return the names of the modules in a package, which `path` is the `__path__` of, in alphabetical order.

    Names that begin with an underscore are left out. A module may be a `.py`, or a `.pyc` without its source.
    """
    files = (file.rpartition(".") for folder in path for file in os.listdir(folder))
    return sorted({name for name, _, kind in files if kind in ("py", "pyc") and not name.startswith("_")})


def import_all(package: str, path: Iterable[str]) -> Iterator[ModuleType]:
    """Import the modules of a package, one after the other."""
    for name in module_names(path):
        yield import_module(f"{package}.{name}")
