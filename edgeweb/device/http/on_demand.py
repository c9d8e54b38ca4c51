"""Functions that are called once in a process's life or never, and cost no memory until then.

Python keeps the code of every function of an imported module: its instructions and its texts. What documents
the interface is mostly text; beside the views it would take 70 KB from every device, for a document that few
ask for. `on_demand` lets the code go right after the import, and reads it again from the module's file
(usually a `.pyc`) for a call.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import CodeType, FunctionType, ModuleType
from typing import TypeVar, cast

T = TypeVar("T")


class OnDemand:
    """A function of a module without parameters, of which only the place is kept."""

    __slots__ = ("_module", "_name")

    def __init__(self, function: Callable[[], object]) -> None:
        self._module, self._name = function.__module__, function.__name__

    def __call__(self) -> object:
        """Load the code, call it and let it go again. Raises `ImportError` where the module has no file."""
        module = sys.modules[self._module]
        for code in _code_of(module).co_consts:
            if isinstance(code, CodeType) and code.co_name == self._name:
                return FunctionType(code, vars(module))()
        raise ImportError(f"The file of {self._module} no longer has {self._name}().", name=self._module)


def on_demand(function: Callable[[], T]) -> Callable[[], T]:
    """Keep the place of a function in place of its code.

    The function has no parameters, stands at the top level of its module, and closes over nothing.
    """
    return cast(Callable[[], T], OnDemand(function))


def _code_of(module: ModuleType) -> CodeType:
    loader = module.__spec__ and module.__spec__.loader
    # documented for importlib.abc.InspectLoader: files, archives and sourceless installations have it
    code = getattr(loader, "get_code", lambda name: None)(module.__name__)
    if code is None:
        raise ImportError(f"{module.__name__} has no code to load.", name=module.__name__)
    return cast(CodeType, code)
