"""What stands for an object that is not imported yet, and the running of a module's code with such objects.

See :mod:`edgeweb.lean` for what this is for.
"""

from __future__ import annotations

import builtins
import sys
from _weakref import ref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import CodeType, ModuleType
    from typing import Any

    #: The global names of a module.
    Namespace = dict[str, Any]
    #: Imports an object that may be anything.
    Find = Callable[..., Any]

_MISSING = object()

#: An `except` clause needs the class itself. Until `subprocess` is loaded nothing can raise its exception, so
# "except ()" is exact. Then `_place_exception` replaces the empty tuple in psutil.
CAUGHT = "subprocess.TimeoutExpired"

#: The same for what an `except` clause reads from a module that was imported as a whole, each time: the
#: empty tuple until something else has imported the module.
CAUGHT_BY_NAME = ("ssl.SSLWantReadError", "ssl.SSLWantWriteError")


def execute(
    code: CodeType, namespace: Namespace, deferred: frozenset[str], made: Namespace | None = None
) -> None:
    """Run a module's code. What it imports from the deferred modules is a :class:`LazyObject`.

    A class whose name is in `made` is that one, and is not made again.
    """
    sources: dict[str, set[str]] = {}  # and what is called at the module's top
    for entry in deferred:
        source, _, call = entry[:-2].rpartition(".") if entry.endswith("()") else (entry, "", "")
        sources.setdefault(source, set()).add(call)

    lazy_modules: list[_LazyModule] = []

    def import_(
        name: str,
        globals: Namespace | None = None,
        locals: Namespace | None = None,
        names: Sequence[str] | None = (),
        level: int = 0,
    ) -> object:
        # Restore the ordinary built-ins for the functions that the module defines: they look them up in the
        # namespace, while the running frame keeps those that it began with.
        namespace["__builtins__"] = vars(builtins)
        source = _absolute(name, namespace["__package__"], level)
        if source not in sources:
            parts = [part for part in names or () if f"{source}.{part}" in sources]
            if not parts:
                return builtins.__import__(name, globals, locals, names, level)
            others = [other for other in names or () if other not in parts]
            if others:
                builtins.__import__(name, globals, locals, others, level)
            return _Package(source, parts, namespace)
        if names:
            return _Names(source, sources[source], namespace)
        lazy_modules.append(_LazyModule(source, sources[source], namespace))
        return lazy_modules[-1]

    def build_class(body: Find, name: str, *bases: object, **options: object) -> object:
        if made is not None and name in made:
            return made[name]
        if not any(isinstance(base, (_Call, Declared)) for base in bases):
            return builtins.__build_class__(body, name, *bases, **options)

        def build() -> object:
            return builtins.__build_class__(body, name, *map(_real_base, bases), **options)

        is_declared = any(isinstance(base, Declared) for base in bases)
        return Declared(build) if is_declared else LazyObject(build, namespace)

    namespace["__builtins__"] = {**vars(builtins), "__import__": import_, "__build_class__": build_class}
    exec(code, namespace)
    for lazy in lazy_modules:
        object.__setattr__(lazy, "_names", None)


def _real_base(base: Any) -> object:
    if isinstance(base, Declared):
        return resolve(base)
    return base.find() if isinstance(base, _Call) else base


def _absolute(name: str, package: str, level: int) -> str:
    if not level:
        return name
    base = package.rsplit(".", level - 1)[0]
    return f"{base}.{name}" if name else base


def import_module(name: str) -> ModuleType:
    __import__(name)
    return sys.modules[name]


class _Names:
    """The stand-in for a module in ``from source import name``, while a module's code runs."""

    def __init__(self, source: str, calls: set[str], namespace: Namespace) -> None:
        self._source = source
        self._calls = calls
        self._namespace = namespace

    def __getattr__(self, name: str) -> object:
        path = f"{self._source}.{name}"
        if path in SHORT_CUTS:
            return SHORT_CUTS[path]
        if path == CAUGHT:
            return getattr(sys.modules.get(self._source), name, ())

        def find() -> object:
            return getattr(import_module(self._source), name)

        return (_Call if name in self._calls else LazyObject)(find, self._namespace)


class _Package:
    """The stand-in for a package in ``from package import part``, of which some parts are deferred."""

    def __init__(self, source: str, parts: list[str], namespace: Namespace) -> None:
        self._real = import_module(source)
        self._parts = parts
        self._namespace = namespace

    def __getattr__(self, name: str) -> object:
        if name not in self._parts:
            return getattr(self._real, name)
        path = f"{self._real.__name__}.{name}"
        return LazyObject(lambda: import_module(path), self._namespace)


class _Call:
    """A function or class of a deferred module. What a call of it makes is a :class:`LazyObject`."""

    def __init__(self, find: Find, namespace: Namespace) -> None:
        self.find = find
        self.namespace = namespace

    def __call__(self, *args: object, **kwargs: object) -> LazyObject:
        return LazyObject(lambda: self.find()(*args, **kwargs), self.namespace)


def _cleandoc(doc: str) -> str:
    """Return what ``inspect.cleandoc`` does, without ``inspect``'s megabyte."""
    first, *rest = doc.expandtabs().split("\n")
    margin = min((len(line) - len(line.lstrip(" ")) for line in rest if line.strip()), default=0)
    return "\n".join([first.lstrip(), *(line[margin:] for line in rest)]).strip("\n")


