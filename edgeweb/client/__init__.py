"""A typed client of a device's JSON interface, for programs on other machines.

    from edgeweb.client import Client

    greenhouse = Client("http://greenhouse.local", token="edgeweb_...")
    if greenhouse.sensor("soil")["level"] == "low":
        greenhouse.pulse("pump", ms=20_000)

It needs nothing but the standard library, and no server imports it. `edgeweb remote` is made of it.
"""

from __future__ import annotations

from .answers import (
    Backup,
    Channel,
    Metrics,
    MetricsHistory,
    Ready,
    Restored,
    Schedule,
    ScheduleDefinition,
    Schedules,
    Sensor,
    SensorHistory,
    Service,
    Settings,
    Status,
    WhoAmI,
)
from .client import Client
from .errors import BadAnswer, ClientError, Redirected, Refused, Unreachable
from .events import Event

__all__ = [
    "Backup",
    "BadAnswer",
    "Channel",
    "Client",
    "ClientError",
    "Event",
    "Metrics",
    "MetricsHistory",
    "Ready",
    "Redirected",
    "Refused",
    "Restored",
    "Schedule",
    "ScheduleDefinition",
    "Schedules",
    "Sensor",
    "SensorHistory",
    "Service",
    "Settings",
    "Status",
    "Unreachable",
    "WhoAmI",
]
