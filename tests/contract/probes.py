"""Small programs that replace parts of a framework, each run on edgeweb and on Flask.

python -m tests.contract.probes edgeweb

A probe is a function of the framework's package; what it returns, as JSON, or its exception is compared.
"""

from __future__ import annotations

import copy
import importlib
import json
import logging
import sys
import typing as t
from pathlib import Path
from unittest import mock

PROBES: dict[str, t.Callable[[t.Any], t.Any]] = {}

#: Methods of the application that tools wrap to see each request.
TRACED = (
    *("wsgi_app", "full_dispatch_request", "dispatch_request", "preprocess_request", "process_response"),
    *("finalize_request", "make_response", "handle_user_exception", "handle_http_exception"),
    *("handle_exception", "do_teardown_request", "do_teardown_appcontext"),
)
REQUESTS = (("GET", "/"), ("GET", "/json"), ("GET", "/error"), ("GET", "/missing"), ("POST", "/"))


def probe(function: t.Callable[[t.Any], t.Any]) -> t.Callable[[t.Any], t.Any]:
    PROBES[function.__name__] = function
    return function


def make_app(flask: t.Any, cls: t.Any = None) -> t.Any:
    app = (cls or flask.Flask)("probe", static_folder=None)
    app.secret_key = "key"
    app.add_url_rule("/", "index", lambda: "index")
    app.add_url_rule("/json", "json", lambda: {"b": 1, "a": 2})
    app.add_url_rule("/list", "list", lambda: [1])
    app.add_url_rule("/error", "error", lambda: 1 // 0)
    app.add_url_rule("/write", "write", lambda: flask.session.setdefault("n", "1"))
    app.add_url_rule("/read", "read", lambda: str(flask.session.get("n")))
    return app


def play(app: t.Any, *paths: str) -> list[t.Any]:
    """Return status, start of the body and the headers that probes set, of each request."""
    client = app.test_client()
    rows = []
    for path in paths:
        with client.get(path) as response:
            headers = {
                name: value.partition("=")[0] if name == "Set-Cookie" else value
                for name, value in response.headers
                if name.startswith("X-") or name in ("Vary", "Content-Type", "Set-Cookie")
            }
            rows.append([path, response.status_code, response.text[:40], headers])
    return rows


def counting(cls: t.Any, names: t.Iterable[str], seen: dict[str, int]) -> dict[str, t.Any]:
    """Return wrappers of the methods of a class, which count their calls."""

    def wrapper(name: str) -> t.Any:
        original = getattr(cls, name)

        def wrapped(self: t.Any, *args: t.Any, **kwargs: t.Any) -> t.Any:
            seen[name] = seen.get(name, 0) + 1
            return original(self, *args, **kwargs)

        return wrapped

    return {name: wrapper(name) for name in names}


def served(app: t.Any) -> t.Any:
    """Return an application that has served requests."""
    play(app, "/", "/json", "/missing")
    return app


def _counts(app: t.Any, seen: dict[str, int]) -> t.Any:
    seen.clear()
    client = app.test_client()
    status = [client.open(path, method=method).status_code for method, path in REQUESTS]
    return status, dict(sorted(seen.items()))


# --- methods of the application, wrapped --------------------------------------------------------------------


@probe
def methods_wrapped_on_the_class_of_a_living_application(flask: t.Any) -> t.Any:
    answers, living = {}, served(make_app(flask))
    for names in (TRACED, *((name,) for name in TRACED)):
        seen: dict[str, int] = {}
        with mock.patch.multiple(flask.Flask, **counting(flask.Flask, names, seen)):
            answers[str(names)] = [_counts(living, seen), _counts(make_app(flask), seen)]
        answers[f"{names} unwrapped"] = _counts(living, seen)
    return answers


@probe
def methods_wrapped_on_a_subclass_of_a_living_application(flask: t.Any) -> t.Any:
    class Own(flask.Flask):
        pass

    answers, living, seen = [], served(make_app(flask, Own)), {}
    for name in TRACED:
        with mock.patch.multiple(Own, **counting(Own, [name], seen)):
            answers.append(_counts(living, seen))
        answers.append(_counts(living, seen))
    return answers


@probe
def methods_wrapped_on_an_instance(flask: t.Any) -> t.Any:
    answers, living, seen = [], served(make_app(flask)), {}
    for name, wrapper in counting(flask.Flask, TRACED, seen).items():
        setattr(living, name, wrapper.__get__(living))
        answers.append(_counts(living, seen))
        delattr(living, name)
        answers.append(_counts(living, seen))
    return answers


@probe
def teardown_wrapped_around_a_context(flask: t.Any) -> t.Any:
    answers, app, seen = [], served(make_app(flask)), {}
    for make in (app.app_context, app.test_request_context):
        with mock.patch.multiple(flask.Flask, **counting(flask.Flask, TRACED, seen)), make():
            pass
        with make():
            patch = mock.patch.multiple(flask.Flask, **counting(flask.Flask, TRACED, seen))
            patch.start()
        patch.stop()
        answers.append(dict(seen))
        seen.clear()
    return answers


# --- responses, JSON, sessions ------------------------------------------------------------------------------


@probe
def response_class_patched(flask: t.Any) -> t.Any:
    answers, living, seen = {}, served(make_app(flask)), {}
    for name in ("__init__", "__call__", "get_wsgi_headers", "get_wsgi_response", "get_app_iter"):
        with mock.patch.multiple(flask.Response, **counting(flask.Response, [name], seen)):
            answers[name] = [play(living, "/", "/json", "/missing"), dict(seen)]
        seen.clear()
    for name, value in (("default_status", 299), ("default_mimetype", "text/plain")):
        with mock.patch.object(flask.Response, name, value):
            answers[name] = play(living, "/", "/json", "/missing")
    return answers


@probe
def errors_patched(flask: t.Any) -> t.Any:
    from werkzeug.exceptions import HTTPException, NotFound

    living = served(make_app(flask))
    with mock.patch.object(HTTPException, "get_body", lambda self, *args: f"<p>{self.code}"):
        answers = [play(living, "/missing")]
    with mock.patch.object(NotFound, "description", "It is gone."):
        answers.append(living.test_client().get("/missing").text)
    return [*answers, living.test_client().get("/missing").text]


@probe
def json_provider_patched(flask: t.Any) -> t.Any:
    cls = importlib.import_module(f"{flask.__name__}.json.provider").DefaultJSONProvider
    answers, living, seen = {}, served(make_app(flask)), {}
    for name in ("response", "dumps"):
        with mock.patch.multiple(cls, **counting(cls, [name], seen)):
            answers[name] = [play(living, "/json", "/list", "/"), dict(seen)]
        seen.clear()
        answers[f"{name} unwrapped"] = [play(living, "/json"), dict(seen)]
    return answers


@probe
def json_provider_replaced(flask: t.Any) -> t.Any:
    answers = []
    cls = importlib.import_module(f"{flask.__name__}.json.provider").DefaultJSONProvider
    for name, value in (
        ("response", lambda *args, **kwargs: flask.Response("own", headers={"X-Own": "1"})),
        ("dumps", lambda obj, **kwargs: "own"),
        ("_prepare_response_obj", lambda args, kwargs: "own"),
    ):
        app = served(make_app(flask))
        setattr(app.json, name, value)
        answers.append(play(app, "/json", "/list"))
        delattr(app.json, name)
        answers.append(play(app, "/json"))
        prepared = cls(app)
        setattr(prepared, name, value)
        app.json = prepared
        answers.append(play(app, "/json"))
    return answers


def _interfaces(flask: t.Any) -> t.Iterator[t.Any]:
    base = importlib.import_module(f"{flask.__name__}.sessions").SecureCookieSessionInterface

    class Saves(base):
        def save_session(self, app: t.Any, session: t.Any, response: t.Any) -> None:
            response.headers["X-Save"] = f"{session.accessed} {session.modified} {dict(session)}"
            super().save_session(app, session, response)

    class Rolling(base):
        def should_set_cookie(self, app: t.Any, session: t.Any) -> bool:
            return True

    class Null(base):
        def is_null_session(self, obj: object) -> bool:
            return True

    class OtherName(base):
        def get_cookie_name(self, app: t.Any) -> str:
            return "other"

    class Opens(base):
        def open_session(self, app: t.Any, request: t.Any) -> t.Any:
            session = super().open_session(app, request)
            session["opened"] = session.get("opened", 0) + 1
            return session

    yield from (Saves, Rolling, Null, OtherName, Opens)


@probe
def session_interfaces(flask: t.Any) -> t.Any:
    answers = {}
    for interface in _interfaces(flask):
        app = make_app(flask)
        app.session_interface = interface()
        answers[interface.__name__] = play(app, "/", "/write", "/read", "/", "/missing", "/error", "/json")
    return answers


@probe
def session_interface_patched(flask: t.Any) -> t.Any:
    cls = importlib.import_module(f"{flask.__name__}.sessions").SecureCookieSessionInterface
    answers, living, seen = {}, served(make_app(flask)), {}
    for name in ("open_session", "save_session", "is_null_session", "should_set_cookie"):
        with mock.patch.multiple(cls, **counting(cls, [name], seen)):
            answers[name] = [play(living, "/", "/write", "/read", "/", "/missing"), dict(seen)]
        seen.clear()
        shared = living.session_interface
        setattr(shared, name, counting(cls, [name], seen)[name].__get__(shared))
        try:
            answers[f"{name} on the instance"] = [play(living, "/", "/write", "/"), dict(seen)]
        finally:
            delattr(shared, name)
        seen.clear()
    return answers


# --- parts of the application -------------------------------------------------------------------------------


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


# --- the environment, changed late -------------------------------------------------------------------------

LATE_CHANGES = (
    *({"REMOTE_ADDR": "9.9.9.9"}, {"REQUEST_METHOD": "PUT"}, {"wsgi.url_scheme": "https"}),
    *({"SERVER_NAME": "other", "SERVER_PORT": "81"}, {"SCRIPT_NAME": "/root"}, {"PATH_INFO": "/json"}),
    *({"QUERY_STRING": "z=1"}, {"HTTP_HOST": "changed.example:88"}, {"HTTP_COOKIE": "a=b"}),
    *({"HTTP_ACCEPT": "text/x"}, {"CONTENT_TYPE": "application/json"}, {"HTTP_X_FORWARDED_FOR": "1.1.1.1"}),
)
READ_LATE = (
    *("method", "scheme", "server", "root_path", "path", "query_string", "remote_addr", "url", "base_url"),
    *("host", "host_url", "args", "cookies", "accept_mimetypes", "access_route", "mimetype", "url_rule"),
)


def _read_late(flask: t.Any) -> list[str]:
    request = flask.request
    found = [str(getattr(request, name)) for name in READ_LATE]
    return [
        *found,
        str(dict(request.headers)),
        str(dict(flask.session)),
        flask.url_for("json", _external=True),
    ]


@probe
def an_environment_changed_by_a_hook(flask: t.Any) -> t.Any:
    answers = []
    for secret in ("key", None):
        for change in LATE_CHANGES:
            app = make_app(flask)
            app.secret_key = secret
            app.before_request(lambda change=change: flask.request.environ.update(change))
            app.add_url_rule("/read-late", "late", lambda: _read_late(flask), methods=["POST"])
            client = app.test_client()
            # The second request of a host is matched without an adapter.
            answers += [client.post("/read-late?q=1", data={"f": "1"}).text for _ in range(2)]
    return answers


@probe
def an_environment_changed_before_the_context_is_pushed(flask: t.Any) -> t.Any:
    app = make_app(flask)
    client = app.test_client()
    client.get("/write")
    cookie = {"HTTP_COOKIE": f"session={client.get_cookie('session').value}"}
    answers = []
    for change in (*LATE_CHANGES, cookie):
        ctx = app.test_request_context("/?q=1")
        ctx.request.environ.update(change)
        with ctx:
            answers.append([*_read_late(flask)[: len(READ_LATE)], dict(flask.session)])
        answers.append(ctx.request.environ["werkzeug.request"])
    # The cookie holds the second in which it was made.
    return [[text for text in row or () if "session" not in str(text)] for row in answers]


@probe
def an_environment_replaced(flask: t.Any) -> t.Any:
    app = make_app(flask)

    def replaced() -> t.Any:
        flask.request.environ = {key: value for change in LATE_CHANGES for key, value in change.items()}
        found = _read_late(flask)
        return [*found, flask.request.environ.get("REMOTE_ADDR")]

    app.add_url_rule("/replaced", "replaced", replaced)
    return play(app, "/replaced", "/replaced")


# --- test clients inside each other ------------------------------------------------------------------------


def _nested_app(flask: t.Any, name: str = "probe") -> tuple[t.Any, list[str]]:
    app, ended = flask.Flask(name, static_folder=None), []
    app.secret_key = "key"
    app.teardown_request(lambda error: ended.append(f"{flask.request.path} {error!r}"))
    app.teardown_appcontext(lambda error: ended.append("application"))

    def keep(name: str) -> str:
        flask.g.name = flask.session["name"] = name
        return name

    def calls() -> t.Any:
        with app.test_client() as inner:
            return inner.get("/inner").text + flask.request.path

    def streams() -> t.Any:
        return flask.Response(flask.stream_with_context(iter(["a", "b"])))

    app.add_url_rule("/<name>", "keep", keep)
    app.add_url_rule("/calls", "calls", calls)
    app.add_url_rule("/streams", "streams", streams)
    app.add_url_rule("/moved", "moved", lambda: flask.redirect("/here"))
    return app, ended


def _active(flask: t.Any) -> t.Any:
    if not flask.has_request_context():
        return None
    return [flask.request.path, flask.current_app.name, flask.g.get("name"), flask.session.get("name")]


@probe
def a_client_inside_the_block_of_another(flask: t.Any) -> t.Any:
    (app, ended), (other, ended_too) = _nested_app(flask), _nested_app(flask, "other")
    found = []
    for application in (app, other):
        with app.test_client() as outer:
            outer.get("/outer")
            with application.test_client() as inner:
                inner.get("/inner")
                found.append(_active(flask))
                with app.app_context():
                    found.append(_active(flask))
                inner.get("/again")
                found.append(_active(flask))
            found.append(_active(flask))
            app.test_client().get("/plain")
            outer.get("/calls")
            found.append(_active(flask))
        found.append(_active(flask))
    return found, ended, ended_too


@probe
def clients_that_follow_redirects_inside_each_other(flask: t.Any) -> t.Any:
    app, ended = _nested_app(flask)
    found = []
    with app.test_client() as outer:
        outer.get("/moved", follow_redirects=True)
        found.append(_active(flask))
        with app.test_client() as inner:
            inner.get("/moved", follow_redirects=True)
            found.append(_active(flask))
        outer.get("/outer")
        found.append(_active(flask))
    return [*found, _active(flask)], ended


@probe
def a_client_in_the_context_of_its_application(flask: t.Any) -> t.Any:
    app, ended = _nested_app(flask)
    found = []
    with app.app_context():
        flask.g.name = "before"
        with app.test_client() as client:
            client.get("/one")
            found.append(_active(flask))
            with client.session_transaction() as session:
                session["name"] = "changed"
            client.get("/streams")
            found.append(_active(flask))
            client.get("/two")
        found.append([flask.g.name, _active(flask)])
    return found, ended


# --- run on one framework -----------------------------------------------------------------------------------


def answers(framework: str) -> dict[str, t.Any]:
    """Name of the probe to what it returned, or to its exception."""
    flask = importlib.import_module(framework)
    logging.disable(logging.CRITICAL)
    found: dict[str, t.Any] = {}
    for name, function in PROBES.items():
        try:
            found[name] = function(flask)
        except Exception as error:  # compared as well
            found[name] = f"{type(error).__name__}: {error}"
    return found


if __name__ == "__main__":
    json.dump(answers(sys.argv[1]), sys.stdout, default=repr)
