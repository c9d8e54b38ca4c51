"""The audit log: who has changed what, as JSON and as a file of JSON lines.

$ curl -H "Authorization: Bearer $TOKEN" "http://127.0.0.1:8080/api/v1/audit?format=jsonl" >audit.jsonl
"""

from __future__ import annotations

import json
from itertools import chain
from typing import Any

from edgeweb import Response, request

from ..access.roles import needs
from ..device import Device
from ..http.body import read_query
from ..http.contract import Fields, Schemas, contract
from ..http.current import current_device
from ..http.etag import conditional, from_content
from ..http.on_demand import on_demand
from .blueprint import api

#: Media types of JSON, a row on each line. None is registered; both are common.
JSON_LINES = ("application/jsonl", "application/x-ndjson")

AUDIT_QUERY: Fields = {
    "before": ("integer", (0, 2**53), None),
    "limit": ("integer", (1, 500), 100),
    "format": ("choice", ("json", "jsonl"), ""),
}


@api.get("/audit")
@needs("admin")
@contract(query=AUDIT_QUERY, answer="Audit", also=JSON_LINES)
def audit() -> Response:
    """Return who has changed what, the newest first. `before` is the `id` of a row to go on from.

    With `Accept: application/jsonl` (or `application/x-ndjson`), or `?format=jsonl`, it is a file with a row
    on each line, the oldest first: all rows, or the newest `limit` of them where the query has one.
    """
    device, query = current_device(), read_query()
    if media := _lines_for(query["format"]):
        limit = query["limit"] if "limit" in request.args else None
        response = _in_lines(device, media, query["before"], limit)
    else:
        rows = device.audit.rows(query["before"], query["limit"])
        response = from_content({"audit": [_to_json(device, row) for row in rows]})
    response.headers["Vary"] = "Accept"
    return response


def _lines_for(format: str) -> str:
    """Return the media type of lines that the client wants; empty for one document."""
    if format:
        return JSON_LINES[0] if format == "jsonl" else ""
    wanted = request.accept_mimetypes.best_match(("application/json", *JSON_LINES))
    return wanted if wanted in JSON_LINES else ""


def _in_lines(device: Device, media: str, before: int | None, limit: int | None) -> Response:
    """Return the rows as a stream, of which a piece at a time is in memory."""
    # rows never change, and old ones go only when new ones come: the newest stands for all of them
    newest = device.audit.rows(limit=1)
    tag = f"{device.life}-{newest[0]['id'] if newest else 0}-{before}-{limit}-{media}"

    def build() -> Response:
        pieces = device.audit.pieces(before, limit)
        # read now: what cannot be read is an error's answer, and no file that ends early
        first = next(pieces, [])
        text = (_text(device, rows) for rows in chain((first,), pieces))
        headers = {"Content-Disposition": 'attachment; filename="audit.jsonl"'}
        return Response(text, headers=headers, content_type=media)

    return conditional(tag, build)


def _text(device: Device, rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(_to_json(device, row), separators=(",", ":")) + "\n" for row in rows)


def _to_json(device: Device, row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "at": device.clock.date(row["at"])}


@on_demand
def schemas() -> Schemas:
    """Return the schemas of this module's answers."""
    from ..http.schemas import moment, number, record, rows, text

    row = record(
        id=number("Number of the row; gaps are rows that were deleted.", 42, minimum=1),
        at=moment("When."),
        who=text("Who; `timer` for the device, `-` for a stranger.", "ada"),
        source=text("From which address.", "192.168.1.20"),
        action=text("What.", "channel.set"),
        target=text("What it was done to.", "lamp"),
        result=text("How it went.", "on"),
        count=number("How often; more than 1 for refusals that were counted for a minute.", 1, minimum=1),
    )
    return {"Audit": record(audit=rows(row, "The newest first."))}
