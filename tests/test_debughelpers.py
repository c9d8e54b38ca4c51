"""edgeweb.debughelpers: what is said in debug mode, word for word as in Flask where people search for it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jinja2 import DictLoader, FileSystemLoader, TemplateNotFound
from werkzeug.exceptions import BadRequestKeyError
from werkzeug.routing import RequestRedirect

from edgeweb import Blueprint, Flask, render_template, request
from edgeweb.debughelpers import DebugFilesKeyError, FormDataRoutingRedirect, UnexpectedUnicodeError


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    app = Flask("debug_app", root_path=str(tmp_path), static_folder=None)
    app.testing = True
    app.debug = True

    @app.post("/upload/<name>")
    def upload(name: str) -> str:
        return str(request.files[name].filename)

    return app


def test_a_file_in_a_form_that_cannot_hold_files(app: Flask) -> None:
    with pytest.raises(DebugFilesKeyError) as caught:
        app.test_client().post("/upload/photo", data={"photo": "cat.jpg"})
    assert str(caught.value) == (
        "request.files has no 'photo': the form was sent as 'application/x-www-form-urlencoded', so that no"
        ' file contents were transmitted. Add enctype="multipart/form-data" to the form.'
        "\n\nThe form has only names of files. This was submitted: 'cat.jpg'"
    )
    assert isinstance(caught.value, KeyError)
    assert caught.traceback[-1].name == "__getitem__"


def test_a_field_that_the_form_does_not_have(app: Flask) -> None:
    with pytest.raises(BadRequestKeyError) as caught:
        app.test_client().post("/upload/photo", data={"other": "cat.jpg"})
    assert not isinstance(caught.value, AssertionError)


def test_files_stay_what_they_are(app: Flask) -> None:
    with app.test_request_context("/", method="POST", data={"photo": "cat.jpg"}):
        assert type(request.files).__name__ == "ImmutableMultiDict"
        assert request.files.get("photo") is None


@pytest.mark.parametrize(
    ("redirect", "slash"), [("http://localhost/r/?a=1", True), ("http://localhost/s", False)]
)
def test_a_redirect_that_loses_form_data(app: Flask, redirect: str, slash: bool) -> None:
    with app.test_request_context("/r?a=1", method="POST"):
        request.routing_exception = RequestRedirect(redirect)
        text = str(FormDataRoutingRedirect(request))
    assert text.startswith(
        f"The request to 'http://localhost/r?a=1' is redirected to the canonical URL '{redirect}'"
        f"{', which ends with a slash' if slash else ''}. "
    )
    assert text.endswith(
        "Use the canonical URL, or redirects with 307 or 308.\n\nOnly debug mode raises this error."
    )


def test_unexpected_unicode_is_both_errors() -> None:
    assert issubclass(UnexpectedUnicodeError, AssertionError)
    assert issubclass(UnexpectedUnicodeError, UnicodeError)


class Explained:
    """The lines that an application logged, without what depends on the machine."""

    def __init__(self, app: Flask) -> None:
        self.records: list[str] = []
        handler = logging.Handler()
        handler.emit = lambda record: self.records.append(record.getMessage())  # type: ignore[method-assign]
        app.logger.handlers = [handler]
        app.logger.setLevel(logging.INFO)
        app.logger.propagate = False


@pytest.fixture
def explained(app: Flask) -> Iterator[Explained]:
    yield Explained(app)
    app.logger.handlers.clear()
    app.logger.setLevel(logging.NOTSET)
    app.logger.propagate = True


def test_a_template_that_is_nowhere(app: Flask, explained: Explained, tmp_path: Path) -> None:
    app.config["EXPLAIN_TEMPLATE_LOADING"] = True
    app.jinja_loader = DictLoader({})  # type: ignore[misc]
    blueprint = Blueprint("shop", __name__, root_path=str(tmp_path), template_folder="pages")

    @blueprint.get("/in-blueprint")
    def in_blueprint() -> str:
        return render_template("page.html")

    app.register_blueprint(blueprint)
    app.add_url_rule("/in-app", "in_app", lambda: render_template("page.html"))
    searched = f"""\
Locating template 'page.html':
    1: trying loader of application 'debug_app'
       class: jinja2.loaders.DictLoader
       -> no match
    2: trying loader of blueprint 'shop' ({__name__})
       class: jinja2.loaders.FileSystemLoader
       encoding: 'utf-8'
       followlinks: False
       searchpath:
         - {tmp_path / "pages"}
       -> no match
Error: the template could not be found."""
    hint = """
  The template was looked up from an endpoint that belongs to the blueprint 'shop'.
  Is it in the folder of that blueprint, or of the application?
  See https://flask.palletsprojects.com/blueprints/#templates"""
    for path, text in [("/in-app", searched), ("/in-blueprint", searched + hint)]:
        with pytest.raises(TemplateNotFound):
            app.test_client().get(path)
        assert explained.records.pop() == text
    assert explained.records == []


def test_a_template_that_is_in_two_places(app: Flask, explained: Explained, tmp_path: Path) -> None:
    app.config["EXPLAIN_TEMPLATE_LOADING"] = True
    (tmp_path / "page.html").write_text("from the application")
    app.jinja_loader = FileSystemLoader(tmp_path)  # type: ignore[misc]
    blueprint = Blueprint("shop", __name__, root_path=str(tmp_path))
    blueprint.jinja_loader = DictLoader({"page.html": "from the blueprint"})  # type: ignore[misc]
    app.register_blueprint(blueprint)
    with app.app_context():
        assert render_template("page.html") == "from the application"
    lines = explained.records[0].splitlines()
    assert f"       -> found ('{tmp_path / 'page.html'}')" in lines
    assert "       -> found ('<string>')" in lines
    assert lines[-1] == "Warning: 2 loaders have this template. The first one is used."


def test_a_template_that_is_in_one_place(app: Flask, explained: Explained) -> None:
    app.config["EXPLAIN_TEMPLATE_LOADING"] = True
    app.jinja_loader = DictLoader({"page.html": "found"})  # type: ignore[misc]
    with app.app_context():
        assert render_template("page.html") == "found"
    assert explained.records[0].splitlines()[-1] == "       -> found ('<string>')"


def test_an_owner_of_another_kind(app: Flask, explained: Explained) -> None:
    from edgeweb.debughelpers import explain_template_loading_attempts

    loader: Any = DictLoader({})
    explain_template_loading_attempts(app, "a", [(loader, "somewhere", None)])
    assert "    1: trying loader of 'somewhere'" in explained.records[0].splitlines()
