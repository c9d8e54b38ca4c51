"""Third-party packages by the parts that are used.

``import werkzeug.wrappers`` runs ``werkzeug/__init__``, which loads the development server and the test
client, and with them ``http.server``, ``ssl`` and ``email``; ``import jinja2.environment`` loads the template
compiler. None of these serves a request. After :func:`install`, two tables decide instead:

- A package in ``_PACKAGES`` is imported without running its ``__init__``. Each of its public names loads the
  part that defines it, on first use; any other name runs the real ``__init__``, in place.
- A module in ``_DEFERRED`` is loaded as usual, but what it imports from the modules named there is a
  :class:`LazyObject`, which imports the real object on first use and puts it in its place.

Other code sees no difference: the modules are the real ones under their own names, no stand-in is ever in
``sys.modules``, and the classes are the same either way. A package that was imported before stays as it is.
``EDGEWEB_LEAN=0`` in the environment switches all of this off.

One thing changes for a program's own code. Until Python 3.13 ``typing`` compiles an annotation in quotes
inside another type, such as ``Optional["Node"]``, when the annotation is evaluated. Here it keeps the text,
which is compiled when it is resolved: by ``typing.get_type_hints``, or by a library that calls it. For such
annotations,

- text that is no expression, ``Optional["Node |"]``, is accepted, and raises ``SyntaxError`` when it is
  resolved. Type checkers report it in either case;
- ``ForwardRef.__forward_code__`` is a ``str``, not a code object;
- each resolution compiles the text again, unless ``typing`` has cached the result.

What the annotations mean is the same. Annotations of functions, classes and variables that are not inside
another type were never compiled early. A program that imports ``typing`` before edgeweb is not affected.
"""

from __future__ import annotations

import builtins
import sys
from os import environ

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType
    from typing import Any

    #: The global names of a module.
    Namespace = dict[str, Any]
    #: Imports an object that may be anything.
    Find = Callable[[], Any]

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
        "exceptions": "BuildError NoMatch RequestAliasRedirect RequestPath RequestRedirect RoutingException"
        " WebsocketMismatch",
        "map": "Map MapAdapter",
        "matcher": "StateMachineMatcher",
        "rules": "EndpointPrefix parse_converter_args Rule RuleFactory RuleTemplate RuleTemplateFactory"
        " Subdomain Submount",
    },
    # Since Python 3.14 a thread that imports a part waits until its package is complete. A second thread,
    # whose import of the package needs that part, gets a `_DeadlockError`. A package by parts is complete at
    # once.
    "werkzeug.wrappers": {"request": "Request", "response": "Response ResponseStream"},
}

# Module: what it imports at its top and uses rarely. With parentheses: a function or base class that its top
# calls; the result is made on first use.
_DEFERRED: dict[str, str] = {
    "email._parseaddr": "calendar",
    "email.utils": "email.charset random",
    "jinja2.async_utils": "inspect",
    "jinja2.environment": "jinja2.compiler jinja2.lexer jinja2.parser",
    "jinja2.filters": "inspect random re.compile()",
    "jinja2.loaders": "hashlib importlib.util zipimport",
    "jinja2.nodes": "inspect",
    "jinja2.tests": "numbers",
    "jinja2.utils": "json random re.compile()",
    "psutil": "datetime subprocess",
    "psutil._compat": "shutil subprocess",  # until psutil 6
    "psutil._pslinux": "base64 glob re.compile() resource struct traceback",
    "socket": "array selectors",
    "urllib.parse": "ipaddress",
    "waitress.adjustments": "getopt",
    "waitress.channel": "traceback",
    "waitress.compat": "platform",
    "waitress.utilities": "calendar logging.getLogger() re.compile()",
    "waitress.wasyncore": "logging",
    "werkzeug._internal": "datetime logging.StreamHandler() re.compile()",
    "werkzeug.datastructures.accept": "re.compile()",
    "werkzeug.datastructures.auth": "base64 binascii",
    "werkzeug.datastructures.cache_control": "inspect",
    "werkzeug.datastructures.file_storage": "mimetypes",
    "werkzeug.datastructures.headers": "re.compile()",
    "werkzeug.datastructures.range": "datetime",
    "werkzeug.datastructures.structures": "copy",
    "werkzeug.exceptions": "datetime",
    "werkzeug.formparser": "tempfile werkzeug.sansio.multipart",
    "werkzeug.http": "datetime email.utils hashlib re.compile() urllib.request",
    "werkzeug.routing.converters": "uuid",
    "werkzeug.routing.exceptions": "difflib",
    "werkzeug.sansio.http": "datetime re.compile()",
    "werkzeug.sansio.request": "datetime werkzeug.datastructures",
    "werkzeug.sansio.response": "datetime werkzeug.datastructures",
    "werkzeug.sansio.utils": "re.compile()",
    "werkzeug.security": "hashlib hmac secrets",
    "werkzeug.urls": "re.compile()",
    "werkzeug.utils": "datetime mimetypes pkgutil re.compile() unicodedata zlib",
    "werkzeug.wrappers.request": "json werkzeug.datastructures werkzeug.formparser",
    "werkzeug.wrappers.response": "json werkzeug.datastructures",
}

