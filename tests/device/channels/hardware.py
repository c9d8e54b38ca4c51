"""Hardware that outlives its processes, and an executor whose calls wait until a test lets them go.

Both are deterministic: a test moves the clock, chooses the faults, and decides when a driver gets its turn.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Semaphore, Thread, current_thread
from typing import Any

from edgeweb.device.channels.drivers import BaseDriver, DriverError, Level, Options, Report
from edgeweb.device.system.executor import Call
from tests.interleaving import STUCK

#: Kinds of faults: refused before it has an effect, refused after it had one, and an exception of a library.
FAIL, LATE, SURPRISE = "fail", "late", "surprise"


class Hardware:
    """Pins with levels, and what is wrong with each of them.

    `begun(name, level)` is called when a driver is asked to set a level, `switched(name, level)` with each
    change. `at_work(place, name)` is called within each call of a driver that sets a level, with "before" and
    "after" as its places.
    """

    def __init__(
        self,
        begun: Callable[[str, Level], object],
        switched: Callable[[str, Level], object],
        taken: Callable[[str, Level | None], object],
    ) -> None:
        self.levels: dict[str, Level] = {}
        self.faults: dict[str, str] = {}
        #: Pins whose level cannot be read.
        self.unknown: set[str] = set()
        self.at_work: Callable[[str, str], object] = lambda place, name: None
        self.begun = begun
        self._switched = switched
        #: Called when a driver has taken hold of a pin, with the level that it has set, or None.
        self.taken = taken

    def check(self, name: str) -> None:
        """Raise what a pin with a fault answers."""
        fault = self.faults.get(name)
        if fault == FAIL:
            raise DriverError("gone")
        if fault == SURPRISE:
            raise AttributeError("module 'gpiod' has no attribute 'request_lines'")

    def put(self, name: str, level: Level) -> None:
        """Set a level, as a driver does."""
        self.begun(name, level)
        self.at_work("before", name)
        self.check(name)
        if self.levels[name] != level:
            self.levels[name] = level
            self._switched(name, level)
        self.at_work("after", name)
        if self.faults.get(name) == LATE:
            raise DriverError("gone after the level was set")

    def level(self, name: str) -> Level | None:
        """Return a level as a driver reads it."""
        return None if name in self.unknown else self.levels[name]


class HardwareDriver(BaseDriver):
    """Drives the pins of a `Hardware`. A new process has a new one."""

    __slots__ = ("_hardware", "_reports", "parallel")

    def __init__(self, hardware: Hardware, parallel: bool = False) -> None:
        self._hardware = hardware
        self._reports: dict[str, Report] = {}
        self.parallel = parallel

    def has_own_thread(self, options: Options) -> bool:
        return self.parallel

    def attach(self, name: str, options: Options, level: Level | None, report: Report) -> Level | None:
        if level is not None:
            self._hardware.begun(name, level)
        self._hardware.check(name)
        self._reports[name] = report
        if level is not None:
            self._hardware.put(name, level)
        self._hardware.taken(name, level)
        return self._hardware.level(name)

    def write(self, name: str, level: Level) -> Level | None:
        self._hardware.put(name, level)
        return self._hardware.level(name)

    def read(self, name: str) -> Level | None:
        self._hardware.check(name)
        return self._hardware.level(name)

    def lose(self, name: str) -> None:
        """Report that a pin has gone, as a driver does that notices it."""
        if name in self._reports:
            self._reports[name](name, DriverError("pulled out"))

    def close(self) -> None:
        self._reports = {}


class HeldExecutor:
    """Holds calls back, each lane's in their order, until `let_go` or until a client waits for one.

    `meanwhile(seconds)` is called once a client waits, before its call gets its turn. Calls of a lane in
    `hung` get none: the client waits for all its time, which `pass_time(seconds)` lets pass.

    The next call of a lane in `sticky` stops in the driver, at a place of `Hardware.at_work`, until `free`.
    It has a thread for that, which runs only while the test's own waits for it.
    """

    def __init__(
        self,
        pass_time: Callable[[float], object],
        meanwhile: Callable[[float], object] = lambda seconds: None,
    ) -> None:
        self._pass_time = pass_time
        self._meanwhile = meanwhile
        self._lanes: dict[str, deque[Call]] = {}
        self._running: set[str] = set()
        self.hung: set[str] = set()
        self.sticky: dict[str, str] = {}
        self._stuck: dict[str, _StuckCall] = {}

    @property
    def idle(self) -> bool:
        """Whether no call waits, and none is being made."""
        return not self._running and not any(self._lanes.values())

    def lanes(self) -> list[str]:
        return list(self._lanes)

    def submit(self, lane: str, call: Call) -> bool:
        self._lanes.setdefault(lane, deque()).append(call)
        return True

    def wait(self, done: Any, seconds: float) -> bool:
        """Let calls go until one of them has released `done`. Return whether one has."""
        if seconds:
            self._meanwhile(seconds)
        free: bool = done.acquire(blocking=False)
        # A call may move to a lane of its own, which is made meanwhile.
        while seconds and not free and any(self._next(lane) for lane in self.lanes()):
            free = done.acquire(blocking=False)
        if not free and seconds:
            self._pass_time(seconds)
            free = done.acquire(blocking=False)
        return free

    def let_go(self) -> None:
        """Make all calls that wait, except those of lanes that hang."""
        while any(self._next(lane) for lane in self.lanes()):
            pass

    def _next(self, lane: str) -> bool:
        """Make the next call of a lane. Return whether there was one."""
        if lane in self.hung or lane in self._running or not self._lanes[lane]:
            return False
        call = self._lanes[lane].popleft()
        self._running.add(lane)
        if place := self.sticky.get(lane, ""):
            self._stuck[lane] = _StuckCall(call, place)
            self._run(lane)
            if lane in self._stuck:
                del self.sticky[lane]
            return True
        try:
            call()
        finally:
            self._running.discard(lane)
        return True

    def stop(self, place: str) -> None:
        """Stop there, in a call that is to stick; the hardware is at work."""
        for call in list(self._stuck.values()):
            call.stop(place)

    def free(self) -> None:
        """Have the calls that are stuck go on to their end."""
        self.sticky.clear()
        for lane in list(self._stuck):
            self._run(lane)

    def abandon(self) -> None:
        """End the calls that are stuck where they are, as the end of a process does."""
        for call in self._stuck.values():
            call.abandoned = True
        self.free()

    def _run(self, lane: str) -> None:
        if self._stuck[lane].run():
            del self._stuck[lane]
            self._running.discard(lane)


class _Abandoned(BaseException):
    """Ends the thread of a call that is stuck. No `except Exception` of what is tested takes it."""


class _StuckCall:
    """A call that stops at a place until it is run once more."""

    def __init__(self, call: Call, place: str) -> None:
        self.abandoned = False
        self._place = place
        self._call = call
        self._ended = False
        self._go, self._back = Semaphore(0), Semaphore(0)
        self._thread = Thread(target=self._make, name="stuck call", daemon=True)

    def run(self) -> bool:
        """Let the call go on, until it stops or ends. Return whether it has ended."""
        if self._thread.ident is None:
            self._thread.start()
        else:
            self._go.release()
        assert self._back.acquire(timeout=STUCK), "the call neither stops nor ends"
        return self._ended

    def stop(self, place: str) -> None:
        if place == self._place and current_thread() is self._thread:
            self._place = ""
            self._back.release()
            self._go.acquire()
            if self.abandoned:
                raise _Abandoned

    def _make(self) -> None:
        try:
            self._call()
        except _Abandoned:
            pass
        finally:
            self._ended = True
            self._back.release()
