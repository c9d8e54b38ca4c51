"""What the answers of the JSON interface look like, as JSON Schema (draft 2020-12), for `openapi.py` only.

The tests compare every answer that they get with these shapes, and take no property that is not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..access.roles import ROLES
from ..channels.actions import ACTIONS
from ..channels.drivers import DRIVERS
from ..config.schema import row_of
from ..metrics.catalogue import METRICS
from ..schedules.localtime import DAYS
from ..schedules.schedule import FIELDS, KINDS
from .problems import PROBLEMS

Schema = dict[str, Any]

_TIME = r"^[0-9]{4,}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$"


def record(optional: Mapping[str, Schema] | None = None, **always: Schema) -> Schema:
    """An object: properties that it always has, and those that it may have."""
    return {
        "type": "object",
        "required": list(always),
        "properties": {**always, **(optional or {})},
    }


def text(meaning: str, example: str, **limits: Any) -> Schema:
    return {"type": "string", "description": meaning, "examples": [example], **limits}


def number(meaning: str, example: float, **limits: Any) -> Schema:
    kind = "integer" if isinstance(example, int) else "number"
    return {"type": kind, "description": meaning, "examples": [example], **limits}


def flag(meaning: str) -> Schema:
    return {"type": "boolean", "description": meaning}


def one_of(meaning: str, *choices: str) -> Schema:
    return {"type": "string", "enum": list(choices), "description": meaning}


def moment(meaning: str) -> Schema:
    return text(f"{meaning} ISO 8601, UTC.", "2026-11-21T06:09:13.979Z", pattern=_TIME)


def rows(of: Schema, meaning: str) -> Schema:
    return {"type": "array", "items": of, "description": meaning}


def by_name(of: Schema, meaning: str, example: Any) -> Schema:
    return {
        "type": "object",
        "additionalProperties": of,
        "description": meaning,
        "examples": [example],
    }


def nullable(schema: Schema, example: Any = None) -> Schema:
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return {**schema, "type": [*kinds, "null"]}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_STATE = {
    "online": flag("Whether the driver reaches the hardware."),
    "state": nullable(flag("Whether it is on; null while nobody knows, which is not the same as off.")),
    "busy": flag("Whether a pulse, a ramp or the rest after a switch is under way."),
    "changed_at": moment("When `online`, `state` or `value` last changed."),
}
_STATE_OF_SOME = {
    "value": nullable(number("PWM only: the share of time that it is on.", 0.25, minimum=0, maximum=1)),
    "on_count": number("Inputs only: how often it went on.", 12, minimum=0),
    "reason": text("Offline only: why.", "there is no /sys/class/leds/ACT"),
}
_USER = {
    "name": text("Name of a user.", "ada"),
    "role": one_of("What the user may do: each role may do what those before it may.", *ROLES),
}
_TOKEN = {
    "id": number("Number of the token.", 1, minimum=1),
    "user": text("Whose it is.", "ada"),
    "role": one_of("What it may do at most; never more than its user.", *ROLES),
    "note": text("What it is for.", "heating script"),
}
_TOKEN_TEXT = text(
    "The token itself. Only this answer has it: it is nowhere kept.",
    "edgeweb_kc8PJcnIanRZnL4jbG1d3VYDyV0yzvZq4cZ5eN5hCxs",
)


def _of_metric(unit: str, label: str, meaning: str) -> Schema:
    value = nullable({"type": "number", "description": f"{meaning} In {unit}."})
    value["examples"] = [12.5]
    return by_name({"type": "number"}, f"{meaning} In {unit}, by {label}.", {"0": 12.5}) if label else value


_METRIC = record(
    {
        "label": text("What the values of `values` belong to.", "core"),
        "value": {"type": ["number", "null"], "examples": [0.44]},
        "values": by_name({"type": "number"}, "A value for each label.", {"0": 12.5}),
    },
    name=text("Name, which ends in the unit.", "load_1m"),
    unit=text("Unit.", "processes"),
    kind=one_of("Goes up and down, or only grows until the machine restarts.", "gauge", "counter"),
    description=text("Meaning.", "Processes running or waiting, averaged over 1 minute."),
)
_SERIES = record(
    {"label": text("Core, folder, interface or sensor.", "eth0")},
    name=text("Name of the figure.", "cpu_percent"),
    unit=text("Unit.", "percent"),
    values={
        "type": "array",
        "items": {"type": ["number", "null"]},
        "description": "The oldest reading first; null where there was none.",
        "examples": [[None, 12.5, 13.0]],
    },
)
_STORAGE = record(
    persistent=flag("Whether changes survive a power cut."),
    reason=text("Why not.", "database or disk is full"),
)
_SERVICE_WORDS = ("id", "description", "load", "active", "sub")

_SCHEDULE: dict[str, Schema] = {
    "title": text("What people see.", "Grow light in the morning", maxLength=FIELDS["title"][1]),
    "channel": text("Name of an output.", "lamp"),
    "action": one_of("What happens to it.", *ACTIONS),
    "pulse_ms": nullable(
        number(
            "`pulse`: milliseconds, null for as long as the profile says; else null.",
            500,
            minimum=FIELDS["pulse_ms"][1][0],
            maximum=FIELDS["pulse_ms"][1][1],
        )
    ),
    "value": nullable(
        number(
            "`value`: the share of time that PWM is on; else null.",
            0.25,
            minimum=FIELDS["value"][1][0],
            maximum=FIELDS["value"][1][1],
        )
    ),
    "kind": one_of("What `at`, `days` and `every` are for.", *KINDS),
    "at": nullable(
        text("`once`: a date, local without a zone; `daily`: a local time of day; else null.", "07:00")
    ),
    "days": nullable(rows(one_of("A day.", *DAYS), "`daily`: on which days; null: on all of them.")),
    "every": nullable(
        number(
            "`interval`: seconds; else null.",
            3600,
            minimum=FIELDS["every"][1][0],
            maximum=FIELDS["every"][1][1],
        )
    ),
    "enabled": flag("Whether it runs."),
}
_SCHEDULE_REQUIRED = ("channel", "action", "kind")

_TABLES = {
    "users": "name, role and password hash of each user",
    "tokens": "id, digest, user, role and note of each token",
    "settings": "key and value of each setting",
    "schedules": "name and definition of each schedule",
    "channels": "name, last state and on_count of each channel that is remembered",
}

#: name: schema, referred to by `answer` and `body` of `contract`.
SHAPES: dict[str, Schema] = {
    "Problem": record(
        {
            "key": one_of("The kind of error, for programs.", *PROBLEMS),
            "errors": rows(
                record(
                    pointer=text("Which field (RFC 6901).", "/on"),
                    detail=text("What was expected of it.", "expected true or false"),
                ),
                "The fields that are wrong.",
            ),
        },
        type=text("Where the kind is explained.", "/api/v1/problems/invalid-fields", format="uri-reference"),
        title=text("The kind, for people.", "Invalid fields"),
        status=number("The status code once more.", 422),
        detail=text("What is wrong this time.", "/on: expected true or false"),
    ),
    "ProblemKind": record(
        key=one_of("The kind of error, for programs.", *PROBLEMS),
        status=number("The status code of its answers.", 409, minimum=400, maximum=599),
        title=text("The kind, for people.", "Channel busy"),
        description=text("What to do about it.", PROBLEMS["channel-busy"][2]),
    ),
    "OpenAPI": record(
        openapi=text("Version of the format.", "3.1.0"),
        info={"type": "object"},
        servers={"type": "array"},
        tags={"type": "array"},
        paths={"type": "object"},
        components={"type": "object"},
        security={"type": "array"},
    ),
    "ChannelState": record(_STATE_OF_SOME, **_STATE),
    "Channel": record(
        _STATE_OF_SOME,
        id=text("Name of the channel.", "lamp"),
        title=text("What people see.", "Lamp"),
        mode=one_of(
            "An output is set, an input is only read, PWM has values from 0 to 1.",
            *row_of(("channels", "*", "mode")).limits,
        ),
        driver=one_of("What moves or reads it.", *DRIVERS),
        **_STATE,
    ),
    "Channels": record(channels=rows(ref("Channel"), "In the order of the profile.")),
    "Status": record(
        device=record(
            name=text("Host name.", "board"),
            title=text("Heading of the dashboard.", "Greenhouse"),
            model=text("The board.", "Raspberry Pi 4 Model B Rev 1.4"),
            architecture=text("Machine type.", "aarch64"),
            profile=text("Name of the profile.", "raspberry-pi-4"),
        ),
        sampled_at=moment("When the figures were read."),
        metrics=record(
            **{name: _of_metric(unit, label, meaning) for name, unit, _, label, meaning in METRICS}
        ),
        channels={
            "type": "object",
            "additionalProperties": ref("ChannelState"),
            "description": "The states of all channels by name.",
        },
        storage=_STORAGE,
    ),
    "Metrics": record(
        sampled_at=moment("When the figures were read."), metrics=rows(_METRIC, "All figures.")
    ),
    "History": record(
        interval_seconds=number("Seconds between two readings.", 10.0, exclusiveMinimum=0),
        newest_at=nullable(moment("When the last reading was taken.")),
        series=rows(_SERIES, "A row for each figure and label."),
    ),
    "User": record(**_USER),
    "Users": record(users=rows(ref("User"), "All users.")),
    "SetUp": record(
        user=ref("User"), token=_TOKEN_TEXT, token_id=number("Number of the token.", 1, minimum=1)
    ),
    "SignedIn": record(user=ref("User")),
    "WhoAmI": record(
        user=ref("User"),
        token_id=nullable(number("Number of the token that was shown; null for a browser.", 1, minimum=1)),
    ),
    "Sessions": record(
        sessions=rows(
            record(
                id=text("For `DELETE /api/v1/sessions/{key}`.", "q0XbT3vK"),
                user=text("Who has signed in.", "ada"),
                source=text("From which address.", "192.168.1.20"),
                agent=text("What the browser says of itself.", "Mozilla/5.0"),
                opened_at=moment("When it began."),
                seen_at=moment("When it was last used."),
                current=flag("Whether it is the one that asks."),
            ),
            "The browsers that are signed in, the one used last at the end.",
        )
    ),
    "Token": record(**_TOKEN),
    "NewToken": record(**_TOKEN, token=_TOKEN_TEXT),
    "Tokens": record(tokens=rows(ref("Token"), "The oldest first.")),
    "Audit": record(
        audit=rows(
            record(
                id=number("Number of the row; there is no gap.", 42, minimum=1),
                at=moment("When."),
                who=text("Who; `timer` for the device itself, `-` for a stranger.", "ada"),
                source=text("From which address.", "192.168.1.20"),
                action=text("What.", "channel.set"),
                target=text("What of.", "lamp"),
                result=text("How it went.", "on"),
            ),
            "The newest first.",
        )
    ),
    "Accepted": record(
        {"service": text("Which service.", "nginx.service")},
        accepted=one_of("What will happen now.", "reboot", "shutdown", "restart"),
    ),
    "Services": record(
        services=rows(
            record({word: text("systemd's own word.", "active") for word in _SERVICE_WORDS}),
            "The services of the profile's `system.services`.",
        )
    ),
    "Logs": record(
        unit=text("Whose log.", "edgeweb.service"),
        entries=rows(
            record(
                at=moment("When."),
                priority=number("0 emergency to 7 debug.", 6, minimum=0, maximum=7),
                message=text("What.", "edgeweb: the state is persistent again"),
            ),
            "The newest last.",
        ),
    ),
    "Settings": record(
        settings=rows(
            record(
                key=text("The key of the profile.", "dashboard.title"),
                kind=text("What it may be.", "string"),
                limits={
                    "description": "Within which limits; what they are depends on the kind. Those of a"
                    " `duration` are in seconds."
                },
                value={
                    "description": "What it is; a `duration` as a number of seconds.",
                    "examples": ["Greenhouse"],
                },
                default={"description": "What the profile says.", "examples": [""]},
                meaning=text("What it is for.", "Heading of the dashboard; empty: the host name."),
                effect=one_of("When a change takes effect.", "now", "restart"),
                changed=flag("Whether it was set on the device."),
                pending=flag("Whether another value is in force until the next start."),
            ),
            "In the order of the profile.",
        ),
        ignored=rows(
            record(
                key=text("A setting that the state has.", "channels.pump.title"),
                reason=text("Why it is not in force.", "this device has no such setting"),
            ),
            "Settings that do not fit this device.",
        ),
    ),
    "SettingsChange": {
        "type": "object",
        "description": "Keys and their new values, as a profile writes them: a duration is a number of"
        ' seconds or text with a unit, such as "500 ms" or "10 min" (ms, s, min, h, d). Null goes back to'
        " the profile (RFC 7396).",
        "examples": [{"dashboard.title": "Greenhouse", "sensors.interval": "5 s", "history.length": None}],
    },
    "ScheduleDefinition": {
        "type": "object",
        "required": list(_SCHEDULE_REQUIRED),
        "properties": _SCHEDULE,
        "additionalProperties": False,
        "examples": [
            {"channel": "lamp", "action": "on", "kind": "daily", "at": "07:00", "days": ["mon", "fri"]},
            {"channel": "lamp", "action": "pulse", "pulse_ms": 500, "kind": "interval", "every": 3600},
        ],
    },
    "Schedule": record(
        name=text("Name of the schedule.", "morning"),
        **_SCHEDULE,
        next_at=nullable(moment("When it runs next; null for never, or not until the clock is set.")),
        last_at=nullable(moment("When it last ran.")),
        last_result=text("`ok`, `missed`, the key of a problem, or empty.", "ok"),
    ),
    "Schedules": record(
        waiting=flag("Whether those by date wait for the clock to be set."),
        schedules=rows(ref("Schedule"), "By name."),
    ),
    "Backup": record(
        {"hint": text("What stands in the way of a restore by this interface.", "This file is larger ...")},
        format=one_of("What it is.", "edgeweb-backup"),
        version=number("Of the format.", 1, minimum=1),
        created_at=text("When it was made.", "2026-11-21T06:09:13.979Z"),
        device=text("Host name of the device.", "greenhouse"),
        content=record(
            **{name: rows({"type": "array"}, f"Rows with {meaning}.") for name, meaning in _TABLES.items()}
        ),
        checksum=text("Of everything else.", "sha256:5f1c0a9be2d34711"),
    ),
    "Restore": {
        **record(
            password=text("That of the one who asks.", "correct horse battery"),
            backup=ref("Backup"),
        ),
        "additionalProperties": False,
    },
    "Restored": record(
        restored=by_name({"type": "integer"}, "Rows of each kind.", {"users": 2, "settings": 5}),
        pending=flag("Whether something of it waits for the next start."),
    ),
    "Ready": record(
        ready=flag("Whether all is well."),
        checks=by_name({"type": "string"}, "`ok`, or what is wrong.", {"storage": "ok", "channels": "ok"}),
    ),
}
