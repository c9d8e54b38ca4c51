"""What a view takes and gives, declared beside it: `body.py` reads requests by it, `openapi.py` documents it.

@control.put("/channels/<name>/state")
@contract(body={"on": ("boolean", None, REQUIRED)}, answer="Channel", problems=("unknown-channel",))
def set_state(name: str) -> dict[str, object]:
    on = read_body()["on"]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., object])

#: JSON Schema, and the schemas of a module by name. A module returns them from a function `schemas`, as it
#: does its `parts` and `examples`, all of them `on_demand`; `openapi.Notes` explains each.
Schema = dict[str, Any]
Schemas = dict[str, Schema]
Parts = dict[str, tuple[str | int, str]]
Examples = dict[str, object]

#: field: (kind of `schema.KINDS`, its limits, default or REQUIRED)
Fields = dict[str, tuple[str, object, object]]

_MARK = "edgeweb_description"


class Contract:
    """What one view takes and gives."""

    __slots__ = (
        *("also", "answer", "body", "headers", "media", "precondition", "problems", "query", "status"),
        "tagged",
    )

    def __init__(
        self,
        body: Fields | str,
        query: Fields,
        answer: str,
        status: tuple[int, ...],
        problems: tuple[str, ...],
        headers: tuple[str, ...],
        media: tuple[str, ...],
        tagged: bool,
        precondition: str,
        also: tuple[str, ...],
    ) -> None:
        self.body = body
        self.query = query
        self.answer = answer
        self.status = status
        self.problems = problems
        self.headers = headers
        self.media = media
        self.tagged = tagged
        self.precondition = precondition
        self.also = also


def contract(
    *,
    body: Fields | str | None = None,
    query: Fields | None = None,
    answer: str = "",
    status: int | tuple[int, ...] = 200,
    problems: tuple[str, ...] = (),
    headers: tuple[str, ...] = (),
    media: tuple[str, ...] = ("application/json",),
    tagged: bool = True,
    precondition: str = "",
    also: tuple[str, ...] = (),
) -> Callable[[View], View]:
    """Attach to a view what it takes and gives.

    `body` is the table that `read_body` reads by, or the name of a schema for bodies that no table describes;
    `query` is the table of `read_query`. `answer` is the name of a schema, or a media type; without one the
    answer has no body. `problems` are keys of `PROBLEMS`, besides those that follow from the rest, such as a
    malformed body. `headers` have to be sent, and `media` are the types of the body.
    `tagged`: what GET gives has an ETag, and 304 without a body while nothing changes. `precondition` is the
    address below that has the tag of a change's `If-Match`, where that is not the address itself. `also` are
    media types in which a client may have the same answer as text.
    """

    def mark(view: View) -> View:
        numbers = (status,) if isinstance(status, int) else status
        setattr(
            view,
            _MARK,
            Contract(
                *(body or {}, query or {}, answer, numbers, problems, headers, media),
                *(tagged, precondition, also),
            ),
        )
        return view

    return mark


def contract_of(view: Callable[..., object]) -> Contract | None:
    """Return the contract of a view; None where it has none.

    >>> contract_of(contract(answer="Channel", status=201)(lambda: "")).status
    (201,)
    """
    found: Contract | None = getattr(view, _MARK, None)
    return found
