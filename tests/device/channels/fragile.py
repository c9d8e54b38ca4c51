"""A driver whose channels a test breaks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edgeweb.device.channels.drivers import DriverError, Report
from edgeweb.device.channels.drivers.memory import Driver as MemoryDriver


class Fragile(MemoryDriver):
    """Fails for the channels in `broken`."""

    __slots__ = ("broken",)

    def __init__(self) -> None:
        super().__init__()
        self.broken: set[str] = set()

    def attach(
        self, name: str, options: Mapping[str, Any], level: bool | float | None, report: Report
    ) -> bool | float:
        if name in self.broken:
            raise DriverError("gone")
        return super().attach(name, options, level, report)

    def write(self, name: str, level: bool | float) -> None:
        if name in self.broken:
            raise DriverError("gone")
        super().write(name, level)

    def read(self, name: str) -> bool:
        if name in self.broken:
            raise DriverError("gone")
        return super().read(name)
