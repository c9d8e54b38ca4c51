"""Services and power: the profile's services, a new start of the machine, and its end."""

from __future__ import annotations

from typing import Any

from edgeweb import Response

from ...access.roles import needs
from ...api import services
from ...device import Device, current_device
from ...http.gate import actor
from ...http.problems import Problem
from .. import forms
from ..blueprint import dashboard
from ..layout import page, see


def listed(device: Device) -> list[dict[str, str]]:
    """The services of the profile, as systemd sees them; none where it does not answer."""
    try:
        return list(services.read_services(device))
    except Problem:
        return []


@dashboard.get("/services", endpoint="services")
@needs("admin")
def show(problem: Problem | None = None) -> Response:
    """The services, and the machine as a whole."""
    rows: list[dict[str, Any]] = []
    try:
        rows = services.read_services(current_device())
    except Problem as refused:
        problem = problem or refused
    return page("services", problem=problem, live="show=services" if rows else "", services=rows)


@dashboard.post("/services/<unit>/restart")
@needs("admin")
@forms.on_failure(show)
def restart_service(unit: str) -> Response:
    """Restarts a service of the profile's list, once the password was shown again."""
    forms.confirm()
    services.restart(unit)
    return see("services", done="service-restart")


@dashboard.post("/power/<any(reboot, shutdown):what>")
@needs("admin")
@forms.on_failure(show)
def power(what: str) -> Response:
    """Restarts the machine or switches it off, once the password was shown again."""
    services.check_power(current_device())
    forms.confirm()
    services.end_machine(current_device(), actor(), what)
    return see("services", done=what)
