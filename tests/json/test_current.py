"""edgeweb.json.current: the functions, with and without an application."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest

from edgeweb import Flask, json
from edgeweb.json.provider import JSONProvider


class Shouting(JSONProvider):
    """Marks what went through it."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        return f"DUMPED {obj} {kwargs}"

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return f"LOADED {s!r} {kwargs}"


@pytest.fixture
def app() -> Flask:
    app = Flask("json_app")
    app.json = Shouting(app)
    return app


def test_dumps_without_an_application() -> None:
    assert json.dumps({"b": 1, "a": date(2024, 2, 29)}) == '{"b": 1, "a": "Thu, 29 Feb 2024 00:00:00 GMT"}'
    assert json.dumps(1, default=None, indent=2) == "1"


def test_dumps_by_the_application(app: Flask) -> None:
    with app.app_context():
        assert json.dumps(1, a=2) == "DUMPED 1 {'a': 2}"


def test_dump_and_load_without_an_application() -> None:
    file = io.StringIO()
    json.dump({"at": date(2024, 2, 29)}, file)
    file.seek(0)
    assert json.load(file) == {"at": "Thu, 29 Feb 2024 00:00:00 GMT"}
    assert json.load(io.BytesIO(b"[1]")) == [1]


def test_dump_and_load_by_the_application(app: Flask) -> None:
    file = io.StringIO()
    with app.app_context():
        json.dump(1, file)
        assert file.getvalue() == "DUMPED 1 {}"
        assert json.load(io.StringIO("x"), a=1) == "LOADED 'x' {'a': 1}"


def test_loads_without_and_by_the_application(app: Flask) -> None:
    assert json.loads(b'{"a": 1}') == {"a": 1}
    with app.app_context():
        assert json.loads("x") == "LOADED 'x' {}"
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads("nope")
