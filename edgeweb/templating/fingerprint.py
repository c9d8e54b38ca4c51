"""What compiled templates depend on besides their source: the versions of the compiler, and the environment.

Jinja2 writes most of an environment's settings into the code. In another environment that code is wrong
without an error: compiled without escaping, it would put raw text into pages that expect it escaped. So a
cache has a *stamp*, a line for each of these settings, and is used only while all lines are the same. Whether
values are escaped depends on the template, and is kept with it.

The application's filters and tests have a line with their names and how they are called, but not what they
do: they are not run at compile time (see `compiling`).
"""

from __future__ import annotations

import os
import sys
import typing as t
from importlib.util import MAGIC_NUMBER, source_hash
from types import CellType, CodeType

from jinja2.defaults import DEFAULT_FILTERS, DEFAULT_TESTS  # type: ignore[attr-defined]
from jinja2.environment import Environment

if t.TYPE_CHECKING:
    from jinja2.ext import Extension

# The attribute of an environment that keeps its stamp. A table of environments would keep them alive, since
# the settings of a stamp refer to them.
_KEPT_STAMP = "_edgeweb_stamp"
#: The attribute that keeps the templates given as text (see `strings`).
KEPT_STRINGS = "_edgeweb_strings"
# Attributes of an environment that no compiled code depends on, or that have lines of their own.
_NOT_BAKED = {
    _KEPT_STAMP,
    KEPT_STRINGS,
    *("app", "autoescape", "auto_reload", "bytecode_cache", "cache", "extensions", "filters", "globals"),
    *("linked_to", "loader", "overlayed", "policies", "shared", "tests"),
}
_PLAIN = (bool, int, float, complex, str, bytes, type(None), type(...))
#: Packages whose code is covered by the versions in the stamp.
_VERSIONED = ("jinja2", "markupsafe", "builtins")
#: Attributes of a class that do not affect what it does, or differ between places and Python versions.
_NO_CODE = {
    *("__annotations__", "__classcell__", "__dict__", "__doc__", "__firstlineno__", "__module__"),
    *("__qualname__", "__static_attributes__", "__weakref__", "_abc_impl"),
}
#: Jinja2's own filters and tests that are written in C: len, operator.eq, ...
_OWN_IN_C = [f for f in (*DEFAULT_FILTERS.values(), *DEFAULT_TESTS.values()) if not hasattr(f, "__globals__")]


class VersionUnknown(Exception):
    """The version of a package is unknown, so nothing compiled with it can be kept."""


def stamp_of(environment: Environment) -> str:
    """Return what code compiled in this environment depends on, a line each. Cheap while nothing changes.

    Raises `VersionUnknown`.
    """
    snapshot = _snapshot(environment)
    known = vars(environment).get(_KEPT_STAMP)
    if known is not None and known[0] == snapshot:
        return str(known[1])
    stamp = "\n".join(_lines(environment))
    setattr(environment, _KEPT_STAMP, (snapshot, stamp))
    return stamp


def differences(old: str, new: str) -> list[str]:
    """Return the differences between two stamps, in words.

    >>> differences("trim_blocks: False\\npython: a", "trim_blocks: True\\npython: a")
    ['trim_blocks: False became True']
    """
    before, now = ({line.partition(": ")[0]: line for line in stamp.splitlines()} for stamp in (old, new))
    words = []
    for name in sorted({*before, *now}):
        was, is_ = (lines.get(name, "").partition(": ")[2] or "nothing" for lines in (before, now))
        if was != is_:
            words.append(f"{name}: {was} became {is_}")
    return words


def autoescaped(environment: Environment, name: str | None) -> bool:
    """Return whether this environment escapes values in a template; None: one given as text."""
    rule = environment.autoescape
    return bool(rule(name) if callable(rule) else rule)


def is_jinjas_own(function: t.Any) -> bool:
    """Return whether a filter or a test is Jinja2's and depends on its values only."""
    if not hasattr(function, "__globals__"):
        return any(function is own for own in _OWN_IN_C)
    # Not its __module__, which functools.wraps copies. And tojson calls the application's JSON provider.
    return _home(function) in _VERSIONED and function.__name__ != "do_tojson"


def _snapshot(environment: Environment) -> tuple[object, ...]:
    """Return what `_lines` reads. It is quickly compared: while it is equal, so are the lines."""
    mine = vars(environment)
    return (
        (*environment.filters, *environment.filters.values()),
        (*environment.tests, *environment.tests.values()),
        tuple((extension, repr(_settings(extension))) for extension in environment.extensions.values()),
        tuple((name, _frozen(value)) for name, value in environment.policies.items()),
        tuple((name, _frozen(value)) for name, value in mine.items() if name not in _NOT_BAKED),
    )


def _settings(extension: Extension) -> dict[str, object]:
    """Return the attributes of an extension that are plain values. The others are covered by its class."""
    plain = {name: value for name, value in vars(extension).items() if isinstance(value, _PLAIN)}
    return plain | {"tags": sorted(extension.tags), "priority": extension.priority}


def _frozen(value: object) -> object:
    return repr(value) if isinstance(value, (list, dict, set)) else value


