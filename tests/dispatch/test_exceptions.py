"""edgeweb.dispatch.exceptions: which handler answers an exception, and what happens to an unhandled one."""

from __future__ import annotations

import logging
import sys
import typing as t

import pytest
from werkzeug.exceptions import (
    BadRequest,
    BadRequestKeyError,
    Forbidden,
    HTTPException,
    InternalServerError,
    NotFound,
)

from edgeweb import Flask
from edgeweb.dispatch.exceptions import find_handler
from tests.witness import both, worded


class Base(Exception):
    """With a subclass below, and no relation to HTTP."""


class Derived(Base):
    """Handled by the handler of its base, unless there is a nearer one."""


class Teapot(HTTPException):
    """An HTTP error of the program's own."""

    code = 418


class Nameless(HTTPException):
    """An HTTP error without a code."""


# (owner, registered for): owner is the application, the outer or the inner blueprint.
Registered = tuple[str, t.Any]

# What is raised in the inner blueprint, what is registered, which of these answers.
PRECEDENCE: list[tuple[Exception, list[Registered], int | None]] = [
    (NotFound(), [("app", 404)], 0),
    (NotFound(), [("app", NotFound)], 0),
    (NotFound(), [("app", HTTPException)], 0),
    (NotFound(), [("app", Exception)], 0),
    (NotFound(), [("app", 403)], None),
    (NotFound(), [("app", 404), ("outer", 404)], 1),
    (NotFound(), [("app", 404), ("outer", 404), ("inner", 404)], 2),
    (NotFound(), [("app", 404), ("app", HTTPException), ("app", Exception)], 0),
    # By code anywhere before by class alone anywhere.
    (NotFound(), [("app", 404), ("inner", HTTPException)], 0),
    (NotFound(), [("app", HTTPException), ("inner", Exception)], 1),
    (NotFound(), [("outer", HTTPException), ("inner", Exception)], 1),
    (Teapot(), [("app", Teapot), ("app", HTTPException)], 0),
    (Teapot(), [("app", 404), ("app", HTTPException)], 1),
    # A class registered with the same code, but not one of the exception's own.
    (BadRequestKeyError("k"), [("app", 400)], 0),
    (BadRequestKeyError("k"), [("app", 400), ("app", BadRequestKeyError)], 1),
    (BadRequestKeyError("k"), [("inner", 400), ("app", BadRequestKeyError)], 0),
    (Base(), [("app", Base)], 0),
    (Base(), [("app", Derived)], None),
    (Derived(), [("app", Base)], 0),
    (Derived(), [("app", Exception), ("app", Base), ("app", Derived)], 2),
    (Derived(), [("app", Derived), ("outer", Base)], 1),
    (Derived(), [("outer", Derived), ("inner", Exception)], 1),
    (KeyError(), [("app", LookupError)], 0),
]


def _with_handlers(framework: t.Any, registered: list[Registered]) -> t.Any:
    app = framework.Flask("example")
    app.logger.disabled = True
    owners = {
        "app": app,
        "outer": framework.Blueprint("outer", __name__),
        "inner": framework.Blueprint("inner", __name__),
    }
    for number, (owner, what) in enumerate(registered):
        owners[owner].register_error_handler(what, lambda error, number=number: f"handler {number}")

    @owners["inner"].route("/")
    def view() -> t.Any:
        return app.raises()

    owners["outer"].register_blueprint(owners["inner"])
    app.register_blueprint(owners["outer"])
    return app


@both
@pytest.mark.parametrize(("error", "registered", "answering"), PRECEDENCE)
def test_precedence(
    framework: t.Any, error: Exception, registered: list[Registered], answering: int | None
) -> None:
    app = _with_handlers(framework, registered)

    def raises() -> t.NoReturn:
        raise error

    app.raises = raises
    response = app.test_client().get("/")
    if answering is None:
        assert response.status_code == getattr(error, "code", 500) and "handler" not in response.text
    else:
        assert response.text == f"handler {answering}"


@both
def test_an_http_error_without_a_code_answers_for_itself(framework: t.Any) -> None:
    app = framework.Flask("example")
    app.register_error_handler(HTTPException, lambda error: "handled")
    error = Nameless()
    with app.test_request_context("/"):
        assert app.handle_http_exception(error) is error
        assert app.handle_http_exception(Forbidden()) == "handled"


def test_no_handlers_are_no_handler() -> None:
    app = Flask("example")
    assert find_handler(app, NotFound(), []) is None
    assert not app.error_handler_spec, "looking must not fill the table"


