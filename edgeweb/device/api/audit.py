"""The audit log: who has changed what."""

from __future__ import annotations

from edgeweb import Response

from ..access.roles import needs
from ..http.body import read_query
from ..http.contract import Fields, Schemas, contract
from ..http.current import current_device
from ..http.etag import from_content
from ..http.on_demand import on_demand
from .blueprint import api

AUDIT_QUERY: Fields = {"before": ("integer", (0, 2**53), None), "limit": ("integer", (1, 500), 100)}


@api.get("/audit")
@needs("admin")
@contract(query=AUDIT_QUERY, answer="Audit")
def audit() -> Response:
    """Return who has changed what, the newest first. `before` is the `id` of a row to go on from."""
    device, query = current_device(), read_query()
    rows = device.audit.rows(query["before"], query["limit"])
    for row in rows:
        row["at"] = device.clock.date(row["at"])
    return from_content({"audit": rows})


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
