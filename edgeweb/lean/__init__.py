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
``EDGEWEB_LEAN=0`` in the environment switches all of this off, ``EDGEWEB_LEAN=-sqlalchemy,-limits`` leaves
the packages with these names alone.

`typing` runs when one of its names is used by more than a declaration: see :mod:`edgeweb.lean.typing_names`.
`jinja2.nodes` runs when a template is compiled: see :mod:`edgeweb.lean.template_nodes`.

Docstrings of these packages, of edgeweb and of the standard library are left out in a process that has not
imported `inspect`, as every tool that shows them does: see :mod:`edgeweb.lean.docstrings`.

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

import sys
from os import environ

from . import docstrings, template_nodes, typing_names
from .lazy import CAUGHT, SHORT_CUTS, LazyObject, execute, import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType
    from typing import Any

__all__ = ["LazyObject", "add", "install"]

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
# calls; the result is made on first use. `add` puts further rows here.
_DEFERRED: dict[str, str] = {
    "email._parseaddr": "calendar",
    "email.utils": "email.charset random",
    "jinja2.async_utils": "inspect",
    "jinja2.environment": "jinja2.compiler jinja2.lexer jinja2.parser weakref",
    "jinja2.filters": "inspect random re.compile()",
    "jinja2.loaders": "hashlib importlib.util weakref zipimport",
    "jinja2.nodes": "inspect",
    "jinja2.tests": "numbers",
    "jinja2.utils": "json random re.compile()",
    "markupsafe": "string.Formatter()",
    # Without TLS no ssl; the rest is for WebSockets, proxies and clients without an id.
    "paho.mqtt.client": "base64 hashlib logging platform ssl urllib.request uuid",
    "psutil": "datetime subprocess",
    "psutil._compat": "shutil subprocess",  # until psutil 6
    "psutil._pslinux": "base64 glob re.compile() resource struct traceback",
    "socket": "array selectors",
    "urllib.parse": "ipaddress" if sys.version_info < (3, 12) else "ipaddress math",
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
    "werkzeug.exceptions": "datetime markupsafe",
    "werkzeug.formparser": "tempfile werkzeug.sansio.multipart",
    "werkzeug.http": "datetime email.utils hashlib re.compile() urllib.request",
    "werkzeug.local": "copy math",
    "werkzeug.routing.converters": "uuid",
    "werkzeug.routing.exceptions": "difflib",
    "werkzeug.sansio.http": "datetime re.compile()",
    "werkzeug.sansio.request": "datetime werkzeug.datastructures",
    "werkzeug.sansio.response": "datetime http werkzeug.datastructures",
    "werkzeug.sansio.utils": "re.compile()",
    "werkzeug.security": "hashlib hmac secrets",
    "werkzeug.urls": "re.compile()",
    "werkzeug.utils": "datetime markupsafe mimetypes pkgutil re.compile() unicodedata zlib",
    "werkzeug.wrappers.request": "json werkzeug.datastructures werkzeug.formparser",
    "werkzeug.wrappers.response": "http json werkzeug.datastructures",
}

#: Importing ``package.(init)`` runs the real ``__init__`` of a lazy package. No file could have this name.
_REAL_INIT = "(init)"

# Before Python 3.12, `import datetime` defines all classes in Python, and then again in C.
_TWO_HALVES = "datetime" if sys.version_info < (3, 12) else ""

# Since psutil 7.2 a module of nothing else.
_NAMED_TUPLES = "psutil._ntuples"
_SPECIAL = (_TWO_HALVES, "typing", _NAMED_TUPLES, "subprocess")

# What catches `CAUGHT`: see there. Then `_place_exception` replaces the empty tuple.
_CATCHERS = {"psutil": "_SubprocessTimeoutExpired", "psutil._compat": "SubprocessTimeoutExpired"}
_DATETIME_NAMES = ("date", "datetime", "time", "timedelta", "timezone", "tzinfo", "MINYEAR", "MAXYEAR", "UTC")


def install() -> None:
    """Load Werkzeug, Jinja2 and waitress by parts from now on. A second call changes nothing."""
    if environ.get("EDGEWEB_LEAN") == "0" or any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return
    sys.meta_path.insert(0, _Finder())


def add(deferred: Mapping[str, str], short_cuts: Mapping[str, object]) -> None:
    """Defer imports of further modules: those of the tables of :mod:`edgeweb.lean.extensions`.

    Modules that were imported before stay as they are.
    """
    _DEFERRED.update(deferred)
    SHORT_CUTS.update(short_cuts)


