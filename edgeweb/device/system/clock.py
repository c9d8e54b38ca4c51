"""Wall time for moments of the monotonic clock.

A board without a battery-backed clock starts in 1970 and jumps to today when the network answers. So
moments are noted on the monotonic clock, and turned into a date only when they are read: what was shown
as 1970 before the jump is right after it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from .command import CommandError
from .text import clean

#: Seconds that wall time may drift from the monotonic clock before that counts as a step. NTP slews below
#: this would otherwise change the milliseconds of an answer that has not changed.
TOLERANCE = 0.5

#: Where timesyncd does not run: for chrony, ntpd and all others. systemd asks the kernel (adjtimex), which
#: our own unit may not do: its `ProtectClock=yes` refuses that call together with those that set the clock.
ASK = ["timedatectl", "show", "--property=NTPSynchronized", "--value"]

#: The result of adjtimex(2) while no time service keeps the clock.
_TIME_ERROR = 5


class WallClock:
    """The offset of the wall clock, which turns moments of the monotonic clock into ISO 8601 text in UTC.

    `steps` counts how often the wall clock was set: what was rendered before has to be rendered again.
    """

    __slots__ = ("_offset", "_wall", "monotonic", "steps")

    def __init__(
        self, monotonic: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time
    ) -> None:
        self.monotonic = monotonic
        self._wall = wall
        self._offset = wall() - monotonic()
        self.steps = 0

    def check(self) -> int:
        """Compare the clocks; return `steps`, one more where the wall clock was set."""
        offset = self._wall() - self.monotonic()
        if abs(offset - self._offset) > TOLERANCE:
            self._offset = offset
            self.steps += 1
        return self.steps

    def seconds(self, moment: float) -> float:
        """Return the date of a moment in seconds since 1970."""
        return moment + self._offset

    def iso(self, moment: float) -> str:
        """Return the date of a moment, to the millisecond.

        >>> WallClock(monotonic=lambda: 5.0, wall=lambda: 1_000_000_005.0).iso(2.5)
        '2001-09-09T01:46:42.500Z'
        """
        return self.date(self.seconds(moment))

    @staticmethod
    def date(seconds: float) -> str:
        """Return seconds since 1970 as text."""
        milliseconds = round(seconds * 1000)
        date = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds // 1000))
        return f"{date}.{milliseconds % 1000:03d}Z"


def boot_id(path: str = "/proc/sys/kernel/random/boot_id") -> str:
    """Return the kernel's name of this run of the machine; empty where it has none. Source: random(4)."""
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return clean(file.read(64))
    except OSError:
        return ""


def kernel_synchronized() -> bool | None:
    """Return whether a time service keeps the kernel's clock; None where the kernel does not answer.

    Any service counts: chrony, ntpd, that of the host of a container. systemd's own units must not call this:
    `ProtectClock=yes` forbids the system call. Source: adjtimex(2).
    """
    import ctypes  # 0.2 MB, needed without systemd only

    # all zero: nothing is set, and the result alone counts; the structure has 208 bytes at most
    try:
        state: int = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))
    except (OSError, AttributeError):
        return None
    return None if state < 0 else state != _TIME_ERROR


def booted_with_systemd(root: str = "/") -> bool:
    """Return whether systemd runs this machine. Source: sd_booted(3)."""
    return os.path.isdir(os.path.join(root, "run/systemd/system"))


def synchronized(root: str = "/") -> int | None:
    """1 once the network has set the clock, 0 before; None where systemd-timesyncd does not run.

    Source: systemd-timesyncd.service(8), which makes these files.
    """
    folder = os.path.join(root, "run/systemd/timesync")
    if not os.path.isdir(folder):
        return None
    return int(os.path.exists(os.path.join(folder, "synchronized")))


def ask(
    run: Callable[[list[str]], bytes],
    root: str = "/",
    kernel: Callable[[], bool | None] = kernel_synchronized,
) -> bool | None:
    """Return whether any time service has set the clock; None where neither systemd nor the kernel tells.

    `run` calls a program, for which this may wait.
    """
    if not booted_with_systemd(root):
        return kernel()
    try:
        return run(ASK).strip() == b"yes"
    except CommandError:
        return None


def is_set(run: Callable[[list[str]], bytes], root: str = "/") -> bool:
    """Return whether a time service is known to have set the clock. `run` calls a program."""
    known = synchronized(root)
    return ask(run, root) is True if known is None else known == 1
