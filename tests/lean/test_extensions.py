"""What extensions import late, on Flask's name: it is left out until it is used, and is the same then."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import typing as t
from importlib import metadata
from pathlib import Path

import pytest

from edgeweb.lean import extensions
from edgeweb.lean.extensions import DEFERRED

ROOT = Path(__file__).resolve().parent.parent.parent
_PRELUDE = """
import json, sys
from edgeweb.compat import install_as_flask
install_as_flask()
import flask
def answer(value):
    print(json.dumps(value))
"""


def run(code: str, lean: str = "1") -> t.Any:
    """Return what code, with edgeweb as `flask`, passes to `answer`."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("EDGEWEB")}
    done = subprocess.run(
        [sys.executable, "-c", _PRELUDE + textwrap.dedent(code)],
        env=env | {"PYTHONPATH": str(ROOT), "EDGEWEB_LEAN": lean},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


#: What is imported -> what is not loaded by it.
_LEFT_OUT = {
    "flask_cors": {"importlib.metadata", "email.message", "zipfile"},
    "flask_login": {"werkzeug.test", "edgeweb.testing"},
    "flask_wtf": {"urllib.request", "http.client", "ssl", "uuid", "ipaddress"},
    "sqlalchemy.dialects.sqlite": {"asyncio", "ssl", "sqlalchemy.dialects.sqlite.aiosqlite"},
}


@pytest.mark.parametrize("name", _LEFT_OUT)
def test_what_is_rarely_used_is_not_loaded(name: str) -> None:
    code = f"import {name}; answer([name for name in {sorted(_LEFT_OUT[name])} if name in sys.modules])"
    assert run(code) == []
    assert run(code, lean="0"), "Nothing would be loaded anyway: the row is for nothing."


def test_a_package_can_be_left_alone() -> None:
    code = """
        import flask_wtf, flask_login
        answer([name for name in ("urllib.request", "werkzeug.test") if name in sys.modules])
        """
    assert run(code, lean="-flask_wtf,-limits") == ["urllib.request"]
    assert run(code, lean="-flask_login") == ["werkzeug.test"]


def test_every_row_resolves_to_the_real_object() -> None:
    """Of those packages that are installed here: each late object is found, and is in its place."""
    found = run(
        f"""
        import importlib
        from edgeweb.lean.lazy import LazyObject, resolve
        results = {{}}
        for name in {sorted(DEFERRED)}:
            try:
                module = importlib.import_module(name)
            except ModuleNotFoundError:
                continue
            late = [key for key, value in vars(module).items() if isinstance(value, LazyObject)]
            for key in late:
                if isinstance(vars(module)[key], LazyObject):
                    try:
                        resolve(vars(module)[key])
                    except ModuleNotFoundError as error:
                        results[f"{{name}}.{{key}}"] = f"not installed: {{error.name}}"
                        continue
                results[f"{{name}}.{{key}}"] = type(vars(module)[key]).__name__
        answer(results)
        """
    )
    assert found["flask_login.FlaskLoginClient"] == "type"
    assert found["flask_wtf.recaptcha.validators.http"] == "module"
    assert found["sqlalchemy.dialects.sqlite.aiosqlite"] == "module"
    assert {key: kind for key, kind in found.items() if "Lazy" in kind} == {}


def test_extensions_work_as_ever() -> None:
    code = """
        import sqlite3
        import asyncio
        from flask_login import FlaskLoginClient
        from flask.testing import FlaskClient
        import flask_cors, importlib.metadata
        from sqlalchemy import create_engine, text
        from sqlalchemy.util import concurrency
        from wtforms import Form, StringField
        from wtforms.validators import UUID, IPAddress
        class Of(Form):
            uuid = StringField(validators=[UUID()])
            ip = StringField(validators=[IPAddress(ipv6=True)])
        async def coroutine(): ...
        running = coroutine()
        forms = [Of(data={"uuid": uuid, "ip": ip}) for uuid, ip in (("x", "::1"), ("0" * 32, "1.2.3"))]
        class Client(FlaskLoginClient): ...
        with create_engine("sqlite://").connect() as connection:
            one = connection.execute(text("SELECT 1")).scalar()
        answer([
            issubclass(Client, FlaskClient),
            flask_cors.__version__ == importlib.metadata.version("flask-cors"),
            one,
            [[form.validate(), sorted(form.errors)] for form in forms],
            [concurrency.iscoroutine(running), concurrency.iscoroutine(1), running.close()],
        ])
        """
    expected = [True, True, 1, [[False, ["uuid"]], [False, ["ip"]]], [True, False, None]]
    assert run(code) == run(code, lean="0") == expected


def test_versions_are_those_of_the_standard_library() -> None:
    names = {found.metadata["Name"] for found in metadata.distributions()}
    assert len(names) > 20
    assert {name: extensions._version(name) for name in names} == {
        name: metadata.version(name) for name in names
    }
    with pytest.raises(metadata.PackageNotFoundError):
        extensions._version("no-such-distribution")