def _parse_http_list(text: str) -> list[str]:
    """Return what ``urllib.request.parse_http_list`` does, without OpenSSL's eight megabytes.

    Werkzeug before 3.1.4, which Debian 13 has, calls it for ``Vary``, ``Accept`` and whatever else is a list.
    Source: RFC 9110, 5.6.1 "Lists" and 5.6.4 "Quoted Strings".
    """
    parts, in_quotes, escaped = [""], False, False
    for character in text:
        if escaped:
            escaped = False
        elif in_quotes and character == "\\":
            escaped = True
            continue
        elif character == '"':
            in_quotes = not in_quotes
        elif character == "," and not in_quotes:
            parts.append("")
            continue
        parts[-1] += character
    if not parts[-1]:
        del parts[-1]
    return [part.strip() for part in parts]


def _when_called(source: str, name: str) -> Find:
    """Return a function that imports another one when it is called."""

    def call(*args: object) -> object:
        return getattr(import_module(source), name)(*args)

    return call


#: `sys.platform` to what `platform.system` returns.
_SYSTEMS = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}


# Replacements for functions that are called while a module is loaded or with each request, and for what its
# `except` clauses name: their modules are large.
SHORT_CUTS: dict[str, object] = {
    # What Werkzeug's proxies have in their class body.
    **{f"copy.{name}": _when_called("copy", name) for name in ("copy", "deepcopy")},
    **{f"math.{name}": _when_called("math", name) for name in ("ceil", "floor", "trunc")},
    "inspect.cleandoc": _cleandoc,
    # What paho has in a table. Source: the levels of Python's documentation of `logging`.
    "logging.DEBUG": 10,
    "logging.INFO": 20,
    "logging.WARNING": 30,
    "logging.ERROR": 40,
    "urllib.request.parse_http_list": _parse_http_list,
    "platform.system": lambda: _SYSTEMS.get(sys.platform) or import_module("platform").system(),
}


class LazyObject:
    """A stand-in for an object that is imported on first use, and then takes its place.

    It can be called, subclassed, used with ``isinstance`` and in a class body, and has all attributes.
    """

    __slots__ = ("_find", "_namespace", "_real")

    def __init__(self, find: Find, namespace: Namespace) -> None:
        object.__setattr__(self, "_find", find)
        object.__setattr__(self, "_namespace", namespace)
        object.__setattr__(self, "_real", _MISSING)

    def __call__(self, *args: object, **kwargs: object) -> object:
        return resolve(self)(*args, **kwargs)

    def __getattr__(self, name: str) -> object:
        if name == "__bases__":  # read by issubclass(), when a module inspects all that it imported
            raise AttributeError(name)
        return getattr(resolve(self), name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(resolve(self), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(resolve(self), name)

    def __get__(self, instance: object, owner: type) -> object:
        real = resolve(self)
        for cls in owner.__mro__:
            for name, value in list(vars(cls).items()):
                if value is self:
                    setattr(cls, name, real)
        bind = getattr(type(real), "__get__", None)
        return bind(real, instance, owner) if bind else real

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, resolve(self))

    def __subclasscheck__(self, subclass: type) -> bool:
        return issubclass(subclass, resolve(self))

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[object, ...]:
        return (resolve(self),)

    # For annotations, which are text until `typing.get_type_hints` evaluates them.
    def __getitem__(self, item: object) -> object:
        return resolve(self)[item]

    def __or__(self, other: object) -> object:
        return resolve(self) | other

    def __ror__(self, other: object) -> object:
        return other | resolve(self)

    def __dir__(self) -> list[str]:
        return dir(resolve(self))

    def __repr__(self) -> str:
        return repr(resolve(self))


class _LazyModule(LazyObject):
    """The stand-in for a module in ``import source``, until its first use after the module was loaded."""

    __slots__ = ("_names", "_source")

    def __init__(self, source: str, calls: set[str], namespace: Namespace) -> None:
        super().__init__(lambda: __import__(source), namespace)
        object.__setattr__(self, "_names", _Names(source, calls, namespace))
        object.__setattr__(self, "_source", source)

    def __getattr__(self, name: str) -> object:
        names = object.__getattribute__(self, "_names")
        if names is None:
            source = object.__getattribute__(self, "_source")
            path = f"{source}.{name}"
            if path in CAUGHT_BY_NAME and source not in sys.modules:
                return ()
            if path == "weakref.ref":
                return ref  # the same class; Jinja2 makes one for each template that it looks up
            return super().__getattr__(name)
        found = getattr(names, name)
        # An attribute that the module's code reads while it is loaded is needed at once, unless it is a call
        # in the table.
        return resolve(found) if type(found) is LazyObject else found


class Declared(LazyObject):
    """A stand-in for a name of `typing` in a declaration: see :mod:`edgeweb.lean.typing_names`.

    A class that a deferred module derives from one is a stand-in as well.
    """

    __slots__ = ()

    def __init__(self, find: Find) -> None:
        super().__init__(find, {})


def resolve(lazy: LazyObject) -> Any:
    """Return the real object, after replacing the stand-in in its module's namespace."""
    get = object.__getattribute__
    real = get(lazy, "_real")
    if real is _MISSING:
        real = get(lazy, "_find")()
        # What was imported may have resolved the same object: one variable of a type, not two.
        if get(lazy, "_real") is _MISSING:
            object.__setattr__(lazy, "_real", real)
        real = get(lazy, "_real")
    namespace = get(lazy, "_namespace")
    for name, value in list(namespace.items()):
        if value is lazy:
            namespace[name] = real
    return real
