"""edgeweb.wrappers: what is computed on first access is as in Werkzeug; limits; JSON that cannot be read."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.test import create_environ
from werkzeug.wrappers import Request as WerkzeugRequest
from werkzeug.wrappers import Response as WerkzeugResponse

from edgeweb import Flask, Request, Response, request
from edgeweb.wrappers import request as module
from edgeweb.wrappers import split_blueprint_path

from ..witness import both

COMPUTED = "method scheme server root_path path query_string headers remote_addr".split()


@pytest.mark.slow
@given(
    method=st.sampled_from(["GET", "post", "Patch", "BREW"]),
    path=st.text(st.characters(codec="utf-8"), max_size=12),
    root=st.sampled_from(["", "/", "/app", "/app/", "/ü/"]),
    query=st.text(st.characters(codec="utf-8"), max_size=12),
    host=st.sampled_from(["localhost", "example.org:8080", "[::1]:80", ""]),
    scheme=st.sampled_from(["http", "https"]),
    header=st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=8),
)
def test_computed_attributes_are_werkzeugs(
    method: str, path: str, root: str, query: str, host: str, scheme: str, header: str
) -> None:
    environ: dict[str, t.Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path.encode().decode("latin-1"),
        "SCRIPT_NAME": root.encode().decode("latin-1"),
        "QUERY_STRING": query.encode().decode("latin-1"),
        "SERVER_NAME": "server",
        "SERVER_PORT": "80",
        "HTTP_HOST": host,
        "HTTP_X_HEADER": header,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": scheme,
    }
    ours, theirs = Request(dict(environ)), WerkzeugRequest(dict(environ))
    for name in (*COMPUTED, "full_path", "host", "url", "base_url", "root_url", "args", "is_secure"):
        found, expected = getattr(ours, name), getattr(theirs, name)
        assert (list(found), list(expected)) if name == "headers" else found == expected, name
        assert getattr(ours, name) is getattr(ours, name) or name not in COMPUTED


@pytest.mark.parametrize(
    "environ", [{}, {"PATH_INFO": ""}, {"SERVER_NAME": "s", "SERVER_PORT": "/run/x.sock"}], ids=repr
)
def test_an_environment_with_little_in_it(environ: dict[str, str]) -> None:
    ours, theirs = Request(dict(environ)), WerkzeugRequest(dict(environ))
    for name in COMPUTED:
        if name != "headers":
            assert getattr(ours, name) == getattr(theirs, name), name


def test_computed_attributes_may_be_assigned() -> None:
    request = Request(create_environ("/path"))
    assert "path" not in vars(request)
    request.path = "/other"
    request.method = "PUT"
    assert (request.path, request.method) == ("/other", "PUT")
    assert "/other" in request.base_url


def test_the_environment_knows_its_request() -> None:
    environ = create_environ("/")
    request = Request(environ)
    assert environ["werkzeug.request"] is request
    other = create_environ("/")
    Request(other, populate_request=False)
    Request(other, shallow=True)
    assert "werkzeug.request" not in other


def test_they_are_werkzeugs_classes() -> None:
    assert issubclass(Request, WerkzeugRequest) and issubclass(Response, WerkzeugResponse)
    assert Response("<p>").mimetype == "text/html"
    assert Response.autocorrect_location_header is False


# --- what was matched --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "path"),
    [("a", ["a"]), ("a.b.c", ["a.b.c", "a.b", "a"]), ("", [""])],
)
def test_split_blueprint_path(name: str, path: list[str]) -> None:
    assert split_blueprint_path(name) == split_blueprint_path(name) == path


def test_remembered_names_have_a_bound() -> None:
    for number in range(3 * module._MAX_BLUEPRINT_PATHS):
        split_blueprint_path(f"name{number}")
    assert len(module._blueprint_paths) <= module._MAX_BLUEPRINT_PATHS
    assert split_blueprint_path("shop.cart") == ["shop.cart", "shop"]


@both
@pytest.mark.parametrize(
    ("path", "endpoint", "blueprint", "blueprints"),
    [
        ("/", "index", None, []),
        ("/shop", "shop.index", "shop", ["shop"]),
        ("/cart", "shop.cart.index", "shop.cart", ["shop.cart", "shop"]),
        ("/nowhere", None, None, []),
    ],
)
def test_endpoint_and_blueprints(
    framework: t.Any, path: str, endpoint: str | None, blueprint: str | None, blueprints: list[str]
) -> None:
    app = framework.Flask("example")
    shop, cart = framework.Blueprint("shop", __name__), framework.Blueprint("cart", __name__)
    app.add_url_rule("/", "index", lambda: "")
    shop.add_url_rule("/shop", "index", lambda: "")
    cart.add_url_rule("/cart", "index", lambda: "")
    shop.register_blueprint(cart)
    app.register_blueprint(shop)
    with app.test_request_context(path) as ctx:
        request = ctx.request
        assert (request.endpoint, request.blueprint, request.blueprints) == (endpoint, blueprint, blueprints)


# --- limits ------------------------------------------------------------------------------------------------


@both
def test_limits_come_from_the_application_or_the_request(framework: t.Any) -> None:
    app = framework.Flask("example")
    app.config.update(MAX_CONTENT_LENGTH=10, MAX_FORM_MEMORY_SIZE=20, MAX_FORM_PARTS=30)
    request = framework.Request(create_environ("/"))
    names = ("max_content_length", "max_form_memory_size", "max_form_parts")
    assert [getattr(request, name) for name in names] == [None, 500_000, 1000]
    with app.app_context():
        assert [getattr(request, name) for name in names] == [10, 20, 30]
        request.max_content_length, request.max_form_memory_size, request.max_form_parts = 1, 2, 3
        assert [getattr(request, name) for name in names] == [1, 2, 3]


@both
@pytest.mark.parametrize(
    ("config", "status"),
    [
        ({}, 200),
        ({"MAX_CONTENT_LENGTH": 50}, 413),
        ({"MAX_FORM_MEMORY_SIZE": 50}, 413),
        ({"MAX_FORM_PARTS": 1}, 413),
    ],
)
def test_forms_over_the_limit(framework: t.Any, config: dict[str, int], status: int) -> None:
    app = framework.Flask("example")
    app.config.update(config)
    app.add_url_rule("/", view_func=lambda: dict(framework.request.form), methods=["POST"])
    data = {"a": "x" * 60, "b": "y"}
    response = app.test_client().post("/", data=data, content_type="multipart/form-data")
    assert response.status_code == status
    with app.test_request_context("/", method="POST", data=data, content_type="multipart/form-data"):
        if status == 413:
            with pytest.raises(RequestEntityTooLarge):
                framework.request.form["a"]


@both
def test_uploaded_files_are_closed_with_the_request(framework: t.Any) -> None:
    import io

    app = framework.Flask("example")
    kept: list[t.Any] = []

    @app.post("/")
    def upload() -> str:
        kept.append(framework.request.files["file"])
        return kept[0].read()

    response = app.test_client().post("/", data={"file": (io.BytesIO(b"content"), "a.txt")})
    assert response.text == "content"
    assert kept[0].stream.closed


# --- JSON --------------------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize(
    ("debug", "data", "content_type", "error", "message"),
    [
        (False, "{", "application/json", BadRequest, "could not understand"),
        (True, "{", "application/json", BadRequest, "Failed to decode JSON object"),
        (
            False,
            "{}",
            "text/plain",
            UnsupportedMediaType,
            "Did not attempt to load JSON data because the request",
        ),
        (False, "", "application/json", BadRequest, "could not understand"),
    ],
)
def test_json_that_cannot_be_read(
    framework: t.Any, debug: bool, data: str, content_type: str, error: type[BadRequest], message: str
) -> None:
    app = framework.Flask("example")
    app.debug = debug
    with app.test_request_context("/", method="POST", data=data, content_type=content_type):
        with pytest.raises(error, match=message):
            framework.request.get_json()
        assert framework.request.get_json(silent=True) is None
        assert framework.request.is_json == (content_type == "application/json")


@both
def test_json_is_read_by_the_applications_provider(framework: t.Any) -> None:
    app = framework.Flask("example")
    app.json.loads = lambda data, **kw: "by the provider"
    with app.test_request_context("/", method="POST", json={"a": 1}):
        assert framework.request.json == "by the provider"


# --- response ----------------------------------------------------------------------------------------------


@both
def test_too_large_cookies_are_warned_about(framework: t.Any) -> None:
    app = framework.Flask("example")
    app.config["MAX_COOKIE_SIZE"] = 100
    response = framework.Response()
    assert response.max_cookie_size == 4093
    with app.app_context():
        assert response.max_cookie_size == 100
        with pytest.warns(UserWarning, match="The 'big' cookie is too large"):
            response.set_cookie("big", "x" * 120)
        app.config["MAX_COOKIE_SIZE"] = 0
        response.set_cookie("big", "x" * 5000)  # no limit


def test_json_that_is_nested_too_deeply_is_a_bad_request(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Flask("example")
    for text in ("[" * 200_000, "[" * 200_000 + "]" * 200_000):
        with app.test_request_context(method="POST", data=text, content_type="application/json"):
            try:
                request.get_json()
            except BadRequest as error:
                assert error.code == 400
            else:  # a Python whose parser goes so deep
                assert text.endswith("]")

    def fail(*arguments: object, **options: object) -> t.Any:
        raise RecursionError("maximum recursion depth exceeded")

    monkeypatch.setattr(app.json, "loads", fail)
    with app.test_request_context(method="POST", data="[]", content_type="application/json"):
        assert request.get_json(silent=True) is None
        with pytest.raises(BadRequest, match="nested too deeply"):
            request.get_json()
