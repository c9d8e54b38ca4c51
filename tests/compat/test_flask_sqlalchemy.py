"""Flask-SQLAlchemy unmodified, with a database file; on Flask itself the program gives the same answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from .program import FRAMEWORKS, answers


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_quick_start(framework: str, tmp_path: Path) -> None:
    assert answers(framework, "sqlalchemy_users", tmp_path) == [
        [201, {"id": 1}],
        [201, {"id": 2}],
        [201, {"id": 3}],
        [200, {"names": ["ada", "grace"], "pages": 2}],
        [200, {"names": ["linus"], "pages": 2}],
        [404, None],
        [200, {"name": "grace", "queries": 1}],
        [404, None],
        # Flushed and not committed: the teardown of the request's context rolls it back.
        [200, {"count": 4}],
        [200, {"names": ["ada", "grace"], "pages": 2}],
        [204, None],
        [404, None],
        [2, True],
    ]
    assert (tmp_path / "project.db").stat().st_size > 0
