"""edgeweb.blueprints: names, prefixes and subdomains, of nested ones too, and what a blueprint brings."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from .witness import both, worded

# --- names -------------------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize(
    ("act", "theirs", "ours"),
    [
        (lambda f: f.Blueprint("", "x"), "'name' may not be empty", "A blueprint needs a name."),
        (lambda f: f.Blueprint("a.b", "x"), "'name' may not contain a dot", "The blueprint 'a.b' has a dot"),
        (
            lambda f: f.Blueprint("a", "x").add_url_rule("/", "e.f", len),
            "'endpoint' may not contain a dot",
            "The endpoint 'e.f' has a dot",
        ),
        (lambda f: _itself(f.Blueprint("a", "x")), "on itself", "Blueprint 'a' cannot contain itself."),
    ],
)
def test_refused(framework: t.Any, act: t.Callable[[t.Any], object], theirs: str, ours: str) -> None:
    with pytest.raises(ValueError) as caught:
        act(framework)
    assert worded(framework, theirs, ours) in str(caught.value)


def _itself(blueprint: t.Any) -> None:
    blueprint.register_blueprint(blueprint)


@both
def test_a_view_functions_name_may_not_contain_a_dot(framework: t.Any) -> None:
    def view() -> str:
        return ""

    view.__name__ = "a.b"
    message = worded(framework, "'view_func' name may not contain a dot", "The view function 'a.b' has a dot")
    with pytest.raises(ValueError, match=message):
        framework.Blueprint("a", __name__).add_url_rule("/", view_func=view)


@both
@pytest.mark.parametrize(
    ("second", "options", "message"),
    [
        ("same", {}, "The name 'a' is already registered for this blueprint."),
        ("other", {}, "The name 'a' is already registered for a different blueprint."),
        ("same", {"name": "b"}, None),
        ("other", {"name": "b"}, None),
    ],
)
def test_a_name_is_registered_once(
    framework: t.Any, second: str, options: dict[str, str], message: str | None
) -> None:
    app = framework.Flask("example")
    first = framework.Blueprint("a", __name__)
    app.register_blueprint(first)
    blueprint = first if second == "same" else framework.Blueprint("a", __name__)
    if message is None:
        app.register_blueprint(blueprint, **options)
        assert app.blueprints == {"a": first, "b": blueprint}
        assert list(app.iter_blueprints()) == [first, blueprint]
    else:
        with pytest.raises(ValueError) as caught:
            app.register_blueprint(blueprint, **options)
        assert message in str(caught.value)


@both
def test_the_full_name_of_a_nested_blueprint_is_what_must_be_unique(framework: t.Any) -> None:
    app = framework.Flask("example")
    one, two, child = (framework.Blueprint(name, __name__) for name in ("one", "two", "child"))
    child.add_url_rule("/", "view", lambda: framework.request.endpoint)
    one.register_blueprint(child)
    two.register_blueprint(child, name="renamed")
    two.register_blueprint(child, url_prefix="/again")
    app.register_blueprint(one, url_prefix="/one")
    app.register_blueprint(two, url_prefix="/two")
    app.register_blueprint(one, url_prefix="/three", name="three")
    assert list(app.blueprints) == [
        "one",
        "one.child",
        "two",
        "two.renamed",
        "two.child",
        "three",
        "three.child",
    ]
    client = app.test_client()
    answers = {path: client.get(path).text for path in ("/one/", "/two/", "/two/again/", "/three/")}
    assert answers == {
        "/one/": "one.child.view",
        "/two/": "two.renamed.view",
        "/two/again/": "two.child.view",
        "/three/": "three.child.view",
    }
    with pytest.raises(ValueError, match=r"already registered for this blueprint 'one\.child'"):
        child.register(app, {"name_prefix": "one"})


# --- prefixes and subdomains -------------------------------------------------------------------------------

# Prefix of the parent where it is made and where it is registered, the same of the child, rule, URL.
PREFIXES: list[tuple[str | None, str | None, str | None, str | None, str, str]] = [
    (None, None, None, None, "/x", "/x"),
    ("/p", None, None, None, "/x", "/p/x"),
    (None, "/p", None, None, "/x", "/p/x"),
    ("/p", "/q", None, None, "/x", "/q/x"),
    (None, None, "/c", None, "/x", "/c/x"),
    ("/p", None, "/c", None, "/x", "/p/c/x"),
    ("/p", None, "/c", "/d", "/x", "/p/d/x"),
    ("/p/", None, "/c/", None, "/x", "/p/c/x"),
    ("/p", None, "c", None, "x", "/p/c/x"),
    ("/p", None, "/c", None, "", "/p/c"),
    ("/p", None, "/c", None, "/", "/p/c/"),
    ("/p", "/", "/c", None, "/x", "/c/x"),
    ("/<int:n>", None, "/c", None, "/x", "/<int:n>/c/x"),
]


@both
@pytest.mark.parametrize(("made", "registered", "child_made", "child_registered", "rule", "url"), PREFIXES)
def test_prefixes(
    framework: t.Any,
    made: str | None,
    registered: str | None,
    child_made: str | None,
    child_registered: str | None,
    rule: str,
    url: str,
) -> None:
    app = framework.Flask("example", static_folder=None)
    parent = framework.Blueprint("parent", __name__, url_prefix=made)
    child = framework.Blueprint("child", __name__, url_prefix=child_made)
    child.add_url_rule(rule, "view", lambda **values: "")
    parent.register_blueprint(child, **({} if child_registered is None else {"url_prefix": child_registered}))
    app.register_blueprint(parent, **({} if registered is None else {"url_prefix": registered}))
    assert [found.rule for found in app.url_map.iter_rules()] == [url]


@both
@pytest.mark.parametrize(
    ("made", "registered", "child_made", "child_registered", "subdomain"),
    [
        (None, None, None, None, ""),
        ("p", None, None, None, "p"),
        ("p", "q", None, None, "q"),
        (None, None, "c", None, "c"),
        ("p", None, "c", None, "c.p"),
        ("p", "q", "c", "d", "d.q"),
    ],
)
def test_subdomains(
    framework: t.Any,
    made: str | None,
    registered: str | None,
    child_made: str | None,
    child_registered: str | None,
    subdomain: str,
) -> None:
    app = framework.Flask("example", static_folder=None, subdomain_matching=True)
    parent = framework.Blueprint("parent", __name__, subdomain=made)
    child = framework.Blueprint("child", __name__, subdomain=child_made)
    child.add_url_rule("/", "view", lambda: "")
    parent.register_blueprint(child, **({} if child_registered is None else {"subdomain": child_registered}))
    app.register_blueprint(parent, **({} if registered is None else {"subdomain": registered}))
    assert [rule.subdomain for rule in app.url_map.iter_rules()] == [subdomain]


@both
def test_url_defaults_of_the_blueprint_of_the_registration_and_of_the_rule(framework: t.Any) -> None:
    app = framework.Flask("example", static_folder=None)
    blueprint = framework.Blueprint("bp", __name__, url_defaults={"a": 1, "b": 1, "c": 1})
    blueprint.add_url_rule("/", "view", lambda **values: values, defaults={"c": 3})
    app.register_blueprint(blueprint, url_defaults={"b": 2})
    assert app.test_client().get("/").json == {"a": 1, "b": 2, "c": 3}


# --- setup -------------------------------------------------------------------------------------------------


@both
def test_deferred_functions_get_the_state_of_each_registration(framework: t.Any) -> None:
    app = framework.Flask("example")
    blueprint = framework.Blueprint("bp", __name__, url_prefix="/made", subdomain="sub")
    states: list[t.Any] = []
    once: list[str] = []
    blueprint.record(states.append)
    blueprint.record_once(lambda state: once.append(state.name))
    app.register_blueprint(blueprint)
    app.register_blueprint(blueprint, name="other", url_prefix="/other", own_option=3)
    assert once == ["bp"]
    described = [(s.name, s.url_prefix, s.subdomain, s.first_registration, s.name_prefix) for s in states]
    assert described == [("bp", "/made", "sub", True, ""), ("other", "/other", "sub", False, "")]
    assert all(state.app is app and state.blueprint is blueprint for state in states)
    assert states[1].options["own_option"] == 3


@both
def test_a_subclass_may_bring_its_own_state(framework: t.Any) -> None:
    from edgeweb.blueprints import BlueprintSetupState as OursState

    base: t.Any = OursState
    if framework.__name__ == "flask":
        from flask.blueprints import BlueprintSetupState as FlasksState

        base = FlasksState

    class State(base):  # type: ignore[misc]
        def add_url_rule(self, rule: str, *args: t.Any, **options: t.Any) -> None:
            super().add_url_rule("/own" + rule, *args, **options)

    class Own(framework.Blueprint):  # type: ignore[misc]
        def make_setup_state(self, app: t.Any, options: t.Any, first_registration: bool = False) -> t.Any:
            return State(self, app, options, first_registration)

    app = framework.Flask("example", static_folder=None)
    blueprint = Own("bp", __name__)
    blueprint.add_url_rule("/x", "view", lambda: "")
    app.register_blueprint(blueprint)
    assert [rule.rule for rule in app.url_map.iter_rules()] == ["/own/x"]


SETUP: list[tuple[str, tuple[t.Any, ...]]] = [
    ("route", ("/x",)),
    ("get", ("/x",)),
    ("add_url_rule", ("/x", "x", len)),
    ("endpoint", ("x",)),
    ("before_request", (len,)),
    ("after_request", (len,)),
    ("teardown_request", (len,)),
    ("context_processor", (dict,)),
    ("url_value_preprocessor", (len,)),
    ("url_defaults", (len,)),
    ("errorhandler", (404,)),
    ("register_error_handler", (404, len)),
    ("record", (len,)),
    ("record_once", (len,)),
    ("before_app_request", (len,)),
    ("after_app_request", (len,)),
    ("teardown_app_request", (len,)),
    ("app_context_processor", (dict,)),
    ("app_errorhandler", (404,)),
    ("app_url_defaults", (len,)),
    ("app_url_value_preprocessor", (len,)),
    ("app_template_filter", ()),
    ("add_app_template_filter", (len,)),
    ("app_template_test", ()),
    ("add_app_template_test", (len,)),
    ("app_template_global", ()),
    ("add_app_template_global", (len,)),
]


@both
@pytest.mark.parametrize(("name", "arguments"), SETUP)
def test_setup_is_over_when_the_blueprint_is_registered(
    framework: t.Any, name: str, arguments: tuple[t.Any, ...]
) -> None:
    blueprint = framework.Blueprint("bp", __name__)
    getattr(blueprint, name)(*arguments)
    blueprint.deferred_functions.clear()
    framework.Flask("example").register_blueprint(blueprint)
    with pytest.raises(AssertionError) as caught:
        getattr(blueprint, name)(*arguments)
    assert f"The setup method '{name}' " in str(caught.value)
    assert worded(framework, "before registering it.", "then register it.") in str(caught.value)


# --- what a blueprint brings -------------------------------------------------------------------------------


@both
def test_hooks_of_the_blueprint_and_of_the_application(framework: t.Any) -> None:
    app = framework.Flask("example")
    blueprint = framework.Blueprint("bp", __name__)
    ran: list[str] = []
    for hook in ("before_request", "after_request", "teardown_request"):
        for where in ("", "app_"):
            name = hook.replace("_", f"_{where}", 1)

            @getattr(blueprint, name)
            def note(value: t.Any = None, name: str = name) -> t.Any:
                ran.append(name)
                return value if "after" in name else None

    blueprint.app_errorhandler(404)(lambda error: ("not found by the blueprint", 404))
    blueprint.app_context_processor(lambda: {"value": 3})
    blueprint.app_template_filter("twice")(lambda value: 2 * value)
    blueprint.app_template_test("three")(lambda value: value == 3)
    blueprint.app_template_global("seven")(lambda: 7)
    blueprint.add_url_rule("/in", "view", lambda: "")
    page = "{{ value|twice + seven() }} {{ value is three }}"
    app.add_url_rule("/out", "out", lambda: framework.render_template_string(page))
    app.register_blueprint(blueprint)
    client = app.test_client()
    client.get("/in")
    assert ran == [
        *("before_app_request", "before_request", "after_request", "after_app_request"),
        *("teardown_request", "teardown_app_request"),
    ]
    ran.clear()
    assert client.get("/out").text == "13 True"
    assert ran == ["before_app_request", "after_app_request", "teardown_app_request"]
    assert client.get("/nowhere").text == "not found by the blueprint"


@both
def test_files_of_the_blueprint(framework: t.Any, tmp_path: Path) -> None:
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "one.txt").write_text("static")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "one.html").write_text("of the {{ 'blueprint' }}")
    (tmp_path / "notes.txt").write_text("ü")
    blueprint = framework.Blueprint(
        "bp",
        __name__,
        root_path=str(tmp_path),
        static_folder="static",
        template_folder="templates",
        url_prefix="/bp",
    )
    blueprint.add_url_rule("/page", "page", lambda: framework.render_template("one.html"))
    app = framework.Flask("example")
    app.register_blueprint(blueprint)
    client = app.test_client()
    response = client.get("/bp/static/one.txt")
    assert response.text == "static"
    response.close()
    assert client.get("/bp/page").text == "of the blueprint"
    with blueprint.open_resource("notes.txt", "rt") as file:
        assert (file.read(), file.encoding) == ("ü", "utf-8")
    with app.test_request_context("/"):
        assert framework.url_for("bp.static", filename="one.txt") == "/bp/static/one.txt"


@both
@pytest.mark.parametrize(
    ("made", "registered", "command"),
    [
        ({}, {}, ["bp", "hello"]),
        ({"cli_group": "group"}, {}, ["group", "hello"]),
        ({"cli_group": None}, {}, ["hello"]),
        ({}, {"cli_group": "other"}, ["other", "hello"]),
        ({}, {"cli_group": None}, ["hello"]),
        ({}, {"name": "renamed"}, ["renamed", "hello"]),
    ],
)
def test_commands_of_the_blueprint(
    framework: t.Any, made: dict[str, t.Any], registered: dict[str, t.Any], command: list[str]
) -> None:
    app = framework.Flask("example")
    blueprint = framework.Blueprint("bp", __name__, **made)

    @blueprint.cli.command("hello")
    def hello() -> None:
        print("hello from", framework.current_app.name)

    app.register_blueprint(blueprint, **registered)
    assert app.test_cli_runner().invoke(args=command).output == "hello from example\n"
