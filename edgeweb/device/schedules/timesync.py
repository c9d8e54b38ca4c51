"""Whether the clock is right: a board without a battery for it starts in 1970, or when it was last on."""

from __future__ import annotations

import time
from collections.abc import Callable

from ..system.clock import synchronized
from ..system.command import CommandError

#: Seconds between two calls of a program.
RETRY = 60.0

#: Where timesyncd does not run: for chrony, ntpd and all others. systemd asks the kernel (adjtimex), which
#: our own unit may not do: its `ProtectClock=yes` refuses that call together with those that set the clock.
ASK = ["timedatectl", "show", "--property=NTPSynchronized", "--value"]


class TimeSync:
    """Whether the network has set the clock. Once it has, that is not checked again until the next start.

    `needed` returns whether it matters; `run` calls a program; `root` is where the system's files are.
    """

    def __init__(
        self,
        needed: Callable[[], bool],
        run: Callable[[list[str]], bytes],
        clock: Callable[[], float] = time.monotonic,
        root: str = "/",
    ) -> None:
        self._needed = needed
        self._run = run
        self._clock = clock
        self._root = root
        self._found = False
        self._next_call = clock()

    @property
    def done(self) -> bool:
        """The answer without a call of a program: a file at most is read."""
        if not self._needed():
            return True
        self._found = self._found or synchronized(self._root) == 1
        return self._found

    def check(self) -> bool:
        """Return whether the clock is right; may call a program and wait for it."""
        if self.done or synchronized(self._root) is not None or self._clock() < self._next_call:
            return self.done
        self._next_call = self._clock() + RETRY
        try:
            self._found = self._run(ASK).strip() == b"yes"
        except CommandError:
            pass  # no systemd, no answer: it may come, or schedules.wait_for_clock is false
        return self._found
