"""edgeweb.scaffold: what application and blueprint have in common."""

from __future__ import annotations

import typing as t
from datetime import timedelta
from pathlib import Path

import pytest
from werkzeug.exceptions import Forbidden, HTTPException

from .witness import both, worded


@both
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH"])
def test_the_shortcuts_for_one_method(framework: t.Any, method: str) -> None:
    app = framework.Flask("example")
    decorator = getattr(app, method.lower())

    @decorator("/")
    def view() -> str:
        return framework.request.method

    ours = f"'{method.lower()}' stands for one method. For others use 'route' with 'methods'."
    with pytest.raises(TypeError, match=worded(framework, "Use the 'route' decorator", ours)):
        decorator("/two", methods=["GET"])
    assert app.test_client().open("/", method=method).text == method
    other = "POST" if method == "GET" else "GET"
    assert app.test_client().open("/", method=other).status_code == 405


@both
def test_views_may_follow_their_rule(framework: t.Any) -> None:
    app = framework.Flask("example")
    app.add_url_rule("/", endpoint="later")

    @app.endpoint("later")
    def view() -> str:
        return framework.request.endpoint

    assert app.test_client().get("/").text == "later"


@both
def test_decorators_give_back_what_they_decorate(framework: t.Any) -> None:
    app = framework.Flask("example")

    def function(*args: t.Any) -> t.Any:
        return {}

    names = (
        "before_request after_request teardown_request context_processor url_value_preprocessor url_defaults"
    )
    for name in names.split():
        assert getattr(app, name)(function) is function
    assert (
        app.route("/")(function) is app.errorhandler(404)(function) is app.endpoint("x")(function) is function
    )


@both
@pytest.mark.parametrize(
    ("registered_for", "error", "message"),
    [
        (999, ValueError, "Use a subclass of HTTPException"),
        (KeyError(), TypeError, "KeyError() is an instance, not a class."),
        (
            Forbidden(),
            TypeError,
            "is an instance, not a class.",
        ),
        (KeyboardInterrupt, ValueError, "'KeyboardInterrupt' is not a subclass of Exception."),
        (int, ValueError, "'int' is not a subclass of Exception."),
    ],
)
def test_error_handlers_are_for_codes_and_exception_classes(
    framework: t.Any, registered_for: t.Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        framework.Flask("example").register_error_handler(registered_for, lambda error: "")
    assert message in str(caught.value)


@both
def test_handlers_are_kept_by_code_and_class(framework: t.Any) -> None:
    app = framework.Flask("example")
    for what in (403, Forbidden, HTTPException, KeyError):
        app.register_error_handler(what, repr)
    kept = {
        (code, cls.__name__) for code, by_class in app.error_handler_spec[None].items() for cls in by_class
    }
    assert kept == {(403, "Forbidden"), (None, "HTTPException"), (None, "KeyError")}


# --- files -------------------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize(
    ("folder", "url_path", "has", "path", "url"),
    [
        ("static", None, True, "/root/static", "/static"),
        ("files/public/", None, True, "/root/files/public", "/public"),
        ("/elsewhere/shared", None, True, "/elsewhere/shared", "/shared"),
        ("static", "/assets/", True, "/root/static", "/assets"),
        ("static", "", True, "/root/static", ""),
        (Path("static"), None, True, "/root/static", "/static"),
        (None, None, False, None, None),
        (None, "/assets", False, None, "/assets"),
    ],
)
def test_static_folder_and_its_url(
    framework: t.Any, folder: t.Any, url_path: str | None, has: bool, path: str | None, url: str | None
) -> None:
    app = framework.Flask("example", root_path="/root", static_folder=folder, static_url_path=url_path)
    assert (app.has_static_folder, app.static_folder, app.static_url_path) == (has, path, url)
    rules = [rule.rule for rule in app.url_map.iter_rules()]
    assert rules == ([f"{url}/<path:filename>"] if has else [])


@both
def test_static_files_need_a_folder(framework: t.Any) -> None:
    app = framework.Flask("example", static_folder=None)
    message = "'static_folder' must be set to serve static_files."
    with app.test_request_context("/"), pytest.raises(RuntimeError, match=message):
        app.send_static_file("x")


@both
@pytest.mark.parametrize(("value", "age"), [(None, None), (60, 60), (timedelta(minutes=2), 120)])
def test_the_age_of_files(framework: t.Any, value: t.Any, age: int | None, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    app = framework.Flask("example", static_folder=tmp_path, static_url_path="/f")
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = value
    with app.app_context():
        assert app.get_send_file_max_age("a.txt") == age
    with app.test_client().get("/f/a.txt") as response:
        assert response.cache_control.max_age == age
    app.get_send_file_max_age = lambda name: 7 if name == "a.txt" else None
    with app.test_client().get("/f/a.txt") as response:
        assert response.cache_control.max_age == 7


@both
def test_resources_are_read_only(framework: t.Any, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("ä", encoding="latin-1")
    app = framework.Flask("example", root_path=str(tmp_path))
    with app.open_resource("a.txt") as file:
        assert file.read() == b"\xe4"
    with app.open_resource("a.txt", "r", encoding="latin-1") as file:
        assert file.read() == "ä"
    for mode in ("w", "a", "r+", "rb+", "x"):
        with pytest.raises(ValueError, match=r"Resources can only be opened for reading\."):
            app.open_resource("a.txt", mode)


@both
def test_the_template_loader(framework: t.Any, tmp_path: Path) -> None:
    from jinja2 import DictLoader, FileSystemLoader

    app = framework.Flask("example", root_path=str(tmp_path), template_folder="pages")
    assert isinstance(app.jinja_loader, FileSystemLoader)
    assert app.jinja_loader is app.jinja_loader
    assert app.jinja_loader.searchpath == [str(tmp_path / "pages")]
    app.jinja_loader = DictLoader({"a.html": "from a dict"})
    with app.app_context():
        assert framework.render_template("a.html") == "from a dict"
    assert framework.Flask("example", template_folder=None).jinja_loader is None


@both
def test_the_command_group_is_named_like_its_owner(framework: t.Any) -> None:
    import click

    app = framework.Flask("example")
    assert isinstance(app.cli, click.Group) and app.cli is app.cli
    assert app.cli.name == "example"
    app.cli = click.Group("own")
    assert app.cli.name == "own"
    assert repr(app) == "<Flask 'example'>"
    assert repr(framework.Blueprint("bp", __name__)) == "<Blueprint 'bp'>"
