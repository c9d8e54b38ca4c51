"""`typing`, executed when one of its names is used by more than a declaration.

``import typing`` takes 0.4 MB, and what serves a request only declares with it: type variables, overloads,
generic base classes. The module in ``sys.modules`` is the real one, but its code has not run: the first
attribute that is read runs it, in place, as with a package by parts. Only modules of `_LIGHT`, at their top
and in their class bodies, get an object that stands for a name, while one thread runs. When the code has run,

1. every such object in a module's namespace is replaced by the real one (`place`);
2. the bases that classes were declared with, ``__orig_bases__``, are made of real ones, and generic classes
   get their ``__parameters__``;
3. overloads are registered, for ``typing.get_overloads``.

Since Python 3.12 `Generic` is written in C, and calls two functions of `typing`: here they are found before
its code has run. Until 3.11 a class in its place is the base, which the real one replaces.

One thing differs for a program: the functions of `typing` keep the namespace in which its code ran, so a name
that is patched in the module, by ``mock.patch("typing.X")``, does not reach them.
"""

from __future__ import annotations

# The code of `typing` begins with it. Where threads imported both at once, one of them could find half of it.
import collections.abc  # noqa: F401
import sys
from _thread import _count as count_threads  # but for the main thread
from _thread import get_ident
from types import GenericAlias

from .lazy import Declared, import_module, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType
    from typing import Any

#: Packages whose declarations are known: each name that they read at their tops may be stood for.
_LIGHT = frozenset(("edgeweb", "markupsafe", "werkzeug"))

#: The module whose import runs the code of `typing`. No file could have this name.
REAL = "(typing)"

#: What is only named, subscribed and derived from in declarations.
_STOOD_FOR = frozenset(
    "Any Callable ClassVar Generic IO Iterable Iterator Literal Mapping MutableMapping NoReturn Optional"
    " Protocol Self Sequence TextIO TypeVar overload".split()
)

#: What functions of these modules read while they serve a request, as the type of a `cast`, which ignores it.
_CAST_TO = frozenset(("Callable", "IO"))
_CASTING = frozenset(("werkzeug.formparser", "werkzeug.wsgi"))

_IS_FUNCTION = 1  # inspect.CO_OPTIMIZED

# What `defer` puts into the namespace.
_HOOKS = frozenset(("__dir__", "__getattr__"))
_DEFERRING = _HOOKS | {"TYPE_CHECKING", "_generic_class_getitem", "_generic_init_subclass", "cast"}

#: Whether the code of `typing` has run after :func:`defer`.
has_run = False

#: The thread that puts the objects of `typing` in their places, and these; the others wait for it.
_placing: tuple[int, dict[str, Any]] | None = None

_overloads: list[Callable[..., Any]] = []
_names: dict[str, object] = {}
# Objects that were made by a call such as ``header_property[str]("Location")``.
_made_of_subscribed: list[Any] = []


def defer(module: ModuleType) -> None:
    """Give `typing`, whose code has not run, what declarations need."""
    namespace = vars(module)
    get_frame = sys._getframe

    def __getattr__(name: str) -> object:
        if name in _CAST_TO:  # first and without a call, because each request with a body comes here
            frame = get_frame(1)
            if (
                frame.f_code.co_flags & _IS_FUNCTION
                and frame.f_globals["__name__"] in _CASTING
                and not has_run
            ):
                return _Cast
        if name == "__path__" and _is_import():
            import_module(REAL)  # which puts `typing.io` and `typing.re` into `sys.modules`
            return []
        if name[:2] == "__" and name != "__all__":
            # Tools that inspect every module read such names. `typing` defines no other one.
            raise AttributeError(f"module 'typing' has no attribute {name!r}")
        if (running := _running_code()) is not None and name in running:
            return running[name]
        if (placed := _placed_here()) is not None and name in placed:
            return placed[name]
        if name in _STOOD_FOR and REAL not in sys.modules and _is_declaration():
            return _stand_in(name)
        import_module(REAL)
        if name in namespace:
            return namespace[name]
        if namespace.get("__getattr__", __getattr__) is not __getattr__:
            return namespace["__getattr__"](name)  # for names that `typing` makes when they are read
        raise AttributeError(f"module 'typing' has no attribute {name!r}")

    def __dir__() -> list[str]:
        import_module(REAL)
        return sorted(namespace)

    namespace.update(__getattr__=__getattr__, __dir__=__dir__, TYPE_CHECKING=False, cast=_cast)
    if sys.version_info >= (3, 12):
        namespace.update(_generic_class_getitem=_subscribe, _generic_init_subclass=_check_subclass)


