"""The services of the profile's list. For admins only."""

from __future__ import annotations

from edgeweb import Response, make_response

from ..access.roles import needs
from ..http.contract import contract
from ..http.current import actor, current_device
from ..http.etag import from_content
from .blueprint import api


@api.get("/services")
@needs("admin")
@contract(answer="Services", problems=("system-refused",))
def services() -> Response:
    """The services of the profile's `system.services`, as systemd sees them."""
    return from_content({"services": current_device().services(actor())})


@api.post("/services/<unit>/restart")
@needs("admin")
@contract(answer="Accepted", status=202, problems=("system-refused",))
def restart(unit: str) -> Response:
    """Restarts a service of the profile's list: 202, and `GET /api/v1/services` says how it went."""
    current_device().restart_service(actor(), unit)
    return make_response({"accepted": "restart", "service": unit}, 202)
