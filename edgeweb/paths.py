"""Where an import name lives on the disk: root paths, and the folder for instance files."""

from __future__ import annotations

import os
import sys


def get_root_path(import_name: str) -> str:
    """The folder of a module or package, absolute; the working directory where there is no file.

    Raises `RuntimeError` for a namespace package or an import hook that keeps its files elsewhere: such a
    program has to name `root_path` itself.

    >>> get_root_path("__main__")  # doctest: +SKIP
    '/srv/greenhouse'
    """
    module = sys.modules.get(import_name)
    if module is not None and getattr(module, "__file__", None) is not None:
        return os.path.dirname(os.path.abspath(_file_of(module)))

    import importlib.util

    try:
        spec = importlib.util.find_spec(import_name)
        if spec is None:
            return os.getcwd()
    except (ImportError, ValueError):
        return os.getcwd()
    loader = spec.loader
    if loader is None:
        return _from_imported(import_name)
    if hasattr(loader, "get_filename"):
        return os.path.dirname(os.path.abspath(str(loader.get_filename(import_name))))
    return _from_imported(import_name)


def _file_of(module: object) -> str:
    return str(module.__file__)  # type: ignore[attr-defined]


def _from_imported(import_name: str) -> str:
    __import__(import_name)
    module = sys.modules[import_name]
    if getattr(module, "__file__", None) is None:
        raise RuntimeError(
            f"No root path can be found for the provided module {import_name!r}. This can happen because the"
            " module came from an import hook that does not provide file name information or because it's a"
            " namespace package. In this case the root path needs to be explicitly provided."
        )
    return os.path.dirname(os.path.abspath(_file_of(module)))


def _package_path(import_name: str) -> str:
    """The folder that contains the top-level package of a name."""
    import importlib.util

    root_name = import_name.partition(".")[0]
    try:
        root_spec = importlib.util.find_spec(root_name)
        if root_spec is None:
            raise ValueError("not found")
    except (ImportError, ValueError):
        # __main__, or a name that is no module: such a program runs where it stands
        return os.getcwd()

    if root_spec.submodule_search_locations:
        if root_spec.origin is None or root_spec.origin == "namespace":
            # A namespace package has several folders: take the one that this name is really in.
            package_spec = importlib.util.find_spec(import_name)
            if package_spec is not None and package_spec.submodule_search_locations:
                locations = [os.path.realpath(path) for path in package_spec.submodule_search_locations]
            elif package_spec is not None and package_spec.origin is not None:
                locations = [os.path.realpath(os.path.dirname(package_spec.origin))]
            else:
                locations = []
            for folder in root_spec.submodule_search_locations:
                real = os.path.realpath(folder)
                if any(path == real or path.startswith(real + os.sep) for path in locations):
                    return os.path.dirname(folder)
            return os.path.dirname(next(iter(root_spec.submodule_search_locations)))
        return os.path.dirname(os.path.dirname(root_spec.origin))
    return os.path.dirname(str(root_spec.origin))


def find_package(import_name: str) -> tuple[str | None, str]:
    """The installation prefix of a package (None where it is not installed) and the folder that contains it.

    An installed program keeps its instance files under `prefix/var`, one that runs from its sources beside
    itself.

    >>> find_package("edgeweb")  # doctest: +SKIP
    (None, '/home/pi/edgeweb')
    """
    package_path = _package_path(import_name)
    prefix = os.path.abspath(sys.prefix)
    if package_path == prefix or package_path.startswith(prefix + os.sep):
        return sys.prefix, package_path

    site_parent, site_folder = os.path.split(package_path)
    if site_folder.lower() == "site-packages":
        parent, folder = os.path.split(site_parent)
        if folder.lower() == "lib":  # Windows: prefix/Lib/site-packages
            return parent, package_path
        if os.path.basename(parent).lower() == "lib":  # prefix/lib/pythonX.Y/site-packages
            return os.path.dirname(parent), package_path
        return site_parent, package_path
    return None, package_path