#: Importing ``package.(init)`` runs the real ``__init__`` of a lazy package. No file could have this name.
_REAL_INIT = "(init)"
_MISSING = object()

# Before Python 3.12, `import datetime` defines all classes in Python, and then again in C.
_TWO_HALVES = "datetime" if sys.version_info < (3, 12) else ""

# Before Python 3.14, each annotation in quotes is compiled when it is evaluated. The first compilation of any
# kind makes the types of all syntax nodes, a quarter of a megabyte.
_COMPILES_ANNOTATIONS = "typing" if sys.version_info < (3, 14) else ""
_SPECIAL = (_TWO_HALVES, _COMPILES_ANNOTATIONS, "subprocess")

# An `except` clause needs the class itself. Until `subprocess` is loaded nothing can raise its exception, so
# "except ()" is exact. Then `_place_exception` replaces the empty tuple in psutil.
_CAUGHT = "subprocess.TimeoutExpired"
_CATCHERS = {"psutil": "_SubprocessTimeoutExpired", "psutil._compat": "SubprocessTimeoutExpired"}
_DATETIME_NAMES = ("date", "datetime", "time", "timedelta", "timezone", "tzinfo", "MINYEAR", "MAXYEAR", "UTC")


def install() -> None:
    """Load Werkzeug, Jinja2 and waitress by parts from now on. A second call changes nothing."""
    if environ.get("EDGEWEB_LEAN") == "0" or any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return
    sys.meta_path.insert(0, _Finder())


class _Finder:
    """A meta path finder that has :class:`_Loader` load the modules of the two tables."""

    def __init__(self) -> None:
        self.left_alone = frozenset(name for name in _PACKAGES if name in sys.modules)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        package, _, part = name.rpartition(".")
        if part == _REAL_INIT:
            return type(sys.__spec__)(name, _RealInit(sys.modules[package]))  # type: ignore[arg-type]
        if name not in _PACKAGES and name not in _DEFERRED and name not in _SPECIAL:
            return None
        if name.partition(".")[0] in self.left_alone:
            return None
        # Only the finders behind this one: one before it that does the same would call it again, for ever.
        for finder in sys.meta_path[sys.meta_path.index(self) + 1 :]:
            spec = finder.find_spec(name, path, target) if hasattr(finder, "find_spec") else None
            if spec is not None:
                # Leave a loader that has no code object, such as that of an extension module.
                if hasattr(spec.loader, "get_code"):
                    spec.loader = _Loader(spec.loader)  # type: ignore[assignment]
                return spec
        return None


