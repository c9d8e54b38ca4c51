"""Prints what programs and extensions find when they probe for names of other versions of Flask."""

import importlib
import json

NAMES = {
    "flask": "Markup escape _app_ctx_stack _request_ctx_stack json_available safe_join ext signals_available"
    " device lean routing server paths errors dispatch commands client main __version__",
    "flask.json": "JSONEncoder JSONDecoder htmlsafe_dumps dumps",
    "flask.globals": "_app_ctx_stack _request_ctx_stack request_ctx app_ctx",
    "flask.helpers": "safe_join locked_cached_property total_seconds get_env get_root_path",
    "flask.sessions": "total_seconds SecureCookieSession",
    "flask.app": "_request_ctx_stack Flask",
    "flask.cli": "DispatchingApp click cli",
    "flask.ctx": "_AppCtxGlobals RequestContext",
    "flask.signals": "Namespace _FakeSignal",
}
# Gone from Flask, or edgeweb's own; the last ones are there.
MODULES = (
    *(
        "flask.scaffold",
        "flask.ext",
        "flask.exthook",
        "flask.device",
        "flask.lean",
        "flask.routing",
        "flask.server",
    ),
    *("flask.compat", "flask.commands", "flask.paths", "flask.templating.render", "flask.cli.run"),
    *("flask.sansio", "flask.sansio.app", "flask.json.tag", "flask.templating"),
)

for module_name, names in NAMES.items():
    module = importlib.import_module(module_name)
    print(json.dumps([module_name, {name: hasattr(module, name) for name in names.split()}]))

for module_name in MODULES:
    try:
        importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        print(json.dumps([module_name, error.name]))
    else:
        print(json.dumps([module_name, "found"]))
