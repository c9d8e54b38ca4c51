"""Find the application that a command line names: `module`, `module:name`, `file.py:create_app("x")`."""

from __future__ import annotations

import os
import sys
import typing as t
from types import FunctionType, ModuleType

import click

#: Names of a module's application and of its factory. With another name the application must be the only one.
_APPLICATION_NAMES = ("app", "application")
_FACTORY_NAMES = ("create_app", "make_app")


class NoAppException(click.UsageError):
    """No application was found, or it could not be loaded. The message names the next step."""


def _is_application(value: object) -> bool:
    # The class lives above this floor. Before its module is imported there are no applications.
    module = sys.modules.get(f"{__name__.partition('.')[0]}.app")
    return module is not None and isinstance(value, module.Flask)


def _call(factory: FunctionType, args: list[object], kwargs: dict[t.Any, object], complaint: str) -> object:
    """Call a factory. Raises `NoAppException` with the complaint where the arguments do not fit it."""
    try:
        return factory(*args, **kwargs)
    except TypeError as error:
        trace = error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code is factory.__code__:
                # The call succeeded. The error comes from inside the factory.
                raise
            trace = trace.tb_next
        raise NoAppException(complaint) from error


def find_best_app(module: ModuleType) -> t.Any:
    """Return a module's application: `app` or `application`, else the only one, else what a factory makes.

    Raises `NoAppException` where there is none, or several and none with these names.
    """
    here = module.__name__
    named = [value for name in _APPLICATION_NAMES if _is_application(value := getattr(module, name, None))]
    found = named or list(filter(_is_application, vars(module).values()))
    if len(found) > 1 and not named:
        raise NoAppException(f"Module '{here}' has several applications. Name one of them: '{here}:name'.")
    if found:
        return found[0]

    for name in _FACTORY_NAMES:
        factory = getattr(module, name, None)
        if isinstance(factory, FunctionType):
            hint = f"The factory '{name}' in module '{here}' needs arguments: '{here}:{name}(...)'."
            value = _call(factory, [], {}, hint)
            if _is_application(value):
                return value
    raise NoAppException(f"Module '{here}' has no application that can be guessed. Name it: '{here}:name'.")


def _parse(app_name: str) -> tuple[str, list[object], dict[t.Any, object]]:
    """Return the name, and the literal arguments if it is called."""
    import ast

    try:
        node = ast.parse(app_name.strip(), mode="eval").body
    except SyntaxError:
        node = None
    if isinstance(node, ast.Name):
        return node.id, [], {}
    if not isinstance(node, ast.Call):
        raise NoAppException(f"{app_name!r} is neither a name nor a call of one.")
    if not isinstance(node.func, ast.Name):
        raise NoAppException(f"The factory in {app_name!r} is not a plain name.")
    try:
        args = [ast.literal_eval(value) for value in node.args]
        kwargs = {keyword.arg: ast.literal_eval(keyword.value) for keyword in node.keywords}
    except ValueError:
        # literal_eval's message shows the node and not the text.
        raise NoAppException(f"The arguments in {app_name!r} are not all literals.") from None
    return node.func.id, args, kwargs


def find_app_by_string(module: ModuleType, app_name: str) -> t.Any:
    """Return what a name in a module stands for: an application, or what a factory, called or not, makes.

    Raises `NoAppException` for a name that cannot be parsed, is missing, does not take the arguments, or
    stands for something else.
    """
    here = f"{module.__name__}:{app_name}"
    name, args, kwargs = _parse(app_name)
    if not hasattr(module, name):
        raise NoAppException(f"Module {module.__name__!r} has no {name!r}.")
    value = getattr(module, name)
    if isinstance(value, FunctionType):
        value = _call(value, args, kwargs, f"The factory in '{here}' does not take these arguments.")
    if not _is_application(value):
        raise NoAppException(f"'{here}' is not a Flask application.")
    return value


def prepare_import(path: str) -> str:
    """Return the import name of a file or folder, after making it importable.

    The folder above its outermost package goes first on `sys.path`.

    >>> prepare_import("/srv/shop/web/__init__.py")  # doctest: +SKIP
    'shop.web'
    """
    path = os.path.realpath(path).removesuffix(".py")
    if os.path.basename(path) == "__init__":
        path = os.path.dirname(path)

    folder, name = os.path.split(path)
    while os.path.exists(os.path.join(folder, "__init__.py")):
        folder, package = os.path.split(folder)
        name = f"{package}.{name}"
    if sys.path[0] != folder:
        sys.path.insert(0, folder)
    return name


def locate_app(module_name: str, app_name: str | None, raise_if_not_found: bool = True) -> t.Any:
    """Import a module and return its application; None for a missing one with `raise_if_not_found=False`.

    Raises `NoAppException`. An error of the module itself passes through, unless it is an `ImportError`.
    """
    try:
        __import__(module_name)
    except ImportError as error:
        # Raised below this frame: by an import inside the module.
        if error.__traceback__ is not None and error.__traceback__.tb_next is not None:
            import traceback

            raise NoAppException(
                f"An import in {module_name!r} failed:\n\n{traceback.format_exc()}"
            ) from None
        if raise_if_not_found:
            raise NoAppException(f"There is no module {module_name!r}.") from None
        return None

    module = sys.modules[module_name]
    return find_best_app(module) if app_name is None else find_app_by_string(module, app_name)
