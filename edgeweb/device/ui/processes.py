"""The processes that keep the machine busy, read when somebody wants to see them."""

from __future__ import annotations

from typing import Any

from ..device import Device

#: So many are shown.
MOST = 8


def top(device: Device) -> list[dict[str, Any]]:
    """The busiest processes, the busiest first: `pid`, `name`, `cpu_percent`, `memory_bytes`."""
    return [process.shown() for process in device.processes.top(MOST)]