def run(module: ModuleType, code: CodeType) -> None:
    """Run the code of `typing`, and put its objects where others stand for them."""
    global has_run, _placing
    namespace = vars(module)
    # In a namespace of its own, which the module gets as a whole: to a thread that reads a name meanwhile it
    # is missing, so that it waits for the import of `REAL`. Half of `typing` would raise NameError.
    made = {name: value for name, value in namespace.items() if name not in _DEFERRING}
    exec(code, made)
    if sys.version_info < (3, 14):
        # Keep the text: eval() compiles it when the annotation is resolved. See the package's docstring.
        made["compile"] = lambda source, filename, mode: source
    # Before other threads see a name: a class is then derived from the `Generic` that they read.
    _placing = get_ident(), made
    has_run = True
    place([module for name, module in sys.modules.copy().items() if name.partition(".")[0] in _LIGHT])
    for function in _overloads:
        made["overload"](function)
    for each in _made_of_subscribed:
        each.__orig_class__ = resolve_all(each.__orig_class__)
    namespace.update(made)
    for name in _HOOKS - made.keys():
        del namespace[name]
    _placing = None
    _overloads.clear()
    _made_of_subscribed.clear()
    _names.clear()


def _is_import() -> bool:
    """Whether the import system asks, for ``import typing.io``, which is a class until 3.12."""
    return sys.version_info < (3, 13) and sys._getframe(2).f_globals is vars(sys.modules["_frozen_importlib"])


