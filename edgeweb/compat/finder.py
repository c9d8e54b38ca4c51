"""The import of `flask` and `flask.*`, by a table of names."""

from __future__ import annotations

import sys
import typing as t
import warnings
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType

# Flask's module tree. Most modules have the same name in edgeweb, and `flask.x` *is* that module. For the
# others there is a facade here.
MODULES: dict[str, str] = {
    **{
        f"flask.{name}": f"edgeweb.{name}"
        for name in (
            *("app", "blueprints", "cli", "config", "ctx", "debughelpers", "globals", "helpers", "json"),
            *(
                "json.provider",
                "json.tag",
                "logging",
                "sessions",
                "signals",
                "templating",
                "testing",
                "typing",
            ),
            *("views", "wrappers"),
        )
    },
    "flask.__main__": "edgeweb.compat.main",
    "flask.sansio": "edgeweb.compat.sansio",
    "flask.sansio.app": "edgeweb.compat.sansio.app",
    "flask.sansio.blueprints": "edgeweb.compat.sansio.blueprints",
    "flask.sansio.scaffold": "edgeweb.compat.sansio.scaffold",
}


class FlaskFinder:
    """A meta path finder and loader (Python documentation, "The import system") for the table above.

    With `on_disk` the package `flask` lies in an environment (see `distribution.py`) and has imported this
    finder: then `flask` and `flask.__main__` are left to the finders for files.
    """

    def __init__(self, version: str, on_disk: bool = False) -> None:
        self.version = version
        self.left_to_files = {"flask", "flask.__main__"} if on_disk else set()

    def find_spec(
        self, fullname: str, path: t.Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return a spec for a name of the table.

        Raises `ModuleNotFoundError` for any other name below `flask`: a later finder would find the modules
        of edgeweb's packages, such as `flask.cli.run`, and load them a second time under Flask's name.
        """
        if fullname in self.left_to_files:
            return None
        if fullname == "flask":
            return ModuleSpec(fullname, self, is_package=True)  # type: ignore[arg-type]
        if fullname in MODULES:
            return ModuleSpec(fullname, self)  # type: ignore[arg-type]
        if fullname.startswith("flask.") and path is not None:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Return None, for a module of the ordinary kind."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Fill the package `flask`; put edgeweb's module in the place of any other."""
        name = module.__name__
        if name == "flask":
            import edgeweb

            module.__file__ = edgeweb.__file__
            # Empty, so that only this finder finds modules.
            module.__path__ = []
            fill_package(vars(module), self.version)
        else:
            sys.modules[name] = import_module(MODULES[name])

    def get_code(self, fullname: str) -> CodeType | None:
        """Return the code of a module of the table, for `python -m flask`; None for the package."""
        if fullname not in MODULES:
            return None
        home = import_module(MODULES[fullname])
        loader: t.Any = home.__loader__
        code: CodeType | None = loader.get_code(home.__name__)
        return code


def fill_package(namespace: dict[str, t.Any], version: str) -> None:
    """Give the module `flask` edgeweb's public names, without those that Flask does not have (PEP 562)."""
    import edgeweb
    from edgeweb import lean
    from edgeweb.lean import extensions

    def __getattr__(name: str) -> object:
        if name == "__version__":
            warnings.warn(
                "flask.__version__ goes away in Flask 3.2: use importlib.metadata.version('flask').",
                DeprecationWarning,
                stacklevel=2,
            )
            return version
        # Flask's own __init__ imports these, so they are attributes without an import.
        if f"flask.{name}" in MODULES and not name.startswith("__"):
            return import_module(f"flask.{name}")
        if name in edgeweb.__all__:
            return namespace.setdefault(name, getattr(edgeweb, name))
        raise AttributeError(f"module 'flask' has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*namespace, *edgeweb.__all__})

    lean.add(extensions.DEFERRED, extensions.SHORT_CUTS)
    # Warnings carry this name, and programs have filters for Flask's.
    import_module("edgeweb.app").__name__ = "flask.app"
    namespace.update(__doc__=edgeweb.__doc__, __getattr__=__getattr__, __dir__=__dir__)