def _lines(environment: Environment) -> t.Iterator[str]:
    yield f"python: {sys.implementation.cache_tag} {MAGIC_NUMBER.hex()}"
    for package in ("jinja2", "markupsafe"):
        yield f"{package}: {_version(package)}"
    yield f"environment: {_class(type(environment))}"
    yield f"code generator: {_code_generator(environment)}"
    yield f"sandboxed: {environment.sandboxed}"
    for name in ("intercepted_binops", "intercepted_unops"):
        yield f"{name}: {_value(getattr(environment, name, None))}"
    for name, value in sorted(vars(environment).items()):
        if name not in _NOT_BAKED:
            yield f"{name}: {_class(value) if isinstance(value, type) else _code_of(value)}"
    for name, value in sorted(environment.policies.items()):
        yield f"policy {name}: {_value(value)}"
    # In the order in which they process a template.
    for number, extension in enumerate(environment.iter_extensions()):
        code = _class(type(extension))
        yield f"extension {number}: {extension.identifier} {code} {_value(_settings(extension))}"
    for kind, functions in (("filter", environment.filters), ("test", environment.tests)):
        for name, function in sorted(functions.items()):
            yield f"{kind} {name}: {_called(function)}"


def _called(function: object) -> str:
    """Return how the code calls a filter or a test; with its name if it may run at compile time."""
    passes = getattr(function, "jinja_pass_arg", None)
    passes = getattr(passes, "name", passes) or "nothing"
    variant = " async" if getattr(function, "jinja_async_variant", False) is True else ""
    return f"{_name(function) if is_jinjas_own(function) else 'own'} passes {passes}{variant}"


def _code_generator(environment: Environment) -> str:
    # Jinja2's own one is a stand-in (see `lean`). Reading it as an attribute would load the compiler.
    for cls in type(environment).__mro__:
        if "code_generator_class" in vars(environment):
            break
        if cls is Environment:
            found = vars(cls)["code_generator_class"]
            return _class(found) if isinstance(found, type) else "jinja2.compiler.CodeGenerator"
        if "code_generator_class" in vars(cls):
            break
    return _class(environment.code_generator_class)


def _value(value: object) -> str:
    """Return a setting as text that is the same in every process."""
    if isinstance(value, _PLAIN):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, (set, frozenset)):
        return f"{{{', '.join(sorted(map(_value, value)))}}}"
    if isinstance(value, dict):
        return f"{{{', '.join(sorted(f'{_value(key)}: {_value(item)}' for key, item in value.items()))}}}"
    return _name(value)


def _name(value: object) -> str:
    owner = value if hasattr(value, "__qualname__") else type(value)
    return f"{owner.__module__}.{owner.__qualname__}"


def _home(function: t.Any) -> str:
    """Return the package in which a function was written."""
    return str(function.__globals__.get("__name__")).partition(".")[0]


def _class(cls: type) -> str:
    """Return a class by name, with a digest of code that no version covers."""
    parts = [
        f"{name}={_code_of(value)}"
        for base in cls.__mro__
        if base.__module__.partition(".")[0] not in (*_VERSIONED, "edgeweb")
        for name, value in sorted(vars(base).items())
        if name not in _NO_CODE
    ]
    return f"{_name(cls)} {_digest(parts)}" if parts else _name(cls)


def _code_of(value: t.Any) -> str:
    """Return a function by its name and code, independent of the place of its file."""
    if isinstance(value, type):
        return _name(value)
    function = getattr(value, "__func__", None) or getattr(value, "fget", None) or value
    if hasattr(function, "func") and hasattr(function, "args"):  # functools.partial
        return f"{_code_of(function.func)} {_value(function.args)} {_value(function.keywords)}"
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType):
        return _value(value) if isinstance(value, _PLAIN) or not callable(value) else _class(type(value))
    if _home(function) in _VERSIONED:
        return _name(function)
    settings = [function.__defaults__, function.__kwdefaults__, *map(_content, function.__closure__ or ())]
    return f"{_name(function)} {_digest([_shape(code), *map(_value, settings)])}"


def _content(cell: CellType) -> object:
    try:
        return cell.cell_contents
    except ValueError:  # not assigned yet
        return None


def _shape(code: CodeType) -> str:
    constants = [_shape(value) if isinstance(value, CodeType) else _value(value) for value in code.co_consts]
    return repr((code.co_code.hex(), code.co_names, code.co_varnames, code.co_freevars, constants))


def _digest(parts: list[str]) -> str:
    return source_hash("\0".join(parts).encode("utf-8", "surrogatepass")).hex()


_versions: dict[str, str] = {}


def _version(package: str) -> str:
    """Return the exact version of an installed package, from the name of its `.dist-info` folder.

    The packages' own attributes cost too much: Jinja2's is in its `__init__`, which loads the compiler, and
    MarkupSafe's uses `importlib.metadata`, 3 MB. That one is used only if there is no such folder.
    """
    if package not in _versions:
        file = sys.modules[package].__file__ or ""
        found = _installed_beside(os.path.dirname(os.path.dirname(file)), package)
        if not found:
            import importlib.metadata

            try:
                found = importlib.metadata.version(package)
            except importlib.metadata.PackageNotFoundError:
                raise VersionUnknown(
                    f"the version of {package} is unknown: it has no .dist-info folder; install it with pip"
                ) from None
        _versions[package] = found
    return _versions[package]


def _installed_beside(folder: str, package: str) -> str:
    try:
        names = os.listdir(folder)
    except OSError:
        return ""
    found = set()
    for entry in names:
        stem, _, suffix = entry.rpartition(".")
        name, _, version = stem.partition("-")
        if suffix in ("dist-info", "egg-info") and name.lower() == package:
            found.add(version)
    # Two folders are a damaged installation. Return both versions: that equals no sound installation's.
    return " ".join(sorted(found))