class NamespaceLoader:
    """The loader of `typing.io` and `typing.re`, which are in ``sys.modules`` since `typing` has run."""

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return sys.modules.get(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        pass


def _placed_here() -> dict[str, Any] | None:
    """Return the names of `typing` to the thread that puts them in place. Others do not see them yet."""
    placing = _placing  # another thread may set it to None
    return placing[1] if placing is not None and placing[0] == get_ident() else None


def _running_code() -> dict[str, Any] | None:
    """Return the namespace of the code of `typing`, where what reads a name is that code."""
    names = sys._getframe(2).f_globals
    return names if names.get("__name__") == "typing" else None


def _is_declaration() -> bool:
    """Whether a name is read at the top or in a class body of a module of `_LIGHT`, and no other thread runs.

    A declaration that another thread is at would keep objects that stand for names when `typing` has run.
    """
    frame = sys._getframe(2)
    package = frame.f_globals.get("__name__", "").partition(".")[0]
    return package in _LIGHT and not frame.f_code.co_flags & _IS_FUNCTION and not count_threads()


class _Cast:
    """The type of a `cast`."""

    __class_getitem__: Any = classmethod(GenericAlias)


class _Name(Declared):
    """A name of `typing`, or what a subscription of one makes: ``Callable[..., Any]``."""

    __slots__ = ()

    def __getitem__(self, item: object) -> _Name:
        return _Name(lambda: resolve(self)[resolve_all(item)])


def _stand_in(name: str) -> object:
    if name not in _names:
        _names[name] = _MADE.get(name) or _Name(lambda: getattr(import_module("typing"), name))
    return _names[name]


def _cast(_: object, value: object) -> object:
    return value


def _overload(function: Callable[..., Any]) -> Callable[..., Any]:
    _overloads.append(function)
    return function


def _type_variable(name: str, *constraints: object, **options: object) -> Declared:
    module = sys._getframe(1).f_globals["__name__"]

    def make() -> object:
        real = {key: resolve_all(value) for key, value in options.items()}
        made = import_module("typing").TypeVar(name, *map(resolve_all, constraints), **real)
        made.__module__ = module
        return made

    return Declared(make)


class _Subscribed:
    """A generic class with its parameters, as a base class: ``Generic[T]``."""

    __slots__ = ("origin", "parameters")

    def __init__(self, origin: Any, parameters: object) -> None:
        self.origin = origin
        self.parameters = parameters

    def __call__(self, *arguments: object, **options: object) -> object:
        made = self.origin(*arguments, **options)
        try:
            made.__orig_class__ = self
        except AttributeError:
            return made
        _made_of_subscribed.append(made)
        return made

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[object, ...]:
        # Every other generic base brings `Generic` with it, after itself.
        later = bases[bases.index(self) + 1 :]
        if self.origin is _generic() and any(isinstance(base, _Subscribed) for base in later):
            return ()
        return (self.origin,)


def _subscribe(cls: Any, parameters: object) -> object:
    """Return ``cls[parameters]`` for a class whose base is `Generic`."""
    names = _placed_here() or _running_code()
    if names is not None:
        return names["_generic_class_getitem"](cls, parameters)
    if REAL not in sys.modules and _is_declaration():
        return _Subscribed(cls, parameters)
    import_module(REAL)
    return cls[resolve_all(parameters)]


def _check_subclass(cls: Any, /, *arguments: object, **options: object) -> None:
    names = _placed_here() or _running_code()
    if names is not None:
        names["_generic_init_subclass"](cls, *arguments, **options)
        return
    super(_generic(), cls).__init_subclass__(*arguments, **options)
    if "__orig_bases__" not in vars(cls):
        cls.__parameters__ = ()


if sys.version_info >= (3, 12):

    def _generic() -> Any:
        from _typing import Generic  # type: ignore[import-not-found]

        return Generic

else:

    class Generic:
        """The base of generic classes until `typing` has run."""

        __slots__ = ()
        __class_getitem__ = classmethod(_subscribe)
        __init_subclass__ = classmethod(_check_subclass)

    Generic.__module__ = "typing"

    def _generic() -> Any:
        return Generic


def resolve_all(value: Any) -> Any:
    """Return a type expression with the real objects in place of those that stand for them."""
    kind = type(value)
    if isinstance(value, Declared):
        return resolve(value)
    if kind is _Subscribed:
        origin = import_module("typing").Generic if value.origin is _generic() else value.origin
        return origin[resolve_all(value.parameters)]
    if kind in (list, tuple):
        return kind(map(resolve_all, value))
    if isinstance(value, GenericAlias) and any(_stands_in(each) for each in value.__args__):
        return kind(value.__origin__, resolve_all(value.__args__))
    return value


def _stands_in(value: object) -> bool:
    if isinstance(value, GenericAlias):
        return any(map(_stands_in, value.__args__))
    return isinstance(value, (Declared, _Subscribed))


def place(modules: Iterable[ModuleType]) -> None:
    """Put the objects of `typing`, which has run, where others stand for them in these modules."""
    real = sys.modules["typing"].Generic
    classes = []
    for module in modules:
        if module.__name__.partition(".")[0] not in _LIGHT:
            continue
        for name, value in list(vars(module).items()):
            if isinstance(value, Declared):
                vars(module)[name] = resolve(value)
            elif isinstance(value, type) and "__orig_bases__" in vars(value):
                classes.append(value)
    # Bases before the classes that are made of them: those that have the shorter line of bases.
    for cls in sorted(set(classes), key=lambda cls: len(cls.__mro__)):
        if sys.version_info < (3, 12) and Generic in cls.__bases__:
            cls.__bases__ = tuple(real if base is Generic else base for base in cls.__bases__)
        bases = vars(cls)["__orig_bases__"]
        if any(map(_stands_in, bases)):
            _declare(cls, resolve_all(bases), real)


def _declare(cls: Any, bases: tuple[Any, ...], generic: object) -> None:
    """Set what a class was derived from, and its parameters, as `Generic.__init_subclass__` does."""
    cls.__orig_bases__ = bases
    if issubclass(cls, generic):  # type: ignore[arg-type]
        declared = [base for base in bases if getattr(base, "__origin__", None) is generic]
        variables = [each for base in declared or bases for each in getattr(base, "__parameters__", ())]
        cls.__parameters__ = tuple(dict.fromkeys(variables))


#: What a declaration gets for these names; for the others of `_STOOD_FOR` it is an object that stands for it.
_MADE: dict[str, object] = {"overload": _overload, "TypeVar": _type_variable, "Generic": _generic()}
