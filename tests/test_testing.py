"""edgeweb.testing: environments, contexts that are kept, sessions, and what is loaded for it."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder as WerkzeugEnvironBuilder
from werkzeug.wrappers import Request as WerkzeugRequest

import edgeweb
from edgeweb import Flask, g, redirect, request, session
from edgeweb.testing import EnvironBuilder, FlaskClient


@pytest.fixture
def app() -> Flask:
    app = Flask("testing_app")
    app.testing = True
    app.secret_key = "key"

    @app.route("/", methods=["GET", "POST"])
    def index() -> dict[str, Any]:
        g.seen = request.path
        return {
            "url": request.url,
            "method": request.method,
            "address": request.remote_addr,
            "agent": request.user_agent.string,
            "json": request.get_json(silent=True),
        }

    @app.get("/go")
    def go() -> Any:
        session["went"] = True
        return redirect("/")

    @app.get("/fail")
    def fail() -> str:
        raise ZeroDivisionError

    return app


# --- EnvironBuilder ----------------------------------------------------------------------------------------

BUILT: list[tuple[dict[str, Any], tuple[Any, ...], dict[str, Any], tuple[str, str, str]]] = [
    ({}, (), {}, ("http://localhost/", "/", "")),
    ({}, ("/a?b=c#d",), {}, ("http://localhost/", "/a", "b=c")),
    ({}, ("https://example.com:8443/a/b",), {}, ("https://example.com:8443/", "/a/b", "")),
    ({}, ("/",), {"url_scheme": "https"}, ("https://localhost/", "/", "")),
    ({}, ("/",), {"subdomain": "sub"}, ("http://sub.localhost/", "/", "")),
    ({}, ("/x",), {"base_url": "http://a/b"}, ("http://a/b/", "/x", "")),
    ({"SERVER_NAME": "host:81"}, (), {}, ("http://host:81/", "/", "")),
    ({"SERVER_NAME": "host"}, ("/",), {"subdomain": "sub"}, ("http://sub.host/", "/", "")),
    ({"APPLICATION_ROOT": "/root"}, ("/a",), {}, ("http://localhost/root/", "/a", "")),
    ({"PREFERRED_URL_SCHEME": "https"}, ("//other/a",), {}, ("https://other/", "/a", "")),
]


@pytest.mark.parametrize(("config", "args", "kwargs", "expected"), BUILT)
def test_what_a_builder_builds(
    app: Flask,
    config: dict[str, Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    expected: tuple[str, str, str],
) -> None:
    app.config.update(config)
    builder = EnvironBuilder(app, *args, **kwargs)
    assert (builder.base_url, builder.path, builder.query_string) == expected
    assert app.test_request_context(*args, **kwargs).request.url.startswith(expected[0])


@pytest.mark.parametrize("kwargs", [{"subdomain": "s"}, {"url_scheme": "https"}])
def test_a_base_url_is_complete(app: Flask, kwargs: dict[str, str]) -> None:
    with pytest.raises(AssertionError, match="Leave out subdomain and url_scheme"):
        EnvironBuilder(app, "/", base_url="http://a/", **kwargs)  # type: ignore[arg-type]


def test_json_is_written_by_the_application(app: Flask) -> None:
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    builder = EnvironBuilder(app, json={"a": "é"})
    assert builder.input_stream is not None
    assert builder.input_stream.read() == '{"a": "é"}'.encode()
    assert builder.content_type == "application/json"


# --- requests ----------------------------------------------------------------------------------------------


def test_defaults_of_every_request(app: Flask) -> None:
    client = app.test_client()
    answer = client.get("/").json
    assert answer["address"] == "127.0.0.1"
    assert answer["agent"] == f"Werkzeug/{version('werkzeug')}"
    client.environ_base["REMOTE_ADDR"] = "10.0.0.7"
    assert client.get("/").json["address"] == "10.0.0.7"
    assert client.get("/", environ_base={"REMOTE_ADDR": "10.0.0.8"}).json["address"] == "10.0.0.8"


def test_json_both_ways(app: Flask) -> None:
    response = app.test_client().post("/", json={"a": [1]})
    assert response.json["json"] == {"a": [1]}
    app.json.loads = lambda text: "by the application"  # type: ignore[method-assign, assignment]
    assert app.test_client().get("/").json == "by the application"


@pytest.mark.parametrize("kind", ["ours", "werkzeug", "environ", "request"])
def test_what_can_be_opened(app: Flask, kind: str) -> None:
    client = app.test_client()
    builder = EnvironBuilder(app, "/", method="POST", json=5)
    given: Any = {
        "ours": lambda: builder,
        "werkzeug": lambda: WerkzeugEnvironBuilder("/", method="POST", json=5),
        "environ": builder.get_environ,
        "request": lambda: WerkzeugRequest(builder.get_environ()),
    }[kind]()
    client.environ_base["REMOTE_ADDR"] = "10.0.0.7"
    with client:
        answer = client.open(given).json
        assert request.method == "POST"
    assert (answer["method"], answer["json"], answer["address"]) == ("POST", 5, "10.0.0.7")
    if kind in ("ours", "environ"):
        # What was given is left as it was, so that it can be opened again.
        assert client.open(given).status_code == 200


# --- contexts that are kept --------------------------------------------------------------------------------


def test_the_context_stays_inside_the_block_only(app: Flask) -> None:
    client = app.test_client()
    with client:
        client.get("/?a=1")
        assert request.args["a"] == "1"
        assert g.seen == "/"
        client.get("/?a=2")
        assert request.args["a"] == "2"
    assert not edgeweb.has_request_context()
    client.get("/")
    assert not edgeweb.has_request_context()


def test_teardown_runs_after_the_request_and_when_its_context_goes(app: Flask) -> None:
    # As in Flask: the context that is kept is pushed again, so it is torn down again too.
    order = []
    app.teardown_request(lambda error: order.append(request.path))
    with app.test_client() as client:
        client.get("/")
        assert order == ["/"]
        client.get("/go")
        assert order == ["/", "/", "/go"]
    assert order == ["/", "/", "/go", "/go"]


def test_the_context_of_a_request_that_failed(app: Flask) -> None:
    with app.test_client() as client:
        with pytest.raises(ZeroDivisionError):
            client.get("/fail")
        assert client.get("/").status_code == 200
    assert not edgeweb.has_request_context()


def test_redirects_are_followed_in_one_block(app: Flask) -> None:
    with app.test_client() as client:
        response = client.get("/go", follow_redirects=True)
        assert [step.request.path for step in response.history] == ["/go"]
        assert (request.path, session["went"]) == ("/", True)
    assert not edgeweb.has_app_context()


def test_a_block_cannot_be_nested_but_repeated(app: Flask) -> None:
    client = app.test_client()
    with client, pytest.raises(RuntimeError, match="in a with block already"):
        client.__enter__()
    with client:
        client.get("/")
        assert request.path == "/"


# --- sessions ----------------------------------------------------------------------------------------------


def test_a_session_is_read_and_written(app: Flask) -> None:
    client = app.test_client()
    client.get("/go")
    with client.session_transaction() as kept:
        assert kept["went"] is True
        kept["went"] = "changed"
    with client:
        client.get("/")
        assert session["went"] == "changed"


def test_a_transaction_leaves_the_current_request_alone(app: Flask) -> None:
    client = app.test_client()
    with app.test_request_context("/outer"), client.session_transaction():
        assert request.path == "/outer"


def test_a_transaction_takes_the_arguments_of_a_request(app: Flask) -> None:
    app.config["SESSION_COOKIE_PATH"] = "/shop"
    client = app.test_client()
    with client.session_transaction("/shop/cart") as kept:
        kept["a"] = 1
    assert client.get_cookie("session", path="/shop") is not None
    with client.session_transaction("/elsewhere") as kept:
        assert dict(kept) == {}


def test_why_there_is_no_transaction(app: Flask) -> None:
    with (
        pytest.raises(TypeError, match="Cookies are disabled"),
        app.test_client(use_cookies=False).session_transaction(),
    ):
        pass
    app.secret_key = None
    with pytest.raises(RuntimeError, match="did not open a session"), app.test_client().session_transaction():
        pass


def test_a_transaction_that_fails_saves_nothing(app: Flask) -> None:
    client = app.test_client()
    with pytest.raises(ZeroDivisionError), client.session_transaction() as kept:
        kept["a"] = 1
        raise ZeroDivisionError
    assert client.get_cookie("session") is None


# --- classes -----------------------------------------------------------------------------------------------


def test_own_client_class(app: Flask) -> None:
    class Own(FlaskClient):
        def __init__(self, *args: Any, mark: str, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.mark = mark

    app.test_client_class = Own
    client = app.test_client(mark="x")
    assert isinstance(client, Own)
    assert client.mark == "x"
    assert isinstance(client.get("/"), app.response_class)


def test_the_runner_is_there_by_name() -> None:
    from edgeweb import testing
    from edgeweb.cli.runner import FlaskCliRunner

    assert testing.FlaskCliRunner is FlaskCliRunner
    assert not hasattr(testing, "no_such_name")


def test_a_test_context_does_not_load_click() -> None:
    program = """
import sys
from edgeweb import Flask, request
with Flask("lean").test_request_context("/a"):
    assert request.path == "/a"
print([name for name in ("click", "importlib.metadata") if name in sys.modules])
"""
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert output.stdout == "[]\n"
