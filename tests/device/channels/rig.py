"""A controller of channels with its clock in the test's hands."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from edgeweb.device.channels.controller import ChannelController
from edgeweb.device.channels.drivers.memory import Driver as MemoryDriver
from edgeweb.device.config.schema import defaults
from edgeweb.device.system.executor import Inline
from edgeweb.device.system.timers import Timers

from .hardware import HeldExecutor


class Rig:
    """A controller on the memory driver, with a clock that only the test moves."""

    def __init__(self, memory: Any = None, **table: Mapping[str, Any]) -> None:
        self.now = 100.0
        #: Called whenever the controller reads the clock.
        self.on_clock: Callable[[], object] = lambda: None
        self.timers = Timers(lambda: self.now, threaded=False)
        self.happened: list[tuple[str, str, str]] = []
        rows = {
            name: defaults("channels.*", **{"driver": "memory", "mode": "output", **row})
            for name, row in table.items()
        }
        self.controller = ChannelController(
            rows,
            self._read_clock,
            self.timers,
            memory,
            lambda *what: self.happened.append(what),
            self.make_executor(),
        )

    def make_executor(self) -> Inline | HeldExecutor:
        return Inline()

    def remember(self, memory: Any) -> None:
        """Have the controller, which is not open yet, remember its channels there."""
        self.controller._memory = self.controller._machine._memory = memory

    def _read_clock(self) -> float:
        self.on_clock()
        return self.now

    def step(self, seconds: float) -> None:
        end = self.now + seconds
        while (wait := self.timers.run_due()) is not None and self.now + wait <= end:
            self.now += wait
        self.now = end
        self.timers.run_due()

    def state(self, name: str = "x") -> bool | None:
        return self.controller[name].current.state

    def busy(self, name: str = "x") -> bool:
        return self.controller[name].current.busy

    def memory(self) -> MemoryDriver:
        driver = self.controller.driver("memory")
        assert isinstance(driver, MemoryDriver)
        return driver


class Patient(MemoryDriver):
    """A driver that is called on a thread of its own, as one behind a bus."""

    __slots__ = ()

    def is_instant(self, name: str) -> bool:
        return False


class HeldRig(Rig):
    """A rig whose driver gets its turn when a client waits for it, or when the test lets it go."""

    def __init__(self, memory: Any = None, **table: Mapping[str, Any]) -> None:
        super().__init__(memory, **table)
        self.controller._machine.calls.drivers["memory"] = Patient()
        # A client of a held driver stays until it is given up: no time goes by while it waits.
        self.controller.patience = math.inf

    def make_executor(self) -> HeldExecutor:
        self.executor = HeldExecutor(self.step, lambda seconds: self.meanwhile())
        #: Called while a client waits.
        self.meanwhile: Callable[[], object] = lambda: None
        return self.executor
