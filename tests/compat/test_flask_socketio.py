"""Flask-SocketIO unmodified: it uses the test client's and the context's private names."""

from __future__ import annotations

from pathlib import Path

import pytest

from .program import FRAMEWORKS, answers


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_events(framework: str, tmp_path: Path) -> None:
    assert answers(framework, "socketio_events", tmp_path) == [
        [True, [{"name": "ada", "namespace": "/"}]],
        [{"count": 1, "a": 1}, {"count": 2, "a": 2}],
        [3, [[1, 2]]],
        200,
    ]
