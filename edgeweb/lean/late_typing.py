"""`typing`, loaded when something needs more of it than annotations do.

`typing` takes half a megabyte, and serving a request needs none of it. Until it is loaded,

- the module ``typing`` has ``TYPE_CHECKING``, ``cast`` and ``overload``. Any other name runs its code, in
  place;
- in edgeweb's modules and in those of the packages below, what is written with its names is a :class:`_Late`:
  ``Optional[str]`` in an annotation, ``TypeVar("K")``. A class derived from ``Generic[K]`` has the base
  :class:`_Generic` in its place; one derived from ``NamedTuple`` is made by `collections`.

As soon as the code of `typing` has run, :func:`settle` puts the real objects everywhere, before the import is
complete. Modules run with stand-ins only while the process has one thread: another one could load `typing` in
the middle of such a module, whose classes would then be of both kinds. A program that imports `typing` before
edgeweb has the real one only. So has Python from 3.12 on: its C code asks ``typing`` for names while the code
of that runs, so that it cannot be shown as a whole.
"""

from __future__ import annotations

import builtins
import sys
from types import FunctionType, GenericAlias

from .lazy import LazyObject, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType
    from typing import Any

IS_POSSIBLE = sys.version_info < (3, 12)
PACKAGES = frozenset(("edgeweb", "itsdangerous", "jinja2", "markupsafe", "tomllib", "werkzeug"))

# Importing this runs the code of `typing`. No file could have this name.
CODE = "(typing)"

# Namespaces of the modules that ran with stand-ins.
_namespaces: list[dict[str, Any]] = []
# What is written again and again, such as ``Optional[str]``, is one object, as it is in `typing`.
_expressions: dict[object, object] = {}


def cast(typ: object, val: object) -> object:
    """Return the value, as `typing.cast` does."""
    return val


def overload(func: object) -> object:
    """Return a function that raises, as `typing.overload` does."""
    return _overload_dummy


def _overload_dummy(*args: object, **kwds: object) -> None:
    raise NotImplementedError(
        "You should not call an overloaded function. A series of @overload-decorated functions outside a stub"
        " module should always be followed by an implementation that is not @overload-ed."
    )


SIMPLE = {"TYPE_CHECKING": False, "cast": cast, "overload": overload}


def is_late() -> bool:
    """Whether the code of `typing` has not run yet, and `typing` is ours."""
    return vars(sys.modules.get("typing", sys)).get("cast") is cast


class _Late(LazyObject):
    """An expression of `typing` that is evaluated when somebody looks."""

    __slots__ = ("name",)

    def __init__(self, find: Callable[[], object], name: str = "") -> None:
        super().__init__(find, {})
        object.__setattr__(self, "name", name)

    def __getattr__(self, name: str) -> object:
        if name in ("__typing_subst__", "__parameters__"):  # of `dict[K, V]`, which `settle` makes again
            raise AttributeError(name)
        return super().__getattr__(name)

    def __call__(self, *args: Any, **kwargs: Any) -> object:
        module = sys._getframe(1).f_globals["__name__"]

        def find() -> object:
            made = real(self)(*map(real, args), **{key: real(value) for key, value in kwargs.items()})
            made.__module__ = module  # a TypeVar has that of its caller
            return made

        return _Late(find)

    def __getitem__(self, key: object) -> object:
        return _once(("[]", self, key), lambda: real(self)[real(key)], str(self.name))

    def __or__(self, other: object) -> object:
        return _once(("|", self, other), lambda: real(self) | real(other))

    def __ror__(self, other: object) -> object:
        return _once(("|", other, self), lambda: real(other) | real(self))

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[object, ...]:
        if self.name == "Generic":
            return (_Generic,)
        found = resolve(self)
        if isinstance(found, type):
            return (found,)
        # A class within a class, whose statement does not ask `make_class`.
        entries: tuple[object, ...] = found.__mro_entries__(tuple(map(real, bases)))
        return entries


def _once(written: tuple[object, ...], find: Callable[[], object], name: str = "") -> object:
    key = _hashable(written)
    if key not in _expressions:
        _expressions[key] = _Late(find, name)
    return _expressions[key]


def _hashable(key: object) -> object:
    """Make a key of the arguments of a type. Those of `Callable` have a list among them."""
    if type(key) is tuple or type(key) is list:
        return type(key), *map(_hashable, key)
    return type(key), key  # Literal[1] is not Literal[True]


class _Generic:
    """Stands for `typing.Generic` among the bases of a class."""

    __slots__ = ()

    def __class_getitem__(cls, key: object) -> object:
        return _expressions.setdefault((cls, key), GenericAlias(cls, key))


class _Typing:
    """What ``import typing`` gives a module that runs with stand-ins."""

    __slots__ = ()

    def __getattr__(self, name: str) -> object:
        if name in SIMPLE:
            return SIMPLE[name]
        if not name[:1].isupper():  # a function, or no name of `typing`
            return getattr(sys.modules["typing"], name)
        return _once(("", name), lambda: getattr(sys.modules["typing"], name), name)


TYPING = _Typing()


def enter(namespace: dict[str, Any]) -> None:
    """Note that a module runs with stand-ins."""
    _namespaces.append(namespace)


