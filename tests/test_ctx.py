"""edgeweb.ctx: what is current when, how contexts nest, when they are torn down, when a session is opened."""

from __future__ import annotations

import threading
import typing as t
from contextvars import copy_context

import pytest

import edgeweb
from edgeweb import Flask
from edgeweb.ctx import RequestContext
from edgeweb.globals import app_ctx, request_ctx
from edgeweb.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionInterface

from .witness import both

# --- g -----------------------------------------------------------------------------------------------------


@both
def test_g_is_a_namespace_and_a_mapping(framework: t.Any) -> None:
    g = framework.g
    with framework.Flask("example").app_context():
        g.a = 1
        assert (g.a, g.get("a"), g.get("b"), g.get("b", 2)) == (1, 1, None, 2)
        assert "a" in g and "b" not in g
        assert (g.setdefault("b", 3), g.setdefault("b", 4), g.setdefault("n")) == (3, 3, None)
        assert sorted(g) == ["a", "b", "n"]
        assert (g.pop("b"), g.pop("b", None)) == (3, None)
        del g.a
        assert "a" not in g
        assert repr(g) == "<flask.g of 'example'>"


@both
@pytest.mark.parametrize(
    ("act", "error"),
    [
        (lambda g: g.missing, AttributeError),
        (lambda g: delattr(g, "missing"), AttributeError),
        (lambda g: g.pop("missing"), KeyError),
    ],
)
def test_g_has_what_it_was_given(framework: t.Any, act: t.Any, error: type[Exception]) -> None:
    with framework.Flask("example").app_context(), pytest.raises(error, match="missing"):
        act(framework.g)


@both
def test_g_lives_as_long_as_its_application_context(framework: t.Any) -> None:
    app, other = framework.Flask("example"), framework.Flask("other")
    with app.app_context():
        framework.g.value = "outer"
        with app.test_request_context("/"):
            # The request lives in the context that somebody had opened for its application.
            assert framework.g.value == "outer"
        with other.test_request_context("/"):
            assert "value" not in framework.g
        with app.app_context():
            assert "value" not in framework.g
        assert framework.g.value == "outer"
    with app.app_context():
        assert "value" not in framework.g


# --- nesting -----------------------------------------------------------------------------------------------


@both
def test_current_app_follows_the_innermost_context(framework: t.Any) -> None:
    first, second = framework.Flask("first"), framework.Flask("second")
    with first.app_context():
        with second.test_request_context("/two"):
            assert framework.current_app.name == "second"
            with first.app_context():
                assert framework.current_app.name == "first"
                assert framework.request.path == "/two"
            assert framework.current_app.name == "second"
        assert framework.current_app.name == "first"
        assert not framework.request


@both
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda app: app.app_context(), "Popped wrong app context."),
        (lambda app: app.test_request_context("/"), "Popped wrong request context."),
    ],
)
def test_contexts_have_to_be_popped_in_their_order(framework: t.Any, make: t.Any, message: str) -> None:
    app = framework.Flask("example")

    def wrong_order() -> None:
        outer, inner = make(app), make(app)
        outer.push()
        inner.push()
        outer.pop()

    with pytest.raises(AssertionError, match=message):
        # In a copy: what stays pushed is nobody's afterwards.
        copy_context().run(wrong_order)


@both
def test_teardown_runs_when_the_last_push_is_popped(framework: t.Any) -> None:
    app = framework.Flask("example")
    ran: list[str] = []
    app.teardown_request(lambda error: ran.append(f"request {error}"))
    app.teardown_appcontext(lambda error: ran.append(f"app {error}"))
    ctx = app.test_request_context("/")
    with ctx:
        with ctx:
            pass
        assert ran == []
        assert framework.request.path == "/"
    assert ran == ["request None", "app None"]


@both
def test_teardown_is_told_of_the_error_that_ends_the_context(framework: t.Any) -> None:
    app = framework.Flask("example")
    seen: list[BaseException | None] = []
    app.teardown_appcontext(seen.append)
    with pytest.raises(ZeroDivisionError), app.app_context():
        raise ZeroDivisionError
    try:
        raise KeyError
    except KeyError:
        ctx = app.app_context()
        ctx.push()
        ctx.pop()  # no error named: the one that is being handled
        ctx.push()
        ctx.pop(None)
    assert [type(error).__name__ for error in seen] == ["ZeroDivisionError", "KeyError", "NoneType"]


@both
def test_a_context_takes_any_attribute(framework: t.Any) -> None:
    with framework.Flask("example").test_request_context("/") as ctx:
        ctx.of_an_extension = 1
        assert ctx.of_an_extension == 1
        assert not hasattr(ctx, "other")


def test_one_object_is_both_contexts_of_a_request() -> None:
    app = Flask("example")
    with app.test_request_context("/") as ctx:
        assert app_ctx._get_current_object() is request_ctx._get_current_object() is ctx
        assert repr(ctx) == "<RequestContext 'http://localhost/' [GET] of example>"


@both
def test_a_popped_request_does_not_hold_its_environment_in_a_circle(framework: t.Any) -> None:
    with framework.Flask("example").test_request_context("/") as ctx:
        assert ctx.request.environ["werkzeug.request"] is ctx.request
    assert ctx.request.environ["werkzeug.request"] is None


@both
def test_has_context(framework: t.Any) -> None:
    app = framework.Flask("example")
    has = framework.has_app_context, framework.has_request_context
    assert [function() for function in has] == [False, False]
    with app.app_context():
        assert [function() for function in has] == [True, False]
        with app.test_request_context("/"):
            assert [function() for function in has] == [True, True]


