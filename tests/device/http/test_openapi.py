"""The OpenAPI document: whole, valid, and true for a server that gets whatever schemathesis thinks of."""

from __future__ import annotations

import gzip
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.access.roles import SCOPES
from edgeweb.device.config.checks import KINDS, REQUIRED, accept
from edgeweb.device.config.profile import Profile
from edgeweb.device.http.contract import contract_of
from edgeweb.device.http.openapi import Notes, fields_schema
from edgeweb.device.http.problems import PROBLEMS

from ..conformity import Conformity
from ..conftest import BOARD, CHANNELS
from ..people import PASSWORD, add_owner, client_of, device_of
from ..process import ROOT, DeviceServer

PATH = "/api/v1/openapi.json"

#: Reviewed: routes that are pages, and not for programs.
PAGES = {"dashboard"}


def described(app: Flask) -> dict[str, Any]:
    found = app.test_client().get(PATH).json
    assert isinstance(found, dict)
    return found


def operations(app: Flask) -> list[tuple[str, str, dict[str, Any]]]:
    paths = described(app)["paths"]
    return [(path, method, row) for path, rows in paths.items() for method, row in rows.items()]


def notes_of(app: Flask) -> dict[str, Notes]:
    """What each module with a contract says beside its views, by its tag."""
    views = [view for view in app.view_functions.values() if contract_of(view)]
    return {view.__module__.rpartition(".")[2]: Notes(view.__module__) for view in views}


def test_a_document_that_is_kept_is_of_its_own_device_and_address(
    app: Flask, make_profile: Callable[..., Profile]
) -> None:
    other = add_owner(create_app(make_profile(f'[storage]\nstate = "memory"\n{CHANNELS}')))
    # one after the other, and back: none of them may get what was kept for another one
    for _ in range(2):
        for which, root in ((app, ""), (other, ""), (app, "/box"), (app, "")):
            for headers in ({}, {"Accept-Encoding": "gzip"}):
                answer = which.test_client().get(
                    PATH, headers=headers, environ_overrides={"SCRIPT_NAME": root}
                )
                body = gzip.decompress(answer.data) if headers else answer.data
                found = json.loads(body)
                assert found["servers"] == [{"url": f"{root}/"}]
                cookie = found["components"]["securitySchemes"]["cookie"]["name"]
                assert cookie == device_of(which).cookie_name
                tag = answer.headers["ETag"]
                assert device_of(which).life in tag
                assert tag.endswith('-gzip"') is bool(headers)
                unchanged = which.test_client().get(
                    PATH, headers={**headers, "If-None-Match": tag}, environ_overrides={"SCRIPT_NAME": root}
                )
                assert (unchanged.status_code, unchanged.headers["ETag"]) == (304, tag)
    device_of(other).close()


def test_every_route_is_described(app: Flask) -> None:
    without = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.partition(".")[0] not in PAGES
        and contract_of(app.view_functions[rule.endpoint]) is None
    }
    assert without == set(), "say with `contract` what they take and give"
    assert len(operations(app)) > 25


def test_every_operation_says_what_it_is_for(app: Flask) -> None:
    for path, method, row in operations(app):
        assert len(row["summary"]) > 3 and row["summary"][0].isupper(), (method, path)
        assert "Needs the role" in row["description"] or row["security"] == [], (method, path)
    numbers = [row["operationId"] for _, _, row in operations(app)]
    assert len(numbers) == len(set(numbers))


@pytest.mark.slow
def test_the_document_is_valid_openapi(app: Flask) -> None:
    found = described(app)
    validate(found)
    assert found["openapi"] == "3.1.0"
    assert found["components"]["securitySchemes"]["cookie"]["name"] == device_of(app).cookie_name


def test_no_address_and_no_foreign_host_is_in_it(app: Flask) -> None:
    # what an authenticator app reads is an address of no host
    assert "://" not in app.test_client().get(PATH).text.replace("otpauth://", "")
    below = app.test_client().get(PATH, environ_overrides={"SCRIPT_NAME": "/device"})
    assert below.json["servers"] == [{"url": "/device/"}]


def test_it_is_for_those_who_are_signed_in_and_has_a_tag(app: Flask) -> None:
    assert client_of(app).get(PATH).status_code == 401
    tag = app.test_client().get(PATH).headers["ETag"]
    assert app.test_client().get(PATH, headers={"If-None-Match": tag}).status_code == 304


