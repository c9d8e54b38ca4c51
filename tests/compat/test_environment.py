"""`edgeweb as-flask install` and `remove` in a virtual environment, as programs and tools see it."""

from __future__ import annotations

import json
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from edgeweb.compat.distribution import VERSION
from tests.tutorials.process import Server

from .environments import Venv, make_venv
from .program import ROOT

pytestmark = pytest.mark.slow

#: What a program sees of Flask: where each of its modules comes from, and what tools ask for.
_LOOK = '''
import importlib, importlib.metadata as metadata, importlib.resources as resources, importlib.util
import json, pkgutil
spec = importlib.util.find_spec("flask")
import flask
names = """app blueprints cli config ctx debughelpers globals helpers json json.provider json.tag logging
sansio sansio.app sansio.blueprints sansio.scaffold sessions signals templating testing typing views
wrappers"""
modules = {name: importlib.import_module("flask." + name) for name in names.split()}
print(json.dumps({
    "origin": spec.origin, "file": flask.__file__, "loader": type(spec.loader).__name__,
    "version": metadata.version("flask"),
    "typed": resources.files("flask").joinpath("py.typed").is_file(),
    "parts": sorted(part.name for part in pkgutil.iter_modules(flask.__path__)),
    "same": "+edgeweb" in metadata.version("flask") and all(
        modules[n] is importlib.import_module("edgeweb." + n) for n in modules if "sansio" not in n
    ),
}))
'''


@pytest.fixture
def env(tmp_path: Path) -> Venv:
    """An environment with the real Flask."""
    return make_venv(tmp_path / "venv")


def look(env: Venv, *before: str) -> dict[str, t.Any]:
    found: dict[str, t.Any] = json.loads(env.run("python", *before, "-c", _LOOK))
    return found


def test_programs_and_tools_find_edgeweb_and_then_flask_again(env: Venv) -> None:
    before, files, flasks = look(env), env.files(), env.doctor()
    assert not flasks["is_edgeweb"] and flasks["version"] == "3.1.3"

    assert "Flask 3.1.3 is set aside." in env.edgeweb("as-flask", "install")
    found = look(env)
    assert found["origin"] == found["file"] == str(env.packages / "flask/__init__.py")
    assert (found["version"], found["typed"], found["same"]) == (VERSION, True, True)
    assert found["loader"] == before["loader"]
    assert set(before["parts"]) | {"sansio"} == set(found["parts"])  # a namespace package in Flask
    assert set(env.files()) & {name for name in files if "dist-info" in name} == set()
    assert "No broken requirements found" in env.run("python", "-m", "pip", "check")
    shown = env.run("python", "-m", "pip", "show", "--files", "flask")
    assert f"Version: {VERSION}" in shown and "Required-by: flask-cors" in shown
    assert "../bin/flask" in shown
    for command in (["flask"], ["python", "-m", "flask"]):
        assert "edgeweb 0.1.0, with the API of Flask 3.1.3" in env.run(*command, "--version")
    doctor = env.doctor()
    assert doctor["is_edgeweb"] and "this environment. Flask 3.1.3 is set aside." in doctor["why"]

    # A second call changes nothing.
    installed = env.files()
    env.edgeweb("as-flask", "install")
    assert env.files() == installed

    assert env.edgeweb("as-flask", "remove") == "Flask 3.1.3 is back.\n"
    assert (look(env), env.files(), env.doctor()) == (before, files, flasks)
    assert not list(env.folder.rglob("*.edgeweb-*")) and not (env.folder / "share/edgeweb").exists()
    assert "Nothing was changed" in env.edgeweb("as-flask", "remove")
    assert env.files() == files


def test_where_no_flask_was(tmp_path: Path) -> None:
    env = make_venv(tmp_path / "venv", with_flask=False)
    assert env.doctor()["place"] == ""
    env.edgeweb("as-flask", "install")
    assert look(env)["same"] is True
    assert "No broken requirements found" in env.run("python", "-m", "pip", "check")
    assert "There was no Flask before" in env.edgeweb("as-flask", "remove")
    assert env.doctor()["place"] == "" and not (env.folder / "bin/flask").exists()
    assert not (env.packages / "flask").exists()


