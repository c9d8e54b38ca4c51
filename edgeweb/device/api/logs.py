"""The journal of the profile's services. For admins only."""

from __future__ import annotations

from edgeweb import Response

from ..access.roles import needs
from ..http.body import read_query
from ..http.contract import Schemas, contract
from ..http.current import current_device
from ..http.etag import from_content
from ..http.on_demand import on_demand
from ..system.systemd import JOURNAL_FIELDS
from .blueprint import api


@api.get("/logs")
@needs("admin")
@contract(query=JOURNAL_FIELDS, answer="Logs", problems=("system-refused",))
def logs() -> Response:
    """Return the journal of a `unit`, edgeweb's own or one of the profile's list, the newest line last.

    `lines` is the most that are returned, `priority` the least important kind (0 emergency to 7 debug), and
    `seconds` how far back they go.
    """
    query = read_query()
    return from_content({"unit": query["unit"], "entries": current_device().log(**query)})


@on_demand
def schemas() -> Schemas:
    """Return the schemas of this module's answers."""
    from ..http.schemas import flag, moment, number, record, rows, text

    entry = record(
        at=moment("When."),
        priority=number("0 emergency to 7 debug.", 6, minimum=0, maximum=7),
        message=text("What.", "edgeweb: the state is persistent again"),
        truncated=flag("Whether a part of the message, or all of it, did not fit."),
    )
    unit = text("Whose log.", "edgeweb.service")
    return {"Logs": record(unit=unit, entries=rows(entry, "The newest last."))}
