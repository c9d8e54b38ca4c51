"""The use of the processor, from /proc/stat.

psutil numbers the cores by their place in the file. The kernel leaves cores that are offline out and keeps
the numbers of the others, so the lines are read here.

Source: proc_stat(5).
"""

from __future__ import annotations

import os

from ..system.source import SourceError, read_file

#: Cores at most, as many as a kernel for ARM is built for.
MAX_CORES = 256

#: Columns of idle time: waiting for a disk is idle, too.
_IDLE, _IOWAIT = 3, 4

#: Columns that add up to all time. The kernel counts guest time within user and nice, the first two.
_COLUMNS = 8

Value = float | dict[str, float | None] | None


class Processor:
    """The shares of time in use between two readings; the first is the average since the machine started.

    `root` is where the system's files are; tests give a recorded tree.
    """

    def __init__(self, root: str = "/") -> None:
        self._file = os.path.join(root, "proc/stat")
        # core: (busy, total) ticks
        self._before: dict[str, tuple[int, int]] = {}

    def read(self) -> dict[str, Value]:
        """Return `cpu_percent`, and `cpu_core_percent` by the kernel's number of the core.

        Raises `OSError`, and `SourceError` where the file has other content.
        """
        now = self._times()
        shares: dict[str, float | None] = {}
        busy_sum = total_sum = 0
        for core, (busy, total) in now.items():
            busy_before, total_before = self._before.get(core, (0, 0))
            # iowait may run backwards, and a core that was switched off starts again at 0
            spent, used = max(total - total_before, 0), max(busy - busy_before, 0)
            shares[core] = percent(used, spent) or 0.0
            busy_sum += min(used, spent)
            total_sum += spent
        self._before = now
        return {"cpu_percent": percent(busy_sum, total_sum), "cpu_core_percent": shares}

    def _times(self) -> dict[str, tuple[int, int]]:
        found: dict[str, tuple[int, int]] = {}
        for line in read_file(self._file).splitlines():
            name, _, rest = line.partition(b" ")
            if not name.startswith(b"cpu"):
                break  # the lines of the processor stand at the top
            core = name[3:]
            if core and len(found) < MAX_CORES:
                found[_number(core)] = _busy_and_total(rest)
        if not found:
            raise SourceError("no core", "malformed")
        return found


def _number(core: bytes) -> str:
    if not core.isdigit() or len(core) > 4:
        raise SourceError("the number of a core", "malformed")
    return core.decode("ascii")


def _busy_and_total(fields: bytes) -> tuple[int, int]:
    columns = fields.split()[:_COLUMNS]
    # an unfinished line has fewer columns; a counter has at most 20 digits
    if len(columns) < _COLUMNS or not all(one.isdigit() and len(one) <= 20 for one in columns):
        raise SourceError("the times of a core", "malformed")
    times = [int(one) for one in columns]
    total = sum(times)
    return total - times[_IDLE] - times[_IOWAIT], total


def percent(part: float, whole: float) -> float | None:
    """Return a share in percent, to one decimal; None of nothing.

    >>> percent(1, 3)
    33.3
    """
    return round(min(part / whole, 1.0) * 100, 1) if whole > 0 else None
