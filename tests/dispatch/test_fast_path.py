"""edgeweb.dispatch.fast_path: which requests are matched without an adapter, and that both ways agree."""

from __future__ import annotations

import typing as t

import pytest
from werkzeug.exceptions import MethodNotAllowed, NotFound

import edgeweb.app
from edgeweb import Flask
from edgeweb.dispatch.fast_path import match_directly
from edgeweb.routing import Map


def _app(**options: t.Any) -> Flask:
    app = Flask("example", static_folder=None, **options)
    app.add_url_rule("/lamps/<int:number>", "lamp", lambda number: "", methods=["GET", "PUT"])
    app.add_url_rule("/slash/", "slash", lambda: "")
    app.add_url_rule("/ü", "umlaut", lambda: "")
    app.add_url_rule("/socket", "socket", lambda: "", websocket=True)
    app.add_url_rule("/old", "old", lambda: "", redirect_to="/slash/")
    app._known_hosts.add("localhost")
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
    assert match_directly(app, request) is True
    assert (request.endpoint, request.view_args) == (endpoint, values)
    assert type(request.routing_exception) is (error or type(None))
    ctx = app.request_context(_request(app, path, method).environ)
    app._known_hosts.clear()
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
    assert match_directly(app, request) is False
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
    assert match_directly(app, _request(app, "/lamps/3")) is False


def test_a_host_is_known_once_its_adapter_was_made() -> None:
    app = _app()
    app._known_hosts.clear()
    request = _request(app, "/lamps/3", HTTP_HOST="example.org")
    assert match_directly(app, request) is False
    app.create_url_adapter(request)
    assert match_directly(app, request) is True


def test_the_warning_of_a_strange_host_comes_from_the_application_s_module() -> None:
    """Programs filter it by that name, which is `flask.app` to those that were written for Flask."""
    app = _app(subdomain_matching=True)
    app.config["SERVER_NAME"] = "example.com"
    with pytest.warns(UserWarning, match="Current server name") as caught:
        assert app.test_client().get("/slash/", "http://10.0.0.1").status_code == 404
    assert [warning.filename for warning in caught] == [edgeweb.app.__file__]
