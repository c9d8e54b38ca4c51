"""Flask-Cors unmodified; on Flask itself the same program gives the same answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from .program import FRAMEWORKS, answers

_METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]


def _allow(origin: str, **more: object) -> dict[str, object]:
    return {"Access-Control-Allow-Origin": origin, **{key.replace("_", "-"): v for key, v in more.items()}}


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_origins(framework: str, tmp_path: Path) -> None:
    assert answers(framework, "cors_origins", tmp_path) == [
        [200, _allow("https://any.example", Vary="Origin")],
        [404, _allow("https://any.example", Vary="Origin")],
        [200, _allow("https://a.example", Access_Control_Allow_Methods=_METHODS, Vary="Origin")],
        [200, {}],
        [200, _allow("https://example.com", Access_Control_Allow_Credentials="true")],
        [200, {}],
        [200, _allow("https://one.example", Access_Control_Allow_Methods=_METHODS)],
        [200, _allow("https://one.example")],
    ]
