"""Schedules in words, for the audit log."""

from __future__ import annotations

from .daytime import describe as describe_time
from .schedule import Schedule
from .spans import Level
from .spans import describe as describe_level


def describe_action(schedule: Schedule) -> str:
    """Return the action in words: `lamp pulse 500 ms`."""
    return f"{schedule.channel} {describe_level(Level(schedule.action, schedule.amount))}"


def describe(schedule: Schedule) -> str:
    """Return the schedule in words: `lamp on, span 07:00 to 08:30 mon tue`."""
    when = f"{schedule.every} s"
    if schedule.at is not None:
        when = describe_time(schedule.at, schedule.offset_minutes)
    if schedule.until is not None:
        when += f" to {describe_time(schedule.until, schedule.until_offset_minutes)}"
    off = "" if schedule.enabled else ", disabled"
    return f"{describe_action(schedule)}, {schedule.kind} {' '.join([when, *schedule.days])}{off}"
