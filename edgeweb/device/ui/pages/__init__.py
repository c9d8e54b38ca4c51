"""The pages of the dashboard. Importing this registers them all on the one blueprint."""

from .. import assets, live
from ..blueprint import dashboard
from . import (
    about,
    audit,
    backup,
    channels,
    history,
    login,
    logs,
    overview,
    people,
    schedules,
    services,
    settings,
)

__all__ = [
    "about",
    "assets",
    "audit",
    "backup",
    "channels",
    "dashboard",
    "history",
    "live",
    "login",
    "logs",
    "overview",
    "people",
    "schedules",
    "services",
    "settings",
]
