"""Run a test suite that was written for Flask on edgeweb: ``pytest -p edgeweb.compat.pytest_plugin``.

From then on ``import flask`` gives edgeweb's modules, in the tests, in the program and in its extensions.

Some suites (Flask's own among them) forget, after each test, every module that was first imported during it.
A framework module that is loaded on demand would then be loaded twice, with a second set of classes that
``isinstance`` does not know. So everything that edgeweb would load later is loaded here, before collection.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import edgeweb
from edgeweb import compat

# What edgeweb loads on demand from the packages below it.
_PARTS_ON_DEMAND = (
    "asgiref.sync",
    "blinker",
    "click",
    "click.testing",
    "dotenv",
    "itsdangerous",
    "itsdangerous.url_safe",
    "jinja2.compiler",
    "jinja2.ext",
    "jinja2.lexer",
    "jinja2.loaders",
    "jinja2.parser",
    "jinja2.sandbox",
    "werkzeug",
    "werkzeug.debug",
    "werkzeug.formparser",
    "werkzeug.routing",
    "werkzeug.security",
    "werkzeug.serving",
    "werkzeug.test",
    "werkzeug.wsgi",
)
# Nothing a request could ask for: they start a program, or belong to the device's own application.
_NOT_FRAMEWORK = ("edgeweb.__main__", "edgeweb.device", "edgeweb.server", "edgeweb.compat.pytest_plugin")


def preload() -> None:
    """Import every module of the framework, and the parts of other packages that it loads on demand.

    A package that is not installed is passed over: edgeweb then cannot load it later either.
    """
    for name in _PARTS_ON_DEMAND:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name.partition(".")[0]:
                raise
    for module in pkgutil.walk_packages(edgeweb.__path__, "edgeweb."):
        if not module.name.startswith(_NOT_FRAMEWORK):
            importlib.import_module(module.name)


compat.install_as_flask()
preload()

import flask  # noqa: E402

if not Path(str(flask.__file__)).is_relative_to(Path(edgeweb.__file__).parent):
    raise ImportError(
        f"'flask' is {flask.__file__}, not edgeweb's: it was imported before this plugin. "
        "Name the plugin with -p on the command line, not in a conftest.py."
    )