# --- nobody handles it -------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize(
    ("config", "raised"),
    [
        ({}, False),
        ({"TESTING": True}, True),
        ({"DEBUG": True}, True),
        ({"PROPAGATE_EXCEPTIONS": True}, True),
        ({"PROPAGATE_EXCEPTIONS": False, "TESTING": True, "DEBUG": True}, False),
    ],
)
def test_an_unhandled_exception_is_500_or_raised(
    framework: t.Any, config: dict[str, bool], raised: bool, caplog: pytest.LogCaptureFixture
) -> None:
    app = _with_handlers(framework, [])
    app.logger.disabled = False
    app.config.update(config)
    app.raises = lambda: {}["missing"]
    heard: list[Exception] = []
    with framework.got_request_exception.connected_to(
        lambda sender, exception, **extra: heard.append(exception), app
    ):
        if raised:
            with pytest.raises(KeyError, match="missing"):
                app.test_client().get("/")
            assert not caplog.records
        else:
            response = app.test_client().get("/")
            assert (response.status_code, response.mimetype) == (500, "text/html")
            (record,) = caplog.records
            assert record.getMessage() == "Exception on / [GET]"
            assert record.levelno == logging.ERROR
            assert record.exc_info is not None and record.exc_info[0] is KeyError
    assert [type(error) for error in heard] == [KeyError]


@both
@pytest.mark.parametrize("registered_for", [500, InternalServerError])
def test_the_500_handler_gets_the_original(framework: t.Any, registered_for: t.Any) -> None:
    app = framework.Flask("example")
    app.logger.disabled = True
    app.add_url_rule("/", "view", lambda: 1 / 0)
    seen: list[t.Any] = []

    def sorry(error: Exception) -> tuple[str, int]:
        seen.append(error)
        return "sorry", 500

    app.register_error_handler(registered_for, sorry)
    response = app.test_client().get("/")
    assert (response.status_code, response.text) == (500, "sorry")
    assert isinstance(seen[0], InternalServerError)
    assert isinstance(seen[0].original_exception, ZeroDivisionError)


@both
def test_a_handler_that_fails_is_an_unhandled_error(framework: t.Any) -> None:
    app = framework.Flask("example")
    app.logger.disabled = True
    app.add_url_rule("/", "view", lambda: 1 / 0)
    app.register_error_handler(ZeroDivisionError, lambda error: {}["missing"])
    app.register_error_handler(KeyError, lambda error: "never: handlers are not asked about handlers")
    assert app.test_client().get("/").status_code == 500


@both
def test_a_500_handler_whose_response_cannot_be_finished_is_logged(
    framework: t.Any, caplog: pytest.LogCaptureFixture
) -> None:
    app = framework.Flask("finished")
    app.add_url_rule("/", "view", lambda: 1 / 0)
    app.after_request(lambda response: {}["missing"])
    assert app.test_client().get("/").status_code == 500
    messages = [record.getMessage() for record in caplog.records]
    assert messages == [
        "Exception on / [GET]",
        worded(
            framework,
            "Request finalizing failed with an error while handling an error",
            "The response to an error could not be finished",
        ),
    ]


# --- trapping ----------------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize(
    ("config", "error", "trapped"),
    [
        ({}, Forbidden(), False),
        ({}, BadRequestKeyError("k"), False),
        ({"TRAP_HTTP_EXCEPTIONS": True}, Forbidden(), True),
        ({"TRAP_HTTP_EXCEPTIONS": True}, BadRequest(), True),
        ({"TRAP_BAD_REQUEST_ERRORS": True}, BadRequest(), True),
        ({"TRAP_BAD_REQUEST_ERRORS": True}, BadRequestKeyError("k"), True),
        ({"TRAP_BAD_REQUEST_ERRORS": True}, Forbidden(), False),
        ({"DEBUG": True}, BadRequestKeyError("k"), True),
        ({"DEBUG": True}, BadRequest(), False),
        ({"DEBUG": True, "TRAP_BAD_REQUEST_ERRORS": False}, BadRequestKeyError("k"), False),
    ],
)
def test_trapping(framework: t.Any, config: dict[str, bool], error: HTTPException, trapped: bool) -> None:
    app = framework.Flask("example")
    app.config.update(config)
    app.testing = True
    assert app.trap_http_exception(error) is trapped

    def view() -> t.NoReturn:
        raise error

    app.add_url_rule("/", "view", view)
    if trapped:
        with pytest.raises(type(error)):
            app.test_client().get("/")
    else:
        assert app.test_client().get("/").status_code == error.code


@both
@pytest.mark.parametrize(("debug", "named"), [(True, True), (False, False)])
def test_a_missing_key_is_named_in_debug_mode_only(framework: t.Any, debug: bool, named: bool) -> None:
    app = framework.Flask("example")
    app.config.update(DEBUG=debug, TRAP_BAD_REQUEST_ERRORS=False)
    app.add_url_rule("/", "view", lambda: framework.request.args["the-key"])
    assert ("the-key" in app.test_client().get("/").text) is named


@both
def test_redirects_of_the_router_pass_the_handlers(framework: t.Any) -> None:
    app = framework.Flask("example")
    app.add_url_rule("/slash/", "view", lambda: "")
    for what in (308, HTTPException, Exception):
        if what != 308:
            app.register_error_handler(what, lambda error: "handled")
    assert app.test_client().get("/slash").status_code == 308
    assert app.test_client().get("/nowhere").text == "handled"


@both
def test_outside_of_an_exception_handler_handle_exception_raises_the_error_itself(framework: t.Any) -> None:
    app = framework.Flask("example")
    app.testing = True
    error = KeyError("given")
    with app.test_request_context("/"), pytest.raises(KeyError) as caught:
        assert sys.exc_info() == (None, None, None)
        app.handle_exception(error)
    assert caught.value is error
