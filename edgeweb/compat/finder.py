"""The import of `flask` and `flask.*`, by a table of names."""

from __future__ import annotations

import sys
import typing as t
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from warnings import warn

# Flask's module tree. Most modules have the same name in edgeweb, and `flask.x` *is* that module. For the
# others there is a facade here.
_MODULES: dict[str, str] = {
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
    """A meta path finder and loader (Python documentation, "The import system") for the table above."""

    def __init__(self, version: str) -> None:
        self.version = version

    def find_spec(
        self, fullname: str, path: t.Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return a spec for a name of the table.

        Raises `ModuleNotFoundError` for any other name below `flask`: a later finder would find the modules
        of edgeweb's packages, such as `flask.cli.run`, and load them a second time under Flask's name.
        """
        if fullname == "flask":
            return ModuleSpec(fullname, self, is_package=True)  # type: ignore[arg-type]
        if fullname in _MODULES:
            return ModuleSpec(fullname, self)  # type: ignore[arg-type]
        if fullname.startswith("flask.") and path:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Return a facade for the package `flask`; None for the others, which `exec_module` replaces."""
        return _FlaskPackage(self.version) if spec.name == "flask" else None

    def exec_module(self, module: ModuleType) -> None:
        """Put edgeweb's module in the place of the empty one that the import system made."""
        name = module.__name__
        if name == "flask":
            # Warnings carry this name, and programs have filters for Flask's.
            import_module("edgeweb.app").__name__ = "flask.app"
        else:
            sys.modules[name] = import_module(_MODULES[name])


class _FlaskPackage(ModuleType):
    """The package `flask`: edgeweb's public names, without those that Flask does not have."""

    def __init__(self, version: str) -> None:
        import edgeweb

        super().__init__("flask", edgeweb.__doc__)
        self.__file__ = edgeweb.__file__
        # An empty path, so that only the finder above finds modules.
        self.__path__: list[str] = []
        self._version = version

    def __getattr__(self, name: str) -> object:
        import edgeweb

        if name == "__version__":
            warn(
                "flask.__version__ will go with Flask 3.2. Ask importlib.metadata.version('flask').",
                DeprecationWarning,
                stacklevel=2,
            )
            return self._version
        # Flask's own __init__ imports these, so they are attributes without an import.
        if f"flask.{name}" in _MODULES and not name.startswith("__"):
            return import_module(f"flask.{name}")
        if name in edgeweb.__all__:
            value = getattr(edgeweb, name)
            setattr(self, name, value)
            return value
        raise AttributeError(f"module 'flask' has no attribute {name!r}")

    def __dir__(self) -> list[str]:
        import edgeweb

        return sorted({*self.__dict__, *edgeweb.__all__})
