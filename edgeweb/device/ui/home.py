"""What comes next and what happened last, in words, for the overview."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..channels.channel import Channel
from ..device import Device
from .format import NBSP, UNKNOWN
from .i18n import Words

if TYPE_CHECKING:
    from ..schedules.schedule import Schedule

#: Events on the page.
MAX_EVENTS = 3

#: The text for who did it, where that is no person.
_WHO = {"schedule": "home.by-schedule", "timer": "home.by-timer"}


class Next(NamedTuple):
    """The next run of a schedule: its text, its date in ISO 8601, and why schedules wait for the clock.

    `what` and `at` are empty where all wait, `waiting` is the text of the reason or empty.
    """

    what: str
    at: str
    waiting: str


class Event(NamedTuple):
    """A line of the audit log in words, its date in ISO 8601, and who it was."""

    what: str
    at: str
    who: str
    #: Family, name and title of the channel; None where that is gone.
    thing: tuple[str, str, str] | None


def upcoming(device: Device, words: Words) -> Next | None:
    """Return what the schedules do next; None where none is enabled or all are done."""
    if not device.has_schedules:
        return None
    schedules = [one for one in device.schedules if one.enabled]
    waits = device.schedules.waiting_reason and any(one.kind != "interval" for one in schedules)
    waiting = words(f"schedules.waiting-{device.schedules.waiting_reason}") if waits else ""
    due: list[tuple[float, Schedule]] = [(one.next_at, one) for one in schedules if one.next_at is not None]
    if waiting or not due:
        # dates that wait could come first: an interval alone would be only half of the answer
        return Next("", "", waiting) if waiting else None
    at, first = min(due, key=lambda row: row[0])
    return Next(
        _text(device, first.channel, _next_action(first), words, first.amount), device.clock.date(at), ""
    )


def _next_action(schedule: Schedule) -> str:
    return "off" if schedule.kind == "span" and schedule.next_ends else schedule.action


def events(device: Device, words: Words) -> list[Event]:
    """Return the last events of channels, the newest first."""
    return [_event(device, row, words) for row in device.audit.switches(MAX_EVENTS)]


def _event(device: Device, row: dict[str, Any], words: Words) -> Event:
    name, done, kind = row["target"], row["result"], row["action"].partition(".")[2]
    if kind == "run":
        # the target is the schedule; the result begins with the channel
        name, _, done = done.partition(" ")
    done, failed, _ = done.partition(": ")
    # in an action's own row its word is the kind, and the result is the amount
    word, _, amount = f"{kind} {done}".partition(" ") if kind in ("pulse", "value") else done.partition(" ")
    text = _text(device, name, word, words, _number(amount), done=True)
    if failed:
        text = words("home.failed", what=text)
    who = words(_WHO[row["who"]]) if row["who"] in _WHO else words("home.by", who=row["who"])
    channel = _channel(device, name)
    thing = ("channels", name, channel.title) if channel else None
    return Event(text, device.clock.date(row["at"]), who, thing)


def _channel(device: Device, name: str) -> Channel | None:
    return next((one for one in device.channels if one.name == name), None)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _text(
    device: Device, name: str, action: str, words: Words, amount: float | None = None, *, done: bool = False
) -> str:
    """Return an action to a channel in words, with the owner's for off and on."""
    channel = _channel(device, name)
    title = channel.title if channel else name
    if action == "value":
        percent = UNKNOWN if amount is None else f"{round(amount * 100)}{NBSP}%"
        return words("home.value", title=title, amount=percent)
    key = f"home.{action}{'-done' if done else ''}"
    if key in words:
        return words(key, title=title)
    own = channel.options["words"] if channel else ()
    state = {"off": 0, "on": 1}.get(action)
    if state is None:
        return words("home.state", title=title, word=action)
    return words("home.state", title=title, word=own[state] if own else words(f"live.{action}"))
