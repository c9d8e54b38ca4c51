"""edgeweb.dispatch.fast_path: which requests take it, and that both ways give the same answer."""

from __future__ import annotations

import re
import typing as t
from http import HTTPStatus

import pytest
from werkzeug.exceptions import MethodNotAllowed, NotFound

import edgeweb
from edgeweb import Flask
from edgeweb.dispatch.fast_path import make_ready
from edgeweb.json.provider import DefaultJSONProvider
from edgeweb.routing import Map

from .program import REQUESTS, make_app


def _app(**options: t.Any) -> Flask:
    app = Flask("example", static_folder=None, **options)
    app.add_url_rule("/lamps/<int:number>", "lamp", lambda number: "", methods=["GET", "PUT"])
    app.add_url_rule("/slash/", "slash", lambda: "")
    app.add_url_rule("/ü", "umlaut", lambda: "")
    app.add_url_rule("/socket", "socket", lambda: "", websocket=True)
    app.add_url_rule("/old", "old", lambda: "", redirect_to="/slash/")
    app.fast_path.known_hosts.add("localhost")
    return app


def _request(app: Flask, path: str, method: str = "GET", **environ: str) -> t.Any:
    base = {"REQUEST_METHOD": method, "PATH_INFO": path.encode().decode("latin-1"), "HTTP_HOST": "localhost"}
    base |= {"SERVER_NAME": "localhost", "SERVER_PORT": "80", "wsgi.url_scheme": "http"}
    return app.request_class({**base, **environ})


@pytest.mark.parametrize(
    ("path", "method", "endpoint", "values", "error"),
    [
        ("/lamps/3", "GET", "lamp", {"number": 3}, None),
        ("/lamps/3", "head", "lamp", {"number": 3}, None),
        ("/slash/", "GET", "slash", {}, None),
        ("/ü", "GET", "umlaut", {}, None),
        ("/lamps/3", "DELETE", None, None, MethodNotAllowed),
        ("/lamps/x", "GET", None, None, NotFound),
        ("", "GET", None, None, NotFound),
    ],
)
def test_matched_as_the_adapter_does(
    path: str, method: str, endpoint: str | None, values: t.Any, error: type[Exception] | None
) -> None:
    app = _app()
    request = _request(app, path, method)
    assert app.fast_path.match(app, request) is True
    assert (request.endpoint, request.view_args) == (endpoint, values)
    assert type(request.routing_exception) is (error or type(None))
    ctx = app.request_context(_request(app, path, method).environ)
    app.fast_path.known_hosts.clear()
    ctx.match_request()
    assert (ctx.request.endpoint, ctx.request.view_args) == (endpoint, values)
    assert type(ctx.request.routing_exception) is (error or type(None))
    if error is MethodNotAllowed:
        ours, adapters = request.routing_exception, ctx.request.routing_exception
        assert set(ours.valid_methods) == set(adapters.valid_methods) == {"GET", "HEAD", "PUT", "OPTIONS"}


@pytest.mark.parametrize(
    ("path", "environ"),
    [
        ("/slash", {}),
        ("/lamps//3", {}),
        ("/old", {}),
        ("/socket", {}),
        ("/lamps/3", {"HTTP_UPGRADE": "websocket"}),
        ("/lamps/3", {"HTTP_HOST": "a host that was not checked yet"}),
    ],
)
def test_requests_that_need_an_adapter(path: str, environ: dict[str, str]) -> None:
    app = _app()
    request = _request(app, path, **environ)
    assert app.fast_path.match(app, request) is False
    assert (request.url_rule, request.view_args, request.routing_exception) == (None, None, None)


class _OwnMap(Map):
    pass


@pytest.mark.parametrize(
    "change",
    [
        lambda app: app.config.update(TRUSTED_HOSTS=["localhost"]),
        lambda app: setattr(app, "subdomain_matching", True),
        lambda app: setattr(app, "url_map", _OwnMap()),
        lambda app: setattr(app.url_map, "host_matching", True),
        lambda app: setattr(app, "create_url_adapter", lambda request: None),
    ],
)
def test_applications_that_need_an_adapter(change: t.Callable[[Flask], None]) -> None:
    app = _app()
    change(app)
    assert app.fast_path.match(app, _request(app, "/lamps/3")) is False


def test_a_host_is_known_once_its_adapter_was_made() -> None:
    app = _app()
    app.fast_path.known_hosts.clear()
    request = _request(app, "/lamps/3", HTTP_HOST="example.org")
    assert app.fast_path.match(app, request) is False
    app.create_url_adapter(request)
    assert app.fast_path.match(app, request) is True


def test_the_warning_of_a_strange_host_comes_from_the_application_s_module() -> None:
    """Programs filter it by that name, which is `flask.app` to those that were written for Flask."""
    app = _app(subdomain_matching=True)
    app.config["SERVER_NAME"] = "example.com"
    with pytest.warns(UserWarning, match="Current server name") as caught:
        assert app.test_client().get("/slash/", "http://10.0.0.1").status_code == 404
    assert [warning.filename for warning in caught] == [edgeweb.app.__file__]


# --- answers without a response object ----------------------------------------------------------------------


def _wsgi(environ: t.Any, start_response: t.Any) -> list[bytes]:
    start_response("200 OK", [])
    return [b""]


def _by_the_phases(app: Flask, returned: t.Any) -> tuple[str, list[tuple[str, str]], bytes]:
    response = app.make_response(returned)
    return response.status, response.headers.to_wsgi_list(), response.get_data()


