"""Services and power: the profile's services, a new start of the machine, and its end."""

from __future__ import annotations

from edgeweb import Response

from ...access.roles import needs
from ...device import Device
from ...http.confirm import confirmed
from ...http.current import actor, current_device
from ...http.problems import Problem, problem_of
from ...system.command import CommandError
from ...system.systemd import POWER
from .. import forms
from ..blueprint import pages
from ..i18n import Words, chosen
from ..layout import page, see
from ..live import hashed_part


@hashed_part("services", "admin")
def listed(device: Device) -> list[dict[str, str]]:
    """Return the services of the profile, as systemd sees them; none where it does not answer."""
    try:
        return _rows(device)
    except CommandError:
        return []


def _rows(device: Device) -> list[dict[str, str]]:
    """Return the services with their state in the language of the page. Raises `CommandError`."""
    words = Words(chosen())

    def word(state: str) -> str:
        return words(f"service.{state}") if f"service.{state}" in words else state

    return [{**row, "word": word(row["active"])} for row in device.services()]


@pages.nav_page("services", 50, "admin")
def show(problem: Problem | None = None) -> Response:
    """Show the services, and the machine as a whole."""
    rows: list[dict[str, str]] = []
    try:
        rows = _rows(current_device())
    except CommandError as refused:
        problem = problem or problem_of(refused)
    return page("services", problem=problem, live="show=services" if rows else "", services=rows)


@pages.post("/services/<unit>/restart")
@needs("admin")
@forms.on_failure(show)
@confirmed("power")
def restart_service(unit: str) -> Response:
    """Restart a service of the profile's list, once the password was shown again."""
    current_device().restart_service(actor(), unit)
    return see("services", done="service-restart")


@pages.post(f"/power/<any({', '.join(POWER)}):what>")
@needs("admin")
@forms.on_failure(show)
@confirmed("power")
def power(what: str) -> Response:
    """Restart the machine or switch it off, once the password was shown again."""
    current_device().check_may_end()
    current_device().end_machine(actor(), what)
    return see("services", done=what)
