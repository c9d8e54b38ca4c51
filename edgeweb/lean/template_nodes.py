"""`jinja2.nodes`, of which rendering a compiled template needs one class.

The other seventy are those of the tree that the compiler of templates walks: a quarter of a megabyte. So the
module begins with `EvalContext`, made by the module's own code, and runs the whole code, in place, when
another name is read. The class stays the one that was made first.

At its top `jinja2.environment` names two of these classes in annotations. It gets stand-ins for them. Where
annotations are shown to people, `inspect` is loaded: there nothing is put off, as with docstrings.
"""

from __future__ import annotations

import builtins
import sys

from . import docstrings
from .lazy import LazyObject, execute, import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, ModuleType
    from typing import Any

NAME = "jinja2.nodes"

#: The module whose import runs the whole code. No file could have this name.
REAL = "(jinja2 nodes)"

_FIRST = "EvalContext"
_IS_FUNCTION = 1  # inspect.CO_OPTIMIZED


class _Node(LazyObject):
    """The stand-in for a class in an annotation."""

    __slots__ = ()

    def __getattr__(self, name: str) -> object:
        # `typing` asks its arguments whether they are generic. No class of nodes is.
        if name == "__parameters__" or name.startswith("__typing_"):
            raise AttributeError(name)
        return super().__getattr__(name)


def defer(module: ModuleType, code: CodeType) -> bool:
    """Make the one class of a module that has not run; return False where the code is another one."""
    kind: Any = type(code)
    bodies = [each for each in code.co_consts if type(each) is kind and each.co_name == _FIRST]
    if len(bodies) != 1 or bodies[0].co_freevars:
        return False
    namespace = vars(module)
    stand_ins: dict[str, _Node] = {}
    get_frame = sys._getframe

    def __getattr__(name: str) -> object:
        if name[:2] == "__" and name != "__all__":
            # Tools that inspect every module read such names. The module defines no other one.
            raise AttributeError(f"module {NAME!r} has no attribute {name!r}")
        frame = get_frame(1)
        if frame.f_globals.get("__name__") == "jinja2.environment" and not (
            frame.f_code.co_flags & _IS_FUNCTION or REAL in sys.modules
        ):
            return stand_ins.setdefault(name, _Node(lambda: getattr(module, name), {}))
        import_module(REAL)
        if name in namespace:
            return namespace[name]
        raise AttributeError(f"module {NAME!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        import_module(REAL)
        return sorted(namespace)

    # For the annotations of the class: the module imports `typing` by this name.
    namespace["t"] = import_module("typing")
    try:
        function: Any = type(defer)
        made = builtins.__build_class__(function(bodies[0], namespace), _FIRST)
    except (AttributeError, NameError):  # the class needs more of the module
        return False
    namespace.update({_FIRST: made, "__getattr__": __getattr__, "__dir__": __dir__})
    return True


class RealNodes:
    """The loader of `REAL`: it runs the code in place. See `_RealInit` in the package."""

    def __init__(self, module: ModuleType, deferred: frozenset[str]) -> None:
        self.module = module
        self.deferred = deferred

    def create_module(self, spec: object) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        namespace = vars(self.module)
        loader: Any = self.module.__loader__
        silent = docstrings.unused(NAME)
        code = loader.get_code(NAME)
        made = {_FIRST: namespace[_FIRST]}
        execute(docstrings.remove(code) if silent else code, namespace, self.deferred, made)
        if silent:
            docstrings.clear(self.module)
        for hook in ("__getattr__", "__dir__"):
            del namespace[hook]
