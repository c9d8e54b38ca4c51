"""A schedule: its action and its time, checked field by field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..channels.actions import ACTIONS
from ..config.checks import REQUIRED, accept, expectation
from ..errors import DeviceError, NotFound
from . import daytime
from .daytime import RULE, DayTime
from .localtime import DAYS, Date

#: kind: the fields of its time, and whether they are needed
KINDS: dict[str, dict[str, bool]] = {
    "once": {"at": True},
    "daily": {"at": True, "offset_minutes": False, "days": False},
    "span": {
        "at": True,
        "offset_minutes": False,
        "until": True,
        "until_offset_minutes": False,
        "days": False,
    },
    "interval": {"every": True},
}

#: The amounts that actions take, by their field.
AMOUNTS = {row.amount.schedule: row.amount for row in ACTIONS.values() if row.amount}

#: field: (kind of `schema.KINDS`, limits, default), as the fields of a body.
FIELDS: dict[str, tuple[str, Any, object]] = {
    "title": ("string", 100, ""),
    "channel": ("name", None, REQUIRED),
    "action": ("choice", tuple(ACTIONS), REQUIRED),
    **{field: (amount.kind, amount.limits, None) for field, amount in AMOUNTS.items()},
    "kind": ("choice", tuple(KINDS), REQUIRED),
    "at": ("string", 40, None),
    "offset_minutes": ("integer", (-360, 360), None),
    "until": ("string", 40, None),
    "until_offset_minutes": ("integer", (-360, 360), None),
    "days": ("strings", 3, None),
    # ten seconds: each run may be a row of the audit log, and a card does not last for ever
    "every": ("integer", (10, 604_800), None),
    "enabled": ("boolean", None, True),
}

#: The fields of a time of day, each with that of its offset.
TIMES = {"at": "offset_minutes", "until": "until_offset_minutes"}

#: What an output does during a span; at its end it goes off.
SPAN_ACTIONS = ("on", "value")

#: The checked fields, by name; `moment` is that of a date, `begin` and `end` are the times of day.
Fields = dict[str, Any]

_DATE = re.compile(r"20\d\d-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_DATE_RULE = "a date like 2026-11-24T07:00 (local time), with Z or +01:00 at its end for another zone"


class ScheduleError(DeviceError):
    """A faulty definition. `errors` has a row `((field,), text)` for each fault."""

    key = "invalid-fields"

    def __init__(self, errors: list[tuple[str, str]]) -> None:
        super().__init__(
            "; ".join(f"{field}: {detail}" for field, detail in errors),
            [((field,), detail) for field, detail in errors],
        )


class UnknownSchedule(NotFound):
    """No schedule has this name."""


class SchedulesChanged(DeviceError):
    """The schedules were changed since they were read."""

    key = "precondition-failed"


class TooMany(DeviceError):
    """There is no room for another one."""


class IntervalTimer(NamedTuple):
    """When an interval ends, as the next process understands it.

    `boot` names the run of the machine, whose monotonic clock showed `written` and will show `due`. `at` is
    the date of that, for another run; None where the clock was not right.
    """

    boot: str
    written: float
    due: float
    at: float | None


class Computed(NamedTuple):
    """A daily run that was computed: the first one for each moment from `after` until before `until`.

    `under` is what else it depends on: zone, place and the date of the last run. `found` is its moment and
    its date, None where the next days have none.
    """

    under: tuple[object, ...]
    after: float
    until: float
    found: tuple[float, Date] | None


class Schedule:
    """One schedule: an immutable definition and its mutable run state.

    `at` is the text of a date (`once`, in UTC) or of a time of day (`daily` and `span`: local, or a name of
    the sun's), `until` that of a span's end; `days` has names of `DAYS`, those on which a span begins, and
    `every` is in seconds. `amount` is that of the action, None for the channel's own. `next_at` and `last_at`
    are in seconds since 1970, None for never; `last_result` is "ok", "missed", the kind of a failure, or
    empty.
    """

    __slots__ = (
        "action",
        "amount",
        "at",
        "begin",
        "channel",
        "computed",
        "date",
        "days",
        "due",
        "edge",
        "enabled",
        "end",
        "every",
        "kind",
        "last_at",
        "last_result",
        "moment",
        "name",
        "next_at",
        "next_ends",
        "offset_minutes",
        "timer",
        "title",
        "until",
        "until_offset_minutes",
    )

    def __init__(self, name: str, fields: Mapping[str, object]) -> None:
        right = read(fields)
        self.name = name
        self.title: str = right["title"] or name
        self.channel: str = right["channel"]
        self.action: str = right["action"]
        row = ACTIONS[self.action].amount
        self.amount: float | None = right[row.schedule] if row else None
        self.kind: str = right["kind"]
        self.at: str | None = right["at"]
        self.offset_minutes: int | None = right["offset_minutes"]
        self.until: str | None = right["until"]
        self.until_offset_minutes: int | None = right["until_offset_minutes"]
        self.days: tuple[str, ...] = right["days"] or ()
        self.every: int | None = right["every"]
        self.enabled: bool = right["enabled"]
        #: When it is due (`once`), in seconds since 1970.
        self.moment: float = right["moment"]
        #: The times of day of `at` and `until`.
        self.begin: DayTime | None = right["begin"]
        self.end: DayTime | None = right["end"]
        self.next_at: float | None = None
        #: Whether `next_at` is the end of a span.
        self.next_ends = False
        self.last_at: float | None = None
        self.last_result = ""
        #: The date of the last daily run, or of a moment just before the definition. An hour that comes twice
        #: has the same.
        self.date: Date | None = None
        #: The next daily run, as it was computed last.
        self.computed: Computed | None = None
        #: The moment of the monotonic clock at which an interval ends.
        self.due = 0.0
        #: How an interval stood when the state was written, until it goes on from there.
        self.timer: IntervalTimer | None = None
        #: The begin or end of a span that was the last one done, in seconds since 1970.
        self.edge: float | None = None

    @property
    def needs_place(self) -> str:
        """The first field whose time is the sun's; empty where none is."""
        times = zip(TIMES, (self.begin, self.end), strict=True)
        return next((field for field, time in times if time is not None and time.event), "")

    def definition(self) -> dict[str, object]:
        """Return the fields that `Schedule` takes."""
        return {
            "title": "" if self.title == self.name else self.title,
            "channel": self.channel,
            "action": self.action,
            **{
                field: self.amount if ACTIONS[self.action].amount is amount else None
                for field, amount in AMOUNTS.items()
            },
            "kind": self.kind,
            "at": self.at,
            "offset_minutes": self.offset_minutes,
            "until": self.until,
            "until_offset_minutes": self.until_offset_minutes,
            "days": list(self.days) or None,
            "every": self.every,
            "enabled": self.enabled,
        }


def read(fields: Mapping[str, object]) -> Fields:
    """Return the fields with their defaults, and what they mean. Raises `ScheduleError` with all faults."""
    errors = [(name, f"unknown field; known: {', '.join(FIELDS)}") for name in fields if name not in FIELDS]
    right: Fields = {"moment": 0, "begin": None, "end": None}
    for name, (kind, limits, default) in FIELDS.items():
        value = fields.get(name)
        if value is None and default is not REQUIRED:
            right[name] = default
            continue
        try:
            right[name] = accept(kind, limits, value)
        except ValueError as reason:
            errors.append((name, f"expected {reason}" if name in fields else f"missing; expected {reason}"))
    if "kind" in right:
        errors += _read_time(right, {name for name, _ in errors})
    if "action" in right:
        errors += _read_action(right, {name for name, _ in errors})
    if errors:
        raise ScheduleError(errors)
    return right


def _read_time(right: Fields, faulty: set[str]) -> list[tuple[str, str]]:
    kind, errors = right["kind"], []
    times = {field for row in KINDS.values() for field in row}
    for name in FIELDS:
        if name in faulty or name not in times:
            continue
        needed = KINDS[kind].get(name)
        if needed is None and right[name] is not None:
            errors.append((name, f"expected nothing: a schedule of the kind {kind} has no such field"))
        elif needed and right[name] is None:
            rule = _TIME_RULES.get((kind, name), expectation(*FIELDS[name][:2]))
            errors.append((name, f"missing; expected {rule}"))
    if errors or faulty & times:
        return errors
    if kind == "once":
        errors += _read_date(right)
    elif kind != "interval":
        errors += _read_times(right)
    return errors


_TIME_RULES = {
    ("once", "at"): _DATE_RULE,
    ("daily", "at"): RULE,
    ("span", "at"): RULE,
    ("span", "until"): RULE,
}


def _read_date(right: Fields) -> list[tuple[str, str]]:
    from datetime import UTC, datetime  # sqlite3 has loaded it

    text = right["at"]
    try:
        if not _DATE.fullmatch(text):
            raise ValueError(text)
        moment = datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return [("at", f"expected {_DATE_RULE}")]
    right["moment"] = moment
    right["at"] = datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return []


def _read_times(right: Fields) -> list[tuple[str, str]]:
    """Read the times of day of a schedule, and its days."""
    errors = []
    for (field, offset), name in zip(TIMES.items(), ("begin", "end"), strict=True):
        if right[field] is None:
            continue
        found = right[name] = daytime.read(right[field], right[offset])
        if found is None:
            errors.append((field, f"expected {RULE}"))
        elif found.event:
            right[offset] = right[offset] or 0
        elif right[offset] is not None:
            errors.append((offset, "expected nothing: only sunrise and sunset have an offset"))
        else:
            text = right[field]
            right[field] = text.removesuffix(":00") if len(text) > len("07:00") else text
    if right["end"] is not None and right["end"] == right["begin"]:
        errors.append(("until", "expected another time than that of at"))
    days = DAYS if right["days"] is None else right["days"]
    if days and set(days) <= set(DAYS):
        right["days"] = tuple(day for day in DAYS if day in days)
    else:
        errors.append(("days", f"expected a list with one or more of {', '.join(DAYS)}"))
    return errors


def _read_action(right: Fields, faulty: set[str]) -> list[tuple[str, str]]:
    action, errors = right["action"], []
    own = ACTIONS[action].amount
    for name, amount in AMOUNTS.items():
        if name in faulty:
            continue
        if amount is not own and right[name] is not None:
            errors.append((name, f"expected nothing: the action {action} has no such field"))
        elif amount is own and right[name] is None and amount.default_of is None:
            errors.append((name, f"missing; expected {expectation(amount.kind, amount.limits)}"))
    if right.get("kind") == "span":
        if action not in SPAN_ACTIONS:
            errors.append(
                ("action", f"expected {' or '.join(SPAN_ACTIONS)}: at the end of a span it goes off")
            )
        elif right.get("value") == 0:
            errors.append(("value", "expected a share above 0: at the end of a span it goes off"))
    return errors
