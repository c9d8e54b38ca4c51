"""Prints every public name of every module of Flask, parameters of functions and members of classes."""

import importlib
import inspect
import json
import types
import typing

MODULES = [
    "flask",
    *(
        f"flask.{name}"
        for name in (
            "app",
            "blueprints",
            "cli",
            "config",
            "ctx",
            "debughelpers",
            "globals",
            "helpers",
            "json",
        )
    ),
    *("flask.json.provider", "flask.json.tag", "flask.logging"),
    *("flask.sansio.app", "flask.sansio.blueprints", "flask.sansio.scaffold"),
    *("flask.sessions", "flask.signals", "flask.templating", "flask.testing", "flask.typing", "flask.views"),
    "flask.wrappers",
]
# Not public by their names, but imported by extensions, or by Flask's own documentation and tests.
WANTED = {
    *("_AppCtxGlobals", "_cv_app", "_cv_request", "_endpoint_from_view_func"),
    *("_method_route", "_get_exc_class_and_code"),
    *("__init__", "__call__", "__enter__", "__exit__", "__iter__", "__contains__"),
}
# Found by asking for them, not listed: edgeweb loads what they need on first use.
UNLISTED = ("DispatchingJinjaLoader", "Environment", "FlaskCliRunner", "Namespace")


def parameters(function):
    """Kind, name and default of each parameter; annotations are each framework's own."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return "attribute"
    rows = []
    for parameter in signature.parameters.values():
        default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}"
        # A marker object, or a type, has no representation that could be compared.
        rows.append(f"{parameter.kind.name} {parameter.name}" + ("=..." if "<" in default else default))
    return rows


def described(value):
    if isinstance(value, type):
        found = {}
        for name, member in inspect.getmembers_static(value):
            if name.startswith("_") and name not in WANTED:
                continue
            # A slot: an attribute of instances.
            if isinstance(member, types.MemberDescriptorType):
                continue
            function = getattr(member, "__func__", member)
            found[name] = parameters(function) if isinstance(function, types.FunctionType) else "attribute"
        return found
    return parameters(value) if isinstance(value, types.FunctionType) else "value"


answer = {}
for module_name in MODULES:
    module = importlib.import_module(module_name)
    answer[module_name] = names = {}
    for name in {*dir(module), *(name for name in UNLISTED if hasattr(module, name))}:
        value = getattr(module, name)
        if isinstance(value, (types.ModuleType, typing.TypeVar)) or (name[0] == "_" and name not in WANTED):
            continue
        home = getattr(value, "__module__", None) or ""
        names[name] = {"home": home.replace("edgeweb", "flask"), "described": described(value)}
print(json.dumps(answer))