def leave(namespace: dict[str, Any]) -> None:
    """Note that it has run; `typing` may have been loaded in the meantime."""
    if not is_late():
        settle(namespace)


def make_class(body: Callable[[], object], name: str, *bases: object, **options: Any) -> Any:
    """Make a class one of whose bases is late."""
    names = {base.name for base in bases if type(base) is _Late}
    if "Protocol" in names or "TypedDict" in names:
        # For type checkers.
        return _Late(lambda: builtins.__build_class__(body, name, *map(real, bases), **options), "class")
    if "NamedTuple" in names and len(bases) == 1:
        return builtins.__build_class__(body, name, metaclass=_NamedTupleMeta, **options)
    return builtins.__build_class__(body, name, *bases, **options)


class _NamedTupleMeta(type):
    def __new__(meta, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> Any:
        from collections import namedtuple

        types = body.get("__annotations__", {})
        defaults = [body[field] for field in types if field in body]
        make: Any = namedtuple  # mypy wants literals
        made = make(name, tuple(types), defaults=defaults, module=body["__module__"])
        made.__annotations__ = made.__new__.__annotations__ = types
        made.__orig_bases__ = (TYPING.NamedTuple,)
        for key, value in body.items():
            if key not in types and key not in ("__annotations__", "__module__"):
                setattr(made, key, value)
        return made


def keep_annotations(namespace: dict[str, Any]) -> None:
    """Keep the text of annotations: `eval` compiles it when they are resolved. See the package."""
    namespace["compile"] = lambda source, filename, mode: source


def run_code(code: CodeType) -> None:
    """Run the code of `typing`, and put the real objects where stand-ins are."""
    shown = vars(sys.modules["typing"])
    ours = shown["__getattr__"]
    # In a namespace of its own, which is shown as a whole: another thread must not find half of it.
    namespace = {name: value for name, value in shown.items() if name[:2] == "__" and value is not ours}
    exec(code, namespace)
    keep_annotations(namespace)
    shown.update(namespace)
    del shown["__getattr__"]
    for each in list(_namespaces):
        settle(each)
    _expressions.clear()


def settle(namespace: dict[str, Any]) -> None:
    """Put the real objects where stand-ins are in a module's namespace. The code of `typing` has run."""
    from typing import Generic

    roots: list[Any] = list(_Generic.__subclasses__())
    # In this order: another thread, which runs a module, may write `cls[str]` between any two of these lines.
    for cls in roots:
        _set_parameters(cls)
    for cls in roots:
        cls.__bases__ = tuple(Generic if base is _Generic else base for base in cls.__bases__)
    for cls in roots:
        _set_bases_as_written(cls)
    for name, value in list(namespace.items()):
        if value is TYPING:
            namespace[name] = sys.modules["typing"]
        elif type(value) is _Late and value.name != "class":
            namespace[name] = real(value)
        elif type(value) is FunctionType:
            _settle_function(value)
        elif issubclass(type(value), type) and value.__module__ == namespace["__name__"]:
            _settle_class(value)


def _set_parameters(cls: Any) -> None:
    """Set the type variables of a class and of those derived from it, as `Generic.__init_subclass__` does."""
    from typing import Generic

    found: dict[object, None] = {}
    for base in vars(cls).get("__orig_bases__", ()):
        kind = type(base)
        # An alias of a class that is not settled yet: of the same class, with the real type variables.
        written: Any = kind(base.__origin__, real(base.__args__)) if kind is GenericAlias else real(base)
        parameters = dict.fromkeys(getattr(written, "__parameters__", ()))
        if getattr(written, "__origin__", None) is Generic:
            found = parameters
            break
        if not isinstance(written, type):
            found |= parameters
    cls.__parameters__ = tuple(found)
    for derived in cls.__subclasses__():
        _set_parameters(derived)


def _set_bases_as_written(cls: Any) -> None:
    if "__orig_bases__" in vars(cls):
        cls.__orig_bases__ = tuple(map(real, cls.__orig_bases__))
    for derived in cls.__subclasses__():
        _set_bases_as_written(derived)


_FUNCTION_OF = {property: "fget", classmethod: "__func__", staticmethod: "__func__"}


def _settle_class(cls: Any) -> None:
    from typing import ForwardRef, NamedTuple

    bases = tuple(map(real, vars(cls).get("__orig_bases__", ())))
    if bases:
        cls.__orig_bases__ = bases
    types = vars(cls).get("__annotations__") or {}
    for name, value in types.items():
        # As a NamedTuple has them.
        types[name] = ForwardRef(value) if type(value) is str and NamedTuple in bases else real(value)
    for part in list(vars(cls).values()):
        function = getattr(part, _FUNCTION_OF.get(type(part), ""), part)
        if type(function) is FunctionType:
            _settle_function(function)


def _settle_function(function: FunctionType) -> None:
    for name, value in function.__annotations__.items():
        function.__annotations__[name] = real(value)


def real(value: Any) -> Any:
    """Return what a value is after `typing` is loaded: itself, unless there is a stand-in in it."""
    kind = type(value)
    if kind is _Late:
        return resolve(value)
    if kind is GenericAlias:
        return value.__origin__[tuple(map(real, value.__args__))]
    if kind is tuple:
        return tuple(map(real, value))
    if kind is list:
        return [*map(real, value)]
    return value
