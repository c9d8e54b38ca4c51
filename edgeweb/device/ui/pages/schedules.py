"""Schedules: what the device switches, and when.

The code of schedules is imported by the views that need it: a device without any has no memory for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgeweb import Response, request

from ...channels.actions import ACTIONS
from ...http.current import actor, current_device
from ...http.problems import Problem, error_row
from .. import forms
from ..blueprint import pages
from ..i18n import Words, chosen
from ..layout import page, see

if TYPE_CHECKING:
    from ...schedules.schedule import Schedule, ScheduleError

#: The amounts of the actions that take one.
AMOUNTS = {action: row.amount for action, row in ACTIONS.items() if row.amount}

#: The field of the form with the time, for each kind.
_WHEN = {"once": "date", "daily": "time", "interval": "every"}


@pages.nav_page("schedules", 40)
def show(problem: Problem | None = None) -> Response:
    """Show all schedules, with their next and last run."""
    from ...schedules.localtime import DAYS
    from ...schedules.schedule import KINDS

    device = current_device()
    return page(
        "schedules",
        problem=problem,
        schedules=list(device.schedules),
        outputs=[channel for channel in device.channels if channel.is_output],
        titles={channel.name: channel.title for channel in device.channels},
        waiting=device.schedules.waiting_reason,
        kinds=tuple(KINDS),
        actions=tuple(ACTIONS),
        days=DAYS,
        amounts=AMOUNTS,
        typed_amount=typed_amount,
        date=device.clock.date,
        typed=request.form if problem else {},
    )


@pages.post("/schedules")
@forms.on_failure(show)
def put_schedule() -> Response:
    """Make a schedule, or change the one of that name."""
    created = _put(forms.name("name"), _fields())
    return see("schedules", done="schedule-add" if created else "schedule-change")


@pages.post("/schedules/<name>/enabled")
@forms.on_failure(show)
def enable_schedule(name: str) -> Response:
    """Enable a schedule, or pause it."""
    enabled = forms.choice("enabled", ("true", "false")) == "true"
    fields = current_device().schedules[name].definition()
    _put(name, {**_given(fields), "enabled": enabled})
    return see("schedules", done="schedule-on" if enabled else "schedule-off")


@pages.post("/schedules/<name>/remove")
@forms.on_failure(show)
def remove_schedule(name: str) -> Response:
    """Remove a schedule."""
    current_device().schedules.remove(actor(), name)
    return see("schedules", done="schedule-remove")


def typed_amount(schedule: Schedule, action: str) -> str:
    """Return the amount of a schedule as the form of an action has it; the empty text for none.

    It is in the units of people: seconds, percent.
    """
    amount = ACTIONS[action].amount
    if amount is None or schedule.amount is None or schedule.action != action:
        return ""
    return f"{schedule.amount / amount.scale:g}"


def _fields() -> dict[str, object]:
    """Return the fields of a schedule from the form: only those of its kind and its action."""
    from ...schedules.localtime import DAYS
    from ...schedules.schedule import KINDS

    action = forms.choice("action", tuple(ACTIONS))
    kind = forms.choice("kind", tuple(KINDS))
    fields: dict[str, object] = {
        "title": forms.text("title", 100),
        "channel": forms.name("channel"),
        "action": action,
        "kind": kind,
        "enabled": request.form.get("enabled") == "true",
    }
    amount = ACTIONS[action].amount
    if amount and forms.text(amount.form):
        fields[amount.schedule] = forms.amount(amount, amount.limits)
    if kind == "interval":
        fields["every"] = int(forms.number("every", 0, 10_080) * 60)
    else:
        fields["at"] = forms.text(_WHEN[kind], 40)
    if kind == "daily":
        fields["days"] = request.form.getlist("days")[: len(DAYS)]
    return fields


def _put(name: str, fields: dict[str, object]) -> bool:
    """Define a schedule; return whether it is a new one. Raises `Problem` in the words of the form."""
    from ...schedules.schedule import ScheduleError

    try:
        return current_device().schedules.put(actor(), name, fields)
    except ScheduleError as reason:
        raise _problem(reason, Words(chosen())) from reason


def _given(fields: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None}


def _problem(reason: ScheduleError, words: Words) -> Problem:
    """Return the same error under the names of the form's fields, in the language of the page."""
    names = {amount.schedule: amount.form for amount in AMOUNTS.values()}
    names |= {"at": _WHEN.get(request.form.get("kind", ""), "at")}
    rows = []
    for (field,), detail in reason.errors:
        text = detail if words.language == "en" else words(f"schedules.expect.{field}")
        rows.append(error_row((names.get(field, field),), text))
    return Problem("invalid-fields", " ".join(row["detail"] for row in rows), rows)
