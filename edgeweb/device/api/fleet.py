"""The boards of a network, for Prometheus: HTTP service discovery.

    $ curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8080/api/v1/fleet/targets
    [{"targets": ["192.168.1.20:80"], "labels": {"instance": "greenhouse", "__meta_edgeweb_source": "avahi"}}]

`scripts/fleet/README.md` has all of Prometheus' configuration. Source: Prometheus documentation, "Writing
HTTP service discovery".
"""

from __future__ import annotations

from edgeweb import Response

from ..http.contract import Schemas, contract
from ..http.current import current_device
from ..http.etag import from_content
from ..http.on_demand import on_demand
from .blueprint import api


@api.get("/fleet/targets")
@contract(answer="FleetTargets", problems=("not-found", "system-refused"))
def targets() -> Response:
    """Return the boards of the profile's list, and those that avahi finds, for Prometheus' `http_sd_configs`.

    404 where the profile has neither `fleet.discover` nor `fleet.boards`.
    """
    return from_content(
        [
            {"targets": [target], "labels": {"instance": name, "__meta_edgeweb_source": source}}
            for name, target, source in current_device().fleet()
        ]
    )


@on_demand
def schemas() -> Schemas:
    """Return the schemas of this module's answers."""
    from ..http.schemas import by_name, record, rows, text

    example = {"instance": "greenhouse", "__meta_edgeweb_source": "avahi"}
    group = record(
        targets=rows(text("Host and port.", "192.168.1.20:80"), "One address."),
        labels=by_name({"type": "string"}, "The board's name, and where it is known from.", example),
    )
    return {"FleetTargets": rows(group, "A row for each board.")}
