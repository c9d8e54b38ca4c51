"""Every method of the client against the OpenAPI document: path, query, headers, body, keys of the answer."""

from __future__ import annotations

import inspect
import json
import re
import types
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import pytest
from jsonschema import Draft202012Validator

from edgeweb.client import Client, answers
from edgeweb.device import create_app
from edgeweb.device.config.profile import load
from edgeweb.device.http.openapi import document

from .recorder import Answer, Asked, Recorder

BACKUP = {
    **{"format": "edgeweb-backup", "version": 1, "created_at": "2026-11-21T06:09:13.979Z", "device": "a"},
    "content": {
        name: []
        for name in ("users", "second_factors", "tokens", "things", "settings", "schedules", "channels")
    },
    "checksum": "sha256:00",
}
DEFINITION = {"channel": "lamp", "action": "on", "kind": "daily", "at": "07:00", "enabled": True}

#: Each method with all of its arguments.
CALLS: dict[str, Callable[[Client], object]] = {
    "channels": lambda client: client.channels(),
    "channel": lambda client: client.channel("lamp"),
    "switch": lambda client: client.switch("bed 2", True, wait=True),
    "toggle": lambda client: client.toggle("lamp", wait=True),
    "pulse": lambda client: client.pulse("lamp", 500, wait=True),
    "level": lambda client: client.level("fan", 0.25, wait=True),
    "sensors": lambda client: client.sensors(),
    "sensor": lambda client: client.sensor("soil"),
    "sensor_history": lambda client: client.sensor_history("soil", begin="2026-11-21", end="2026-11-22"),
    "status": lambda client: client.status(),
    "metrics": lambda client: client.metrics(),
    "metrics_history": lambda client: client.metrics_history("load_1m"),
    "schedules": lambda client: client.schedules(),
    "schedule": lambda client: client.schedule("morning"),
    "put_schedule": lambda client: client.put_schedule("morning", typing.cast(Any, DEFINITION)),
    "remove_schedule": lambda client: client.remove_schedule("morning"),
    "services": lambda client: client.services(),
    "restart_service": lambda client: client.restart_service("nginx.service"),
    "settings": lambda client: client.settings(),
    "change_settings": lambda client: client.change_settings({"dashboard.title": None}, '"tag"'),
    "backup": lambda client: client.backup(),
    "restore": lambda client: client.restore(typing.cast(Any, BACKUP)),
    "who_am_i": lambda client: client.who_am_i(),
    "ready": lambda client: client.ready(),
    "events": lambda client: next(client.events("channels", "warnings", last_id="a-1")),
}


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    app = create_app(load("generic-linux", system=str(tmp_path_factory.mktemp("etc"))))
    found: dict[str, Any] = json.loads(json.dumps(document(app, "edgeweb_test")))
    return found


