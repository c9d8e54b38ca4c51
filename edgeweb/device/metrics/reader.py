"""The machine's figures, read through psutil and kept for the interval of the profile."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from threading import Lock
from types import ModuleType

from ..system.clock import synchronized
from .firmware import Firmware

Value = float | None | dict[str, float]


class Sample:
    """One reading of everything. `values` has every name of `METRICS`: a number, None, or label: number."""

    __slots__ = ("moment", "number", "values")

    def __init__(self, number: int, moment: float, values: Mapping[str, Value]) -> None:
        self.number = number
        self.moment = moment
        self.values = values


class Metrics:
    """The machine's figures: read at most once in `interval` seconds, however many requests there are.

    `root` is where the firmware's and the clock's files are; tests give a recorded tree.

    Rates and processor use need two readings. Until there is a second one they are averages since the machine
    started, as with top and iostat.

    >>> metrics = Metrics()
    >>> 0 <= metrics.sample().values["memory_used_percent"] <= 100
    True
    """

    def __init__(
        self,
        *,
        interval: float = 2.0,
        folders: tuple[str, ...] = ("/",),
        interfaces: tuple[str, ...] = (),
        temperatures: bool = True,
        clock: Callable[[], float] = time.monotonic,
        root: str = "/",
    ) -> None:
        self._root = root
        self._firmware = Firmware(root)
        self.configure(interval, folders, interfaces, temperatures)
        self._clock = clock
        self._reading = Lock()
        self._sample: Sample | None = None
        # core: (busy, total) seconds; interface: (received, sent) bytes; and the uptime at which they were
        # read
        self._cores: dict[str, tuple[float, float]] = {}
        self._network: dict[str, tuple[int, int]] = {}
        self._read_at = 0.0

    def configure(
        self, interval: float, folders: tuple[str, ...], interfaces: tuple[str, ...], temperatures: bool
    ) -> None:
        """Set what is read, from the next reading on."""
        self._interval = interval
        self._folders = folders
        self._interfaces = interfaces
        self._temperatures = temperatures

    def sample(self) -> Sample:
        """Return the last reading, or a new one where that is older than the interval."""
        last = self._sample
        if last is not None and self._clock() - last.moment < self._interval:
            return last
        with self._reading:
            # a thread that waited for the lock takes the reading of the one before
            last, now = self._sample, self._clock()
            if last is None or now - last.moment >= self._interval:
                last = Sample(last.number + 1 if last else 1, now, self._read())
                self._sample = last
            return last

    def _read(self) -> dict[str, Value]:
        import psutil  # 1.4 MB and 15 ms, so with the first reading and not with the start

        uptime = time.clock_gettime(time.CLOCK_BOOTTIME)
        elapsed = max(uptime - self._read_at, 0.001)
        self._read_at = uptime
        load = os.getloadavg()
        memory = psutil.virtual_memory()
        used = memory.total - memory.available
        swap = psutil.swap_memory()
        faults, faults_since_boot = self._firmware.faults()
        return {
            **self._read_cores(psutil),
            "load_1m": round(load[0], 2),
            "load_5m": round(load[1], 2),
            "load_15m": round(load[2], 2),
            "memory_total_bytes": memory.total,
            "memory_used_bytes": used,
            "memory_available_bytes": memory.available,
            "memory_used_percent": percent(used, memory.total),
            "swap_total_bytes": swap.total,
            "swap_used_bytes": swap.used,
            "swap_used_percent": percent(swap.used, swap.total),
            **self._read_disks(psutil),
            **self._read_network(psutil, elapsed),
            "temperature_celsius": self._read_temperatures(psutil),
            "power_fault": faults,
            "power_fault_since_boot": faults_since_boot,
            "clock_synchronized": synchronized(self._root),
            "uptime_seconds": round(uptime, 1),
            "process_memory_bytes": psutil.Process().memory_info().rss,
        }

    def _read_cores(self, psutil: ModuleType) -> dict[str, Value]:
        cores: dict[str, tuple[float, float]] = {}
        shares: dict[str, float] = {}
        busy_sum = total_sum = 0.0
        for number, times in enumerate(psutil.cpu_times(percpu=True)):
            # The kernel counts guest time within user and nice, so it is not added again; waiting for a
            # disk is idle.
            total = times.user + times.nice + times.system + times.idle
            total += times.iowait + times.irq + times.softirq + times.steal
            busy = total - times.idle - times.iowait
            core = str(number)
            cores[core] = busy, total
            busy_before, total_before = self._cores.get(core, (0.0, 0.0))
            # iowait may run backwards, and a core that was switched off starts again at 0
            spent, busy = max(total - total_before, 0.0), max(busy - busy_before, 0.0)
            shares[core] = percent(busy, spent) or 0.0
            busy_sum += min(busy, spent)
            total_sum += spent
        self._cores = cores
        return {"cpu_percent": percent(busy_sum, total_sum), "cpu_core_percent": shares}

    def _read_disks(self, psutil: ModuleType) -> dict[str, Value]:
        total: dict[str, float] = {}
        used: dict[str, float] = {}
        free: dict[str, float] = {}
        share: dict[str, float] = {}
        for folder in self._folders:
            try:
                usage = psutil.disk_usage(folder)
            except OSError:
                continue  # a stick that is not plugged in has no figures
            total[folder], used[folder], free[folder] = usage.total, usage.used, usage.free
            share[folder] = percent(usage.used, usage.used + usage.free) or 0.0
        return {
            "disk_total_bytes": total,
            "disk_used_bytes": used,
            "disk_free_bytes": free,
            "disk_used_percent": share,
        }

    def _read_network(self, psutil: ModuleType, elapsed: float) -> dict[str, Value]:
        # nowrap keeps a copy of all counters in psutil; no 64-bit counter wraps
        counters = psutil.net_io_counters(pernic=True, nowrap=False)
        bytes_of = {name: (row.bytes_recv, row.bytes_sent) for name, row in sorted(counters.items())}
        # kernels make interfaces of their own, and those without traffic are not connected
        names = self._interfaces or [name for name, both in bytes_of.items() if name != "lo" and any(both)]
        now = {name: bytes_of[name] for name in names if name in bytes_of}
        receive: dict[str, float] = {}
        send: dict[str, float] = {}
        for name, (received, sent) in now.items():
            received_before, sent_before = self._network.get(name, (0, 0))
            # an adapter that was pulled out and put back starts again at 0
            receive[name] = round(max(received - received_before, 0) / elapsed, 1)
            send[name] = round(max(sent - sent_before, 0) / elapsed, 1)
        self._network = now
        return {
            "network_received_bytes": {name: received for name, (received, _) in now.items()},
            "network_sent_bytes": {name: sent for name, (_, sent) in now.items()},
            "network_receive_rate": receive,
            "network_send_rate": send,
        }

    def _read_temperatures(self, psutil: ModuleType) -> dict[str, float]:
        # psutil leaves the function out where the system has no sensors at all
        read = getattr(psutil, "sensors_temperatures", None)
        if read is None or not self._temperatures:
            return {}
        found: dict[str, float] = {}
        for chip, sensors in read().items():
            for number, sensor in enumerate(sensors):
                name = f"{chip} {sensor.label}".strip()
                found[name if name not in found else f"{name} {number + 1}"] = round(sensor.current, 1)
        return found


def percent(part: float, whole: float) -> float | None:
    """Return a share in percent, to one decimal; None of nothing.

    >>> percent(1, 3)
    33.3
    """
    return round(min(part / whole, 1.0) * 100, 1) if whole > 0 else None
