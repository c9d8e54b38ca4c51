"""Third-party packages by the parts that are used.

``import werkzeug.wrappers`` runs ``werkzeug/__init__``, which loads the development server and the test client,
and with them ``http.server``, ``ssl`` and ``email``. ``import jinja2.environment`` loads the template compiler.
Neither serves a request. After :func:`install`, two tables below decide instead:

- A package in ``_PACKAGES`` is imported without running its ``__init__``. Each of its public names loads the part
  that defines it, on first use; any other name runs the real ``__init__``, in place.
- A module in ``_DEFERRED`` is loaded as ever, but what it imports from the modules named there is a :class:`Late`,
  which imports the real thing on first use and then puts it where it stood.

Nobody else sees a difference: the modules are the real ones under their own names, no stand-in is ever in
``sys.modules``, and the classes are the same either way. A package that was imported before stays as it is.
``EDGEWEB_LEAN=0`` in the environment switches all of this off.
"""

from __future__ import annotations

import builtins
import sys
from os import environ

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

# package: part that defines it: public names
_PACKAGES: dict[str, dict[str, str]] = {
    "jinja2": {
        "bccache": "BytecodeCache FileSystemBytecodeCache MemcachedBytecodeCache",
        "environment": "Environment Template",
        "exceptions": "TemplateAssertionError TemplateError TemplateNotFound TemplateRuntimeError"
        " TemplatesNotFound TemplateSyntaxError UndefinedError",
        "loaders": "BaseLoader ChoiceLoader DictLoader FileSystemLoader FunctionLoader ModuleLoader"
        " PackageLoader PrefixLoader",
        "runtime": "ChainableUndefined DebugUndefined make_logging_undefined StrictUndefined Undefined",
        "utils": "clear_caches is_undefined pass_context pass_environment pass_eval_context"
        " select_autoescape",
    },
    "waitress": {"server": "create_server"},
    "werkzeug": {"serving": "run_simple", "test": "Client", "wrappers": "Request Response"},
    "werkzeug.datastructures": {
        "accept": "Accept CharsetAccept LanguageAccept MIMEAccept",
        "auth": "Authorization WWWAuthenticate",
        "cache_control": "RequestCacheControl ResponseCacheControl",
        "csp": "ContentSecurityPolicy",
        "etag": "ETags",
        "file_storage": "FileMultiDict FileStorage",
        "headers": "EnvironHeaders Headers",
        "mixins": "ImmutableDictMixin ImmutableHeadersMixin ImmutableListMixin ImmutableMultiDictMixin"
        " UpdateDictMixin",
        "range": "ContentRange IfRange Range",
        "structures": "CallbackDict CombinedMultiDict HeaderSet ImmutableDict ImmutableList"
        " ImmutableMultiDict ImmutableTypeConversionDict iter_multi_items MultiDict TypeConversionDict",
    },
    "werkzeug.routing": {
        "converters": "AnyConverter BaseConverter FloatConverter IntegerConverter PathConverter"
        " UnicodeConverter UUIDConverter ValidationError",
        "exceptions": "BuildError NoMatch RequestAliasRedirect RequestPath RequestRedirect RoutingException",
        "map": "Map MapAdapter",
        "matcher": "StateMachineMatcher",
        "rules": "EndpointPrefix parse_converter_args Rule RuleFactory RuleTemplate Subdomain Submount",
    },
}

# module: what it imports at its top and calls rarely
_DEFERRED: dict[str, str] = {
    "jinja2.async_utils": "inspect",
    "jinja2.environment": "jinja2.compiler jinja2.lexer jinja2.nodes jinja2.parser",
    "jinja2.filters": "inspect random",
    "jinja2.loaders": "hashlib importlib.util zipimport",
    "jinja2.nodes": "inspect",
    "jinja2.runtime": "jinja2.nodes",
    "jinja2.tests": "numbers",
    "jinja2.utils": "random",
    "waitress.adjustments": "getopt",
    "waitress.channel": "traceback",
    "waitress.compat": "platform",
    "waitress.utilities": "calendar",
    "werkzeug.datastructures.auth": "base64 binascii",
    "werkzeug.datastructures.cache_control": "inspect",
    "werkzeug.datastructures.file_storage": "mimetypes",
    "werkzeug.formparser": "tempfile werkzeug.sansio.multipart",
    "werkzeug.http": "email.utils hashlib urllib.request",
    "werkzeug.sansio.request": "werkzeug.datastructures",
    "werkzeug.sansio.response": "werkzeug.datastructures",
    "werkzeug.security": "hashlib hmac secrets",
    "werkzeug.utils": "mimetypes pkgutil unicodedata zlib",
    "werkzeug.wrappers.request": "werkzeug.formparser",
}

#: Importing ``package.(init)`` runs the real ``__init__`` of a lazy package. Not a name that a file could have.
_REAL_INIT = "(init)"


def install() -> None:
    """Load Werkzeug, Jinja2 and waitress by parts from now on; calling it again changes nothing."""
    if environ.get("EDGEWEB_LEAN") == "0" or any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return
    packages = {name.partition(".")[0] for name in (*_PACKAGES, *_DEFERRED)}
    sys.meta_path.insert(0, _Finder(package for package in packages if package not in sys.modules))


class _Finder:
    """Finds what the finders after it find, and has the modules of the two tables loaded by :class:`_Loader`."""

    def __init__(self, packages: Iterable[str]) -> None:
        self.packages = frozenset(packages)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        package, _, part = name.rpartition(".")
        if part == _REAL_INIT:
            return type(sys.__spec__)(name, _RealInit(sys.modules[package]))
        if (name not in _PACKAGES and name not in _DEFERRED) or name.partition(".")[0] not in self.packages:
            return None
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                # A loader that has no code object to give (an extension module) is not ours to replace.
                if hasattr(spec.loader, "get_code"):
                    spec.loader = _Loader(spec.loader)
                return spec
        return None


