from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from edgeweb.device.metrics import figures
from edgeweb.device.metrics.catalogue import METRICS, to_json
from edgeweb.device.metrics.processor import percent
from edgeweb.device.metrics.reader import Metrics
from edgeweb.device.system.clock import WallClock
from edgeweb.device.system.executor import Inline


class FakeMachine:
    """Stands in for psutil and for /proc/stat, with figures that a test chooses."""

    def __init__(self, root: Path) -> None:
        self._stat = root / "proc/stat"
        self._stat.parent.mkdir(exist_ok=True)
        self.cores = [self.core(user=10, idle=90), self.core(user=20, idle=80)]
        self.interfaces = {"lo": (9, 9), "eth0": (1000, 500), "wlan0": (0, 0)}
        self.sensors: dict[str, list[Any]] = {}
        self.folders = {"/": (100, 25, 50)}

    @staticmethod
    def core(**times: int) -> str:
        names = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest", "guest_nice")
        return " ".join(str(times.get(name, 0)) for name in names)

    @property
    def cores(self) -> None: ...

    @cores.setter
    def cores(self, lines: list[str]) -> None:
        self.numbered(dict(enumerate(lines)))

    def numbered(self, cores: dict[int, str]) -> None:
        """Write the lines of the cores that are online."""
        lines = [f"cpu{number} {times}" for number, times in cores.items()]
        self._stat.write_text("\n".join(["cpu  0 0 0 0 0 0 0 0 0 0", *lines, "intr 5 0 0", "ctxt 7"]) + "\n")

    def virtual_memory(self) -> Any:
        return SimpleNamespace(total=1000, available=250)

    def swap_memory(self) -> Any:
        return SimpleNamespace(total=0, used=0)

    def disk_usage(self, folder: str) -> Any:
        if folder not in self.folders:
            raise FileNotFoundError(folder)
        total, used, free = self.folders[folder]
        return SimpleNamespace(total=total, used=used, free=free)

    def net_io_counters(self, pernic: bool, nowrap: bool) -> dict[str, Any]:
        assert pernic and not nowrap
        return {n: SimpleNamespace(bytes_recv=r, bytes_sent=s) for n, (r, s) in self.interfaces.items()}

    def sensors_temperatures(self) -> dict[str, list[Any]]:
        return self.sensors


