"""Schedules: what is switched by date or again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edgeweb import Response

from ..http.body import read_object
from ..http.contract import contract
from ..http.current import actor, current_device
from ..http.etag import conditional, tagged
from .blueprint import api

if TYPE_CHECKING:
    from ..device import Device
    from ..schedules.schedule import Schedule


@api.get("/schedules")
@contract(answer="Schedules")
def schedules() -> Response:
    """All schedules, by name, and whether those by date wait for the clock to be set."""
    device = current_device()

    def build() -> dict[str, Any]:
        rows = [to_json(device, schedule) for schedule in device.schedules]
        return {"waiting": device.schedules.waiting, "schedules": rows}

    return conditional(device.schedules_tag(), build)


@api.get("/schedules/<name>")
@contract(answer="Schedule")
def schedule(name: str) -> Response:
    """One schedule: what it says, when it is next, and how it went last."""
    device = current_device()
    tag, found = device.schedules_tag(), device.schedules[name]
    return conditional(tag, lambda: to_json(device, found))


@api.put("/schedules/<name>")
@contract(body="ScheduleDefinition", answer="Schedule", status=(200, 201), problems=("conflict",))
def put_schedule(name: str) -> Response:
    """Defines a schedule, in place of the one with this name where there is one:
    `{"channel": "lamp", "action": "on", "kind": "daily", "at": "07:00", "days": ["mon", "fri"]}`."""
    fields, device = read_object(), current_device()
    created = device.schedules.put(actor(), name, fields)
    answer = to_json(device, device.schedules[name])
    return tagged(device.schedules_tag(), answer, 201 if created else 200)


@api.delete("/schedules/<name>")
@contract(status=204)
def remove_schedule(name: str) -> Response:
    """Forgets a schedule."""
    current_device().schedules.remove(actor(), name)
    return Response(status=204)


def to_json(device: Device, schedule: Schedule) -> dict[str, Any]:
    """Return a schedule as the API shows it."""
    dates = {
        key: None if moment is None else device.clock.date(moment)
        for key, moment in (("next_at", schedule.next_at), ("last_at", schedule.last_at))
    }
    fields = {**schedule.definition(), "title": schedule.title}
    return {"name": schedule.name, **fields, **dates, "last_result": schedule.last_result}