class _Finder:
    """A meta path finder that has :class:`_Loader` load the modules of the two tables."""

    def __init__(self) -> None:
        named = (name[1:] for name in environ.get("EDGEWEB_LEAN", "").split(",") if name[:1] == "-")
        self.left_alone = {*named, *(name for name in _PACKAGES if name in sys.modules)}

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        package, _, part = name.rpartition(".")
        if name == typing_names.REAL:
            return type(sys.__spec__)(name, _RealTyping(sys.modules["typing"]))  # type: ignore[arg-type]
        if name == template_nodes.REAL:
            deferred = frozenset(_DEFERRED[template_nodes.NAME].split())
            nodes = template_nodes.RealNodes(sys.modules[template_nodes.NAME], deferred)
            return type(sys.__spec__)(name, nodes)  # type: ignore[arg-type]
        if package == "typing" and name in sys.modules:
            return type(sys.__spec__)(name, typing_names.NamespaceLoader())  # type: ignore[arg-type]
        if part == _REAL_INIT:
            return type(sys.__spec__)(name, _RealInit(sys.modules[package]))  # type: ignore[arg-type]
        known = name in _PACKAGES or name in _DEFERRED or name in _SPECIAL
        if name.partition(".")[0] in self.left_alone or not (known or docstrings.unused(name)):
            return None
        # Only the finders behind this one: one before it that does the same would call it again, for ever.
        for finder in sys.meta_path[sys.meta_path.index(self) + 1 :]:
            spec = finder.find_spec(name, path, target) if hasattr(finder, "find_spec") else None
            if spec is not None:
                # Leave a loader that has no code object: that of an extension module, of a built-in one.
                if spec.cached and hasattr(spec.loader, "get_code"):
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
        silent = docstrings.unused(name)
        if name == _TWO_HALVES:
            _fill_datetime(module)
        elif name == "typing" and not typing_names.has_run:
            typing_names.defer(module)
        elif name == _NAMED_TUPLES:
            from . import named_tuples

            named_tuples.run(self._code(name, silent), vars(module))
        elif name in _PACKAGES:
            _make_lazy(module)
        elif silent and name == template_nodes.NAME and template_nodes.defer(module, self._code(name, True)):
            pass
        elif name in _DEFERRED:
            execute(self._code(name, silent), vars(module), frozenset(_DEFERRED[name].split()))
        elif silent:
            exec(self._code(name, silent), vars(module))
        else:
            self.real.exec_module(module)
        if silent:
            docstrings.clear(module)
        if typing_names.has_run:
            # Another thread may have run `typing` since this module began.
            typing_names.place([module])
        if name == "subprocess" or name in _CATCHERS:
            _place_exception()

    def _code(self, name: str, silent: bool) -> CodeType:
        code: CodeType = self.real.get_code(name)
        return docstrings.remove(code) if silent else code


class _RealTyping:
    """The loader of ``(typing)``: it runs the code of `typing` in place. See :class:`_RealInit`."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        loader: Any = self.module.__loader__
        silent = docstrings.unused("typing")
        code = loader.get_code("typing")
        typing_names.run(self.module, docstrings.remove(code) if silent else code)
        if silent:
            docstrings.clear(self.module)


def _fill_datetime(module: ModuleType) -> None:
    """Fill `datetime` from its C module, as the end of `datetime.py` does, but without classes in Python."""
    import _datetime  # type: ignore[import-not-found]

    public = {name: value for name, value in vars(_datetime).items() if name[:2] != "__"}
    vars(module).update(public, __doc__=_datetime.__doc__, __all__=_DATETIME_NAMES)


def _place_exception() -> None:
    """Put the class that `CAUGHT` names where `()` stands for it, as soon as both modules are loaded."""
    source, _, name = CAUGHT.rpartition(".")
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
            part = import_module(f"{name}.{part_of[attribute]}")
            if hasattr(part, attribute):
                return namespace.setdefault(attribute, getattr(part, attribute))
        elif attribute[:2] == "__" and attribute not in ("__all__", "__version__"):
            # Tools that inspect every module read such names. No package here defines another one.
            raise AttributeError(f"module {name!r} has no attribute {attribute!r}")
        else:
            # "from . import part" also reads the attribute first.
            try:
                return import_module(f"{name}.{attribute}")
            except ModuleNotFoundError as error:
                if error.name != f"{name}.{attribute}":
                    raise
        import_module(f"{name}.{_REAL_INIT}")
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
