"""Schedules: what is switched by itself, and when."""

from __future__ import annotations

from typing import Any

from edgeweb import Response, request

from ...device import current_device
from ...http.body import error
from ...http.gate import actor
from ...http.problems import Problem
from ...schedules.localtime import DAYS
from ...schedules.schedule import ACTIONS, KINDS, Schedule, ScheduleError
from .. import forms
from ..blueprint import dashboard
from ..i18n import Words, chosen
from ..layout import page, see

#: What the form says in units of people, and the number that a schedule takes.
_AMOUNTS = {"pulse": (1000, 0.001, 3600), "value": (0.01, 0, 100)}

#: The field of the form that says when, for each kind.
_WHEN = {"once": "date", "daily": "time", "interval": "every"}


@dashboard.get("/schedules", endpoint="schedules")
def show(problem: Problem | None = None) -> Response:
    """All schedules, with their next and last run."""
    device = current_device()
    return page(
        "schedules",
        problem=problem,
        schedules=list(device.schedules),
        outputs=[channel for channel in device.channels if channel.is_output],
        titles={channel.name: channel.title for channel in device.channels},
        waiting=device.schedules.waiting,
        kinds=tuple(KINDS),
        actions=ACTIONS,
        days=DAYS,
        amount=amount,
        date=device.clock.date,
        typed=request.form if problem else {},
    )


@dashboard.post("/schedules")
@forms.on_failure(show)
def put_schedule() -> Response:
    """Makes a schedule, or changes the one of that name."""
    device, words = current_device(), Words(chosen())
    name = forms.name("name")
    try:
        created = device.schedules.put(actor(), name, _fields())
    except ScheduleError as reason:
        raise _problem(reason, words) from reason
    return see("schedules", done="schedule-add" if created else "schedule-change")


@dashboard.post("/schedules/<name>/enabled")
@forms.on_failure(show)
def enable_schedule(name: str) -> Response:
    """Lets a schedule run, or rest."""
    schedules, words = current_device().schedules, Words(chosen())
    enabled = forms.choice("enabled", ("true", "false")) == "true"
    try:
        fields = schedules[name].definition()
        schedules.put(actor(), name, {**_given(fields), "enabled": enabled})
    except ScheduleError as reason:
        raise _problem(reason, words) from reason
    return see("schedules", done="schedule-on" if enabled else "schedule-off")


@dashboard.post("/schedules/<name>/remove")
@forms.on_failure(show)
def remove_schedule(name: str) -> Response:
    """Forgets a schedule."""
    try:
        current_device().schedules.remove(actor(), name)
    except ScheduleError as reason:
        raise Problem("not-found") from reason
    return see("schedules", done="schedule-remove")


def amount(schedule: Schedule) -> str:
    """A schedule's amount as the form has it: seconds of a pulse, percent of a value."""
    if schedule.amount is None or schedule.action not in _AMOUNTS:
        return ""
    return f"{schedule.amount / _AMOUNTS[schedule.action][0]:g}"


def _fields() -> dict[str, Any]:
    """What a schedule takes, of the form: only what belongs to its kind and its action."""
    action = forms.choice("action", ACTIONS)
    kind = forms.choice("kind", tuple(KINDS))
    fields: dict[str, Any] = {
        "title": forms.text("title", 100),
        "channel": forms.name("channel"),
        "action": action,
        "kind": kind,
        "enabled": request.form.get("enabled") == "true",
    }
    if action in _AMOUNTS and forms.text("amount"):
        factor, least, most = _AMOUNTS[action]
        found = forms.number("amount", least, most) * factor
        fields["amount"] = round(found) if action == "pulse" else round(found, 4)
    if kind == "interval":
        fields["every"] = int(forms.number("every", 0, 10_080) * 60)
    else:
        fields["at"] = forms.text(_WHEN[kind], 40)
    if kind == "daily":
        fields["days"] = request.form.getlist("days")[: len(DAYS)]
    return fields


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _problem(reason: ScheduleError, words: Words) -> Problem:
    """The same with the names that the form's fields have, in the language of the page."""
    when = _WHEN.get(request.form.get("kind", ""), "at")
    rows = []
    for field, detail in reason.errors:
        text = detail if words.language == "en" else words(f"schedules.expect.{field}")
        rows.append(error((when if field == "at" else field,), text))
    return Problem("invalid-fields", " ".join(row["detail"] for row in rows), rows)
