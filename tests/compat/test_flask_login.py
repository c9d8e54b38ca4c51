"""Flask-Login unmodified; on Flask itself the same program gives the same answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from .program import FRAMEWORKS, answers

_REFUSED = [302, "/login?next=%2Fprotected"]


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_quick_start(framework: str, tmp_path: Path) -> None:
    *responses, signalled = answers(framework, "login_session", tmp_path)
    assert responses[0][:2] == _REFUSED
    assert responses[1:] == [
        [401, None, "wrong"],
        [200, None, "welcome"],
        [200, None, "Logged in as: ada"],
        [200, None, "True /protected"],
        [200, None, "False /protected"],  # another browser
        [200, None, "Logged out"],
        [200, None, "please log in"],  # sent back to the login
        [200, None, "welcome"],
        [200, None, "Logged in as: ada"],  # by the remember cookie alone
        [200, None, "Logged in as: ada"],  # by FlaskLoginClient
    ]
    assert signalled == ["ada", "ada"]
