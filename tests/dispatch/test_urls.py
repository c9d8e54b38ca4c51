"""edgeweb.dispatch.urls: URLs in a request and outside of one, defaults, build errors, hosts."""

from __future__ import annotations

import typing as t

import flask
import pytest
from werkzeug.routing import BuildError

import edgeweb
from tests.witness import both, worded


def _app(framework: t.Any, **config: t.Any) -> t.Any:
    app = framework.Flask("example")
    app.config.update(config)
    app.add_url_rule("/", "index", lambda: "")
    app.add_url_rule("/lamps/<int:number>", "lamp", lambda number: "")
    shop = framework.Blueprint("shop", __name__, url_prefix="/shop")
    shop.add_url_rule("/", "index", lambda: "")
    cart = framework.Blueprint("cart", __name__, url_prefix="/cart")
    cart.add_url_rule("/", "index", lambda: "")
    shop.register_blueprint(cart)
    app.register_blueprint(shop)
    return app


def _app_with_one_lamp(framework: t.Any, **config: t.Any) -> t.Any:
    app = framework.Flask("example")
    app.config.update(config)
    app.add_url_rule("/lamps/<int:number>", "lamp", lambda number: "")
    return app


# Path of the request (None: none), endpoint, values, URL. With SERVER_NAME=example.org.
BUILT: list[tuple[str | None, str, dict[str, t.Any], str]] = [
    ("/", "index", {}, "/"),
    ("/", "index", {"q": "a b", "tag": ["x", "y"]}, "/?q=a+b&tag=x&tag=y"),
    ("/", "lamp", {"number": 3}, "/lamps/3"),
    ("/", "lamp", {"number": 3, "unit": "lm"}, "/lamps/3?unit=lm"),
    ("/", "index", {"_anchor": "a b"}, "/#a%20b"),
    ("/", "index", {"_anchor": "ü/?"}, "/#%C3%BC/?"),
    ("/", "index", {"_external": True}, "http://example.org/"),
    ("/", "index", {"_scheme": "https"}, "https://example.org/"),
    ("/", "index", {"_scheme": "", "_external": True}, "//example.org/"),
    ("/", "index", {"x": None}, "/"),
    ("/shop/", ".index", {}, "/shop/"),
    ("/shop/cart/", ".index", {}, "/shop/cart/"),
    ("/shop/", "shop.cart.index", {}, "/shop/cart/"),
    ("/shop/", "index", {}, "/"),
    ("/", ".index", {}, "/"),
    ("/nowhere", ".index", {}, "/"),
    (None, "index", {}, "http://example.org/"),
    (None, "index", {"_external": False}, "/"),
    (None, "index", {"_scheme": "https"}, "https://example.org/"),
    (None, "shop.index", {"_anchor": "top"}, "http://example.org/shop/#top"),
]


@both
@pytest.mark.parametrize(("path", "endpoint", "values", "url"), BUILT)
def test_building(
    framework: t.Any, path: str | None, endpoint: str, values: dict[str, t.Any], url: str
) -> None:
    app = _app(framework, SERVER_NAME="example.org")
    with app.app_context() if path is None else app.test_request_context(path):
        assert framework.url_for(endpoint, **values) == url
        assert app.url_for(endpoint, **values) == url


@both
def test_the_method_chooses_between_rules(framework: t.Any) -> None:
    app = framework.Flask("example")
    view = lambda: ""  # noqa: E731
    app.add_url_rule("/read", "both", view)
    app.add_url_rule("/write", "both", view, methods=["POST"])
    with app.test_request_context("/"):
        assert framework.url_for("both", _method="GET") == "/read"
        assert framework.url_for("both", _method="POST") == "/write"


@both
def test_the_application_itself_builds_without_any_context(framework: t.Any) -> None:
    app = _app_with_one_lamp(
        framework, SERVER_NAME="example.org", APPLICATION_ROOT="/root", PREFERRED_URL_SCHEME="https"
    )
    assert app.url_for("lamp", number=1) == "https://example.org/root/lamps/1"
    with pytest.raises(RuntimeError, match="Working outside of application context"):
        framework.url_for("lamp", number=1)


@both
@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ({"endpoint": "missing"}, BuildError, "Could not build url for endpoint 'missing'"),
        ({"endpoint": "lamp"}, BuildError, "Did you forget to specify values"),
        ({"endpoint": "index", "_scheme": "https", "_external": False}, ValueError, "'_external'.* True"),
    ],
)
def test_what_cannot_be_built(
    framework: t.Any, values: dict[str, t.Any], error: type[Exception], message: str
) -> None:
    with _app_with_one_lamp(framework).test_request_context("/"), pytest.raises(error, match=message):
        framework.url_for(**values)


@both
def test_without_a_server_name_there_is_no_url_outside_of_a_request(framework: t.Any) -> None:
    app = _app_with_one_lamp(framework)
    message = worded(framework, "without 'SERVER_NAME' configured", "the configuration of 'SERVER_NAME'")
    with app.app_context(), pytest.raises(RuntimeError, match=message):
        framework.url_for("lamp", number=1)