def resolve(schema: dict[str, Any], described: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def least(schema: dict[str, Any], described: dict[str, Any]) -> Any:
    """The least that a schema takes: what is required, and a row in each list."""
    schema = resolve(schema, described)
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        rows = schema.get("properties", {})
        return {name: least(rows[name], described) for name in schema.get("required", [])}
    if kind == "array":
        return [least(schema["items"], described)] if "items" in schema else []
    return {"string": "", "boolean": True, "number": 1.5, "integer": 1}.get(kind or "")


def operation_of(asked: Asked, described: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The operation of a request; a fixed path goes before one with parts. Fails where there is none."""
    for path in sorted(described["paths"], key=lambda path: path.count("{")):
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path))
        match = re.fullmatch(pattern, asked.path)
        operation = described["paths"][path].get(asked.method.lower()) if match else None
        if match and operation and _parts_fit(operation, match.groupdict()):
            return operation, match.groupdict()
    pytest.fail(f"no operation {asked.method} {asked.path}")


def _parts_fit(operation: dict[str, Any], parts: dict[str, str]) -> bool:
    schemas = {row["name"]: row["schema"] for row in operation["parameters"] if row.get("in") == "path"}
    return all(
        unquote(parts[name]) in schema.get("enum", [unquote(parts[name])]) for name, schema in schemas.items()
    )


def success(operation: dict[str, Any]) -> tuple[int, str, dict[str, Any]]:
    """The first good status of an operation, its media type and its schema."""
    status = min(number for number in map(int, operation["responses"]) if number < 300)
    content = operation["responses"][str(status)].get("content", {})
    media, row = next(iter(content.items()), ("", {"schema": {}}))
    return status, media, row["schema"]


@pytest.fixture
def device(recorder: Recorder, described: dict[str, Any]) -> Recorder:
    """A server that answers the least that the document allows."""

    def answer(asked: Asked) -> Answer:
        operation, _ = operation_of(asked, described)
        status, media, schema = success(operation)
        if media == "text/event-stream":
            return Answer(
                200, None, {"Content-Type": media}, b'id: a-2\nevent: channel\ndata: {"id": "lamp"}\n\n'
            )
        return Answer(status, least(schema, described) if media else None, {"ETag": '"tag"'})

    recorder.default = answer
    return recorder


def methods() -> dict[str, Any]:
    found = inspect.getmembers(Client, inspect.isfunction)
    return {name: method for name, method in found if not name.startswith("_")}


def test_every_method_has_a_row() -> None:
    assert set(methods()) == set(CALLS)


@pytest.mark.parametrize("name", CALLS)
def test_a_method_asks_as_described_and_takes_the_least_answer(
    name: str, device: Recorder, described: dict[str, Any]
) -> None:
    CALLS[name](Client(device.url, token="edgeweb_x"))
    (asked,) = device.asked
    operation, _ = operation_of(asked, described)
    assert asked.headers["Authorization"] == "Bearer edgeweb_x"
    rows = [row for row in operation["parameters"] if "$ref" not in row]
    queries = {row["name"]: row["schema"] for row in rows if row["in"] == "query"}
    for key, (value,) in parse_qs(asked.query, keep_blank_values=True).items():
        assert key in queries, key
        assert value in queries[key].get("enum", [value]) or queries[key].get("type") == "array", key
    for row in operation["parameters"]:
        if "$ref" in row:
            assert row["$ref"].rpartition("/")[2] in asked.headers
    if "requestBody" not in operation:
        assert asked.body == b""
        return
    content = operation["requestBody"]["content"]
    assert asked.headers["Content-Type"] in content
    schema = {**content[asked.headers["Content-Type"]]["schema"], "components": described["components"]}
    Draft202012Validator(schema).validate(json.loads(asked.body))


def annotated(name: str) -> Iterator[tuple[Any, str]]:
    """The types of a method's answer that are part of the document, each with the key that leads to it."""
    found = typing.get_type_hints(methods()[name])["return"]
    if found is answers.Settings:
        hints = typing.get_type_hints(found)
        yield from ((hints[key], key) for key in ("settings", "ignored"))
    elif typing.get_origin(found) is list:
        yield found, name
    elif typing.is_typeddict(found):
        yield found, ""


@pytest.mark.parametrize(
    "name", [name for name in CALLS if name not in ("events", "remove_schedule", "restart_service")]
)
def test_the_type_of_an_answer_is_the_document_s(
    name: str, device: Recorder, described: dict[str, Any]
) -> None:
    CALLS[name](Client(device.url))
    operation, _ = operation_of(device.asked[0], described)
    _, _, schema = success(operation)
    found = list(annotated(name))
    assert found
    for kind, key in found:
        whole = resolve(schema, described)
        compare(kind, whole["properties"][key] if key else whole, described, name)


def test_the_definition_of_a_schedule(described: dict[str, Any]) -> None:
    schema = described["components"]["schemas"]["ScheduleDefinition"]
    compare(answers.ScheduleDefinition, schema, described, "put_schedule")
    assert set(answers.ScheduleDefinition.__annotations__) == set(schema["properties"])


def required(kind: Any) -> set[str]:
    """The keys that are always there. `__required_keys__` does not know annotations that are texts."""
    hints = typing.get_type_hints(kind, include_extras=True) if kind.__total__ else {}
    return {key for key, hint in hints.items() if typing.get_origin(hint) is not typing.NotRequired}


def compare(kind: Any, schema: dict[str, Any], described: dict[str, Any], where: str) -> None:
    """Fails where a type has a key that the schema has not, or another type of it."""
    schema = resolve(schema, described)
    origin = typing.get_origin(kind)
    allowed = schema.get("type", [])
    allowed = set(allowed if isinstance(allowed, list) else [allowed])
    if typing.is_typeddict(kind):
        assert allowed == {"object"}, where
        hints = typing.get_type_hints(kind)
        assert set(hints) <= set(schema["properties"]), where
        assert required(kind) <= set(schema.get("required", [])), where
        for key, hint in hints.items():
            compare(hint, schema["properties"][key], described, f"{where}.{key}")
    elif origin is list:
        assert "array" in allowed, where
        if "items" in schema:
            compare(typing.get_args(kind)[0], schema["items"], described, f"{where}[]")
    elif origin is dict:
        assert "object" in allowed, where
        if isinstance(schema.get("additionalProperties"), dict):
            compare(typing.get_args(kind)[1], schema["additionalProperties"], described, f"{where}{{}}")
    elif origin in (types.UnionType, typing.Union):
        inner = [one for one in typing.get_args(kind) if one is not type(None)]
        assert "null" in allowed, f"{where} is never null"
        compare(inner[0], {**schema, "type": sorted(allowed - {"null"})}, described, where)
    elif kind is not Any:
        names = {str: {"string"}, bool: {"boolean"}, int: {"integer"}, float: {"number", "integer"}}
        assert allowed and allowed <= names[kind], f"{where}: {kind} is {allowed}"


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        (answers.User, {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}),
        (str, {"type": ["string", "null"]}),
        (int, {"type": "number"}),
        (list[str], {"type": "array", "items": {"type": "boolean"}}),
    ],
)
def test_what_differs_is_found(kind: Any, schema: dict[str, Any], described: dict[str, Any]) -> None:
    with pytest.raises((AssertionError, KeyError)):
        compare(kind, schema, described, "here")


def test_a_renamed_route_is_found(described: dict[str, Any]) -> None:
    renamed = {
        **described,
        "paths": {path.replace("state", "condition"): row for path, row in described["paths"].items()},
    }
    with pytest.raises(pytest.fail.Exception):
        operation_of(Asked("PUT", "/api/v1/channels/lamp/state", {}, b""), renamed)


def test_nothing_of_the_client_is_imported_by_what_serves() -> None:
    root = Path(inspect.getfile(Client)).parents[1]
    for folder in ("server", "device", "dispatch"):
        for path in (root / folder).rglob("*.py"):
            assert "edgeweb.client" not in path.read_text(), path
