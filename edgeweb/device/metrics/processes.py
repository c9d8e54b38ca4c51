"""The processes of the machine: who uses its processors and its memory. Read from /proc on request.

psutil does the same with an object and several files for each process; one read of `stat` is enough here.
Source: proc_pid_stat(5).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from math import isfinite

from ..system.executor import Executor, Inline
from ..system.patience import Patience
from ..system.poller import Poller
from ..system.source import Source, SourceError, read_file
from ..system.text import clean

#: Seconds after which a reading is no base for a share: then a process is measured over its whole life.
STALE = 60.0

#: Seconds for which a sample is valid. The kernel counts in hundredths of a second, so the shares of a much
#: shorter time would be noise.
FRESH = 1.0

#: A machine with more processes than this shows those with the lowest numbers; a board has some hundred.
MAX_PROCESSES = 2048

#: Bytes of a process's `stat` at most, and in it the columns behind the name: user and system time, start,
#: resident pages.
_MAX_STAT = 4096
_COLUMNS = (11, 12, 19, 21)

#: Counters of the kernel have 64 bits.
_LARGEST = (1 << 64) - 1

#: Processes kept per sample.
MAX_KEPT = 32


class Process:
    """One process at one moment. `cpu_percent` is of one core, so several threads may have more than 100."""

    __slots__ = ("cpu_percent", "memory_bytes", "name", "pid")

    def __init__(self, pid: int, name: str, cpu_percent: float, memory_bytes: int) -> None:
        self.pid = pid
        self.name = name
        self.cpu_percent = cpu_percent
        self.memory_bytes = memory_bytes

    def to_json(self) -> dict[str, object]:
        """Return the process for JSON."""
        return {
            "pid": self.pid,
            "name": self.name,
            "cpu_percent": self.cpu_percent,
            "memory_bytes": self.memory_bytes,
        }


class Processes:
    """A sample of all processes. `root` is where the system's files are; tests give a recorded tree.

    >>> [process.pid for process in Processes().top(1)] != []
    True
    """

    def __init__(
        self,
        root: str = "/",
        clock: Callable[[], float] = time.monotonic,
        executor: Executor | Inline | None = None,
        log: Callable[[str], None] = lambda line: None,
        patience: Patience | None = None,
    ) -> None:
        self._folder = os.path.join(root, "proc")
        self._clock = clock
        self._tick = os.sysconf("SC_CLK_TCK")
        self._page = os.sysconf("SC_PAGE_SIZE")
        # (pid, start): ticks used
        self._before: dict[tuple[int, int], int] = {}
        self._read_at = clock() - 2 * STALE
        #: Read on a lane: an entry of /proc may hang, and a page must not.
        self.source: Source[list[Process]] = Source("processes", self._read)
        self._poller = Poller(
            "processes", (self.source,), executor or Inline(), clock, log, patience=patience
        )

    def top(self, count: int) -> list[Process]:
        """Return at most 32 processes, the busiest first; among equals those with more memory first.

        Empty where they cannot be read: `source` has the reason.
        """
        now = self._clock()
        if self.source.value is None or now - self.source.moment >= FRESH:
            self._poller.read()
        return (self.source.current(self._clock(), STALE) or [])[:count]

    def _read(self) -> list[Process]:
        now = self._clock()
        elapsed = now - self._read_at
        fresh = elapsed <= STALE
        ticks: dict[tuple[int, int], int] = {}
        found = []
        uptime = self._uptime()
        for pid in self._pids():
            row = self._stat(pid)
            if row is None:
                continue
            name, used, start, resident = row
            ticks[pid, start] = used
            before = self._before.get((pid, start)) if fresh else None
            span = elapsed if before is not None else max(uptime - start / self._tick, 0.01)
            share = max((used - (before or 0)) / self._tick / max(span, 0.01), 0.0)
            found.append(Process(pid, name, round(share * 100, 1), resident * self._page))
        if not found:  # this one at least is running
            raise SourceError("no process", "malformed")
        self._before, self._read_at = ticks, now
        found.sort(key=lambda process: (-process.cpu_percent, -process.memory_bytes))
        return found[:MAX_KEPT]

    def _pids(self) -> list[int]:
        return sorted(int(name) for name in os.listdir(self._folder) if name.isdecimal())[:MAX_PROCESSES]

    def _uptime(self) -> float:
        try:
            uptime = float(read_file(os.path.join(self._folder, "uptime"), _MAX_STAT).split()[0])
            return uptime if isfinite(uptime) else 0.0
        except (OSError, ValueError, IndexError):
            return 0.0

    def _stat(self, pid: int) -> tuple[str, int, int, int] | None:
        """Return name, ticks used, start in ticks since boot, resident pages; None for an ended process."""
        try:
            content = read_file(os.path.join(self._folder, str(pid), "stat"), _MAX_STAT)
            # the name stands in parentheses and may hold anything, also parentheses
            name, _, rest = content.partition(b"(")[2].rpartition(b")")
            fields = rest.split()
            numbers = [int(fields[column]) for column in _COLUMNS]
            if not all(0 <= one <= _LARGEST for one in numbers):
                return None
            user, system, start, resident = numbers
            return clean(name), user + system, start, resident
        except (OSError, ValueError, IndexError):
            return None