def test_serving_does_not_load_it() -> None:
    program = (
        "import sys; from edgeweb.device import create_app; app = create_app();"
        "assert app.test_client().get('/api/v1/status').status_code == 401;"
        "late = {'edgeweb.device.http.openapi', 'edgeweb.device.http.schemas'};"
        "assert not late & set(sys.modules), 'too early'"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})


#: kind: (limits, values, whether they fit) as both sides have to see them.
KIND_ROWS: list[tuple[str, Any, Any]] = [
    ("boolean", None, [True, False, None, 0, "true"]),
    ("integer", (1, 9), [1, 9, 0, 10, -1, "5", None, True]),
    ("number", (0, 1), [0, 0.5, 1, 1.01, "0", None, True]),
    ("limit", (0, 9), [0, 9.0, 9.5, "", "5", None, True]),
    ("range", (0, 9), [[], [1, 2], [1], [1, 2, 3], [0, 10], ["a", "b"], "a", None]),
    ("string", 3, ["", "abc", "abcd", "a\nb", "\u00e9", "\u00a0", 1, None]),
    ("name", None, ["a", "_a.b-c", "1a", "__a__", "", "a b", "x" * 64, "x" * 65, 1]),
    ("choice", ("a", "b"), ["a", "b", "c", "", None]),
    ("strings", 3, [[], ["a"], ["abcd"], "a", [1]]),
]


@pytest.mark.parametrize(("kind", "limits", "values"), KIND_ROWS)
def test_schemas_take_what_the_fields_take(kind: str, limits: Any, values: list[Any]) -> None:
    schema = Draft202012Validator(KINDS[kind].schema(limits))
    for value in values:
        try:
            accept(kind, limits, value)
            fits = True
        except ValueError:
            fits = False
        assert schema.is_valid(value) is fits, value


def test_fields_and_their_defaults() -> None:
    schema = fields_schema({"role": ("choice", ("a", "b"), "a"), "on": ("boolean", None, REQUIRED)})
    assert schema["required"] == ["on"]
    assert schema["properties"]["role"] == {
        "type": "string",
        "enum": ["a", "b"],
        "default": "a",
        "description": 'Expects one of "a", "b".',
    }


def test_examples_are_right(app: Flask) -> None:
    """Of bodies as their readers take them, and of answers by their schemas."""
    found = described(app)
    components = found["components"]
    bodies = 0
    for _, _, row in operations(app):
        for media in row.get("requestBody", {}).get("content", {}).values():
            bodies += 1
            for example in [media["example"]] if "example" in media else []:
                Draft202012Validator({**media["schema"], "components": components}).validate(example)
    assert bodies > 10
    for key, row in components["examples"].items():
        schema = {"$ref": "#/components/schemas/Problem", "components": components}
        Draft202012Validator(schema).validate(row["value"])
        assert PROBLEMS[key][0] == row["value"]["status"]

    def check(schema: Any) -> None:
        if isinstance(schema, dict):
            examples = schema.get("examples")
            for example in examples if isinstance(examples, list) else []:
                Draft202012Validator({**schema, "components": components}).validate(example)
            for inner in schema.values():
                check(inner)

    check(components["schemas"])


def test_nothing_in_the_tables_is_left_over(app: Flask) -> None:
    """What no route uses any more is not described either."""
    found = described(app)
    schemas = found["components"]["schemas"]
    text = json.dumps(found["paths"]) + json.dumps(schemas)
    for name in schemas:
        assert f'"#/components/schemas/{name}"' in text, name
    notes = notes_of(app)
    assert sum(len(row.schemas) for row in notes.values()) + 1 == len(schemas), "a name twice"
    fields: dict[str, set[str]] = {tag: set() for tag in notes}
    parts: dict[str, set[str]] = {tag: set() for tag in notes}
    for _, _, operation in operations(app):
        (tag,) = operation["tags"]
        for media in operation.get("requestBody", {}).get("content", {}).values():
            fields[tag] |= media["schema"].get("properties", {}).keys()
        parts[tag] |= {row["name"] for row in operation["parameters"] if row.get("in") == "path"}
    assert fields == {tag: row.examples.keys() for tag, row in notes.items()}
    assert parts == {tag: row.parts.keys() for tag, row in notes.items()}


def test_answers_that_are_not_as_described_are_found(app: Flask, conformity: Conformity) -> None:
    """The test of what `conformity.py` does to every other test."""

    @app.after_request
    def spoil(response: Any) -> Any:
        if response.is_json:
            response.data = json.dumps({**response.get_json(), "more": 1})
        return response

    client = app.test_client()
    client.get("/livez")
    assert conformity.faults == []
    client.get("/api/v1/channels/lamp")
    assert "'more' was unexpected" in conformity.faults.pop()
    client.get("/api/v1/channels/none")
    assert "'more' was unexpected" in conformity.faults.pop()
    assert ("GET", "api.channel", 404, "unknown-channel") in conformity.seen


