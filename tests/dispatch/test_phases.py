"""edgeweb.dispatch.phases: the phases of a request, each of which may be overridden, and what is left."""

from __future__ import annotations

import gc
import typing as t
import weakref
from pathlib import Path

import pytest
from werkzeug.exceptions import NotFound

from edgeweb import Flask
from tests.witness import both

from .program import make_app

# --- replacing phases --------------------------------------------------------------------------------------

# Method: which request reaches it.
PHASES: dict[str, tuple[str, str]] = {
    "wsgi_app": ("GET", "/"),
    "request_context": ("GET", "/"),
    "create_url_adapter": ("GET", "/"),
    "full_dispatch_request": ("GET", "/"),
    "preprocess_request": ("GET", "/"),
    "dispatch_request": ("GET", "/"),
    "ensure_sync": ("GET", "/"),
    "finalize_request": ("GET", "/"),
    "make_response": ("GET", "/"),
    "process_response": ("GET", "/"),
    "do_teardown_request": ("GET", "/"),
    "do_teardown_appcontext": ("GET", "/"),
    "make_default_options_response": ("OPTIONS", "/"),
    "raise_routing_exception": ("GET", "/nowhere"),
    "trap_http_exception": ("GET", "/nowhere"),
    "handle_http_exception": ("GET", "/nowhere"),
    "handle_user_exception": ("GET", "/fails"),
    "handle_exception": ("GET", "/fails"),
    "log_exception": ("GET", "/fails"),
    "should_ignore_error": ("GET", "/fails"),
}


def _app(framework: t.Any, **config: t.Any) -> t.Any:
    app = framework.Flask("example")
    app.config.update(config)
    app.logger.disabled = True
    app.add_url_rule("/", "index", lambda: "index")

    @app.route("/fails")
    def fails() -> t.NoReturn:
        raise ZeroDivisionError

    return app


def _counting(app: t.Any, name: str, calls: list[str]) -> t.Callable[..., t.Any]:
    original = getattr(app, name)

    def replacement(*args: t.Any, **kwargs: t.Any) -> t.Any:
        calls.append(name)
        return original(*args, **kwargs)

    return replacement


@both
@pytest.mark.parametrize("name", PHASES)
@pytest.mark.parametrize("requests_before", [0, 2])
def test_a_phase_overridden_on_the_instance(framework: t.Any, name: str, requests_before: int) -> None:
    app, calls = _app(framework), []
    method, path = PHASES[name]
    client = app.test_client()
    plain = [client.open(path, method=method).data for _ in range(requests_before or 1)]
    if not requests_before:
        app = _app(framework)
        client = app.test_client()
    setattr(app, name, _counting(app, name, calls))
    for _ in range(2):
        before = len(calls)
        assert client.open(path, method=method).data == plain[0]
        assert len(calls) > before
    delattr(app, name)
    calls.clear()
    client.open(path, method=method)
    assert calls == []


@both
@pytest.mark.parametrize("name", PHASES)
def test_a_phase_overridden_by_a_subclass(framework: t.Any, name: str) -> None:
    calls: list[str] = []

    def override(self: t.Any, *args: t.Any, **kwargs: t.Any) -> t.Any:
        calls.append(name)
        return getattr(framework.Flask, name)(self, *args, **kwargs)

    subclass = type("Sub", (framework.Flask,), {name: override})
    app = subclass("example")
    app.logger.disabled = True
    app.add_url_rule("/", "index", lambda: "index")
    app.add_url_rule("/fails", "fails", lambda: 1 / 0)
    method, path = PHASES[name]
    for _ in range(2):
        calls.clear()
        app.test_client().open(path, method=method)
        assert calls


@both
def test_overrides_decide_the_answer(framework: t.Any) -> None:
    app = _app(framework)
    client = app.test_client()
    assert client.get("/").text == "index"
    app.dispatch_request = lambda: "dispatched"
    assert client.get("/").text == client.get("/nowhere").text == "dispatched"
    app.preprocess_request = lambda: "preprocessed"
    assert client.get("/").text == "preprocessed"
    app.full_dispatch_request = lambda: framework.Response("dispatched in full")
    assert client.get("/").text == "dispatched in full"
    app.wsgi_app = framework.Response("no application")
    assert client.get("/").text == "no application"


@both
def test_overridable_attributes_may_be_exchanged_while_serving(framework: t.Any) -> None:
    app = _app(framework)
    app.add_url_rule("/json", "json", lambda: {"a": 1})
    client = app.test_client()
    assert [client.get("/json").text for _ in range(2)] == ['{"a":1}\n'] * 2

    class Provider(type(app.json)):  # type: ignore[misc]
        def dumps(self, obj: t.Any, **kwargs: t.Any) -> str:
            return "by the provider"

    class Response(framework.Response):  # type: ignore[misc]
        default_mimetype = "text/x"

    class Interface(type(app.session_interface)):  # type: ignore[misc]
        def open_session(self, app: t.Any, request: t.Any) -> None:
            request.environ["opened"] = True

        def make_null_session(self, app: t.Any) -> t.Any:
            heard.append("null session")
            return super().make_null_session(app)

    heard: list[str] = []
    app.json = Provider(app)
    assert client.get("/json").text == "by the provider\n"
    app.response_class = Response
    assert client.get("/").mimetype == "text/x"
    app.session_interface = Interface()
    client.get("/")
    assert heard == ["null session"]


@both
def test_view_functions_may_be_exchanged_while_serving(framework: t.Any) -> None:
    app = _app(framework)
    client = app.test_client()
    assert [client.get("/").text for _ in range(2)] == ["index"] * 2
    app.view_functions["index"] = lambda: "exchanged"
    assert client.get("/").text == "exchanged"


