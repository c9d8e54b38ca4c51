"""The OpenAPI 3.1 document of the interface, made of the routes and the contracts of their views.

Nothing of it is kept, never is all of it there as objects, and this module is imported by the first request
for it: a device without such a request has no memory for it.

Source: OpenAPI Specification 3.1.1; JSON Schema draft 2020-12; RFC 9110 for the headers.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, groupby
from typing import NamedTuple

from edgeweb import Flask

from ...server.origin import SAFE_METHODS
from ..access.roles import PUBLIC, needed_role
from ..config.checks import KINDS, REQUIRED, expectation
from .contract import Contract, Examples, Fields, Parts, Schema, Schemas, contract_of
from .problems import CONTENT_TYPE, PROBLEMS
from .schemas import PROBLEM, ref

VERSION = "3.1.0"
JSON = "application/json"

#: Changes of the interface itself; the first number is that of the addresses.
INTERFACE = "1.0.0"

EVENT_STREAM = "text/event-stream"
#: OpenAPI 3.1 has no word for a stream; tools take the schema of a stream's answer for that of each event.
EVENT: Schema = {
    "type": "object",
    "required": ["id", "event", "data"],
    "properties": {
        "id": {"type": "string"},
        "event": {"type": "string"},
        "data": {"type": "string", "contentMediaType": JSON},
    },
}

#: What stands in an address: `<name>`, `<int:number>`, `<any(on, off):command>`.
_PART = re.compile(r"<(?:(\w+)(?:\(([^)]*)\))?:)?(\w+)>")

#: Headers that a view may ask for.
PARAMETERS: dict[str, Schema] = {
    "If-Match": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "The ETag of what the change is for.",
        "schema": {"type": "string"},
        "example": '"5f1c0a9be2d34711"',
    },
}

#: What follows from being closed, by a role or to the token of a kiosk, from changing something, from parts
#: of the address, and so on.
_ALL = ("state-in-use",)
_CLOSED = ("bad-request", "no-owner", "unauthenticated", "forbidden", "too-many-attempts", "system-refused")
_PARTS, _QUERY = ("not-found",), ("invalid-query",)
_CHANGE = ("cross-site", "unnamed-proxy", "precondition-failed", "system-refused")
_BODY = ("malformed-json", "unsupported-media-type", "invalid-fields", "too-large")

_HEADERS: dict[str, Schema] = {
    "ETag": {"description": "Send it as If-None-Match: 304 while nothing changes."},
    "Retry-After": {"description": "Seconds until the next attempt makes sense."},
    "WWW-Authenticate": {"description": "How to authenticate."},
}
#: Headers that come with a status.
_HEADERS_OF = {401: "WWW-Authenticate", 429: "Retry-After"}

#: What the server lets through in one part of an address.
_PART_OF_PATH = "^[^\u0000-\u001f\u007f/]+$"


def document(app: Flask, cookie: str, root: str = "") -> Schema:
    """Return the document of an application whose sessions have this cookie, below the address `root`."""
    found = json.loads(b"".join(pieces(app, cookie, root)))
    assert isinstance(found, dict)
    return found


def pieces(app: Flask, cookie: str, root: str = "") -> Iterator[bytes]:
    """Yield the JSON of `document` in pieces.

    As objects the whole takes 3.7 MB, which a process does not give back to the system: so there is one
    address at a time, and one module's schemas.
    """
    routes = sorted(_routes(app), key=lambda route: route.path)
    head = {
        "openapi": VERSION,
        "info": {
            "title": "edgeweb device",
            "version": INTERFACE,
            "description": "The machine's figures, its channels, and who may do what. Errors are problem"
            " documents (RFC 9457). Times are ISO 8601 in UTC.",
        },
        "servers": [{"url": root + "/"}],
        "tags": [{"name": name} for name in sorted({_tag(route.view) for route in routes})],
        "security": [{"bearer": []}, {"cookie": []}],
    }
    yield _json(head)[:-1] + b',"paths":{'
    notes = {module: Notes(module) for module in sorted({route.view.__module__ for route in routes})}
    paths = groupby(routes, lambda route: route.path)
    yield from _members((path, _operations(same, notes)) for path, same in paths)
    yield b'},"components":{"schemas":{'
    schemas = chain.from_iterable(row.schemas.items() for row in notes.values())
    yield from _members(chain([("Problem", PROBLEM)], schemas))
    components = {
        "examples": {key: {"value": example_of(key)} for key in PROBLEMS},
        "headers": {name: {**row, "schema": {"type": "string"}} for name, row in _HEADERS.items()},
        "parameters": PARAMETERS,
        "securitySchemes": {
            "bearer": {
                "type": "http",
                "scheme": "bearer",
                "description": "A token, for programs: POST /api/v1/tokens makes one.",
            },
            "cookie": {
                "type": "apiKey",
                "in": "cookie",
                "name": cookie,
                "description": "A session, for browsers. Changes have to come from a page of the device.",
            },
        },
    }
    yield b"}," + _json(components)[1:] + b"}"


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _members(rows: Iterable[tuple[str, object]]) -> Iterator[bytes]:
    """Yield the members of a JSON object, without its braces."""
    comma = b""
    for name, value in rows:
        yield comma + _json(name) + b":" + _json(value)
        comma = b","


class _Route(NamedTuple):
    """A rule whose view has a contract."""

    #: The address as OpenAPI writes it, and as the rule does.
    path: str
    rule: str
    methods: list[str]
    view: Callable[..., object]
    declared: Contract


def _routes(app: Flask) -> Iterator[_Route]:
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        declared = contract_of(view)
        if declared is not None:  # else a page
            path = _PART.sub(lambda part: "{" + part[3] + "}", rule.rule)
            methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
            yield _Route(path, rule.rule, methods, view, declared)


def _operations(routes: Iterable[_Route], notes: Mapping[str, Notes]) -> Schema:
    """Return the operations of an address, by their method."""
    found: dict[str, object] = {}
    for route in routes:
        noted = notes[route.view.__module__]
        parts = list(_parts(route.rule, noted))
        for method in route.methods:
            found[method.lower()] = _operation(route.view, method, route.declared, parts, noted)
    return found


class Notes:
    """What a module of the API documents beside its views, loaded on demand.

    `schemas`: those of its answers, and of bodies without a table. `parts`: an example and the meaning of
    each variable part of its addresses. `examples`: one of each field in its bodies.
    """

    __slots__ = ("_found", "examples", "parts")

    def __init__(self, module: str) -> None:
        self._found = vars(sys.modules[module])
        self.parts: Parts = self._found.get("parts", dict)()
        self.examples: Examples = self._found.get("examples", dict)()

    @property
    def schemas(self) -> Schemas:
        """Made by each use: all of them together are the larger part of the document."""
        found: Schemas = self._found.get("schemas", dict)()
        return found


def fields_schema(fields: Fields) -> Schema:
    """Return the schema of the JSON object that `read_body` takes by this table."""
    schema: Schema = {
        "type": "object",
        "required": [name for name, (_, _, default) in fields.items() if default is REQUIRED],
        "properties": {name: _field(name, *row) for name, row in fields.items()},
        "additionalProperties": False,
    }
    if not schema["required"]:
        del schema["required"]
    return schema


def problems_of(view: Callable[..., object], method: str, declared: Contract, has_parts: bool) -> list[str]:
    """Return the keys of all problems that a view may answer with, in the order of `PROBLEMS`."""
    needed = needed_role(view, method)
    rules = (
        (declared.answer != "text/plain" or needed != PUBLIC, _ALL),
        (needed != PUBLIC, _CLOSED),
        (method not in SAFE_METHODS, _CHANGE),
        (has_parts, _PARTS),
        (bool(declared.query), _QUERY),
        (bool(declared.body), _BODY),
        (True, declared.problems),
    )
    found = {key for holds, keys in rules if holds for key in keys}
    return [key for key in PROBLEMS if key in found]


def operation_id(view: Callable[..., object]) -> str:
    """Return the name of a view's operation: its noun and its own name."""
    return f"{_tag(view)}.{view.__name__}"