@both
def test_url_adapter_without_a_request_needs_a_server_name(framework: t.Any) -> None:
    app = framework.Flask("example")
    assert app.app_context().url_adapter is None
    app.config["SERVER_NAME"] = "example.org"
    assert app.app_context().url_adapter.server_name == "example.org"


# --- other threads -----------------------------------------------------------------------------------------


def _in_thread(function: t.Callable[[], t.Any]) -> t.Any:
    result: list[t.Any] = []
    thread = threading.Thread(target=lambda: result.append(function()))
    thread.start()
    thread.join()
    return result[0]


@both
def test_another_thread_has_the_context_that_is_copied_for_it(framework: t.Any) -> None:
    app = framework.Flask("example")
    app.secret_key = "key"
    app.teardown_request(lambda error: torn_down.append(framework.request.path))
    torn_down: list[str] = []
    with app.test_request_context("/path"):
        framework.session["name"] = "ada"
        framework.g.value = 1
        assert _in_thread(framework.has_request_context) is False

        @framework.copy_current_request_context
        def work() -> tuple[str, str, bool]:
            """Docs."""
            return framework.request.path, framework.session["name"], "value" in framework.g

        assert work.__doc__ == "Docs."
        # Request and session are the same; g is the copy's own.
        assert _in_thread(work) == ("/path", "ada", False)
        assert torn_down == ["/path"]


@both
@pytest.mark.parametrize("name", ["copy_current_request_context", "after_this_request"])
def test_needs_a_request(framework: t.Any, name: str) -> None:
    with pytest.raises(RuntimeError, match=f"'{name}' .* request"):
        getattr(framework, name)(lambda response: response)


# --- matching ----------------------------------------------------------------------------------------------


@both
def test_what_matching_finds_is_kept_on_the_request(framework: t.Any) -> None:
    app = framework.Flask("example")
    app.add_url_rule("/lamps/<int:number>", "lamp", lambda number: "")
    for path, endpoint, view_args, error in [
        ("/lamps/3", "lamp", {"number": 3}, None),
        ("/lamps/x", None, None, "NotFound"),
    ]:
        with app.test_request_context(path) as ctx:
            request = ctx.request
            assert (request.endpoint, request.view_args) == (endpoint, view_args)
            assert error == (request.routing_exception and type(request.routing_exception).__name__)
    with app.test_request_context("/lamps/3", method="POST") as ctx:
        assert ctx.request.routing_exception.valid_methods


# --- session -----------------------------------------------------------------------------------------------


class _Interface(SessionInterface):
    def __init__(self) -> None:
        self.opened: list[str] = []

    def open_session(self, app: t.Any, request: t.Any) -> SecureCookieSession:
        self.opened.append(request.path)
        return SecureCookieSession()

    def save_session(self, app: t.Any, session: t.Any, response: t.Any) -> None:
        response.headers["X-Saved"] = repr(dict(session))


def test_a_custom_interface_is_asked_at_once() -> None:
    app = Flask("example")
    interface = app.session_interface = _Interface()
    app.add_url_rule("/", view_func=lambda: "never looks at the session")
    response = app.test_client().get("/")
    assert interface.opened == ["/"]
    assert response.headers["X-Saved"] == "{}"
    with app.test_request_context("/two") as ctx:
        assert interface.opened == ["/", "/two"]
        assert isinstance(ctx.session, SecureCookieSession)


def test_the_cookie_session_is_opened_by_whoever_looks_first() -> None:
    opened: list[str] = []

    class Interface(SecureCookieSessionInterface):
        def get_signing_serializer(self, app: t.Any) -> t.Any:
            opened.append("signer")
            return super().get_signing_serializer(app)

    app = Flask("example")
    app.secret_key = "key"
    app.session_interface = Interface()
    ctx = app.test_request_context("/")
    assert ctx.session is None  # not pushed yet
    with ctx:
        assert opened == []
        assert ctx.session_waits
        assert edgeweb.session.get("x") is None
        assert opened == ["signer"]
        assert edgeweb.session.accessed and not edgeweb.session.modified
        assert edgeweb.session._get_current_object() is ctx.session
    # The copy for another thread has the session of this one, opened or not.
    with app.test_request_context("/") as ctx:
        assert ctx.copy().session is ctx.session


def test_an_interface_without_a_session_gives_a_null_session() -> None:
    app = Flask("example")
    app.add_url_rule("/", view_func=lambda: edgeweb.session.setdefault("a", 1))
    app.testing = True
    with pytest.raises(RuntimeError, match="The session is unavailable because no secret key was set"):
        app.test_client().get("/")


def test_whoever_assigns_a_session_is_believed() -> None:
    app = Flask("example")
    app.secret_key = "key"
    with app.test_request_context("/") as ctx:
        ctx.session = SecureCookieSession({"from": "elsewhere"})
        assert edgeweb.session["from"] == "elsewhere"
        ctx._session = SecureCookieSession({"from": "socket"})
        assert edgeweb.session["from"] == "socket"


@both
def test_the_first_push_opens_the_session_and_no_other(framework: t.Any) -> None:
    app = framework.Flask("example")
    app.secret_key = "key"
    with app.test_request_context("/") as ctx:
        framework.session["a"] = 1
        with ctx:
            assert framework.session["a"] == 1


def test_contexts_are_made_of_an_environment() -> None:
    app = Flask("example")
    ctx = RequestContext(
        app, {"REQUEST_METHOD": "PUT", "PATH_INFO": "/x", "SERVER_NAME": "h", "SERVER_PORT": "80"}
    )
    assert (ctx.request.method, ctx.request.path, ctx.app) == ("PUT", "/x", app)