class Rig:
    """A fake machine, its clocks, and the metrics that read it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, root: Path, **options: Any) -> None:
        self.machine = FakeMachine(root)
        self.now = 1000.0
        self.log: list[str] = []
        monkeypatch.setitem(sys.modules, "psutil", self.machine)
        monkeypatch.setattr(figures.time, "clock_gettime", lambda clock: self.now)
        self.metrics = Metrics(
            clock=lambda: self.now,
            interval=2.0,
            root=str(root),
            executor=Inline(),
            log=self.log.append,
            **options,
        )

    def read(self, after: float = 10.0) -> Any:
        self.now += after
        return self.metrics.sample().values


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Rig:
    return Rig(monkeypatch, tmp_path)


def test_this_machine_has_every_metric() -> None:
    values = Metrics(executor=Inline()).sample().values
    assert list(values) == [name for name, *_ in METRICS]
    for name, _, _, label, _ in METRICS:
        value = values[name]
        if label:
            assert isinstance(value, dict), name
        else:
            assert value is None or value >= 0, name
    assert values["memory_total_bytes"] == psutil.virtual_memory().total
    cores = values["cpu_core_percent"]
    assert isinstance(cores, dict) and len(cores) == psutil.cpu_count()


def test_names_end_in_their_unit() -> None:
    endings = {
        "percent": "_percent",
        "bytes": "_bytes",
        "seconds": "_seconds",
        "celsius": "_celsius",
        "bytes/s": "_rate",
    }
    for name, unit, kind, _, meaning in METRICS:
        assert name.endswith(endings.get(unit, "")), name
        assert kind in ("gauge", "counter")
        assert meaning.endswith(".")


def test_the_first_reading_is_the_average_since_the_start(rig: Rig) -> None:
    values = rig.read(after=0)
    assert values["cpu_percent"] == 15.0
    assert values["cpu_core_percent"] == {"0": 10.0, "1": 20.0}
    assert values["network_receive_rate"] == {"eth0": None}, "its counters are those of the whole time"
    assert values["network_received_bytes"] == {"eth0": 1000}


def test_an_interface_has_no_rate_at_its_first_reading(rig: Rig) -> None:
    rig.read()
    rig.metrics.configure(2.0, ("/",), ("lo", "eth0"), True)
    rig.machine.interfaces["lo"] = (583_000_000, 583_000_000)
    assert rig.read()["network_receive_rate"] == {"lo": None, "eth0": 0.0}
    rig.machine.interfaces["lo"] = (583_000_100, 583_000_000)
    assert rig.read()["network_receive_rate"] == {"lo": 10.0, "eth0": 0.0}


def test_cores_have_the_kernels_numbers(rig: Rig) -> None:
    rig.machine.numbered({0: rig.machine.core(user=10, idle=90), 3: rig.machine.core(user=40, idle=60)})
    assert rig.read()["cpu_core_percent"] == {"0": 10.0, "3": 40.0}, "1 and 2 are offline"


def test_the_next_is_the_average_since_the_last(rig: Rig) -> None:
    rig.read()
    rig.machine.cores = [rig.machine.core(user=15, idle=95), rig.machine.core(user=20, idle=90)]
    rig.machine.interfaces["eth0"] = (3000, 600)
    values = rig.read(after=10)
    assert values["cpu_core_percent"] == {"0": 50.0, "1": 0.0}
    assert values["cpu_percent"] == 25.0
    assert values["network_receive_rate"] == {"eth0": 200.0}
    assert values["network_send_rate"] == {"eth0": 10.0}
    assert values["network_received_bytes"] == {"eth0": 3000}


def test_waiting_for_a_disk_is_idle_and_guests_count_once(rig: Rig) -> None:
    rig.machine.cores = [rig.machine.core(user=30, guest=30, iowait=20, idle=50)]
    assert rig.read()["cpu_percent"] == 30.0


def test_counters_that_run_backwards(rig: Rig) -> None:
    rig.read()
    rig.machine.cores = [rig.machine.core(user=1, idle=2), rig.machine.core(user=30, idle=80)]
    rig.machine.interfaces["eth0"] = (10, 10)
    values = rig.read()
    assert values["cpu_core_percent"] == {"0": 0.0, "1": 100.0}
    assert values["cpu_percent"] == 100.0
    assert values["network_receive_rate"] == {"eth0": 0.0}


def test_a_machine_where_no_time_has_passed(rig: Rig) -> None:
    rig.read()
    values = rig.read()
    assert values["cpu_percent"] is None
    assert values["cpu_core_percent"] == {"0": 0.0, "1": 0.0}


def test_memory_and_no_swap(rig: Rig) -> None:
    values = rig.read()
    assert (values["memory_used_bytes"], values["memory_used_percent"]) == (750, 75.0)
    assert values["swap_used_percent"] is None


def test_disks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    values = Rig(monkeypatch, tmp_path, folders=("/", "/media/stick")).read()
    assert values["disk_total_bytes"] == {"/": 100}, "what is not plugged in has no figures"
    assert values["disk_used_percent"] == {"/": 33.3}, "of what is not reserved for root"


def test_named_interfaces_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    values = Rig(monkeypatch, tmp_path, interfaces=("lo", "wlan0", "gone")).read()
    assert values["network_received_bytes"] == {"lo": 9, "wlan0": 0}


def test_temperatures(rig: Rig) -> None:
    rig.machine.sensors = {
        "cpu_thermal": [SimpleNamespace(label="", current=48.31)],
        "nvme": [
            SimpleNamespace(label="Composite", current=40),
            SimpleNamespace(label="Composite", current=41),
        ],
    }
    assert rig.read()["temperature_celsius"] == {
        "cpu_thermal": 48.3,
        "nvme Composite": 40,
        "nvme Composite 2": 41,
    }


def test_temperatures_switched_off(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rig = Rig(monkeypatch, tmp_path, temperatures=False)
    rig.machine.sensors = {"cpu": [SimpleNamespace(label="", current=48)]}
    assert rig.read()["temperature_celsius"] == {}


def test_a_system_without_sensors(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(FakeMachine, "sensors_temperatures")
    assert rig.read()["temperature_celsius"] == {}


def test_one_reading_serves_everybody_for_the_interval(rig: Rig) -> None:
    first = rig.metrics.sample()
    rig.now += 1.9
    assert rig.metrics.sample() is first
    rig.now += 0.2
    second = rig.metrics.sample()
    assert (second.number, second.moment) == (first.number + 1, rig.now)


def test_percent() -> None:
    assert [percent(1, 3), percent(5, 4), percent(0, 4), percent(1, 0)] == [33.3, 100.0, 0.0, None]


def test_described(rig: Rig) -> None:
    clock = WallClock(monotonic=lambda: 0.0, wall=lambda: 0.0)
    document = to_json(rig.metrics.sample(), clock)
    assert document["sampled_at"] == "1970-01-01T00:16:40.000Z"
    rows = {row["name"]: row for row in document["metrics"]}
    assert list(rows) == [name for name, *_ in METRICS]
    assert rows["load_1m"].keys() == {"name", "unit", "kind", "description", "value"}
    assert rows["cpu_core_percent"]["label"] == "core"
    assert rows["cpu_core_percent"]["values"] == {"0": 10.0, "1": 20.0}


#: Of a Raspberry Pi 3 that is busy on its second core, as its kernel says it (proc(5)).
PROC = {
    "stat": "cpu  600 0 400 3000 0 0 0 0 0 0\n"
    "cpu0 100 0 100 800 0 0 0 0 0 0\ncpu1 400 0 200 400 0 0 0 0 0 0\n"
    "cpu2 50 0 50 900 0 0 0 0 0 0\ncpu3 50 0 50 900 0 0 0 0 0 0\nbtime 1800000000\n",
    "meminfo": "MemTotal:         943592 kB\nMemFree:          512000 kB\nMemAvailable:     707694 kB\n"
    "Buffers:           20000 kB\nCached:           180000 kB\nActive:           150000 kB\n"
    "Inactive:         120000 kB\nShmem:              4000 kB\nSlab:              30000 kB\n"
    "SReclaimable:      12000 kB\nSwapTotal:        102396 kB\nSwapFree:          51198 kB\n",
    "vmstat": "pswpin 10\npswpout 20\n",
    "net/dev": "Inter-|   Receive                                                |  Transmit\n"
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo\n"
    "    lo:    4096      32    0    0    0     0          0         0     4096      32    0    0    0     0"
    "       0          0\n"
    "  eth0: 1234567    9876    0    0    0     0          0        12   765432    5432    0    0    0     0"
    "       0          0\n"
    " wlan0:       0       0    0    0    0     0          0         0        0       0    0    0    0     0"
    "       0          0\n",
}


def test_a_recorded_proc(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """psutil itself reads a board's files: what it makes of them is what we take."""
    for name, content in PROC.items():
        file = tmp_path / "proc" / name
        file.parent.mkdir(exist_ok=True, parents=True)
        file.write_text(content)
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(tmp_path / "proc"))
    values = Metrics(temperatures=False, root=str(tmp_path), executor=Inline()).sample().values
    assert values["cpu_percent"] == 25.0
    assert values["cpu_core_percent"] == {"0": 20.0, "1": 60.0, "2": 10.0, "3": 10.0}
    assert values["memory_total_bytes"] == 943_592 * 1024
    assert values["memory_available_bytes"] == 707_694 * 1024
    assert values["memory_used_percent"] == 25.0
    assert (values["swap_total_bytes"], values["swap_used_percent"]) == (102_396 * 1024, 50.0)
    assert values["network_received_bytes"] == {"eth0": 1_234_567}
    assert values["network_sent_bytes"] == {"eth0": 765_432}
