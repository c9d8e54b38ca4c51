"""edgeweb.cli.info: how the application of a command line is loaded."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgeweb import Flask
from edgeweb.cli.info import ScriptInfo
from edgeweb.cli.locate import NoAppException


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(sys, "path", sys.path[:])
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FLASK_DEBUG", raising=False)
    monkeypatch.delenv("FLASK_SKIP_DOTENV", raising=False)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def write(path: Path, app_name: str) -> None:
    path.write_text(
        f"from edgeweb import Flask\napp = Flask({app_name!r})\n"
        "def make(name='made'):\n    return Flask(name)\n"
    )


def test_an_application_is_loaded_once(project: Path) -> None:
    write(project / "info_module.py", "named")
    info = ScriptInfo(app_import_path="info_module")
    app = info.load_app()
    assert app.name == "named"
    assert info.load_app() is app


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("info_module:app", "named"),
        ("info_module.py", "named"),
        ("info_module.py:make", "made"),
        ("{project}/info_module.py:make('x')", "x"),
        ("info_module:make(name='a:b')", "a:b"),
    ],
)
def test_paths_with_and_without_a_name(project: Path, path: str, name: str) -> None:
    write(project / "info_module.py", "named")
    assert ScriptInfo(app_import_path=path.format(project=project)).load_app().name == name


def test_a_colon_before_a_slash_belongs_to_the_path(project: Path) -> None:
    # C:/web.py on Windows. Here it is a folder "C:" that is not there.
    with pytest.raises(NoAppException, match="There is no module 'web'"):
        ScriptInfo(app_import_path="C:/web.py").load_app()


def test_a_factory_goes_before_a_path() -> None:
    info = ScriptInfo("no_such_module", create_app=lambda: Flask("factory"))
    assert info.load_app().name == "factory"


@pytest.mark.parametrize(
    ("files", "name"), [(["wsgi.py"], "wsgi"), (["app.py"], "app"), (["app.py", "wsgi.py"], "wsgi")]
)
def test_default_files(project: Path, files: list[str], name: str) -> None:
    for file in files:
        write(project / file, Path(file).stem)
    assert ScriptInfo().load_app().name == name


def test_nothing_to_load() -> None:
    for info in (ScriptInfo(), ScriptInfo(create_app=lambda: None)):
        with pytest.raises(NoAppException) as caught:
            info.load_app()
        assert caught.value.format_message() == (
            "There is no application to load. Name it with '--app' or in the variable FLASK_APP, or put it in"
            " 'wsgi.py' or 'app.py' in this folder."
        )


@pytest.mark.parametrize(
    ("value", "set_debug_flag", "debug"),
    [("1", True, True), ("0", True, False), (None, True, False), (None, False, True), ("0", False, True)],
)
def test_the_debug_flag(
    monkeypatch: pytest.MonkeyPatch, value: str | None, set_debug_flag: bool, debug: bool
) -> None:
    def create_app() -> Flask:
        app = Flask("debugged")
        app.debug = True
        return app

    if value is not None:
        monkeypatch.setenv("FLASK_DEBUG", value)
    info = ScriptInfo(create_app=create_app, set_debug_flag=set_debug_flag)
    assert info.load_app().debug is debug


def test_env_files_may_be_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ScriptInfo().load_dotenv_defaults is True
    assert ScriptInfo(load_dotenv_defaults=False).load_dotenv_defaults is False
    monkeypatch.setenv("FLASK_SKIP_DOTENV", "1")
    assert ScriptInfo().load_dotenv_defaults is False
