"""How each figure is read: a function or a small class for each source that may fail on its own.

Each returns figures of `METRICS` by name. It raises what the system and psutil raise; `Source.read` turns
that into `SourceError`. A number that cannot be is None: a broken driver reports what it likes.
"""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Iterable, Mapping
from itertools import islice
from math import isfinite
from types import ModuleType
from typing import Any

from ..system.source import SourceError, read_file
from ..system.text import clean
from .processor import Value, percent

#: Labels of one figure at most: cores, interfaces, sensors.
MAX_LABELS = 256

#: Numbers above this are broken: 2 ** 63 bytes or seconds.
_LARGEST = float(1 << 63)

#: Degrees that no sensor of a board can mean, either way.
_COLDEST, _HOTTEST = -273.15, 1000.0

Values = dict[str, Value]

_PAGE = os.sysconf("SC_PAGE_SIZE")


def load_psutil() -> ModuleType:
    """Return psutil. It takes 1.4 MB and 15 ms, so the first reading imports it, not the start."""
    import psutil

    # it warns of each field that a container's kernel leaves out, which would be lines in the log
    warnings.filterwarnings("ignore", category=RuntimeWarning, module="psutil")
    return psutil


def number(value: float, lowest: float = 0.0, highest: float = _LARGEST) -> float | None:
    """Return a number, or None where it cannot be right.

    >>> [number(1.5), number(-1), number(float("nan"))]
    [1.5, None, None]
    """
    return value if isfinite(value) and lowest <= value <= highest else None


def load() -> Values:
    """Return the load averages."""
    names = ("load_1m", "load_5m", "load_15m")
    return {name: number(round(value, 2)) for name, value in zip(names, os.getloadavg(), strict=True)}


def memory() -> Values:
    """Return the memory of the machine."""
    found = load_psutil().virtual_memory()
    total, available = number(found.total), number(found.available)
    if not total or available is None or available > total:
        raise SourceError("total and available memory", "malformed")
    return {
        "memory_total_bytes": total,
        "memory_used_bytes": total - available,
        "memory_available_bytes": available,
        "memory_used_percent": percent(total - available, total),
    }


def swap() -> Values:
    """Return the swap space; all of it zero where there is none."""
    found = load_psutil().swap_memory()
    total, used = number(found.total), number(found.used)
    if total is None or used is None or used > total:
        raise SourceError("total and used swap space", "malformed")
    return {
        "swap_total_bytes": total,
        "swap_used_bytes": used,
        "swap_used_percent": percent(used, total),
    }


def uptime() -> Values:
    """Return the time since the machine started."""
    return {"uptime_seconds": number(round(time.clock_gettime(time.CLOCK_BOOTTIME), 1))}


def server_memory(root: str = "/") -> Values:
    """Return the memory of this process; psutil makes three files and an object for the same."""
    resident = int(read_file(os.path.join(root, "proc/self/statm")).split()[1])
    return {"process_memory_bytes": number(resident * _PAGE)}


def disk(folder: str) -> Values:
    """Return the space of the file system that holds a folder; nothing for a stick that is not plugged in."""
    try:
        found = load_psutil().disk_usage(folder)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    total, used, free = number(found.total), number(found.used), number(found.free)
    share = None if used is None or free is None else percent(used, used + free) or 0.0
    return {
        "disk_total_bytes": {folder: total},
        "disk_used_bytes": {folder: used},
        "disk_free_bytes": {folder: free},
        "disk_used_percent": {folder: share},
    }


#: The figures of a disk that cannot be read: it is shown, without numbers.
DISK_FIGURES = ("disk_total_bytes", "disk_used_bytes", "disk_free_bytes", "disk_used_percent")


class Network:
    """The bytes of the network's interfaces, and their rates between two readings.

    An interface has no rate at its first reading: its counters may go back to the start of the machine.
    """

    def __init__(self) -> None:
        #: The interfaces to report; empty: all with traffic but the loopback.
        self.interfaces: tuple[str, ...] = ()
        # interface: (received, sent) bytes; and the seconds since the machine started at which they were read
        self._before: dict[str, tuple[float, float]] = {}
        self._read_at = 0.0

    def read(self) -> Values:
        """Return counters and rates by the name of the interface, in the kernel's order."""
        # nowrap keeps a copy of all counters in psutil; no 64-bit counter wraps
        counters = load_psutil().net_io_counters(pernic=True, nowrap=False)
        at = time.clock_gettime(time.CLOCK_BOOTTIME)
        elapsed = max(at - self._read_at, 0.001)
        now: dict[str, tuple[float, float]] = {}
        for name in self._chosen(counters):
            received, sent = number(counters[name].bytes_recv), number(counters[name].bytes_sent)
            if received is None or sent is None:
                raise SourceError("the counters of an interface", "malformed")
            now[name] = received, sent
        received_rate: dict[str, float | None] = {}
        sent_rate: dict[str, float | None] = {}
        for name, (received, sent) in now.items():
            before = self._before.get(name)
            # an adapter that was pulled out and put back starts again at 0
            received_rate[name] = round(max(received - before[0], 0) / elapsed, 1) if before else None
            sent_rate[name] = round(max(sent - before[1], 0) / elapsed, 1) if before else None
        self._before, self._read_at = now, at
        return {
            "network_received_bytes": {name: received for name, (received, _) in now.items()},
            "network_sent_bytes": {name: sent for name, (_, sent) in now.items()},
            "network_receive_rate": received_rate,
            "network_send_rate": sent_rate,
        }

    def _chosen(self, counters: dict[str, Any]) -> list[str]:
        if self.interfaces:
            return [name for name in self.interfaces if name in counters]
        # kernels make interfaces of their own, and those without traffic are not connected
        rows = counters.items()
        return [name for name, row in rows if name != "lo" and (row.bytes_recv or row.bytes_sent)]


def temperatures() -> Values:
    """Return the temperatures of the kernel's sensors, by chip and label."""
    # psutil leaves the function out where the system has no sensors at all
    read = getattr(load_psutil(), "sensors_temperatures", None)
    found: dict[str, float | None] = {}
    for chip, sensors in read().items() if read is not None else ():
        for place, sensor in enumerate(sensors, 1):
            name = unique(f"{chip} {sensor.label}".strip(), place, found)
            found[name] = number(round(sensor.current, 1), _COLDEST, _HOTTEST)
    return {"temperature_celsius": found}


def labelled(values: Values) -> Values:
    """Return figures whose labels are clean text, at most `MAX_LABELS` of each."""
    return {name: _labels(value) if isinstance(value, dict) else value for name, value in values.items()}


def _labels(values: Mapping[str, float | None]) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for place, (label, value) in enumerate(islice(values.items(), MAX_LABELS), 1):
        found[unique(clean(label), place, found)] = value
    return found


def unique(name: str, place: int, names: Iterable[str]) -> str:
    """Return a name, with the place of its owner behind it where the name is taken."""
    return name if name not in names else f"{name} {place}"
