"""The named tuples of a module, each made when it is first read.

psutil defines those of all systems and of all its functions, four kilobytes each; a device reads a fifth of
them. Such a module has no stand-ins: a name that was not read yet is not in its namespace, and its
`__getattr__` (PEP 562) makes the real class. So `pickle`, which looks a class up by its name, finds it.
"""

from __future__ import annotations

from .lazy import LazyObject, execute, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

    from .lazy import Namespace

_DEFERRED = frozenset({"collections.namedtuple()"})


def run(code: CodeType, namespace: Namespace) -> None:
    """Run a module's code, but for the calls of `collections.namedtuple` at its top."""
    execute(code, namespace, _DEFERRED)
    name_of_module = namespace["__name__"]
    waiting = {name: value for name, value in namespace.items() if type(value) is LazyObject}
    for name in waiting:
        del namespace[name]

    def __getattr__(name: str) -> Any:
        if name not in waiting:
            raise AttributeError(f"module {name_of_module!r} has no attribute {name!r}")
        made = resolve(waiting[name])
        # `namedtuple` takes the module of its caller.
        made.__module__ = name_of_module
        # Of two threads the first one's class counts for both.
        return namespace.setdefault(name, made)

    def __dir__() -> list[str]:
        return sorted({*namespace, *waiting})

    namespace.update(__getattr__=__getattr__, __dir__=__dir__)
