"""Flask-WTF unmodified; on Flask itself the same program gives the same answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from .program import FRAMEWORKS, answers


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_quick_start(framework: str, tmp_path: Path) -> None:
    found = answers(framework, "wtf_form", tmp_path)
    assert [(status, location) for status, location, _ in found] == [
        (200, None),
        (400, None),
        (400, None),
        (200, None),
        (302, "/success/ada/none"),
        (302, "/success/ada/me.png"),
        (200, None),
        (400, None),
        (200, None),
        (400, None),
    ]
    texts = [text for *_, text in found]
    assert '<input id="csrf_token" name="csrf_token" type="hidden" value="TOKEN">' in texts[0]
    assert "The CSRF token is missing." in texts[1]
    assert "The CSRF token is invalid." in texts[2]
    assert texts[3].endswith("This field is required.;")
    assert texts[6].endswith("only pictures;")
    assert texts[7:9] == [texts[1], "changed"]
    assert "The CSRF session token is missing." in texts[9]
