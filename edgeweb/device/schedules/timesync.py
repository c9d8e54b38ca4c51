"""Whether the clock is right: a board without a battery for it starts in 1970, or when it was last on."""

from __future__ import annotations

import time
from collections.abc import Callable

from ..system.clock import ask, kernel_synchronized, synchronized

#: Seconds between two calls of a program.
RETRY = 60.0

#: Why schedules by date wait, for people: key: what is missing, and the next step.
REASONS = {
    "timesyncd": (
        "systemd-timesyncd has not set the clock yet. It needs the network and a time server; `timedatectl"
        " timesync-status` has the details."
    ),
    "time-service": (
        "No time service has set the clock yet. Start one, such as chrony; or set schedules.wait_for_clock ="
        " false in the profile where the clock is right without one."
    ),
    "unknown": (
        "Neither systemd nor the kernel reports whether the clock is right. Set schedules.wait_for_clock ="
        " false in the profile where it is."
    ),
}


class TimeSync:
    """Whether the network has set the clock. Once it has, that is not checked again until the next start.

    `needed` returns whether it matters; `run` calls a program; `root` is where the system's files are;
    `kernel` asks the kernel where systemd does not run.
    """

    def __init__(
        self,
        needed: Callable[[], bool],
        run: Callable[[list[str]], bytes],
        clock: Callable[[], float] = time.monotonic,
        root: str = "/",
        kernel: Callable[[], bool | None] = kernel_synchronized,
    ) -> None:
        self._needed = needed
        self._run = run
        self._clock = clock
        self._root = root
        self._kernel = kernel
        self._found = False
        self._next_call = clock()
        self._last_reason = "time-service"

    @property
    def done(self) -> bool:
        """The answer without a call of a program: a file at most is read."""
        if not self._needed():
            return True
        self._found = self._found or synchronized(self._root) == 1
        return self._found

    @property
    def reason(self) -> str:
        """Why the clock does not count as right, a key of `REASONS`; empty where it does."""
        if self.done:
            return ""
        return self._last_reason if synchronized(self._root) is None else "timesyncd"

    def check(self) -> bool:
        """Return whether the clock is right; may call a program and wait for it."""
        if self.done or synchronized(self._root) is not None or self._clock() < self._next_call:
            return self.done
        self._next_call = self._clock() + RETRY
        answer = ask(self._run, self._root, self._kernel)
        self._found = answer is True
        self._last_reason = "unknown" if answer is None else "time-service"
        return self._found