def test_pip_takes_it_away_as_any_other(env: Venv) -> None:
    env.edgeweb("as-flask", "install")
    env.run("python", "-m", "pip", "uninstall", "--yes", "flask")
    assert not (env.packages / "flask").exists() and not (env.folder / "bin/flask").exists()
    assert "Nothing was changed" in env.edgeweb("as-flask", "remove")


def test_a_copy_that_is_gone_leaves_edgewebs_and_names_the_command(env: Venv) -> None:
    env.edgeweb("as-flask", "install")
    (env.folder / "share/edgeweb/flask").rename(env.folder / "gone")
    done = env.started("python", "-m", "edgeweb", "as-flask", "remove")
    assert done.returncode == 1
    assert done.stderr.endswith("-m pip install --force-reinstall flask==3.1.3\n")
    assert look(env)["same"] is True


def test_a_flask_without_a_record_is_not_touched(env: Venv) -> None:
    next(env.packages.glob("flask-3*/RECORD")).unlink()
    files = env.files()
    done = env.started("python", "-m", "edgeweb", "as-flask", "install")
    assert done.returncode == 1 and "was not installed by pip" in done.stderr
    assert env.files() == files


_APP = """
import json, subprocess, sys
from flask import Flask, current_app
from flask_login import LoginManager
app = Flask(__name__)
app.secret_key = "k"
LoginManager(app)
LOOK = "import flask; print(flask.Flask.__module__)"
@app.get("/")
def home():
    child = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)
    return [type(current_app._get_current_object()).__module__, child.stdout.strip()]
@app.cli.command("where")
def where():
    print(Flask.__module__)
"""


@pytest.mark.parametrize("way", ["install", "run"])
def test_gunicorn_and_a_child_process(env: Venv, tmp_path: Path, way: str) -> None:
    (tmp_path / "app.py").write_text(_APP)
    if way == "install":
        env.edgeweb("as-flask", "install")
    before = ["-m", "edgeweb", "as-flask", "run", "--"] if way == "run" else []
    command = [*before, str(env.folder / "bin/gunicorn"), "-b", "127.0.0.1:0", "app:app"]
    with Server(
        command, tmp_path, python=str(env.folder / "bin/python"), environ=env.environment()
    ) as server:
        assert json.loads(server.ask("/")[2]) == ["edgeweb.app", "edgeweb.app"]
        assert server.stop() == 0
    where = ["python", *before, *(["flask"] if before else ["-m", "flask"]), "where"]
    assert env.run(*where, cwd=tmp_path) == "edgeweb.app\n"
    if way == "run":
        assert env.files() == make_venv(tmp_path / "other").files() | {
            "bin/flask": (env.folder / "bin/flask").read_bytes()
        }


def test_type_checkers_see_edgewebs_types(env: Venv, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "from flask import Flask, Response\nfrom flask.json.tag import TaggedJSONSerializer\n"
        "from flask.typing import ResponseReturnValue\nfrom flask.views import View\n"
        "reveal_type(Flask)\nreveal_type(TaggedJSONSerializer)\n"
    )
    env.edgeweb("as-flask", "install")
    options = [
        "--python-executable",
        str(env.folder / "bin/python"),
        "--strict",
        "--cache-dir",
        str(tmp_path),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, "app.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "edgeweb.app.Flask" in done.stdout and "edgeweb.json.tag.TaggedJSONSerializer" in done.stdout


@pytest.mark.parametrize("first", ["install", "remove"])
def test_a_kill_at_any_moment(env: Venv, first: str) -> None:
    """Whichever file operation is the last: one of the two is whole, and both commands finish."""
    if first == "remove":
        env.edgeweb("as-flask", "install")
    script = Path(__file__).with_name("killed.py")
    done = env.started("python", script, first, PYTHONPATH=str(ROOT))
    assert done.returncode == 0, done.stdout + done.stderr
    killed, states = json.loads(done.stdout)
    assert killed > 5 and set(states) == {"flask", "edgeweb"}
