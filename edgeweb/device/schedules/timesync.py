"""Whether the clock is right: a board without a battery for it starts in 1970, or when it was last on."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from ..programs import ProgramError

#: Of systemd-timesyncd, which makes the file in it when it has set the clock.
FOLDER = "/run/systemd/timesync"

#: Seconds between two calls of a program.
RETRY = 60.0

#: For chrony, ntpd and all others. systemd asks the kernel (adjtimex), which our own unit may not do: its
#: `ProtectClock=yes` refuses that call together with those that set the clock.
ASK = ["timedatectl", "show", "--property=NTPSynchronized", "--value"]


class TimeSync:
    """Whether the network has set the clock. Once it has, nobody looks any more until the next start.

    `needed` says whether that matters; `run` calls a program.
    """

    def __init__(
        self,
        needed: Callable[[], bool],
        run: Callable[[list[str]], bytes],
        clock: Callable[[], float] = time.monotonic,
        folder: str = FOLDER,
    ) -> None:
        self._needed = needed
        self._run = run
        self._clock = clock
        self._folder = folder
        self._found = False
        self._next_call = clock()

    @property
    def done(self) -> bool:
        """What is known without a call: no more than a look at a file."""
        if not self._needed():
            return True
        self._found = self._found or os.path.exists(os.path.join(self._folder, "synchronized"))
        return self._found

    def look(self) -> bool:
        """Finds out, for which it may have to wait for a program."""
        if self.done or os.path.isdir(self._folder) or self._clock() < self._next_call:
            return self.done
        self._next_call = self._clock() + RETRY
        try:
            self._found = self._run(ASK).strip() == b"yes"
        except ProgramError:
            pass  # no systemd, no answer: it may come, and the profile can say that the clock is right
        return self._found