# -- the running server --------------------------------------------------------------------------------

#: Of schemathesis' expectations, those that hold for all; reviewed exceptions are where a request is right by
#: its schema, and the profile, the state, a checksum or the strength of a password decide.
TOOL = """
[[operations]]
include-operation-id = [
  "setup.set_up", "users.add_user", "users.set_password", "channels.pulse",
  "settings.change_settings", "schedules.put_schedule", "backup.restore", "things.add_channel",
  "things.change_channel", "things.try_channel", "things.add_sensor", "things.change_sensor",
  "tokens.add_token", "software.update_software",
]
checks.positive_data_acceptance.expected-statuses = ["2xx", 401, 403, 404, 409, 412, 422]
checks.missing_required_header.expected-statuses = [401, 403, 422, 428]

# The tag of the example is another one, which counts before the body does (RFC 9110, section 13.2.1).
[[operations]]
include-operation-id = ["settings.change_settings", "things.change_channel", "things.change_sensor"]
checks.negative_data_rejection.expected-statuses = [400, 401, 403, 404, 406, 412, 415, 422, 428]

# With `end_tokens` it would revoke the tool's own token, which is its owner's: another user's password it is.
[[operations]]
include-operation-id = "users.set_password"
parameters = { "path.name" = "ada" }

[[operations]]
include-operation-id = "logs.logs"
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 401]

# `from` is before `to`, a step has whole hours, and not too many of them: no schema says that
[[operations]]
include-operation-id = ["history.sensor_history", "channels.channel_history"]
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 401, 404, 422]
"""


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DeviceServer]:
    """A device that has what the examples speak of, and no machine behind it."""
    profile = tmp_path / "board.toml"
    profile.write_text(BOARD.replace("[sensors.uptime]", "[sensors.soil]"))
    monkeypatch.setenv("TEST_PROFILE", str(profile))
    monkeypatch.setenv("TEST_NO_LIMIT", "1")
    server = DeviceServer(tmp_path, "tests.device.programs.device:app", "--profile", str(profile))
    server.claim()
    with sqlite3.connect(tmp_path / "state" / "state.db") as connection:
        # the tool may revoke every token but its own
        connection.execute("UPDATE sqlite_sequence SET seq = 1000000000000 WHERE name = 'tokens'")
    connection.close()
    server.token = server.post_json(
        "/api/v1/tokens", {"note": "tool", "role": "admin", "scopes": list(SCOPES)}
    ).json["token"]
    ada = {"name": "ada", "password": PASSWORD, "role": "viewer"}
    assert server.post_json("/api/v1/users", ada).status == 201
    yield server
    assert server.stop() == 0, server.log


#: Which of Unicode is printable is more than a pattern can say: right requests are made of Latin-1, and with
#: all of Unicode everything is checked but that they are taken.
RUNS = {
    "all checks": ["--phases", "examples,coverage,fuzzing", "--generation-codec", "latin-1"],
    "all of Unicode": ["--phases", "fuzzing", "--exclude-checks", "positive_data_acceptance"],
}


@pytest.mark.slow
@pytest.mark.parametrize("run", RUNS)
def test_the_running_server_is_as_described(board: DeviceServer, tmp_path: Path, run: str) -> None:
    """schemathesis: right and wrong requests of every operation, and what the answers have to be.

    It may ask for a reboot: the program that is served calls nothing (`programs/device.py`).
    """
    (tmp_path / "schemathesis.toml").write_text(TOOL)
    tool = Path(sys.executable).with_name("st")
    options = [*RUNS[run], "--max-examples", "12", "--seed", "7", "--no-color"]
    done = subprocess.run(
        [tool, "run", f"{board.url}{PATH}", "-H", f"Authorization: Bearer {board.token}", *options],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-10_000:]
    tested = re.search(r"Selected: (\d+)/(\d+)\n  Tested: (\d+)", done.stdout)
    assert tested and len(set(tested.groups())) == 1, done.stdout
    assert board.get("/api/v1/session").status == 200, "its token was good to the end"
    assert 'called: ["systemctl", "--no-block", "--no-ask-password", "reboot"]' in board.log
    assert "Traceback" not in board.log
