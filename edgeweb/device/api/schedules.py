"""Schedules: what is switched by date or again and again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from edgeweb import Response

from ..http.body import read_object
from ..http.contract import Parts, Schema, Schemas, contract
from ..http.current import actor, current_device
from ..http.etag import conditional, is_expected, tagged
from ..http.on_demand import on_demand
from ..schedules.timesync import REASONS
from .blueprint import api

if TYPE_CHECKING:
    from ..device import Device
    from ..schedules.schedule import Schedule


@api.get("/schedules")
@contract(answer="Schedules")
def schedules() -> Response:
    """Return all schedules, by name, and whether those by date wait for the clock to be set."""
    device = current_device()
    return conditional(device.schedules_tag(), lambda: all_to_json(device))


@api.get("/schedules/<name>")
@contract(answer="Schedule")
def schedule(name: str) -> Response:
    """Return one schedule: its definition, its next run, and the result of its last."""
    device = current_device()
    tag, found = device.schedules_tag(), device.schedules[name]
    return conditional(tag, lambda: to_json(device, found))


@api.put("/schedules/<name>")
@contract(
    body="ScheduleDefinition",
    answer="Schedule",
    status=(200, 201),
    problems=("conflict",),
)
def put_schedule(name: str) -> Response:
    """Define a schedule, or replace the one with this name:
    `{"channel": "lamp", "action": "on", "kind": "span", "at": "07:00", "until": "08:30", "days": ["mon"]}`.

    A `span` is on from `at` to `until`, also after a start or where the clock is set, and off at its end.
    What is switched by hand stays until its next begin or end. `sunrise` and `sunset` need `device.latitude`
    and `device.longitude`, in the profile or the settings; on a day without one, in polar day and night, such
    a schedule does not run.
    """
    fields, device = read_object(), current_device()
    created = device.schedules.put(actor(), name, fields, _is_expected(device))
    answer = to_json(device, device.schedules[name])
    return tagged(device.schedules_tag(), answer, 201 if created else 200)


@api.delete("/schedules/<name>")
@contract(status=204)
def remove_schedule(name: str) -> Response:
    """Remove a schedule."""
    device = current_device()
    device.schedules.remove(actor(), name, _is_expected(device))
    return Response(status=204)


def _is_expected(device: Device) -> Callable[[], bool]:
    return lambda: is_expected(device.schedules_tag())


def all_to_json(device: Device) -> dict[str, object]:
    """Return all schedules as the API shows them."""
    rows = [to_json(device, schedule) for schedule in device.schedules]
    reason = device.schedules.waiting_reason
    return {"waiting": bool(reason), "waiting_reason": REASONS.get(reason, ""), "schedules": rows}


def to_json(device: Device, schedule: Schedule) -> dict[str, object]:
    """Return a schedule as the API shows it."""
    dates = {
        key: None if moment is None else device.clock.date(moment)
        for key, moment in (("next_at", schedule.next_at), ("last_at", schedule.last_at))
    }
    fields = {**schedule.definition(), "title": schedule.title}
    return {"name": schedule.name, **fields, **dates, "last_result": schedule.last_result}


@on_demand
def parts() -> Parts:
    """Return what stands in the addresses."""
    return {
        "name": ("morning", "Name of a schedule."),
    }


@on_demand
def schemas() -> Schemas:
    """Return the schemas of this module's answers."""
    from ..channels.actions import ACTIONS, Amount
    from ..http.schemas import flag, moment, nullable, number, one_of, record, ref, rows, text
    from ..schedules.localtime import DAYS
    from ..schedules.schedule import FIELDS, KINDS

    def amount(action: str, row: Amount) -> Schema:
        default = ", null for the channel's own" if row.default_of else ""
        meaning = f"`{action}`: {row.unit}{default}; else null."
        return nullable(number(meaning, row.example, minimum=row.limits[0], maximum=row.limits[1]))

    def between(field: str) -> dict[str, float]:
        return dict(zip(("minimum", "maximum"), FIELDS[field][1], strict=True))

    def kind_of(name: str) -> str:
        return f"`{name}`: " + ", ".join(f"`{field}`" for field in KINDS[name])

    fields = {
        "title": text("Title on the dashboard.", "Grow light in the morning", maxLength=FIELDS["title"][1]),
        "channel": text("Name of an output.", "lamp"),
        "action": one_of("What happens to it.", *ACTIONS),
        **{row.amount.schedule: amount(name, row.amount) for name, row in ACTIONS.items() if row.amount},
        "kind": one_of(
            "By the fields of its time: " + "; ".join(kind_of(name) for name in KINDS) + ".", *KINDS
        ),
        "at": nullable(
            text(
                "`once`: a date, local without a zone; `daily`, and the begin of a `span`: a local time of"
                " day, `sunrise` or `sunset`; else null.",
                "07:00",
            )
        ),
        "offset_minutes": nullable(
            number(
                "Minutes from the sun's `at`, negative before it; else null.",
                -30,
                **between("offset_minutes"),
            )
        ),
        "until": nullable(
            text(
                "End of a `span`, as `at`; on the next day where it is earlier by the clock; else null.",
                "08:30",
            )
        ),
        "until_offset_minutes": nullable(
            number("Minutes from the sun's `until`; else null.", 15, **between("until_offset_minutes"))
        ),
        "days": nullable(
            rows(one_of("A day.", *DAYS), "`daily`: on which days; `span`: on which it begins; null: on all.")
        ),
        "every": nullable(number("`interval`: seconds; else null.", 3600, **between("every"))),
        "enabled": flag("Whether it runs."),
    }
    return {
        "ScheduleDefinition": {
            "type": "object",
            "required": ["channel", "action", "kind"],
            "properties": fields,
            "additionalProperties": False,
            "examples": [
                {"channel": "lamp", "action": "on", "kind": "span", "at": "07:00", "until": "08:30"},
                {"channel": "lamp", "action": "on", "kind": "daily", "at": "sunset", "offset_minutes": -30},
                {"channel": "lamp", "action": "pulse", "pulse_ms": 500, "kind": "interval", "every": 3600},
            ],
        },
        "Schedule": record(
            name=text("Name of the schedule.", "morning"),
            **fields,
            next_at=nullable(moment("When it runs next; null for never, or not until the clock is set.")),
            last_at=nullable(moment("When it last ran.")),
            last_result=text("`ok`, `missed`, the key of a problem, or empty.", "ok"),
        ),
        "Schedules": record(
            waiting=flag("Whether those by date wait for the clock to be set."),
            waiting_reason=text("Why they wait, and what to do; else empty.", ""),
            schedules=rows(ref("Schedule"), "By name."),
        ),
    }
