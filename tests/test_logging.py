"""edgeweb.logging: where the application logs to, and when a handler is added."""

from __future__ import annotations

import logging
import subprocess
import sys
from io import StringIO

import pytest

from edgeweb import Flask
from edgeweb.logging import create_logger, default_handler, has_level_handler, wsgi_errors_stream


@pytest.fixture
def top(monkeypatch: pytest.MonkeyPatch) -> logging.Logger:
    """A logger without a parent, as the root is in a fresh process: pytest has handlers on the real one."""
    top = logging.Logger("logging_tests")
    monkeypatch.setitem(logging.root.manager.loggerDict, top.name, top)
    return top


@pytest.fixture
def app(top: logging.Logger) -> Flask:
    return Flask(top.name)


def test_an_unconfigured_logger_gets_the_handler_once(app: Flask) -> None:
    logger = create_logger(app)
    assert logger.name == "logging_tests"
    assert logger.level == logging.NOTSET
    assert logger.handlers == [default_handler]
    assert create_logger(app).handlers == [default_handler]


def test_debug_mode_sets_the_level_unless_it_is_set(app: Flask) -> None:
    app.debug = True
    assert create_logger(app).level == logging.DEBUG
    logging.getLogger(app.name).setLevel(logging.ERROR)
    assert create_logger(app).level == logging.ERROR


def test_logging_that_is_configured_is_left_alone(app: Flask, top: logging.Logger) -> None:
    handler = logging.StreamHandler()
    top.addHandler(handler)
    assert create_logger(app).handlers == [handler]


def test_has_level_handler(top: logging.Logger) -> None:
    logger = logging.Logger("below")
    logger.parent = top
    assert not has_level_handler(logger)
    handler = logging.StreamHandler()
    top.addHandler(handler)
    assert has_level_handler(logger)
    handler.setLevel(logging.ERROR)
    logger.setLevel(logging.WARNING)
    assert not has_level_handler(logger)
    logger.setLevel(logging.ERROR)
    assert has_level_handler(logger)
    logger.propagate = False
    assert not has_level_handler(logger)


def test_it_writes_to_the_servers_stream_during_a_request(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    @app.get("/")
    def index() -> str:
        app.logger.warning("inside")
        return ""

    stream = StringIO()
    app.test_client().get("/", errors_stream=stream)
    assert stream.getvalue().endswith("] WARNING in test_logging: inside\n")
    app.logger.warning("outside")
    assert capsys.readouterr().err.endswith("] WARNING in test_logging: outside\n")


def test_the_stream_follows_the_request(app: Flask) -> None:
    stream = StringIO()
    assert wsgi_errors_stream._get_current_object() is sys.stderr  # type: ignore[attr-defined]
    with app.test_request_context(errors_stream=stream):
        assert wsgi_errors_stream._get_current_object() is stream  # type: ignore[attr-defined]


def test_logging_is_imported_by_the_first_logger() -> None:
    program = """
import sys
import edgeweb.logging
print("logging" in sys.modules)
edgeweb.logging.default_handler
print("logging" in sys.modules, edgeweb.logging.default_handler is edgeweb.logging.default_handler)
print(hasattr(edgeweb.logging, "no_such_name"))
"""
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert output.stdout == "False\nTrue True\nFalse\n"
