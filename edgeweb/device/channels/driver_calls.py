"""Calls of drivers: the threads of their lanes, their deadlines, and the reasons of those that fail."""

from __future__ import annotations

from _thread import allocate_lock
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..system.executor import Executor, Inline
from .drivers import BaseDriver, DriverError, Report, make_driver, package_of

if TYPE_CHECKING:
    from .channel import Channel, Job

#: Seconds that a driver may take for a call; a channel's own `timeout` is added.
DEADLINE = 2.0

_STUCK = "its driver has not come back from earlier calls: check its hardware, then restart the server"
_SILENT = "its driver did not answer within {:g} s: check the wiring and the supply of its hardware"


class DriverCalls:
    """The drivers that are open, and the threads on which they are called. Needs no lock."""

    def __init__(self, executor: Executor | Inline) -> None:
        self._executor = executor
        #: The drivers that are open, by their names.
        self.drivers: dict[str, BaseDriver] = {}

    def submit(self, channel: Channel, call: Callable[[], object]) -> bool:
        """Have a call made soon on the thread of a channel's lane. Return False where none can be."""
        return self._executor.submit(channel.lane, call)

    def wait(self, job: Job, seconds: float) -> bool:
        """Wait until a driver has answered, at most that long. Return whether it has."""
        return job.done is None or self._executor.wait(job.done, seconds)

    def deadline(self, channel: Channel) -> float:
        """Return the seconds that the driver of a channel may take for a call."""
        return DEADLINE + float(channel.options.get("timeout") or 0.0)

    def silence(self, channel: Channel) -> str:
        """Return the reason of a channel whose driver has let its deadline pass."""
        return _of_package(channel, _SILENT.format(self.deadline(channel)))

    def stuck(self, channel: Channel) -> str:
        """Return the reason of a channel whose driver takes no more calls."""
        return _of_package(channel, _STUCK)

    def change_lane(self, channel: Channel) -> bool:
        """Give a channel whose driver asks for it a lane of its own. Return whether it has it since now.

        Only a driver knows that, and making one may take its time. So this is called on a thread of a lane.
        """
        try:
            driver = self._driver(channel)
        except Exception:
            return False  # `attach` raises it again
        own = f"{channel.driver} {channel.name}"
        if channel.lane == own or not driver.has_own_thread(channel.options):
            return False
        channel.lane = own
        return True

    def attach(self, channel: Channel, wanted: bool | float | None, report: Report) -> bool | float | None:
        """Take hold of a channel's hardware. Return its level. Raises what the driver raises.

        From then on the driver calls `report` with what it notices by itself.
        """
        driver = self._driver(channel)
        level = None if wanted is None else channel.level(wanted)
        found = driver.attach(channel.name, channel.options, level, report)
        channel.is_instant = driver.is_instant(channel.name)
        return found

    def _driver(self, channel: Channel) -> BaseDriver:
        driver = self.drivers.get(channel.driver)
        if driver is None:
            # Two lanes of one driver may come here at once: both go on with the first instance.
            driver = self.drivers.setdefault(channel.driver, make_driver(channel.driver))
        return driver

    def finish(self, lane: str, call: Callable[[], object], seconds: float = DEADLINE) -> str:
        """Make a call on a lane's thread and wait for it; return why it failed, or the empty text.

        One that has not answered after those seconds is made all the same, when the lane comes to it.
        """
        done = allocate_lock()
        done.acquire()
        faults: list[str] = []

        def make() -> None:
            try:
                call()
            except Exception as error:
                faults.append(reason_of(error))
            finally:
                done.release()

        if not self._executor.submit(lane, make) or not self._executor.wait(done, seconds):
            return "its driver did not answer"
        return faults[0] if faults else ""

    def close(self) -> None:
        """Let all drivers go; each may take its deadline for that."""
        for name, driver in self.drivers.items():
            self.finish(name, driver.close)
        self.drivers.clear()


def _of_package(channel: Channel, reason: str) -> str:
    """Return a reason, with the name of the package that has the driver where that is another one."""
    package = package_of(channel.driver)
    return f"{package}: {reason}" if package else reason


def reason_of(error: BaseException) -> str:
    """Return why a driver failed, for people; a surprise with its kind, which a report of the fault needs."""
    if isinstance(error, DriverError | ImportError):
        return str(error)
    return f"unexpected {type(error).__name__} in the driver: {error} (please report it)"