@pytest.mark.parametrize(
    "returned",
    [
        *("text", "", "é", b"bytes", {"a": 1}, {}, [1, "é"]),
        *(("text", 201), ({"a": 1}, 404), (b"", 500), ([], 418)),
        *(NotFound(), MethodNotAllowed(valid_methods=["GET", "HEAD"]), MethodNotAllowed()),
    ],
    ids=repr,
)
def test_a_ready_answer_is_that_of_the_response(returned: t.Any) -> None:
    app = Flask("example")
    with app.test_request_context("/") as ctx:
        ready = make_ready(app, ctx, returned)
        assert ready is not None
        status, headers, body = _by_the_phases(app, returned)
    assert (ready[0], sorted(ready[1]), b"".join(ready[2])) == (status, sorted(headers), body)


@pytest.mark.parametrize(
    "returned",
    [
        *(None, 3, ("a", 204), ("a", 304), ("a", 100), ("a", 299), ("a", "200 OK"), ("a", {"X": "1"})),
        *(("a", 200, {}), ("a", True), (c for c in "a"), edgeweb.Response("a"), bytearray(b"a")),
        *(
            (NotFound(), 400),
            (MethodNotAllowed(), 400),
            NotFound("described"),
            NotFound(response=edgeweb.Response("a")),
            HTTPStatus.OK,
        ),
        type("Text", (str,), {})("a"),
    ],
    # without addresses, so that a test has the same name in each process
    ids=lambda value: re.sub(" at 0x[0-9a-f]+", "", repr(value)),
)
def test_all_else_is_made_into_a_response(returned: t.Any) -> None:
    app = Flask("example")
    with app.test_request_context("/") as ctx:
        assert make_ready(app, ctx, returned) is None


def test_a_json_provider_of_the_applications_own_is_asked() -> None:
    class Provider(edgeweb.json.provider.DefaultJSONProvider):
        def dumps(self, obj: t.Any, **kwargs: t.Any) -> str:
            return "mine"

    app = Flask("example")
    app.json = Provider(app)
    app.add_url_rule("/", view_func=lambda: {})
    client = app.test_client()
    assert [client.get("/").text for _ in range(2)] == ["mine\n"] * 2


# --- whole requests -----------------------------------------------------------------------------------------


def test_both_ways_give_the_same_answer() -> None:
    fast, ordinary = (make_app(overridden=overridden).test_client() for overridden in (False, True))
    for client in (fast, ordinary):
        client.get("/text")  # the first request of an application never takes the fast path
    assert (fast.application.fast_path.is_open, ordinary.application.fast_path.is_open) == (True, False)
    for method, path in REQUESTS:
        answers = []
        for client in (fast, ordinary):
            response = client.open(path, method=method)
            headers = {key: value for key, value in response.headers if key not in ("Expires", "Set-Cookie")}
            answers.append((response.status, headers, response.get_data(), "Set-Cookie" in response.headers))
        assert answers[0] == answers[1], f"{method} {path}"


def test_what_is_replaced_on_flask_itself_counts_as_overridden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tools that watch every application of a process replace methods of the class."""

    class Marked(edgeweb.Response):
        default_mimetype = "text/plain"

    original = Flask.dispatch_request
    dispatched: list[str] = []

    def dispatch_request(self: Flask) -> t.Any:
        dispatched.append(edgeweb.request.path)
        return original(self)

    monkeypatch.setattr(Flask, "dispatch_request", dispatch_request)
    monkeypatch.setattr(Flask, "response_class", Marked)
    client = make_app(overridden=False).test_client()
    answers = [client.get(path) for path in ("/text", "/text", "/json/3")]
    assert dispatched == ["/text", "/text", "/json/3"]
    assert [answer.mimetype for answer in answers] == ["text/plain", "text/plain", "application/json"]


def test_an_option_of_json_counts_at_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Flask("example")
    app.add_url_rule("/", view_func=lambda: {"b": "ü", "a": 1})
    client = app.test_client()
    provider = t.cast("t.Any", app.json)

    def body() -> str:
        return client.get("/").text

    sorted_text, in_order = '{"a":1,"b":"\\u00fc"}\n', '{"b":"\\u00fc","a":1}\n'
    assert [body(), body()] == [sorted_text] * 2
    provider.sort_keys = False
    assert body() == in_order
    del provider.sort_keys
    assert body() == sorted_text
    monkeypatch.setattr(DefaultJSONProvider, "sort_keys", False)
    assert body() == in_order
    provider.ensure_ascii = False
    assert body() == '{"b":"ü","a":1}\n'
    provider.mimetype = "application/vnd.garden+json"
    assert client.get("/").mimetype == "application/vnd.garden+json"
    provider.compact = False
    assert body() == '{\n  "b": "ü",\n  "a": 1\n}\n'
    provider.compact = None
    app.debug = True
    assert body() == '{\n  "b": "ü",\n  "a": 1\n}\n'


def test_what_a_hook_puts_on_the_request_is_answered() -> None:
    app = Flask("example")
    app.add_url_rule("/", view_func=lambda: "view")
    client = app.test_client()
    assert client.get("/").text == "view"

    def refuse(sender: Flask, **extra: object) -> None:
        edgeweb.request.routing_exception = NotFound()

    with edgeweb.request_started.connected_to(refuse, app):
        assert client.get("/").status_code == 404
    assert client.get("/").text == "view"
