"""install_as_flask(): edgeweb's own modules under Flask's names, and nothing that Flask does not have."""

from __future__ import annotations

import sysconfig
from pathlib import Path

from .program import ROOT, answers, run

_SAME = '''
from edgeweb.compat import install_as_flask
install_as_flask()
install_as_flask()  # a second call changes nothing
import importlib, sys
import flask, flask.globals
assert sys.modules["flask.globals"] is sys.modules["edgeweb.globals"]
names = """app blueprints cli config ctx debughelpers globals helpers json json.provider json.tag logging
sessions signals templating testing typing views wrappers"""
for name in names.split():
    ours, theirs = importlib.import_module("edgeweb." + name), importlib.import_module("flask." + name)
    assert ours is theirs, name
from flask.sansio.app import App
from flask.sansio.scaffold import Scaffold
assert App is flask.Flask and issubclass(flask.Blueprint, Scaffold)
assert flask.views is sys.modules["edgeweb.views"]
assert flask.__file__ == sys.modules["edgeweb"].__file__
import warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    assert flask.__version__ == "3.1.3"
assert [(one.category, one.filename) for one in caught] == [(DeprecationWarning, "<string>")], caught
'''

_VERSION = """
import importlib.metadata, importlib.util
assert importlib.util.find_spec("flask") is None
from edgeweb.compat import install_as_flask
install_as_flask()
assert importlib.metadata.version("flask") == importlib.metadata.version("Flask") == "3.1.3"
assert [d for d in importlib.metadata.distributions() if d.metadata["Name"] == "Flask"]
assert "jinja2" in {d.metadata["Name"].lower() for d in importlib.metadata.distributions()}
from flask_login import LoginManager
from flask import Flask
LoginManager(Flask("program"))
"""


def test_every_module_is_edgewebs(tmp_path: Path) -> None:
    done = run(["-c", _SAME], tmp_path)
    assert done.returncode == 0, done.stderr


def test_probes_find_what_they_find_in_flask(tmp_path: Path) -> None:
    ours, flasks = (answers(framework, "probes", tmp_path) for framework in ("edgeweb", "flask"))
    assert ours == flasks
    assert flasks[0][1]["Markup"] is False and flasks[-1][1] == "found"


def test_flask_that_was_there_first_is_an_error(tmp_path: Path) -> None:
    done = run(["-c", "import flask; import edgeweb.compat as c; c.install_as_flask()"], tmp_path)
    assert done.returncode == 1
    assert "RuntimeError: Flask itself was imported before install_as_flask() was called." in done.stderr
    assert "edgeweb as-flask run -- PROGRAM" in done.stderr


def test_an_installed_flask_is_asked_for_its_version(tmp_path: Path) -> None:
    install = "import edgeweb.compat as c; c.install_as_flask()"
    code = f"{install}; import importlib.metadata as m; print(m.version('flask'))"
    assert run(["-c", code], tmp_path).stdout.strip() == "3.1.3"


def test_without_an_installed_flask(tmp_path: Path) -> None:
    """All that is installed here but Flask, which extensions still find: as module and as distribution."""
    folder = tmp_path / "packages"
    folder.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if entry.name != "flask" and not entry.name.lower().startswith("flask-3."):
            (folder / entry.name).symlink_to(entry)
    # -S: without this environment's own packages.
    done = run(["-S", "-c", _VERSION], tmp_path, PYTHONPATH=f"{ROOT}:{folder}")
    assert done.returncode == 0, done.stderr
