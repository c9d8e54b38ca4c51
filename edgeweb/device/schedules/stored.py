"""Schedules as texts in the state: their definitions, and how far their runs have come."""

from __future__ import annotations

import json

from ..config.checks import NAME, NAME_RULE
from .schedule import IntervalTimer, Schedule, ScheduleError


def stored(schedule: Schedule, result: str = "", timer: IntervalTimer | None = None) -> str:
    """Return a schedule as text for the state: the result of its last run, when its interval ends."""
    fields = schedule.definition()
    if schedule.last_at is not None or schedule.date is not None:
        fields["run"] = [schedule.last_at, result, schedule.date]
    if schedule.edge is not None:
        fields["edge"] = schedule.edge
    if timer is not None:
        fields["timer"] = timer
    return json.dumps(fields)


def restored(name: str, text: str) -> Schedule:
    """Return a schedule from its text in the state. Raises `ScheduleError` where it does not fit."""
    try:
        fields = json.loads(text)
        run, timer, edge = (fields.pop(key, None) for key in ("run", "timer", "edge"))
        schedule = Schedule(name, fields)
        if run is not None:
            at, result, date = run
            schedule.last_at = None if at is None else float(at)
            schedule.last_result = str(result)
            schedule.date = None if date is None else (int(date[0]), int(date[1]), int(date[2]))
        if edge is not None and schedule.kind == "span":
            schedule.edge = float(edge)
        if timer is not None and schedule.kind == "interval":
            boot, written, due, at = timer
            schedule.timer = IntervalTimer(
                str(boot), float(written), float(due), None if at is None else float(at)
            )
    except (ValueError, TypeError, AttributeError, LookupError, OverflowError, RecursionError) as error:
        raise ScheduleError([("", f"it cannot be read ({error})")]) from error
    if not NAME.fullmatch(name):
        raise ScheduleError([("name", f"expected {NAME_RULE}")])
    return schedule
