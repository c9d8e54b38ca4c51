"""One input, read before the channels are open: whether it is held for a while.

The driver is made for this alone, and let go again. Whatever it does, the answer comes within `SECONDS` and
the deadlines of four calls: choosing its thread, taking the input, one reading, and letting the driver go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..system.executor import Executor, Inline
from .channel import Channel, Group
from .driver_calls import DEADLINE, DriverCalls
from .drivers import BaseDriver

#: Seconds for which the input is active, without a break: no hand rests on a button for that long.
SECONDS = 10.0
#: Seconds between two readings. Drivers that report edges miss nothing between them.
STEP = 0.1


class Held(NamedTuple):
    """How an input was found: active at first, and to the end; `fault` is why it could not be read."""

    began: bool
    held: bool
    fault: str = ""


def watch(
    name: str,
    options: Mapping[str, Any],
    executor: Executor | Inline,
    clock: Callable[[], float],
    pause: Callable[[float], object],
    seconds: float = SECONDS,
    begins: Callable[[], object] = lambda: None,
) -> Held:
    """Return whether an input is active now and stays so for `seconds`; call `begins` once it is active.

    `options` is its table of the profile, `pause(seconds)` waits. An input that fails, hangs, or whose level
    is not known, is not held.
    """
    channel = Channel(name, options, clock(), Group())
    calls = DriverCalls(executor)
    released = False
    level: bool | float | None = None
    #: The driver, once nothing waits for it any more.
    left: list[BaseDriver] = []

    def report(_: str, now: object) -> None:
        nonlocal released
        if not isinstance(now, bool | int | float) or not channel.state_of(now):
            released = True

    def take() -> None:
        nonlocal level
        level = calls.attach(channel, None, report)
        for driver in left:  # it hung, and may have been closed before it took the input
            driver.close()

    def read() -> None:
        nonlocal level
        level = calls.drivers[channel.driver].read(name)

    def ask(call: Callable[[], object]) -> str:
        return calls.finish(channel.lane, call, DEADLINE)

    def is_active() -> bool:
        return not released and channel.state_of(level) is True

    try:
        fault = ask(lambda: calls.change_lane(channel)) or ask(take)
        if fault or not is_active():
            return Held(False, False, fault)
        begins()
        end = clock() + seconds
        while clock() < end:
            pause(STEP)
            fault = ask(read)
            if fault or not is_active():
                return Held(True, False, fault)
        return Held(True, True)
    finally:
        left += calls.drivers.values()
        calls.close()