def _tag(view: Callable[..., object]) -> str:
    """Return the noun of a view: its module."""
    return view.__module__.rpartition(".")[2]


def _operation(
    view: Callable[..., object], method: str, declared: Contract, parts: list[Schema], notes: Notes
) -> Schema:
    summary, _, rest = " ".join((view.__doc__ or "").split()).partition(". ")
    needed = needed_role(view, method)
    who = "Anybody may ask." if needed == PUBLIC else f"Needs the role {needed}."
    operation: Schema = {
        "operationId": operation_id(view),
        "tags": [_tag(view)],
        "summary": summary.rstrip("."),
        "description": " ".join(filter(None, (rest, who))),
        "parameters": [
            *parts,
            *(_query(name, *row) for name, row in declared.query.items()),
            *({"$ref": f"#/components/parameters/{name}"} for name in declared.headers),
        ],
        "responses": _responses(view, method, declared, bool(parts)),
    }
    if needed == PUBLIC:
        operation["security"] = []
    else:
        operation["security"] = [{"bearer": [needed]}, {"cookie": [needed]}]
    if isinstance(declared.body, str):
        operation["requestBody"] = _body(declared, {"schema": ref(declared.body)}, True)
    elif declared.body:
        schema = fields_schema(declared.body)
        example = {name: notes.examples[name] for name in declared.body}
        operation["requestBody"] = _body(
            declared, {"schema": schema, "example": example}, "required" in schema
        )
    return operation


