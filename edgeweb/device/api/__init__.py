"""The JSON interface under /api/v1: a module for each noun. Importing this registers them on the blueprint.

`/livez`, `/readyz` and Prometheus' `/metrics` have the addresses that their readers expect, and blueprints of
their own.
"""

from . import (
    audit,
    backup,
    channels,
    logs,
    metrics,
    openapi,
    power,
    problems,
    schedules,
    services,
    sessions,
    settings,
    setup,
    status,
    tokens,
    users,
)
from .blueprint import api
from .health import health
from .prometheus import prometheus

__all__ = [
    "api",
    "audit",
    "backup",
    "channels",
    "health",
    "logs",
    "metrics",
    "openapi",
    "power",
    "problems",
    "prometheus",
    "schedules",
    "services",
    "sessions",
    "settings",
    "setup",
    "status",
    "tokens",
    "users",
]