@both
def test_url_defaults_run_from_the_outside_in(framework: t.Any) -> None:
    app = framework.Flask("example")
    ran: list[str] = []

    def note(name: str) -> t.Callable[[str, dict[str, t.Any]], None]:
        def function(endpoint: str, values: dict[str, t.Any]) -> None:
            ran.append(name)
            values.setdefault("lang", name)

        return function

    outer, inner = (framework.Blueprint(name, __name__) for name in ("outer", "inner"))
    for owner, name in ((inner, "inner"), (outer, "outer"), (app, "app")):
        owner.url_defaults(note(name))
    inner.add_url_rule("/<lang>/", "index", lambda lang: lang)
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    with app.test_request_context("/"):
        assert framework.url_for("outer.inner.index") == "/app/"
        assert ran == ["app", "outer", "inner"]
        assert framework.url_for("outer.inner.index", lang="fr") == "/fr/"


@both
def test_build_error_handlers_are_asked_in_turn(framework: t.Any) -> None:
    app = _app_with_one_lamp(framework)
    asked: list[t.Any] = []

    def first(error: Exception, endpoint: str, values: dict[str, t.Any]) -> str | None:
        asked.append((endpoint, dict(values)))
        return None

    def second(error: Exception, endpoint: str, values: dict[str, t.Any]) -> str:
        if endpoint == "raises":
            raise BuildError("by the handler", {}, None)
        return f"/elsewhere/{endpoint}"

    app.url_build_error_handlers += [first, second]
    with app.test_request_context("/"):
        assert framework.url_for("missing", a=1) == "/elsewhere/missing"
        assert framework.url_for("lamp", number=1) == "/lamps/1"
        with pytest.raises(BuildError, match="by the handler"):
            framework.url_for("raises")
    given = {"_anchor": None, "_method": None, "_scheme": None, "_external": False}
    assert asked[0] == ("missing", {"a": 1, **given})


# --- hosts -------------------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize(
    ("trusted", "host", "status"),
    [
        (None, "anything.example", 200),
        (["example.org"], "example.org", 200),
        (["example.org"], "example.org:8080", 200),
        (["example.org"], "sub.example.org", 400),
        ([".example.org"], "sub.example.org", 200),
        (["example.org"], "evil.example", 400),
    ],
)
def test_trusted_hosts(framework: t.Any, trusted: list[str] | None, host: str, status: int) -> None:
    app = framework.Flask("example")
    app.config["TRUSTED_HOSTS"] = trusted
    app.add_url_rule("/", "index", lambda: "")
    client = app.test_client()
    for _ in range(2):
        assert client.get("/", headers={"Host": host}).status_code == status


def test_an_empty_list_of_trusted_hosts_is_what_werkzeug_takes_it_for() -> None:
    # None at all from some version of Werkzeug 3.1 on, nobody before.
    answers = []
    for framework in (edgeweb, flask):
        app = framework.Flask("example")
        app.config["TRUSTED_HOSTS"] = []
        app.add_url_rule("/", "index", lambda: "")
        client = app.test_client()
        answers.append([client.get("/", headers={"Host": "any.example"}).status_code for _ in range(2)])
    assert answers[0] == answers[1] and answers[0][0] in (200, 400)


@both
def test_hosts_are_trusted_as_long_as_they_are_configured(framework: t.Any) -> None:
    app = framework.Flask("example")
    app.add_url_rule("/", "index", lambda: "")
    client = app.test_client()
    for _ in range(2):
        assert client.get("/", headers={"Host": "evil.example"}).status_code == 200
    app.config["TRUSTED_HOSTS"] = ["example.org"]
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400


@both
@pytest.mark.parametrize(
    ("options", "host", "answer"),
    [
        ({}, "example.org", "default"),
        ({}, "api.example.org", "default"),
        ({"subdomain_matching": True}, "example.org", "default"),
        ({"subdomain_matching": True}, "api.example.org", "api"),
        ({"subdomain_matching": True}, "other.example.org", None),
    ],
)
def test_subdomains_are_matched_when_asked_for(
    framework: t.Any, options: dict[str, bool], host: str, answer: str | None
) -> None:
    app = framework.Flask("example", static_folder=None, **options)
    app.config["SERVER_NAME"] = "example.org"
    app.add_url_rule("/", "default", lambda: "default")
    app.add_url_rule("/", "api", lambda: "api", subdomain="api")
    client = app.test_client()
    for _ in range(2):
        response = client.get("/", base_url=f"http://{host}/")
        assert (response.text if response.status_code == 200 else None) == answer


@both
def test_host_matching(framework: t.Any) -> None:
    app = framework.Flask("example", host_matching=True, static_folder=None)
    app.add_url_rule("/", "one", lambda: "one", host="one.example")
    app.add_url_rule("/", "any", lambda name: name, host="<name>.example")
    client = app.test_client()
    for _ in range(2):
        assert client.get("/", base_url="http://one.example/").text == "one"
        assert client.get("/", base_url="http://two.example/").text == "two"
        assert client.get("/", base_url="http://elsewhere/").status_code == 404


def test_the_hosts_that_are_remembered_have_a_bound() -> None:
    app = edgeweb.Flask("example")
    app.add_url_rule("/", "index", lambda: "")
    client = app.test_client()
    for number in range(200):
        assert client.get("/", headers={"Host": f"host{number}.example"}).status_code == 200
    assert 0 < len(app.fast_path.known_hosts) < 100
