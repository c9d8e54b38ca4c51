"""The answers of the interface, as types. `GET /api/v1/openapi.json` of a device has their meanings.

`tests/client/test_contract.py` compares each key with that document.
"""

from __future__ import annotations

from typing import Any, NamedTuple, NotRequired, TypedDict


class ChannelState(TypedDict):
    """The changing part of a channel."""

    online: bool
    #: None while it is not known, which is not the same as off.
    state: bool | None
    busy: bool
    changed_at: str
    value: NotRequired[float | None]
    on_count: NotRequired[int]
    reason: NotRequired[str]


class Channel(ChannelState):
    """An output or an input."""

    id: str
    title: str
    mode: str
    driver: str


class SensorState(TypedDict):
    """The changing part of a sensor."""

    value: float | None
    online: bool
    reason: str
    level: str
    read_at: str | None


class Sensor(SensorState):
    """What is measured, with its unit."""

    id: str
    title: str
    kind: str
    unit: str
    group: NotRequired[str]
    icon: NotRequired[str]


class Hour(TypedDict):
    """The values of an hour, or of a longer step."""

    at: str
    minimum: float
    mean: float
    maximum: float
    count: int


class SensorHistory(TypedDict):
    """The kept hours of a sensor."""

    id: str
    unit: str
    kept: bool
    step_seconds: float
    hours: list[Hour]


class Warning(TypedDict):
    """What a person should look at."""

    source: str
    reason: str
    failed_at: str
    read_at: str | None


class Identity(TypedDict):
    """Who answers."""

    name: str
    title: str
    model: str
    architecture: str
    profile: str


class Storage(TypedDict):
    """Whether changes survive a power cut."""

    persistent: bool
    reason: str


class Status(TypedDict):
    """The device, its figures, and the states of all channels and sensors by name."""

    device: Identity
    sampled_at: str
    metrics: dict[str, Any]
    channels: dict[str, ChannelState]
    sensors: dict[str, SensorState]
    storage: Storage
    warnings: list[Warning]


class Metric(TypedDict):
    """One figure of the machine: `value`, or `values` by core, folder or interface."""

    name: str
    unit: str
    kind: str
    description: str
    label: NotRequired[str]
    value: NotRequired[float | None]
    values: NotRequired[dict[str, float | None]]


class Metrics(TypedDict):
    """All figures of the machine."""

    sampled_at: str
    metrics: list[Metric]
    warnings: list[Warning]


class Series(TypedDict):
    """The last readings of one figure, the oldest first."""

    name: str
    unit: str
    values: list[float | None]
    label: NotRequired[str]


class MetricsHistory(TypedDict):
    """The last readings of all figures."""

    interval_seconds: float
    newest_at: str | None
    series: list[Series]


class ScheduleDefinition(TypedDict):
    """What a schedule does, and when."""

    channel: str
    action: str
    kind: str
    title: NotRequired[str]
    pulse_ms: NotRequired[int | None]
    value: NotRequired[float | None]
    at: NotRequired[str | None]
    offset_minutes: NotRequired[int | None]
    until: NotRequired[str | None]
    until_offset_minutes: NotRequired[int | None]
    days: NotRequired[list[str] | None]
    every: NotRequired[float | None]
    enabled: NotRequired[bool]


class Schedule(ScheduleDefinition):
    """A schedule with its runs."""

    name: str
    next_at: str | None
    last_at: str | None
    last_result: str


class Schedules(TypedDict):
    """All schedules, and whether those by date wait for the clock to be set."""

    waiting: bool
    waiting_reason: str
    schedules: list[Schedule]


class Service(TypedDict, total=False):
    """A service of the profile's list, as systemd sees it; without what systemd has not said."""

    id: str
    unit: str
    description: str
    load: str
    active: str
    sub: str


class Setting(TypedDict):
    """A key of the profile that a person may change on the device."""

    key: str
    kind: str
    value: Any
    default: Any
    meaning: str
    effect: str
    changed: bool
    pending: bool


class Ignored(TypedDict):
    """A setting in the state that does not fit the device."""

    key: str
    reason: str


class Settings(NamedTuple):
    """All settings. `tag` is what a change of them is for."""

    settings: list[Setting]
    ignored: list[Ignored]
    tag: str


class Backup(TypedDict):
    """Everything that people have entered on a device. Keep it like a password."""

    format: str
    version: int
    created_at: str
    device: str
    content: dict[str, Any]
    checksum: str
    hint: NotRequired[str]


class Restored(TypedDict):
    """Rows of each kind, and whether something of it waits for the next start."""

    restored: dict[str, int]
    pending: bool


class User(TypedDict):
    """Who it is, and what that user may do."""

    name: str
    role: str


class WhoAmI(TypedDict):
    """The user of a token, and its number."""

    user: User
    token_id: int | None


class Ready(TypedDict):
    """Whether all is well, and what is not."""

    ready: bool
    checks: dict[str, str]
