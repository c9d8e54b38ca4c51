"""edgeweb.app: what an application is made of, and the guards around its setup."""

from __future__ import annotations

import logging
import sys
import typing as t
from datetime import timedelta
from pathlib import Path

import pytest

from .witness import both, worded

# --- construction ------------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"instance_path": "relative"}, ValueError, "must be absolute"),
        ({"static_host": "example.org"}, AssertionError, "static_host.*host_matching"),
        ({"host_matching": True}, AssertionError, "static_host.*host_matching"),
    ],
)
def test_refused(framework: t.Any, options: dict[str, t.Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        framework.Flask("example", **options)


@both
def test_folders(framework: t.Any, tmp_path: Path) -> None:
    app = framework.Flask("example", root_path=str(tmp_path), instance_path="/instance")
    assert (app.root_path, app.instance_path) == (str(tmp_path), "/instance")
    assert app.config.root_path == str(tmp_path)
    relative = framework.Flask("example", instance_path=str(tmp_path), instance_relative_config=True)
    assert relative.config.root_path == str(tmp_path)
    with relative.open_instance_resource("new.txt", "w") as file:
        file.write("ü")
    with relative.open_instance_resource("new.txt") as file:
        assert file.read() == "ü".encode()
    # From its sources: beside the package of this module.
    assert framework.Flask(__name__).instance_path.endswith("instance")


@both
def test_defaults(framework: t.Any) -> None:
    app = framework.Flask("example")
    assert dict(app.config) == {**framework.Flask.default_config, "DEBUG": False}
    assert len(app.config) == 29
    assert (app.testing, app.secret_key, app.debug) == (False, None, False)
    assert app.permanent_session_lifetime == timedelta(days=31)
    app.config["PERMANENT_SESSION_LIFETIME"] = 60
    assert app.permanent_session_lifetime == timedelta(seconds=60)
    app.testing, app.secret_key = True, "key"
    assert (app.config["TESTING"], app.config["SECRET_KEY"]) == (True, "key")


def test_the_defaults_are_flasks() -> None:
    import flask

    import edgeweb

    assert dict(edgeweb.Flask.default_config) == dict(flask.Flask.default_config)


@both
def test_parts_are_made_by_classes_that_a_subclass_may_name(framework: t.Any) -> None:
    plain = framework.Flask("example")

    class Config(type(plain.config)):  # type: ignore[misc]
        pass

    class Provider(type(plain.json)):  # type: ignore[misc]
        pass

    class Aborter(type(plain.aborter)):  # type: ignore[misc]
        pass

    class G:
        pass

    class Request(framework.Request):  # type: ignore[misc]
        pass

    class App(framework.Flask):  # type: ignore[misc]
        config_class, json_provider_class, aborter_class = Config, Provider, Aborter
        app_ctx_globals_class, request_class = G, Request

    app = App("example")
    assert (type(app.config), type(app.json), type(app.aborter)) == (Config, Provider, Aborter)
    with app.test_request_context("/") as ctx:
        assert (type(framework.g._get_current_object()), type(ctx.request)) == (G, Request)


@both
@pytest.mark.parametrize(
    ("import_name", "file", "name"),
    [
        ("example", None, "example"),
        ("a.b", None, "a.b"),
        ("__main__", "/srv/shop.py", "shop"),
        ("__main__", None, "__main__"),
    ],
)
def test_name(
    framework: t.Any, import_name: str, file: str | None, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if file is None:
        monkeypatch.delattr(sys.modules["__main__"], "__file__", raising=False)
    else:
        # there is none in a process that shares the tests with others
        monkeypatch.setattr(sys.modules["__main__"], "__file__", file, raising=False)
    app = framework.Flask(import_name, root_path="/root", instance_path="/instance")
    assert app.name == name
    app.name = "other"
    assert repr(app) == "<Flask 'other'>"


@both
def test_logger_and_debug_mode(framework: t.Any) -> None:
    app = framework.Flask("logging_example")
    assert app.logger is app.logger is logging.getLogger("logging_example")
    app.debug = True
    assert app.config["DEBUG"] is True
    assert app.jinja_env.auto_reload is True
    app.debug = False
    assert app.jinja_env.auto_reload is False
    app.config["TEMPLATES_AUTO_RELOAD"] = True
    app.jinja_env.auto_reload = True
    app.debug = False
    assert app.jinja_env.auto_reload is True


@both
@pytest.mark.parametrize(
    ("value", "debug"),
    [("1", True), ("true", True), ("0", False), ("no", False), ("False", False), ("", False)],
)
def test_debug_mode_from_the_environment(
    framework: t.Any, value: str, debug: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLASK_DEBUG", value)
    assert framework.Flask("example").debug is debug


# --- rules -------------------------------------------------------------------------------------------------


def _view() -> str:
    return ""


def _with(**attributes: t.Any) -> t.Callable[[], str]:
    def view() -> str:
        return ""

    vars(view).update(attributes)
    return view


@both
@pytest.mark.parametrize(
    ("options", "methods", "automatic"),
    [
        ({"view_func": _view}, {"GET", "HEAD", "OPTIONS"}, True),
        ({"view_func": _view, "methods": ["post"]}, {"POST", "OPTIONS"}, True),
        ({"view_func": _view, "methods": ["GET", "OPTIONS"]}, {"GET", "HEAD", "OPTIONS"}, False),
        ({"view_func": _view, "methods": []}, {"OPTIONS"}, True),
        ({"view_func": _view, "provide_automatic_options": False}, {"GET", "HEAD"}, False),
        ({"view_func": _with(methods=["PUT"])}, {"PUT", "OPTIONS"}, True),
        ({"view_func": _with(methods=["PUT"]), "methods": ["GET"]}, {"GET", "HEAD", "OPTIONS"}, True),
        ({"view_func": _with(required_methods={"LOCK"})}, {"GET", "HEAD", "LOCK", "OPTIONS"}, True),
        ({"view_func": _with(provide_automatic_options=False)}, {"GET", "HEAD"}, False),
        ({"endpoint": "without a view"}, {"GET", "HEAD", "OPTIONS"}, True),
    ],
)
def test_methods_of_a_rule(
    framework: t.Any, options: dict[str, t.Any], methods: set[str], automatic: bool
) -> None:
    app = framework.Flask("example", static_folder=None)
    app.add_url_rule("/", **options)
    (rule,) = app.url_map.iter_rules()
    assert (rule.methods, rule.provide_automatic_options) == (methods, automatic)


@both
def test_automatic_options_can_be_switched_off_for_all(framework: t.Any) -> None:
    app = framework.Flask("example", static_folder=None)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.add_url_rule("/", view_func=_view)
    assert app.test_client().options("/").status_code == 405


@both
@pytest.mark.parametrize(
    ("rule", "options", "error", "theirs", "ours"),
    [
        (
            "/",
            {"view_func": _view, "methods": "GET"},
            TypeError,
            "Allowed methods must be a list of strings",
            "methods is a list of strings, such as ['GET'], not one string.",
        ),
        ("/", {}, AssertionError, "expected view func", "A rule without an endpoint needs a view function."),
        ("no slash", {"view_func": _view}, ValueError, "must start with a", "must start with a slash."),
        (
            "/",
            {"endpoint": "taken", "view_func": _view},
            AssertionError,
            "an existing endpoint function: taken",
            "Another function has the endpoint 'taken' already.",
        ),
    ],
)
def test_rules_that_are_refused(
    framework: t.Any, rule: str, options: dict[str, t.Any], error: type[Exception], theirs: str, ours: str
) -> None:
    app = framework.Flask("example")
    app.add_url_rule("/taken", "taken", len)
    with pytest.raises(error) as caught:
        app.add_url_rule(rule, **options)
    assert worded(framework, theirs, ours) in str(caught.value)


@both
def test_one_function_may_have_several_rules(framework: t.Any) -> None:
    app = framework.Flask("example", static_folder=None)
    app.route("/a")(app.route("/b")(_view))
    assert sorted(rule.rule for rule in app.url_map.iter_rules()) == ["/a", "/b"]
    assert app.view_functions == {"_view": _view}


# --- the setup guard ---------------------------------------------------------------------------------------

SETUP: list[tuple[str, tuple[t.Any, ...]]] = [
    ("route", ("/x",)),
    ("post", ("/x",)),
    ("add_url_rule", ("/x", "x", len)),
    ("endpoint", ("x",)),
    ("before_request", (len,)),
    ("after_request", (len,)),
    ("teardown_request", (len,)),
    ("teardown_appcontext", (len,)),
    ("context_processor", (dict,)),
    ("shell_context_processor", (dict,)),
    ("url_value_preprocessor", (len,)),
    ("url_defaults", (len,)),
    ("errorhandler", (404,)),
    ("register_error_handler", (404, len)),
    ("register_blueprint", (None,)),
    ("template_filter", ()),
    ("add_template_filter", (len,)),
    ("template_test", ()),
    ("add_template_test", (len,)),
    ("template_global", ()),
    ("add_template_global", (len,)),
]


@both
@pytest.mark.parametrize(("name", "arguments"), SETUP)
def test_setup_is_over_with_the_first_request(
    framework: t.Any, name: str, arguments: tuple[t.Any, ...]
) -> None:
    app = framework.Flask("example")
    app.test_client().get("/")
    with pytest.raises(AssertionError) as caught:
        getattr(app, name)(*arguments)
    assert f"The setup method '{name}' " in str(caught.value)
    ours = "Register everything before the first one."
    assert worded(framework, "are done before running it.", ours) in str(caught.value)


# --- templates, shell, async -------------------------------------------------------------------------------


@both
@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        *((f"a.{suffix}", True) for suffix in ("html", "htm", "xml", "xhtml", "svg")),
        *(("a.txt", False), ("a", False), (None, True), ("a.html.txt", False), ("a.HTML", False)),
    ],
)
def test_autoescape_by_file_name(framework: t.Any, name: str | None, escaped: bool) -> None:
    assert framework.Flask("example").select_jinja_autoescape(name) is escaped


@both
def test_the_environment_of_templates(framework: t.Any) -> None:
    app = framework.Flask("example")
    app.jinja_options = {"trim_blocks": True}
    app.template_filter("twice")(lambda value: 2 * value)
    assert app.jinja_env is app.jinja_env
    assert app.jinja_env.trim_blocks is True
    assert app.jinja_env.app is app
    with app.test_request_context("/path"):
        source = "{{ 3|twice }} {{ request.path }} {{ config['TESTING'] }} {{ [1]|tojson }}"
        assert app.jinja_env.from_string(source).render() == "6 /path False [1]"


@both
def test_the_names_of_a_shell(framework: t.Any) -> None:
    app = framework.Flask("example")
    app.shell_context_processor(lambda: {"extra": 1})
    context = app.make_shell_context()
    assert (context["app"], context["extra"], set(context)) == (app, 1, {"app", "g", "extra"})


@both
def test_coroutine_functions(framework: t.Any, monkeypatch: pytest.MonkeyPatch) -> None:
    app = framework.Flask("example")

    async def hello(name: str) -> str:
        return f"{name} at {framework.request.path}"

    app.add_url_rule("/<name>", view_func=hello)
    app.before_request(lambda: None)
    client = app.test_client()
    assert [client.get("/ada").text for _ in range(2)] == ["ada at /ada"] * 2
    assert app.ensure_sync(len) is len
    # Without asgiref.
    monkeypatch.setitem(sys.modules, "asgiref.sync", None)
    with pytest.raises(RuntimeError, match=worded(framework, "'async' extra", "need asgiref")):
        app.async_to_sync(hello)


@both
def test_redirects_are_of_the_applications_class(framework: t.Any) -> None:
    app = framework.Flask("example")
    response = app.redirect("/a b?c=ü")
    assert type(response) is framework.Response
    assert (response.status_code, response.location) == (302, "/a b?c=ü")
    assert app.redirect("/", 307).status_code == 307


@both
def test_clients_and_runners_of_the_applications_own(framework: t.Any) -> None:
    app = framework.Flask("example")

    class Client(type(app.test_client())):  # type: ignore[misc]
        pass

    class Runner(type(app.test_cli_runner())):  # type: ignore[misc]
        pass

    app.test_client_class, app.test_cli_runner_class = Client, Runner
    assert (type(app.test_client()), type(app.test_cli_runner())) == (Client, Runner)
