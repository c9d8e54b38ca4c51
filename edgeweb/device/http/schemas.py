"""Pieces of JSON Schema (draft 2020-12) for the `schemas` of the API's modules, and the one of all errors.

Only the OpenAPI document imports this module.
"""

from __future__ import annotations

from collections.abc import Mapping

from .contract import Schema
from .problems import PROBLEMS

_TIME = r"^[0-9]{4,}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$"


def record(optional: Mapping[str, Schema] | None = None, **always: Schema) -> Schema:
    """Return the schema of an object: its optional properties, and those that it always has."""
    return {
        "type": "object",
        "required": list(always),
        "properties": {**always, **(optional or {})},
    }


def text(meaning: str, example: str, **limits: object) -> Schema:
    """Return the schema of a text."""
    return {"type": "string", "description": meaning, "examples": [example], **limits}


def number(meaning: str, example: float, **limits: float) -> Schema:
    """Return the schema of a number; of a whole one where the example is one."""
    kind = "integer" if isinstance(example, int) else "number"
    return {"type": kind, "description": meaning, "examples": [example], **limits}


def flag(meaning: str) -> Schema:
    """Return the schema of a boolean."""
    return {"type": "boolean", "description": meaning}


def one_of(meaning: str, *choices: str) -> Schema:
    """Return the schema of a choice."""
    return {"type": "string", "enum": list(choices), "description": meaning}


def moment(meaning: str) -> Schema:
    """Return the schema of a date and time."""
    return text(f"{meaning} ISO 8601, UTC.", "2026-11-21T06:09:13.979Z", pattern=_TIME)


def rows(of: Schema, meaning: str) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": of, "description": meaning}


def by_name(of: Schema, meaning: str, example: Mapping[str, object]) -> Schema:
    """Return the schema of an object whose names are data."""
    return {
        "type": "object",
        "additionalProperties": of,
        "description": meaning,
        "examples": [example],
    }


def nullable(schema: Schema) -> Schema:
    """Return the same schema, which takes null as well."""
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return {**schema, "type": [*kinds, "null"]}


def ref(name: str) -> Schema:
    """Return a reference to the schema with a name."""
    return {"$ref": f"#/components/schemas/{name}"}


PROBLEM = record(
    {
        "key": one_of("The kind of error, for programs.", *PROBLEMS),
        "errors": rows(
            record(
                pointer=text("Which field (RFC 6901).", "/on"),
                detail=text("What was expected of it.", "expected true or false"),
            ),
            "The fields that are wrong.",
        ),
    },
    type=text("Where the kind is explained.", "/api/v1/problems/invalid-fields", format="uri-reference"),
    title=text("The kind, for people.", "Invalid fields"),
    status=number("The status code once more.", 422),
    detail=text("What is wrong this time.", "/on: expected true or false"),
)
