"""Drivers that take their time in a call until a test lets them go on."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any

from edgeweb.device.channels.channel import ChannelError
from edgeweb.device.channels.controller import ChannelController
from edgeweb.device.channels.drivers import Level, Options, Report
from edgeweb.device.channels.drivers.memory import Driver as MemoryDriver
from edgeweb.device.config.schema import defaults


def row(**changes: Any) -> dict[str, Any]:
    return defaults("channels.*", **{"driver": "memory", "mode": "output", **changes})


def memory_of(controller: ChannelController) -> MemoryDriver:
    driver = controller.driver("memory")
    assert isinstance(driver, MemoryDriver)
    return driver


class Slow(MemoryDriver):
    """Waits in `write` to high until it may go on."""

    __slots__ = ("go_on", "writing")

    def __init__(self) -> None:
        super().__init__()
        self.writing, self.go_on = threading.Event(), threading.Event()

    def is_instant(self, name: str) -> bool:
        return False

    def write(self, name: str, level: bool | float) -> None:
        if level:
            self.writing.set()
            assert self.go_on.wait(20)
        super().write(name, level)


class Hung(MemoryDriver):
    """Hangs in every call while `go_on` is not set."""

    def __init__(self, go_on: threading.Event) -> None:
        super().__init__()
        self.go_on = go_on

    def is_instant(self, name: str) -> bool:
        return False

    def attach(self, name: str, options: Options, level: Level | None, report: Report) -> Level:
        self.go_on.wait(30)
        return super().attach(name, options, level, report)

    def detach(self, name: str) -> None:
        self.go_on.wait(30)
        super().detach(name)


def switch_slowly(controller: ChannelController, slow: Slow) -> threading.Thread:
    """Begin to switch the channel `x`, which does not end before `go_on`."""
    controller.open()

    def switch() -> None:
        with contextlib.suppress(ChannelError):
            controller.set("x", True)

    thread = threading.Thread(target=switch)
    thread.start()
    assert slow.writing.wait(20)
    return thread


def eventually(condition: Callable[[], object]) -> bool:
    """Return whether a condition comes to hold within 20 seconds."""
    end = time.monotonic() + 20
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True
