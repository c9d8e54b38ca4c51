"""The kinds of errors: where the `type` of a problem document points."""

from __future__ import annotations

from edgeweb import Response

from ..access.roles import public
from ..http.contract import contract
from ..http.etag import from_content
from ..http.problems import PROBLEMS, Problem
from .blueprint import api


@api.get("/problems/<key>")
@public
@contract(answer="ProblemKind")
def problem_kind(key: str) -> Response:
    """What a kind of error means: where the `type` of a problem document points."""
    if key not in PROBLEMS:
        raise Problem("not-found", f'There is no kind of problem named "{key}".')
    code, title, advice = PROBLEMS[key]
    return from_content({"key": key, "status": code, "title": title, "description": advice})
