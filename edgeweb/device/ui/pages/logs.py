"""The journal of the profile's services: filtered, and followed by the script."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from edgeweb import Response, request

from ...config.checks import accept
from ...config.quantities import read_integer
from ...device import Device
from ...errors import DeviceError
from ...http.current import current_device
from ...http.problems import Problem, problem_of
from ...system.systemd import JOURNAL_FIELDS
from ..blueprint import pages
from ..layout import page
from ..live import hashed_part

#: Syslog's priorities (RFC 5424) to choose from; the more important ones are shown as well.
PRIORITIES = (7, 6, 5, 4, 3)

LINES = (100, 200, 500)


@hashed_part("log", "admin")
def entries(device: Device) -> list[dict[str, object]]:
    """Return the lines that the request asks for, the newest last; `text` keeps those that hold it."""
    rows = device.log(**_query())
    sought = request.args.get("text", "").casefold()
    return [row for row in rows if sought in row["message"].casefold()]


def _query() -> dict[str, Any]:
    query = {name: default for name, (_, _, default) in JOURNAL_FIELDS.items()}
    for name, (kind, limits, _) in JOURNAL_FIELDS.items():
        found = request.args.get(name, "")
        if found:
            value = found if kind != "integer" else read_integer(found)
            try:
                query[name] = accept(kind, limits, value)
            except ValueError as reason:
                raise Problem("invalid-query", f"/{name}: expected {reason}") from None
    return query


@pages.nav_page("logs", 60, "admin")
def show() -> Response:
    """Show the newest lines of a service's journal."""
    device = current_device()
    problem, rows = None, []
    try:
        rows = entries(device)
    except (Problem, DeviceError) as refused:
        problem = refused if isinstance(refused, Problem) else problem_of(refused)
    wanted = {
        key: request.args[key] for key in ("unit", "priority", "lines", "text") if request.args.get(key)
    }
    return page(
        "logs",
        problem=problem,
        live=urlencode({"show": "log", **wanted}) if problem is None else "",
        services=device.units,
        priorities=PRIORITIES,
        numbers=LINES,
        wanted=wanted,
        entries=rows,
    )
