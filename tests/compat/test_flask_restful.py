"""Flask-RESTful unmodified; on Flask itself the same program gives the same answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from .program import FRAMEWORKS, answers

_HTML_404 = [404, "<!doctype html>\n<htm", None]


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_quick_start(framework: str, tmp_path: Path) -> None:
    assert answers(framework, "restful_todos", tmp_path) == [
        [200, {"task": "build an API"}, None],
        [404, {"message": "Todo todo7 doesn't exist"}, None],
        [201, {"task": "test it", "rank": 5}, "todo2"],
        [400, {"message": {"task": "say what to do"}}, None],
        [400, {"message": {"rank": "invalid literal for int() with base 10: 'high'"}}, None],
        [405, {"message": "The method is not allowed for the requested URL."}, None],
        [200, {"task": "test it", "uri": "/todos/todo2", "hidden": False}, None],
        # Flask-RESTful replaces handle_exception and handle_user_exception on the application.
        [500, {"message": "Internal Server Error"}, None],
        [200, {"hello": "world"}, None],
        _HTML_404,
        _HTML_404,
        [200, "no resource", None],
    ]
