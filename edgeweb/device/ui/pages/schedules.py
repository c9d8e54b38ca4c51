"""Schedules: what the device switches, and when.

The code of schedules is imported by the views that need it: a device without any has no memory for it.
"""

from __future__ import annotations

import re
from math import inf
from typing import TYPE_CHECKING

from edgeweb import Response, request

from ...channels.actions import ACTIONS
from ...config.checks import NAME
from ...http.current import actor, current_device
from ...http.problems import Problem, error_row
from ...system.text import to_ascii
from .. import forms
from ..blueprint import pages
from ..format import plain
from ..i18n import Words, chosen
from ..layout import page, see
from ..problems import PageProblem
from ..schedule_words import CHOSEN, OFFSETS, SIDES, WEEKS, offset_of, runs, side_in_words, side_of, week_of

if TYPE_CHECKING:
    from ...schedules.schedule import Schedule, ScheduleError

#: The amounts of the actions that take one.
AMOUNTS = {action: row.amount for action, row in ACTIONS.items() if row.amount}

#: The fields of the form with a date or a time of day, by those of a schedule.
_TIMES = {"at": "time", "until": "until"}

#: The kinds in the order of the form, whose first is the one of a new schedule.
_KINDS = ("span", "daily", "once", "interval")


@pages.nav_page("schedules", 40)
def show(problem: Problem | None = None) -> Response:
    """Show all schedules, with their next and last run."""
    from ...schedules.localtime import DAYS

    device, words = current_device(), Words(chosen())
    session = actor().session
    return page(
        "schedules",
        problem=problem,
        schedules=sorted(device.schedules, key=by_next),
        removed=session.removed if session and request.args.get("done") == "schedule-remove" else None,
        outputs=[channel for channel in device.channels if channel.is_output],
        titles={channel.name: channel.title for channel in device.channels},
        waiting=device.schedules.waiting_reason,
        has_place=device.place is not None,
        kinds=_KINDS,
        actions=tuple(ACTIONS),
        days=DAYS,
        weeks=(*WEEKS, CHOSEN),
        week_of=week_of,
        sides={side: side_in_words(side, words) for side in SIDES},
        side_of=side_of,
        offset_of=offset_of,
        runs_of=lambda schedule: runs(schedule, words),
        result=lambda schedule: result(schedule, words),
        amounts=AMOUNTS,
        typed_amount=lambda schedule, action: typed_amount(schedule, action, words),
        minutes=lambda seconds: plain(f"{round(seconds / 60, 2):g}", words),
        date=device.clock.date,
        typed=request.form if problem else {},
    )


@pages.post("/schedules")
@forms.on_failure(show)
def put_schedule() -> Response:
    """Make a schedule, or change the one of that name.

    `undo` puts back the one that this browser has removed last.
    """
    if request.form.get("undo"):
        return _put_back()
    fields = _fields()
    typed = forms.text("name", 100)
    if typed in {schedule.name for schedule in current_device().schedules} or NAME.fullmatch(typed):
        name = typed
    else:
        name = _free_name(typed or forms.text("title", 100), str(fields["channel"]))
    created = _put(name, fields)
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
    """Remove a schedule; the next page offers to put it back."""
    device, found = current_device(), actor()
    schedule = device.schedules[name]
    device.schedules.remove(found, name)
    if found.session is not None:
        found.session.removed = (name, schedule.title, _given(schedule.definition()))
    return see("schedules", done="schedule-remove")


def _put_back() -> Response:
    session = actor().session
    if session is None or session.removed is None:
        return see("schedules")
    name, title, fields = session.removed
    if name in {schedule.name for schedule in current_device().schedules}:
        name = _free_name(title, name)
    _put(name, fields)
    session.removed = None
    return see("schedules", done="schedule-undo")


def by_next(schedule: Schedule) -> tuple[float, str]:
    """Return the place of a schedule in the list: first what comes next, at the end what does not run."""
    return (inf if schedule.next_at is None else schedule.next_at, schedule.title.casefold())


def typed_amount(schedule: Schedule, action: str, words: Words) -> str:
    """Return the amount of a schedule as the form of an action has it; the empty text for none.

    It is in the units of people: seconds, percent.
    """
    amount = ACTIONS[action].amount
    if amount is None or schedule.amount is None or schedule.action != action:
        return ""
    return plain(f"{schedule.amount / amount.scale:g}", words)


def result(schedule: Schedule, words: Words) -> str:
    """Return the result of the last run, in the language of the page."""
    for key in (f"schedules.result-{schedule.last_result}", f"problem.{schedule.last_result}"):
        if key in words:
            return words(key)
    return schedule.last_result


def _fields() -> dict[str, object]:
    """Return the fields of a schedule from the form: only those of its kind and its action."""
    action = forms.choice("action", tuple(ACTIONS))
    kind = forms.choice("kind", _KINDS)
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
    elif kind == "once":
        fields["at"] = forms.text("date", 40)
    else:
        fields |= _time("at")
        fields["days"] = _days()
    if kind == "span":
        fields |= _time("until")
    return fields


def _time(field: str) -> dict[str, object]:
    """Return a time of day from the form, with its offset where it is the sun's."""
    typed = _TIMES[field]
    event, side = SIDES[
        forms.choice(f"{typed}_of", tuple(SIDES)) if f"{typed}_of" in request.form else "clock"
    ]
    if not event:
        return {field: forms.text(typed, 40)}
    minutes = round(forms.number(f"{typed}_offset", 1, 360)) * side if side else 0
    return {field: event, OFFSETS[field]: minutes}


def _days() -> list[str]:
    """Return the days of the form: those of a name for several, else the chosen ones."""
    week = request.form.get("week", CHOSEN)
    return list(WEEKS[week]) if week in WEEKS else request.form.getlist("days")[:7]


def _free_name(title: str, otherwise: str) -> str:
    """Return a name that no schedule has, made of a title: `grow-light`, `grow-light-2`.

    `otherwise` is the name where the title has no letter of ASCII.
    """
    stem = "-".join(re.findall("[a-z0-9]+", to_ascii(title).lower()))[:60].strip("-") or otherwise[:60]
    taken = {schedule.name for schedule in current_device().schedules}
    names = [stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)


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
    from ...schedules.daytime import NO_PLACE

    names = {amount.schedule: amount.form for amount in AMOUNTS.values()}
    for field, typed in _TIMES.items():
        names[field] = typed if request.form.get(f"{typed}_of", "clock") == "clock" else f"{typed}_of"
    if request.form.get("kind") == "once":
        names["at"] = "date"
    rows = []
    for (field,), detail in reason.errors:
        text = words(f"schedules.expect.{'place' if detail == NO_PLACE else field}")
        rows.append(error_row((names.get(field, field),), detail if words.language == "en" else text))
    return PageProblem("invalid-fields", " ".join(row["detail"] for row in rows), rows)
