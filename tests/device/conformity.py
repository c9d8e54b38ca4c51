"""Whether answers are as the OpenAPI document says: with nothing in them that it does not name."""

from __future__ import annotations

import gzip
import json
from copy import deepcopy
from typing import Any

from jsonschema import Draft202012Validator

from edgeweb import Flask, Response, current_app, request
from edgeweb.device.http.openapi import document, operation_id


class Conformity:
    """Compares answers of applications with the document of one that has nothing but the product's routes."""

    def __init__(self, app: Flask) -> None:
        #: (method, endpoint, status, key of the problem) of everything that was compared.
        self.seen: set[tuple[str, str, int, str]] = set()
        self.faults: list[str] = []
        described = document(app, "edgeweb_test")
        self._components = deepcopy(described["components"])
        _close(self._components["schemas"])
        self._operations = {
            (method.upper(), operation["operationId"]): operation
            for path in described["paths"].values()
            for method, operation in path.items()
        }
        self._validators: dict[str, Draft202012Validator] = {}

    def compare(self, response: Response) -> Response:
        """Notes what the answer to the current request has that is not described; for `after_request`."""
        method, endpoint = request.method, request.endpoint or ""
        view = current_app.view_functions.get(endpoint)
        operation = self._operations.get(
            ("GET" if method == "HEAD" else method, operation_id(view) if view else "")
        )
        if operation is None:  # a page, a preflight, or what a test has added
            return response
        where = f"{method} {request.path} {response.status_code}"
        said = operation["responses"].get(str(response.status_code))
        if said is None:
            self.faults.append(f"{where} is not described: {response.get_data(as_text=True)[:200]}")
            return response
        self.faults += [
            f"{where} has no {name}" for name in said.get("headers", {}) if name not in response.headers
        ]
        content = said.get("content", {})
        key = ""
        if content and response.mimetype not in content:
            self.faults.append(f"{where} is {response.mimetype}")
        elif not content and response.get_data():
            self.faults.append(f"{where} has a body")
        elif response.is_json:
            response.direct_passthrough = False  # an answer that waits is read here, to its end
            body = response.get_data()
            answer = json.loads(gzip.decompress(body) if "Content-Encoding" in response.headers else body)
            key = answer.get("key", "") if response.status_code >= 400 else ""
            schema = content[response.mimetype]["schema"]
            self.faults += [
                f"{where}: {error.message}" for error in self._validator(schema).iter_errors(answer)
            ]
        self.seen.add((method, endpoint, response.status_code, key))
        return response

    def _validator(self, schema: dict[str, Any]) -> Draft202012Validator:
        name = repr(schema)
        if name not in self._validators:
            self._validators[name] = Draft202012Validator({**schema, "components": self._components})
        return self._validators[name]


def _close(schemas: Any) -> None:
    """Takes no property that is not named; the published document leaves room for later ones."""
    for schema in schemas.values():
        if isinstance(schema, dict):
            if "properties" in schema:
                schema.setdefault("additionalProperties", False)
            _close(schema)
