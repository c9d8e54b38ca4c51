"""edgeweb.json: `jsonify`, and that the functions are there under the names of `flask.json`."""

from __future__ import annotations

import pytest

from edgeweb import Flask, json
from edgeweb.json import current


@pytest.mark.parametrize("name", ["dump", "dumps", "load", "loads"])
def test_the_functions_are_those_of_the_current_application(name: str) -> None:
    assert getattr(json, name) is getattr(current, name)


def test_jsonify_is_the_applications_response() -> None:
    class Response(Flask.response_class): ...  # type: ignore[name-defined, misc]

    app = Flask("json_app")
    app.response_class = Response
    with app.app_context():
        response = json.jsonify(a=1)
    assert type(response) is Response
    assert response.get_data() == b'{"a":1}\n'
    assert response.mimetype == "application/json"


def test_jsonify_needs_an_application() -> None:
    with pytest.raises(RuntimeError, match="outside of application context"):
        json.jsonify(1)
