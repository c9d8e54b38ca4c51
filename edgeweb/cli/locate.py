"""Finds the application that a command line names: `module`, `module:name`, `file.py:create_app("x")`."""

from __future__ import annotations

import os
import sys
import typing as t
from types import FunctionType, ModuleType

import click

#: A module's application has one of these names, its factory one of those; else there has to be exactly one.
_APPLICATION_NAMES = ("app", "application")
_FACTORY_NAMES = ("create_app", "make_app")


class NoAppException(click.UsageError):
    """No application was found, or it could not be loaded; the message says what to give instead."""


def _is_application(value: object) -> bool:
    # The class lives above this floor. Nothing can be an application before its module was loaded, so it is
    # looked up and not imported.
    module = sys.modules.get(f"{__name__.partition('.')[0]}.app")
    return module is not None and isinstance(value, module.Flask)


def _called_with_wrong_args(function: FunctionType, error: TypeError) -> bool:
    """Whether calling the function failed at the call itself, and not somewhere inside."""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code is function.__code__:
            return False
        trace = trace.tb_next
    return True


def find_best_app(module: ModuleType) -> t.Any:
    """The application of a module: `app` or `application`, else the only one, else what a factory makes.

    Raises `NoAppException` where there is none, or more than one and none of those names.
    """
    for name in _APPLICATION_NAMES:
        value = getattr(module, name, None)
        if _is_application(value):
            return value

    matches = [value for value in module.__dict__.values() if _is_application(value)]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise NoAppException(
            f"Detected multiple Flask applications in module '{module.__name__}'."
            f" Use '{module.__name__}:name' to specify the correct one."
        )

    for name in _FACTORY_NAMES:
        factory = getattr(module, name, None)
        if not isinstance(factory, FunctionType):
            continue
        try:
            value = factory()
        except TypeError as error:
            if not _called_with_wrong_args(factory, error):
                raise
            raise NoAppException(
                f"Detected factory '{name}' in module '{module.__name__}', but could not call it without"
                f" arguments. Use '{module.__name__}:{name}(args)' to specify arguments."
            ) from error
        if _is_application(value):
            return value

    raise NoAppException(
        f"Failed to find Flask application or factory in module '{module.__name__}'."
        f" Use '{module.__name__}:name' to specify one."
    )


def _parse(app_name: str) -> tuple[str, list[t.Any], dict[t.Any, t.Any]]:
    """A name, or a call of one with literal arguments, as name and arguments."""
    import ast

    unparsable = f"Failed to parse {app_name!r} as an attribute name or function call."
    try:
        expression = ast.parse(app_name.strip(), mode="eval").body
    except SyntaxError:
        raise NoAppException(unparsable) from None

    if isinstance(expression, ast.Name):
        return expression.id, [], {}
    if not isinstance(expression, ast.Call):
        raise NoAppException(unparsable)
    if not isinstance(expression.func, ast.Name):
        raise NoAppException(f"Function reference must be a simple name: {app_name!r}.")
    try:
        args = [ast.literal_eval(value) for value in expression.args]
        kwargs = {keyword.arg: ast.literal_eval(keyword.value) for keyword in expression.keywords}
    except ValueError:
        # literal_eval's own message names the node and not what was written.
        raise NoAppException(f"Failed to parse arguments as literal values: {app_name!r}.") from None
    return expression.func.id, args, kwargs


def find_app_by_string(module: ModuleType, app_name: str) -> t.Any:
    """The application that a name in a module stands for: a variable, or a factory, called or not.

    Raises `NoAppException` for what cannot be parsed, is not there, cannot be called so, or is no
    application.
    """
    name, args, kwargs = _parse(app_name)
    try:
        value = getattr(module, name)
    except AttributeError as error:
        raise NoAppException(f"Failed to find attribute {name!r} in {module.__name__!r}.") from error

    if isinstance(value, FunctionType):
        factory = value
        try:
            value = factory(*args, **kwargs)
        except TypeError as error:
            if not _called_with_wrong_args(factory, error):
                raise
            raise NoAppException(
                f"The factory {app_name!r} in module {module.__name__!r} could not be called with the"
                " specified arguments."
            ) from error
    if _is_application(value):
        return value
    raise NoAppException(f"A valid Flask application was not obtained from '{module.__name__}:{app_name}'.")


def prepare_import(path: str) -> str:
    """The import name of a file or folder; the folder above its outermost package goes first on `sys.path`.

    >>> prepare_import("/srv/shop/web/__init__.py")  # doctest: +SKIP
    'shop.web'
    """
    path = os.path.realpath(path)
    stem, suffix = os.path.splitext(path)
    if suffix == ".py":
        path = stem
    if os.path.basename(path) == "__init__":
        path = os.path.dirname(path)

    parts: list[str] = []
    while True:
        path, name = os.path.split(path)
        parts.insert(0, name)
        if not os.path.exists(os.path.join(path, "__init__.py")):
            break
    if sys.path[0] != path:
        sys.path.insert(0, path)
    return ".".join(parts)


def locate_app(module_name: str, app_name: str | None, raise_if_not_found: bool = True) -> t.Any:
    """Imports a module, finds its application. With `raise_if_not_found=False` a missing module gives None.

    Raises `NoAppException`; an error of the module's own, other than of its imports, passes through.
    """
    try:
        __import__(module_name)
    except ImportError as error:
        # Raised below this frame, so by an import inside the module.
        if error.__traceback__ is not None and error.__traceback__.tb_next is not None:
            import traceback

            raise NoAppException(
                f"While importing {module_name!r}, an ImportError was raised:\n\n{traceback.format_exc()}"
            ) from None
        if raise_if_not_found:
            raise NoAppException(f"Could not import {module_name!r}.") from None
        return None

    module = sys.modules[module_name]
    return find_best_app(module) if app_name is None else find_app_by_string(module, app_name)
