"""The services of the profile's list. For admins only."""

from __future__ import annotations

from edgeweb import Response, make_response

from ..access.roles import needs
from ..http.confirm import confirmed
from ..http.contract import Parts, Schemas, contract
from ..http.current import actor, current_device
from ..http.etag import from_content
from ..http.on_demand import on_demand
from .blueprint import api


@api.get("/services")
@needs("admin")
@contract(answer="Services", problems=("system-refused",))
def services() -> Response:
    """Return the services of the profile's `system.services`, as systemd sees them."""
    return from_content({"services": current_device().services()})


@api.post("/services/<unit>/restart")
@needs("admin")
@confirmed("power")
@contract(answer="RestartAccepted", status=202, problems=("unconfirmed", "system-refused"))
def restart(unit: str) -> Response:
    """Restart a service of the profile's list. 202: `GET /api/v1/services` has the result."""
    current_device().restart_service(actor(), unit)
    return make_response({"accepted": "restart", "service": unit}, 202)


@on_demand
def parts() -> Parts:
    """Return what stands in the addresses."""
    return {
        "unit": ("nginx.service", "A service of the profile's list."),
    }


@on_demand
def schemas() -> Schemas:
    """Return the schemas of this module's answers."""
    from ..http.schemas import one_of, record, rows, text

    meanings = {
        "id": ("As the profile names it.", "sshd.service"),
        "unit": ("Its own name, where `id` is an alias.", "ssh.service"),
        "description": ("As its unit describes it.", "OpenBSD Secure Shell server"),
        "load": ("Whether systemd has its unit.", "loaded"),
        "active": ("Whether it runs.", "active"),
        "sub": ("What it does, in systemd's words.", "running"),
    }
    service = record({word: text(*meaning) for word, meaning in meanings.items()})
    return {
        "Services": record(services=rows(service, "The services of the profile's `system.services`.")),
        "RestartAccepted": record(
            accepted=one_of("What happens now.", "restart"), service=text("Which service.", "nginx.service")
        ),
    }