@both
def test_a_middleware_around_wsgi_app(framework: t.Any) -> None:
    app = _app(framework)
    inner = app.wsgi_app

    def middleware(environ: t.Any, start_response: t.Any) -> t.Any:
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix("/prefix")
        return inner(environ, start_response)

    app.wsgi_app = middleware
    assert app.test_client().get("/prefix/").text == "index"


# --- the short way -----------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize("hook", ["before_request", "after_request", "teardown_request"])
def test_a_hook_is_called_for_every_request(framework: t.Any, hook: str) -> None:
    app, calls = _app(framework), []
    getattr(app, hook)(lambda response=None: calls.append(request_of(framework).path) or response)
    client = app.test_client()
    for path in ("/", "/", "/nowhere", "/fails"):
        client.get(path)
    assert calls == ["/", "/", "/nowhere", "/fails"]


def request_of(framework: t.Any) -> t.Any:
    """The proxy of the framework that serves."""
    return framework.request


@both
@pytest.mark.parametrize("name", ["request_started", "request_finished", "request_tearing_down"])
def test_a_signal_reaches_who_connects_while_serving(framework: t.Any, name: str) -> None:
    app = _app(framework)
    client = app.test_client()
    client.get("/")
    client.get("/")
    heard: list[str] = []
    with getattr(framework, name).connected_to(lambda sender, **extra: heard.append(name), app):
        client.get("/")
    client.get("/")
    assert heard == [name]


@both
def test_a_hook_may_change_what_was_matched(framework: t.Any) -> None:
    app = _app(framework)
    app.add_url_rule("/<name>", "named", lambda name: name)

    @app.url_value_preprocessor
    def shout(endpoint: str | None, values: dict[str, t.Any] | None) -> None:
        if values:
            values["name"] = values["name"].upper()

    @app.before_request
    def refuse() -> None:
        if framework.request.path == "/refused":
            framework.request.routing_exception = NotFound()

    client = app.test_client()
    for _ in range(2):
        assert client.get("/ada").text == "ADA"
        assert client.get("/refused").status_code == 404


# --- errors on the way -------------------------------------------------------------------------------------


@both
def test_what_is_no_exception_passes_through_but_tears_down(framework: t.Any) -> None:
    app = _app(framework)
    seen: list[BaseException | None] = []
    app.teardown_request(seen.append)

    @app.route("/interrupted")
    def interrupted() -> t.NoReturn:
        raise KeyboardInterrupt

    client = app.test_client()
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            client.get("/interrupted")
    assert [type(error) for error in seen] == [KeyboardInterrupt] * 2
    assert not framework.has_request_context()


@both
def test_a_failing_after_request_is_an_error_once(framework: t.Any) -> None:
    app = _app(framework)
    calls: list[int] = []

    @app.after_request
    def fails(response: t.Any) -> t.Any:
        calls.append(response.status_code)
        raise ValueError

    response = app.test_client().get("/")
    assert (response.status_code, calls) == (500, [200, 500])


@both
def test_an_ignored_error_is_kept_from_teardown(framework: t.Any) -> None:
    app = _app(framework)
    seen: list[BaseException | None] = []
    app.teardown_request(seen.append)
    app.should_ignore_error = lambda error: True
    app.test_client().get("/fails")
    assert seen == [None]


@both
@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_in_debug_mode_a_redirect_that_loses_the_form_is_an_error(framework: t.Any, code: int) -> None:
    from werkzeug.routing import RequestRedirect

    app = _app(framework, DEBUG=True)
    app.add_url_rule("/slash/", "slash", lambda: "", methods=["GET", "POST"])
    client = app.test_client()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RequestRedirect, "code", code)
        assert client.get("/slash").status_code == code
        if code in (307, 308):
            assert client.post("/slash", data={"a": "1"}).status_code == code
        else:
            with pytest.raises(AssertionError, match="canonical URL 'http"):
                client.post("/slash", data={"a": "1"})


# --- what a request leaves behind --------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", path) for path in ("/text", "/json/3", "/session", "/shop/", "/after", "/nowhere")),
        *(("GET", path) for path in ("/shop", "/gone", "/missing", "/key", "/fails")),
        *((method, "/text") for method in ("HEAD", "OPTIONS", "POST", "PUT")),
    ],
)
def test_a_request_leaves_no_cyclic_garbage(method: str, path: str) -> None:
    app = make_app(overridden=False)
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "SERVER_NAME": "h", "SERVER_PORT": "80"}
    environ |= {"wsgi.url_scheme": "http", "HTTP_HOST": "h", "QUERY_STRING": ""}
    statuses: list[str] = []

    def ask() -> None:
        body = app(dict(environ), lambda status, headers: statuses.append(status))
        list(body)
        if hasattr(body, "close"):
            body.close()

    for _ in range(3):
        ask()  # imports, caches
    gc.collect()
    gc.disable()
    try:
        for _ in range(5):
            ask()
        assert gc.collect() == 0
    finally:
        gc.enable()
    assert len(set(statuses)) == 1


def test_an_application_goes_when_its_last_user_does() -> None:
    gc.collect()
    gc.disable()
    try:
        app = Flask("example", static_folder=str(Path(__file__).parent))
        app.add_url_rule("/", view_func=lambda: "index")
        client = app.test_client()
        for path in ("/", "/", "/nowhere", f"/dispatch/{Path(__file__).name}"):
            client.get(path).close()
        there = weakref.ref(app)
        del app, client
        assert there() is None
    finally:
        gc.enable()