class _Loader:
    """Runs a module's code with some of its imports deferred, or leaves a package's code for later."""

    def __init__(self, real: Any) -> None:
        self.real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)  # resources, source text, file name

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self.real.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        name, spec = module.__name__, module.__spec__
        assert spec is not None
        spec.loader = module.__loader__ = self.real
        if name in _PACKAGES:
            _make_lazy(module)
        else:
            _execute(self.real.get_code(name), vars(module), frozenset(_DEFERRED[name].split()))


def _make_lazy(package: ModuleType) -> None:
    """Give a package that has not run its ``__init__`` the means to find its names (PEP 562)."""
    name, namespace = package.__name__, vars(package)
    part_of = {public: part for part, names in _PACKAGES[name].items() for public in names.split()}

    def __getattr__(attribute: str) -> Any:
        if attribute in part_of:
            part = _import(f"{name}.{part_of[attribute]}")
            if hasattr(part, attribute):
                return namespace.setdefault(attribute, getattr(part, attribute))
        elif attribute[:2] == "__" and attribute not in ("__all__", "__version__"):
            # Tools that look at every module ask for such names; no package here defines another one.
            raise AttributeError(f"module {name!r} has no attribute {attribute!r}")
        else:
            # "from . import part" asks for the attribute first, too.
            try:
                return _import(f"{name}.{attribute}")
            except ModuleNotFoundError as error:
                if error.name != f"{name}.{attribute}":
                    raise
        _import(f"{name}.{_REAL_INIT}")
        if namespace.get("__getattr__", __getattr__) is not __getattr__:
            return namespace["__getattr__"](attribute)
        if attribute not in namespace:
            raise AttributeError(f"module {name!r} has no attribute {attribute!r}")
        return namespace[attribute]

    def __dir__() -> list[str]:
        return sorted({*namespace, *part_of})

    namespace.update(__getattr__=__getattr__, __dir__=__dir__)


class _RealInit:
    """Loads ``package.(init)``: runs the real ``__init__`` of a lazy package in place.

    An import, because of the import system's locks: one thread runs the code while the others wait, and a
    deadlock with a thread that imports a part is noticed and resolved. A lock of our own could do neither.
    """

    def __init__(self, package: ModuleType) -> None:
        self.package = package

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        package = self.package
        namespace = vars(package)
        ours = namespace.get("__getattr__"), namespace.get("__dir__")
        spec = package.__spec__
        assert spec is not None
        exec(spec.loader.get_code(package.__name__), namespace)
        for name, hook in zip(("__getattr__", "__dir__"), ours, strict=True):
            if namespace.get(name) is hook:
                namespace.pop(name, None)


def _execute(code: Any, namespace: dict[str, Any], deferred: frozenset[str]) -> None:
    """Run a module's code; what it imports from the deferred modules is :class:`Late`."""

    def deferring_import(
        name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0
    ) -> Any:
        # The running frame looks up __import__ where it began to run. The functions that the module defines look
        # where the namespace points then: at the ordinary built-ins again, as every module's functions do.
        namespace["__builtins__"] = vars(builtins)
        source = _absolute(name, namespace["__package__"], level)
        if source not in deferred:
            return builtins.__import__(name, globals, locals, fromlist, level)
        if fromlist:
            return _Names(source, namespace)
        return Late(lambda: builtins.__import__(source), namespace)

    namespace["__builtins__"] = {**vars(builtins), "__import__": deferring_import}
    exec(code, namespace)


def _absolute(name: str, package: str, level: int) -> str:
    if not level:
        return name
    base = package.rsplit(".", level - 1)[0]
    return f"{base}.{name}" if name else base


def _import(name: str) -> ModuleType:
    __import__(name)
    return sys.modules[name]


class _Names:
    """What ``from source import name`` takes its names from."""

    def __init__(self, source: str, namespace: dict[str, Any]) -> None:
        self._source = source
        self._namespace = namespace

    def __getattr__(self, name: str) -> Late:
        return Late(lambda: getattr(_import(self._source), name), self._namespace)


class Late:
    """Stands for an object that is imported on first use, and then takes this one's place.

    It can be called, asked for attributes, subclassed, used with ``isinstance``, and stand in a class body.
    """

    __slots__ = ("_find", "_namespace")

    def __init__(self, find: Callable[[], Any], namespace: dict[str, Any]) -> None:
        object.__setattr__(self, "_find", find)
        object.__setattr__(self, "_namespace", namespace)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return _arrive(self)(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(_arrive(self), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(_arrive(self), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(_arrive(self), name)

    def __get__(self, instance: Any, owner: type) -> Any:
        real = _arrive(self)
        for cls in owner.__mro__:
            for name, value in list(vars(cls).items()):
                if value is self:
                    setattr(cls, name, real)
        bind = getattr(type(real), "__get__", None)
        return bind(real, instance, owner) if bind else real

    def __instancecheck__(self, instance: Any) -> bool:
        return isinstance(instance, _arrive(self))

    def __subclasscheck__(self, subclass: type) -> bool:
        return issubclass(subclass, _arrive(self))

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[Any, ...]:
        return (_arrive(self),)

    def __dir__(self) -> list[str]:
        return dir(_arrive(self))

    def __repr__(self) -> str:
        return repr(_arrive(self))


def _arrive(late: Late) -> Any:
    """The real object, put wherever its module's namespace still holds the stand-in."""
    real = object.__getattribute__(late, "_find")()
    namespace = object.__getattribute__(late, "_namespace")
    for name, value in list(namespace.items()):
        if value is late:
            namespace[name] = real
    return real
