"""The pages of the dashboard. Importing this registers them all on the one blueprint."""

from . import (
    about,
    assets,
    audit,
    backup,
    channels,
    entrance,
    history,
    live,
    logs,
    overview,
    people,
    schedules,
    services,
    settings,
)
from .blueprint import dashboard

__all__ = [
    "about",
    "assets",
    "audit",
    "backup",
    "channels",
    "dashboard",
    "entrance",
    "history",
    "live",
    "logs",
    "overview",
    "people",
    "schedules",
    "services",
    "settings",
]