def _body(declared: Contract, content: Schema, required: bool) -> Schema:
    return {"required": required, "content": dict.fromkeys(declared.media, content)}


def _responses(view: Callable[..., object], method: str, declared: Contract, has_parts: bool) -> Schema:
    responses: dict[int, Schema] = {}
    for status in declared.status:
        response: Schema = {"description": "Done." if method not in SAFE_METHODS else "The answer."}
        if "/" in declared.answer:
            schema = EVENT if declared.answer == EVENT_STREAM else {"type": "string"}
            response["content"] = {declared.answer: {"schema": schema}}
        elif declared.answer:
            response["content"] = {JSON: {"schema": ref(declared.answer)}}
            response["content"] |= {media: {"schema": {"type": "string"}} for media in declared.also}
        responses[status] = response
    if method == "GET" and declared.tagged:
        responses[200]["headers"] = {"ETag": {"$ref": "#/components/headers/ETag"}}
        responses[304] = {"description": "Nothing has changed since the answer with this ETag."}
    keys = problems_of(view, method, declared, has_parts)
    for status in sorted({PROBLEMS[key][0] for key in keys}):
        problem = _problem(status, [key for key in keys if PROBLEMS[key][0] == status])
        if status in responses:  # the view's own answer with this status, such as 503 of /readyz
            problem["content"] |= responses[status]["content"]
        responses[status] = problem
    if has_parts:
        refused = responses.setdefault(400, {"description": "", "content": {}})
        refused["description"] = f"{refused['description']} The server refuses the address.".strip()
        refused["content"]["text/plain"] = {"schema": {"type": "string"}}
    return {str(status): responses[status] for status in sorted(responses)}


def _problem(status: int, keys: list[str]) -> Schema:
    kinds = {"properties": {"key": {"enum": keys}}, "required": ["key"]}
    response: Schema = {
        "description": "; ".join(PROBLEMS[key][1] for key in keys) + ".",
        "content": {
            CONTENT_TYPE: {
                "schema": {"allOf": [ref("Problem"), kinds]},
                "examples": {key: {"$ref": f"#/components/examples/{key}"} for key in keys},
            }
        },
    }
    if status in _HEADERS_OF:
        name = _HEADERS_OF[status]
        response["headers"] = {name: {"$ref": f"#/components/headers/{name}"}}
    return response


def example_of(key: str) -> Schema:
    """Return the problem document of a kind."""
    status, title, advice = PROBLEMS[key]
    return {
        "type": f"/api/v1/problems/{key}",
        "title": title,
        "status": status,
        "key": key,
        "detail": advice,
    }


def _parts(rule: str, notes: Notes) -> Iterator[Schema]:
    """Yield a parameter for each variable part of an address."""
    for part in _PART.finditer(rule):
        converter, choices, name = part.groups()
        example, meaning = notes.parts[name]
        schema: Schema = {"type": "string", "pattern": _PART_OF_PATH}
        if converter == "int":
            schema = {"type": "integer", "minimum": 0}
        elif converter == "any":
            schema = {"type": "string", "enum": [word.strip() for word in choices.split(",")]}
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "description": meaning,
            "schema": schema,
            "example": example,
        }


def _field(name: str, kind: str, limits: object, default: object) -> Schema:
    schema = {**KINDS[kind].schema(limits), "description": f"Expects {expectation(kind, limits)}."}
    if default is not REQUIRED and default not in (None, ""):
        schema["default"] = default
    return schema


def _query(name: str, kind: str, limits: object, default: object) -> Schema:
    schema = _field(name, kind, limits, default)
    meaning = schema.pop("description")
    return {"name": name, "in": "query", "description": meaning, "schema": schema}