class _Loader:
    """A loader that defers some imports of a module, or the whole code of a package."""

    def __init__(self, real: Any) -> None:
        self.real = real

    def __getattr__(self, name: str) -> object:
        return getattr(self.real, name)  # resources, source text, file name

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self.real.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        name, spec = module.__name__, module.__spec__
        assert spec is not None
        spec.loader = module.__loader__ = self.real
        if name == _TWO_HALVES:
            _fill_datetime(module)
        elif name == _COMPILES_ANNOTATIONS:
            self.real.exec_module(module)
            # Keep the text: eval() compiles it when the annotation is resolved. See the module's docstring.
            vars(module)["compile"] = lambda source, filename, mode: source
        elif name in _PACKAGES:
            _make_lazy(module)
        elif name in _DEFERRED:
            _execute(self.real.get_code(name), vars(module), frozenset(_DEFERRED[name].split()))
        else:
            self.real.exec_module(module)
        if name == "subprocess" or name in _CATCHERS:
            _place_exception()


def _fill_datetime(module: ModuleType) -> None:
    """Fill `datetime` from its C module, as the end of `datetime.py` does, but without classes in Python."""
    import _datetime  # type: ignore[import-not-found]

    public = {name: value for name, value in vars(_datetime).items() if name[:2] != "__"}
    vars(module).update(public, __doc__=_datetime.__doc__, __all__=_DATETIME_NAMES)


def _place_exception() -> None:
    """Put the class that `_CAUGHT` names where `()` stands for it, as soon as both modules are loaded."""
    source, _, name = _CAUGHT.rpartition(".")
    real = getattr(sys.modules.get(source), name, ())
    for catcher, attribute in _CATCHERS.items():
        if getattr(sys.modules.get(catcher), attribute, None) == ():
            setattr(sys.modules[catcher], attribute, real)


def _make_lazy(package: ModuleType) -> None:
    """Give a package that has not run its ``__init__`` a ``__getattr__`` for its names (PEP 562)."""
    name, namespace = package.__name__, vars(package)
    part_of = {public: part for part, names in _PACKAGES[name].items() for public in names.split()}

    def __getattr__(attribute: str) -> object:
        if attribute in part_of:
            part = _import(f"{name}.{part_of[attribute]}")
            if hasattr(part, attribute):
                return namespace.setdefault(attribute, getattr(part, attribute))
        elif attribute[:2] == "__" and attribute not in ("__all__", "__version__"):
            # Tools that inspect every module read such names. No package here defines another one.
            raise AttributeError(f"module {name!r} has no attribute {attribute!r}")
        else:
            # "from . import part" also reads the attribute first.
            try:
                return _import(f"{name}.{attribute}")
            except ModuleNotFoundError as error:
                if error.name != f"{name}.{attribute}":
                    raise
        _import(f"{name}.{_REAL_INIT}")
        namespace.pop(_REAL_INIT, None)  # the import system binds it, as it does with every part
        if attribute in namespace:
            return namespace[attribute]
        if namespace.get("__getattr__", __getattr__) is not __getattr__:
            return namespace["__getattr__"](attribute)  # the package's own, for names that it deprecates
        raise AttributeError(f"module {name!r} has no attribute {attribute!r}")

    def __dir__() -> list[str]:
        return sorted({*namespace, *part_of})

    namespace.update(__getattr__=__getattr__, __dir__=__dir__)


class _RealInit:
    """The loader of ``package.(init)``: it runs the real ``__init__`` of a lazy package in place.

    That is an import for the sake of the import system's locks: one thread runs the code while the others
    wait, and a deadlock with a thread that imports a part is detected. A lock of our own could not do that.
    """

    def __init__(self, package: ModuleType) -> None:
        self.package = package

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        package = self.package
        namespace = vars(package)
        ours = namespace.get("__getattr__"), namespace.get("__dir__")
        loader: Any = package.__loader__
        exec(loader.get_code(package.__name__), namespace)
        for name, hook in zip(("__getattr__", "__dir__"), ours, strict=True):
            if namespace.get(name) is hook:
                namespace.pop(name, None)


