"""edgeweb: the web server of small boards, with Flask's documented API.

Every public name is resolved on first use (PEP 562), so that a program pays only for what it touches:

    >>> from edgeweb import Flask, request
    >>> app = Flask(__name__)
    >>> @app.get("/")
    ... def hello() -> str:
    ...     return f"hello {request.args.get('name', 'world')}"
"""

from __future__ import annotations

from . import lean

# Before any other import: afterwards packages are loaded by the parts that are used.
lean.install()

import typing as t  # noqa: E402
from importlib import import_module  # noqa: E402

__version__ = "0.1.0"
# Taken now: as soon as `edgeweb.globals` is imported, the name `globals` means that module here.
_namespace = globals()

if t.TYPE_CHECKING:
    from . import json as json
    from .app import Flask as Flask
    from .blueprints import Blueprint as Blueprint
    from .config import Config as Config
    from .ctx import after_this_request as after_this_request
    from .ctx import copy_current_request_context as copy_current_request_context
    from .ctx import has_app_context as has_app_context
    from .ctx import has_request_context as has_request_context
    from .globals import current_app as current_app
    from .globals import g as g
    from .globals import request as request
    from .globals import session as session
    from .helpers import abort as abort
    from .helpers import flash as flash
    from .helpers import get_flashed_messages as get_flashed_messages
    from .helpers import get_template_attribute as get_template_attribute
    from .helpers import make_response as make_response
    from .helpers import redirect as redirect
    from .helpers import send_file as send_file
    from .helpers import send_from_directory as send_from_directory
    from .helpers import stream_with_context as stream_with_context
    from .helpers import url_for as url_for
    from .json import jsonify as jsonify
    from .signals import appcontext_popped as appcontext_popped
    from .signals import appcontext_pushed as appcontext_pushed
    from .signals import appcontext_tearing_down as appcontext_tearing_down
    from .signals import before_render_template as before_render_template
    from .signals import got_request_exception as got_request_exception
    from .signals import message_flashed as message_flashed
    from .signals import request_finished as request_finished
    from .signals import request_started as request_started
    from .signals import request_tearing_down as request_tearing_down
    from .signals import template_rendered as template_rendered
    from .templating import render_template as render_template
    from .templating import render_template_string as render_template_string
    from .templating import stream_template as stream_template
    from .templating import stream_template_string as stream_template_string
    from .wrappers import Request as Request
    from .wrappers import Response as Response

# module: the public names that live there
_HOMES = {
    "app": "Flask",
    "blueprints": "Blueprint",
    "config": "Config",
    "ctx": "after_this_request copy_current_request_context has_app_context has_request_context",
    "globals": "current_app g request session",
    "helpers": "abort flash get_flashed_messages get_template_attribute make_response redirect send_file"
    " send_from_directory stream_with_context url_for",
    "json": "jsonify",
    "signals": "appcontext_popped appcontext_pushed appcontext_tearing_down before_render_template"
    " got_request_exception message_flashed request_finished request_started request_tearing_down"
    " template_rendered",
    "templating": "render_template render_template_string stream_template stream_template_string",
    "wrappers": "Request Response",
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = ["json", *_HOME_OF]  # noqa: PLE0604


def __getattr__(name: str) -> object:
    if name in _HOME_OF:
        value = getattr(import_module("." + _HOME_OF[name], __name__), name)
    elif name == "json":
        value = import_module(".json", __name__)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    _namespace[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*_namespace, *__all__, *_HOME_OF})
