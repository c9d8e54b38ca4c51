"""The kinds of errors: where the `type` of a problem document points."""

from __future__ import annotations

from edgeweb import Response

from ..access.roles import public
from ..http.contract import Parts, Schemas, contract
from ..http.etag import from_content
from ..http.on_demand import on_demand
from ..http.problems import PROBLEMS, Problem
from .blueprint import api


@api.get("/problems/<key>")
@public
@contract(answer="ProblemKind")
def problem_kind(key: str) -> Response:
    """Return what a kind of error means. The `type` of a problem document points here."""
    if key not in PROBLEMS:
        raise Problem("not-found", f'There is no kind of problem named "{key}".')
    code, title, advice = PROBLEMS[key]
    return from_content({"key": key, "status": code, "title": title, "description": advice})


@on_demand
def parts() -> Parts:
    """Return what stands in the addresses."""
    return {
        "key": ("channel-busy", "The `key` of a problem document."),
    }


@on_demand
def schemas() -> Schemas:
    """Return the schemas of this module's answers."""
    from ..http.schemas import number, one_of, record, text

    return {
        "ProblemKind": record(
            key=one_of("The kind of error, for programs.", *PROBLEMS),
            status=number("The status code of its answers.", 409, minimum=400, maximum=599),
            title=text("The kind, for people.", "Channel busy"),
            description=text("What to do about it.", PROBLEMS["channel-busy"][2]),
        )
    }
