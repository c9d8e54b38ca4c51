from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from edgeweb.device.machine import Machine, disk
from edgeweb.device.metrics import Metrics

#: Of a Raspberry Pi 3 that is busy on its second core, as its kernel says it (proc(5)).
PROC = {
    "stat": "cpu  600 0 400 3000 0 0 0 0 0 0\n"
    "cpu0 100 0 100 800 0 0 0 0 0 0\ncpu1 400 0 200 400 0 0 0 0 0 0\n"
    "cpu2 50 0 50 900 0 0 0 0 0 0\ncpu3 50 0 50 900 0 0 0 0 0 0\nbtime 1800000000\n",
    "meminfo": "MemTotal:         943592 kB\nMemFree:          512000 kB\nMemAvailable:     707694 kB\n"
    "Buffers:           20000 kB\nCached:           180000 kB\nActive:           150000 kB\n"
    "Inactive:         120000 kB\nShmem:              4000 kB\nSlab:              30000 kB\n"
    "SReclaimable:      12000 kB\nSwapTotal:        102396 kB\nSwapFree:          51198 kB\n"
    "HugePages_Total:       0\n",
    "vmstat": "pswpin 10\npswpout 20\n",
    "net/dev": "Inter-|   Receive                                                |  Transmit\n"
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo\n"
    "    lo:    4096      32    0    0    0     0          0         0     4096      32    0    0    0     0"
    "       0          0\n"
    "  eth0: 1234567    9876    0    0    0     0          0        12   765432    5432    0    0    0     0"
    "       0          0\n"
    "eth0:1:       0       0    0    0    0     0          0         0        0       0    0    0    0     0"
    "       0          0\n"
    " wlan0:       0       0    0    0    0     0          0         0        0       0    0    0    0     0"
    "       0          0\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    record(tmp_path, {f"proc/{name}": content for name, content in PROC.items()})
    return tmp_path


def record(root: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)


def test_a_recorded_proc(root: Path) -> None:
    values = Metrics(root=str(root)).sample().values
    assert values["cpu_percent"] == 25.0
    assert values["cpu_core_percent"] == {"0": 20.0, "1": 60.0, "2": 10.0, "3": 10.0}
    assert values["memory_total_bytes"] == 943_592 * 1024
    assert values["memory_available_bytes"] == 707_694 * 1024
    assert values["memory_used_percent"] == 25.0
    assert (values["swap_total_bytes"], values["swap_used_percent"]) == (102_396 * 1024, 50.0)
    assert values["network_received_bytes"] == {"eth0": 1_234_567}
    assert values["network_sent_bytes"] == {"eth0": 765_432}


def test_psutil_reads_the_same(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(root / "proc"))
    machine = Machine(str(root))
    memory, swap, found = psutil.virtual_memory(), psutil.swap_memory(), machine.memory()
    assert (found["MemTotal"], found["MemAvailable"]) == (memory.total, memory.available)
    assert (found["SwapTotal"], found["SwapTotal"] - found["SwapFree"]) == (swap.total, swap.used)
    counters = psutil.net_io_counters(pernic=True, nowrap=False)
    assert machine.interfaces() == {n: (row.bytes_recv, row.bytes_sent) for n, row in counters.items()}


def test_psutil_says_the_same_of_this_machine() -> None:
    machine, usage = Machine(), psutil.disk_usage("/")
    assert machine.cores().keys() == {str(number) for number in range(psutil.cpu_count())}
    assert machine.memory()["MemTotal"] == psutil.virtual_memory().total
    assert machine.interfaces().keys() == psutil.net_io_counters(pernic=True).keys()
    assert disk("/")[0] == usage.total
    sensors = psutil.sensors_temperatures() if hasattr(psutil, "sensors_temperatures") else {}
    assert {chip: len(rows) for chip, rows in machine.temperatures().items()} == {
        chip: len(rows) for chip, rows in sensors.items()
    }
    own = machine.own_memory()
    assert own is not None and own > 1_000_000


def test_busy_is_what_a_core_did(root: Path) -> None:
    record(root, {"proc/stat": "cpu0 30 1 2 50 20 3 4 5 30 0\n"})
    assert Machine(str(root)).cores() == {"0": (45, 115)}, "guests are within user, and waiting is idle"
    before = Machine().cores()
    end = time.monotonic() + 0.1
    while time.monotonic() < end:
        pass
    after = Machine().cores()
    assert sum(busy for busy, _ in after.values()) > sum(busy for busy, _ in before.values())


def test_a_kernel_that_does_not_say_what_is_available(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record(root, {"proc/meminfo": "MemTotal: 512000 kB\nMemFree: 100000 kB\n"})
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=200_000 * 1024))
    assert Machine(str(root)).memory()["MemAvailable"] == 200_000 * 1024


def test_sensors(root: Path) -> None:
    assert Machine(str(root)).temperatures() == {}
    zone = "sys/class/thermal/thermal_zone0"
    record(root, {f"{zone}/type": "cpu-thermal\n", f"{zone}/temp": "51540\n"})
    assert Machine(str(root)).temperatures() == {"cpu-thermal": [("", 51.54)]}
    chips = "sys/class/hwmon"
    record(
        root,
        {
            f"{chips}/hwmon0/name": "coretemp\n",
            f"{chips}/hwmon0/temp1_input": "40000\n",
            f"{chips}/hwmon0/temp1_label": "Core 0\n",
            f"{chips}/hwmon0/temp2_input": "asleep\n",
            f"{chips}/hwmon0/temp2_crit": "90000\n",
            f"{chips}/hwmon1/device/name": "lm75\n",
            f"{chips}/hwmon1/device/temp1_input": "-5500\n",
            f"{chips}/hwmon2/fan1_input": "1200\n",
        },
    )
    found = Machine(str(root)).temperatures()
    assert found == {"coretemp": [("Core 0", 40.0)], "lm75": [("", -5.5)]}, "and no zone says them again"
