"""The processes of the machine: who uses its processors and its memory. Read from /proc on request.

psutil does the same with an object and several files for each process; one read of `stat` is enough here.
Source: proc_pid_stat(5).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from threading import Lock

#: Seconds after which a reading is no base for a share: then a process is measured over its whole life.
STALE = 60.0

#: Seconds for which a sample is valid. The kernel counts in hundredths of a second, so the shares of a much
#: shorter time would be noise.
FRESH = 1.0

#: A machine with more processes than this shows those with the lowest numbers; a board has some hundred.
MAX_PROCESSES = 2048

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

    def __init__(self, root: str = "/", clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = os.path.join(root, "proc")
        self._clock = clock
        self._tick = os.sysconf("SC_CLK_TCK")
        self._page = os.sysconf("SC_PAGE_SIZE")
        self._lock = Lock()
        # (pid, start): ticks used
        self._before: dict[tuple[int, int], int] = {}
        self._read_at = clock() - 2 * STALE
        self._last: list[Process] = []

    def top(self, count: int) -> list[Process]:
        """Return at most 32 processes, the busiest first; among equals those with more memory first."""
        with self._lock:
            now = self._clock()
            elapsed = now - self._read_at
            if elapsed < FRESH:
                return self._last[:count]
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
                share = (used - (before or 0)) / self._tick / span
                found.append(Process(pid, name, round(max(share, 0.0) * 100, 1), resident * self._page))
            self._before, self._read_at = ticks, now
            found.sort(key=lambda process: (-process.cpu_percent, -process.memory_bytes))
            self._last = found[:MAX_KEPT]
        return self._last[:count]

    def _pids(self) -> list[int]:
        try:
            return sorted(int(name) for name in os.listdir(self._folder) if name.isdecimal())[:MAX_PROCESSES]
        except OSError:
            return []

    def _uptime(self) -> float:
        try:
            with open(os.path.join(self._folder, "uptime"), "rb") as file:
                return float(file.read().split()[0])
        except (OSError, ValueError, IndexError):
            return 0.0

    def _stat(self, pid: int) -> tuple[str, int, int, int] | None:
        """Return name, ticks used, start in ticks since boot, resident pages; None for an ended process."""
        try:
            with open(os.path.join(self._folder, str(pid), "stat"), "rb") as file:
                content = file.read().decode("utf-8", "replace")
            # the name stands in parentheses and may hold anything, also parentheses
            name, _, rest = content.partition("(")[2].rpartition(")")
            fields = rest.split()
            return name, int(fields[11]) + int(fields[12]), int(fields[19]), int(fields[21])
        except (OSError, ValueError, IndexError):
            return None
