"""Parts of the application: errors, blueprints, logs, addresses, maps."""

from __future__ import annotations

import copy
import logging
import typing as t
from pathlib import Path

from .probe import make_app, play, probe


@probe
def error_handlers_found_by_a_method(flask: t.Any) -> t.Any:
    calls = []

    class Own(flask.Flask):
        def _find_error_handler(self, e: Exception, blueprints: list[str]) -> t.Any:
            calls.append([type(e).__name__, list(blueprints)])
            return super()._find_error_handler(e, blueprints)

    app = make_app(flask, Own)
    shop = flask.Blueprint("shop", "probe", url_prefix="/shop")
    shop.add_url_rule("/gone", "gone", lambda: flask.abort(410))
    app.register_blueprint(shop)
    return play(app, "/shop/gone", "/error", "/missing", "/missing"), calls


@probe
def blueprints_merged_by_a_method(flask: t.Any) -> t.Any:
    calls = []

    class Own(flask.Blueprint):
        def _merge_blueprint_funcs(self, app: t.Any, name: str) -> None:
            calls.append(name)
            super()._merge_blueprint_funcs(app, name)

    app = make_app(flask)
    shop = Own("shop", "probe", url_prefix="/shop")
    shop.before_request(lambda: "early")
    shop.add_url_rule("/", "index", lambda: "late")
    app.register_blueprint(shop)
    app.register_blueprint(shop, name="other", url_prefix="/other")
    return calls, play(app, "/shop/", "/other/")


@probe
def http_errors_without_werkzeugs_constructor(flask: t.Any) -> t.Any:
    from werkzeug.exceptions import HTTPException, NotFound

    class Plain(HTTPException):
        code = 418
        description = "short"

        def __init__(self, detail: str) -> None:
            self.detail = detail

    class Missing(NotFound):
        def __init__(self, detail: str) -> None:
            Exception.__init__(self, detail)

    class SeeOther(Plain):  # as ihatemoney has it
        def get_response(self, *args: t.Any) -> t.Any:
            return flask.redirect("/elsewhere", 303)

    class Called(NotFound):
        def __init__(self, detail: str) -> None:
            super().__init__(detail)

        def __call__(self, environ: t.Any, start_response: t.Any) -> t.Any:
            start_response("404 NOT FOUND", [("X-By", "call")])
            return [b"called"]

    answers = []
    for error in (Plain, Missing, SeeOther, Called):
        for handled in (False, True):
            app = make_app(flask)

            def fails(error: t.Any = error) -> t.NoReturn:
                raise error("x")

            app.add_url_rule("/fails", "fails", fails)
            if handled:
                app.register_error_handler(HTTPException, lambda e: (f"{e.code} {e}", e.code))
            answers.append(play(app, "/fails", "/fails"))
    return answers


