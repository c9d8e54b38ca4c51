"""JSON bodies and queries: read strictly, checked by a table of fields, with a pointer to every field that is
wrong."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from edgeweb import current_app, request

from ..access import passwords
from ..config.checks import REQUIRED, accept, expectation
from ..config.quantities import read_integer, read_number
from ..errors import MAX_ERRORS
from .contract import Fields, contract_of
from .problems import Problem, error_row

JSON = "application/json"

#: Arrays and objects inside each other, in a body. A backup has five.
MAX_DEPTH = 64
_TOO_DEEP = "The body is nested too deeply."

#: The row of a field with the password of the one who asks, or a new one.
PASSWORD = ("string", passwords.MAX_LENGTH, REQUIRED)


def read_body(fields: Fields | None = None) -> dict[str, Any]:
    """Return the request's JSON object, with every field of the table and no other.

    The table is that of the view's `contract`; `fields` are the same ones within narrower limits, where those
    depend on what the request is for. Where none of them is required, no body is an empty object.

    Raises `Problem`: 415 for another media type, 400 for what is not JSON, 422 with pointers for what is not
    right.
    """
    if fields is None:
        fields = _contract("body")
    needs_body = any(default is REQUIRED for _, _, default in fields.values())
    body = read_object() if needs_body or request.content_length or request.mimetype else {}
    right: dict[str, Any] = {}
    errors = [
        error_row((name,), f"unknown field; known: {', '.join(fields)}")
        for name in body
        if name not in fields
    ]
    for name, (kind, limits, default) in fields.items():
        value = body.get(name, default)
        if value is REQUIRED:
            errors.append(error_row((name,), f"missing; expected {expectation(kind, limits)}"))
            continue
        try:
            right[name] = accept(kind, limits, value)
        except ValueError as reason:
            errors.append(error_row((name,), f"expected {reason}"))
    if errors:
        raise Problem("invalid-fields", _summary(errors), errors[:MAX_ERRORS])
    return right


def read_query() -> dict[str, Any]:
    """Return the query of the address, by the table of the view's `contract`.

    Names that the table does not know are left alone. Raises `Problem` "invalid-query" with pointers.
    """
    right: dict[str, Any] = {}
    errors = []
    for name, (kind, limits, default) in _contract("query").items():
        text: str | None = request.args.get(name)
        value: Any = text
        if kind == "integer" and text is not None:
            value = read_integer(text)
        elif kind == "duration" and text is not None and (number := read_number(text)) is not None:
            value = number
        try:
            right[name] = default if text is None else accept(kind, limits, value)
        except ValueError as reason:
            errors.append(error_row((name,), f"expected {reason}"))
    if errors:
        raise Problem("invalid-query", _summary(errors), errors)
    return right


def query_number(name: str) -> int | None:
    """Return a whole number of a page's query; None without it. Raises `Problem` "invalid-query"."""
    text: str | None = request.args.get(name)
    found = None if text is None else read_integer(text)
    if text and found is None:
        detail = "expected a whole number"
        raise Problem("invalid-query", f"/{name}: {detail}", [error_row((name,), detail)])
    return found


def read_object(media: tuple[str, ...] = (JSON,)) -> dict[str, Any]:
    """Return the request's JSON object, whatever is in it. Raises `Problem` 400, 415 or 422."""
    if request.mimetype not in media:
        headers = {"Accept-Patch": ", ".join(media)} if request.method == "PATCH" else None
        raise Problem("unsupported-media-type", headers=headers)
    body = parse(request.get_data(cache=False))
    if not isinstance(body, dict):
        raise Problem(
            "invalid-fields", "The body has to be an object.", [error_row((), "expected an object")]
        )
    return body


def parse(content: bytes) -> Any:
    """Return one JSON value. Raises `Problem` "malformed-json" with the place.

    Stricter than Python's parser, which takes NaN (not JSON) and keeps the last of two equal names: a proxy
    that checks a request and the view that acts on it must not see different values.
    """
    try:
        value = json.loads(content.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_constant)
    except UnicodeDecodeError as reason:
        raise Problem("malformed-json", f"The body is not UTF-8 at byte {reason.start}.") from None
    except json.JSONDecodeError as reason:
        place = f"line {reason.lineno}, column {reason.colno}"
        raise Problem("malformed-json", f"{reason.msg} at {place}.") from None
    except ValueError as reason:
        raise Problem("malformed-json", f"{reason}.") from None
    except RecursionError:
        raise Problem("malformed-json", _TOO_DEEP) from None
    # How deep Python's parser goes depends on its version; code that walks the value goes 1000 calls deep.
    if content.count(b"[") + content.count(b"{") > MAX_DEPTH and _is_deeper(value, MAX_DEPTH):
        raise Problem("malformed-json", _TOO_DEEP)
    return value


def _is_deeper(value: Any, depth: int) -> bool:
    """Return whether arrays and objects are nested more than `depth` times."""
    containers = [value]
    for _ in range(depth):
        containers = [
            item
            for outer in containers
            for item in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(item, (list, dict))
        ]
    return bool(containers)


def _contract(part: str) -> Fields:
    view = current_app.view_functions[request.endpoint or ""]
    fields: Fields | str | None = getattr(contract_of(view), part, None)
    if not isinstance(fields, dict) or not fields:
        raise RuntimeError(f"{request.endpoint} reads a {part} that its `contract` does not name.")
    return fields


def _summary(errors: list[dict[str, str]]) -> str:
    first = f"{errors[0]['pointer']}: {errors[0]['detail']}"
    return first if len(errors) == 1 else f"{first} (and {len(errors) - 1} more)"


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("A name occurs twice in one object")
    return found


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