def _execute(code: CodeType, namespace: Namespace, deferred: frozenset[str]) -> None:
    """Run a module's code. What it imports from the deferred modules is a :class:`LazyObject`."""
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
            return builtins.__import__(name, globals, locals, names, level)
        if names:
            return _Names(source, sources[source], namespace)
        lazy_modules.append(_LazyModule(source, sources[source], namespace))
        return lazy_modules[-1]

    def build_class(body: Find, name: str, *bases: object, **options: object) -> object:
        if not any(type(base) is _Call for base in bases):
            return builtins.__build_class__(body, name, *bases, **options)
        real_bases = [LazyObject(base.find, {}) if type(base) is _Call else base for base in bases]
        return LazyObject(lambda: builtins.__build_class__(body, name, *real_bases, **options), namespace)

    namespace["__builtins__"] = {**vars(builtins), "__import__": import_, "__build_class__": build_class}
    exec(code, namespace)
    for lazy in lazy_modules:
        object.__setattr__(lazy, "_names", None)


def _absolute(name: str, package: str, level: int) -> str:
    if not level:
        return name
    base = package.rsplit(".", level - 1)[0]
    return f"{base}.{name}" if name else base


def _import(name: str) -> ModuleType:
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
        if path in _SHORT_CUTS:
            return _SHORT_CUTS[path]
        if path == _CAUGHT:
            return getattr(sys.modules.get(self._source), name, ())

        def find() -> object:
            return getattr(_import(self._source), name)

        return (_Call if name in self._calls else LazyObject)(find, self._namespace)


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


#: `sys.platform` to what `platform.system` returns.
_SYSTEMS = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}

# Replacements for functions that are called while a module is loaded: their modules are large.
_SHORT_CUTS: dict[str, Callable[..., object]] = {
    "inspect.cleandoc": _cleandoc,
    "platform.system": lambda: _SYSTEMS.get(sys.platform) or _import("platform").system(),
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
        return _resolve(self)(*args, **kwargs)

    def __getattr__(self, name: str) -> object:
        if name == "__bases__":  # read by issubclass(), when a module inspects all that it imported
            raise AttributeError(name)
        return getattr(_resolve(self), name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(_resolve(self), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(_resolve(self), name)

    def __get__(self, instance: object, owner: type) -> object:
        real = _resolve(self)
        for cls in owner.__mro__:
            for name, value in list(vars(cls).items()):
                if value is self:
                    setattr(cls, name, real)
        bind = getattr(type(real), "__get__", None)
        return bind(real, instance, owner) if bind else real

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, _resolve(self))

    def __subclasscheck__(self, subclass: type) -> bool:
        return issubclass(subclass, _resolve(self))

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[object, ...]:
        return (_resolve(self),)

    def __dir__(self) -> list[str]:
        return dir(_resolve(self))

    def __repr__(self) -> str:
        return repr(_resolve(self))


class _LazyModule(LazyObject):
    """The stand-in for a module in ``import source``, until its first use after the module was loaded."""

    __slots__ = ("_names",)

    def __init__(self, source: str, calls: set[str], namespace: Namespace) -> None:
        super().__init__(lambda: __import__(source), namespace)
        object.__setattr__(self, "_names", _Names(source, calls, namespace))

    def __getattr__(self, name: str) -> object:
        names = object.__getattribute__(self, "_names")
        if names is None:
            return super().__getattr__(name)
        found = getattr(names, name)
        # An attribute that the module's code reads while it is loaded is needed at once, unless it is a call
        # in the table.
        return _resolve(found) if type(found) is LazyObject else found


def _resolve(lazy: LazyObject) -> Any:
    """Return the real object, after replacing the stand-in in its module's namespace."""
    get = object.__getattribute__
    real = get(lazy, "_real")
    if real is _MISSING:
        real = get(lazy, "_find")()
        object.__setattr__(lazy, "_real", real)
    namespace = get(lazy, "_namespace")
    for name, value in list(namespace.items()):
        if value is lazy:
            namespace[name] = real
    return real