@probe
def log_records_of_errors(flask: t.Any) -> t.Any:
    app, records = make_app(flask), []
    handler = logging.Handler()
    handler.emit = lambda r: records.append(  # type: ignore[method-assign]
        # The wording of the second is each framework's own.
        [r.name, r.module, r.funcName, r.levelname, r.getMessage().startswith("Exception on ")]
    )
    app.logger.addHandler(handler)
    app.logger.propagate = False
    app.add_url_rule("/twice", "twice", lambda: flask.after_this_request(lambda response: 1 // 0) and "")
    app.register_error_handler(500, lambda error: ("failed", 500))
    app.after_request(lambda response: 1 // 0 if response.status_code == 500 else response)
    logging.disable(logging.NOTSET)
    try:
        play(app, "/error", "/twice")
    finally:
        logging.disable(logging.CRITICAL)
        app.logger.removeHandler(handler)
    return records


@probe
def urls_of_lazy_texts(flask: t.Any) -> t.Any:
    class Lazy(str):
        def __str__(self) -> str:
            return "decided"

    app = make_app(flask)
    app.add_url_rule("/<name>", "named", lambda name: name)
    app.add_url_rule("/to/<path:name>", "path", lambda name: name)
    with app.test_request_context():
        return [
            *(flask.url_for(endpoint, name=Lazy("late")) for endpoint in ("named", "path")),
            flask.url_for("index", q=Lazy("late")),
            flask.url_for("index", q=[Lazy("late"), "x"]),
            flask.url_for("index", **{Lazy("late"): "x"}),
            flask.url_for("index", _anchor=Lazy("late")),
        ]


@probe
def session_is_a_global_of_templates(flask: t.Any) -> t.Any:
    app = make_app(flask)
    text = "{{ session['n'] }}{{ request.path }}"
    with app.test_request_context("/x"):
        flask.session["n"] = "own"
        context = {"a": 1}
        app.update_template_context(context)
        answers = [sorted(context), flask.render_template_string(text)]
        app.jinja_env.globals["session"] = {"n": "global"}
        return [*answers, flask.render_template_string(text)]


@probe
def a_map_of_werkzeug(flask: t.Any) -> t.Any:
    from werkzeug.routing import Map

    class OwnMap(Map):
        pass

    class Own(flask.Flask):
        url_map_class = OwnMap

    late = flask.Flask("probe", static_folder=None)
    late.url_map = Map()
    answers = []
    for app in (Own("probe"), late):
        app.add_url_rule("/page/<int:n>", "page", lambda n: flask.url_for("page", n=n + 1))
        app.add_url_rule("/folder/", "folder", lambda: str(flask.request.url_rule))
        client = app.test_client()
        for method, path in (
            ("GET", "/page/1"),
            ("GET", "/page/x"),
            ("POST", "/page/1"),
            ("OPTIONS", "/page/1"),
            ("GET", "/folder"),
            ("GET", "/folder/"),
        ):
            response = client.open(path, method=method)
            answers.append([response.status, sorted(response.headers.get("Allow", "").split(", "))])
            answers.append([response.headers.get("Location"), response.text])
    return answers


@probe
def a_rule_of_werkzeug_added_twice(flask: t.Any) -> t.Any:
    from werkzeug.routing import Rule

    app = make_app(flask)
    rule = Rule("/rule/<int:n>", endpoint="index")
    app.url_map.add(rule)
    try:
        app.url_map.add(rule)
    except RuntimeError as error:
        return str(error).partition(" to map ")[0]
    return None


@probe
def the_attributes_of_a_rule_as_a_dictionary(flask: t.Any) -> t.Any:
    app = flask.Flask("probe", static_folder=None)
    app.add_url_rule("/a/<int:n>", "a", defaults={"b": 1}, methods=["GET"], view_func=lambda n, b: "")
    app.url_map.add(app.url_rule_class("/b", endpoint="b"))
    bound, other = app.url_map.iter_rules()
    other.limits = ["1/s"]
    computed = ("map", "_parts", "_build", "_build_unknown", "_converters")
    answers = [
        {name: str(sorted(value) if isinstance(value, set) else value) for name, value in vars(rule).items()}
        for rule in (bound, other)
    ]
    for answer in answers:
        for name in computed:
            answer.pop(name, None)
    rule = app.url_rule_class("/foo", {"meh": "muh"}, "x", ["POST"], False, "x", True, None)
    copied = rule.empty()
    equal = [vars(rule) == vars(copied)]
    rule.methods.add("GET")
    equal.append(vars(rule) == vars(copied))
    rule.methods.discard("GET")
    rule.defaults["meh"] = "aha"
    equal.append(vars(rule) == vars(copied))
    vars(other).update(limits=["2/s"], endpoint="c")
    vars(other)["late"] = 1
    del vars(other)["late"]
    again = copy.copy(other)
    kept = [again.limits, again.endpoint, hasattr(other, "late"), "late" in vars(other), str(again)]
    return [answers, equal, kept, vars(copy.copy(rule)) == vars(rule), isinstance(vars(rule), dict)]


@probe
def a_media_type_registered_late(flask: t.Any) -> t.Any:
    import mimetypes

    here = Path(__file__).parent
    app = flask.Flask("probe", root_path=str(here))
    client = app.test_client()
    answers = [client.get("/static/hello.txt").content_type for _ in range(2)]
    before = mimetypes.types_map[".txt"]
    mimetypes.add_type("text/x-late", ".txt")
    try:
        answers.append(client.get("/static/hello.txt").content_type)
    finally:
        mimetypes.add_type(before, ".txt")
    return [*answers, client.get("/static/hello.txt").content_type]
