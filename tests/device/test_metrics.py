from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from edgeweb.device import machine as machine_module
from edgeweb.device import metrics as metrics_module
from edgeweb.device.clock import WallClock
from edgeweb.device.metrics import METRICS, Metrics, described, percent


class Rig:
    """A recorded machine whose figures a test chooses, its clocks, and the metrics that read it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, **options: Any) -> None:
        self.folder = folder
        self.cores = [{"user": 10, "idle": 90}, {"user": 20, "idle": 80}]
        self.interfaces = {"lo": (9, 9), "eth0": (1000, 500), "wlan0": (0, 0)}
        self.disks = {"/": (100, 75, 50)}
        self.now = 1000.0
        monkeypatch.setattr(metrics_module.time, "clock_gettime", lambda clock: self.now)
        monkeypatch.setattr(machine_module.os, "statvfs", self._statvfs)
        self.metrics = Metrics(clock=lambda: self.now, interval=2.0, root=str(folder), **options)

    def _statvfs(self, folder: str) -> Any:
        if folder not in self.disks:
            raise FileNotFoundError(folder)
        blocks, not_used, free = self.disks[folder]
        return SimpleNamespace(f_frsize=1, f_blocks=blocks, f_bfree=not_used, f_bavail=free)

    def _record(self) -> None:
        names = "user nice system idle iowait irq softirq steal guest guest_nice".split()
        cores = (" ".join(str(core.get(name, 0)) for name in names) for core in self.cores)
        lines = [f"cpu{number} {core}\n" for number, core in enumerate(cores)]
        write(self.folder / "proc/stat", "cpu  1 2 3 4 5 6 7 8 9 10\n" + "".join(lines))
        write(self.folder / "proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 250 kB\nSwapTotal: 0 kB\n")
        rows = (f"{n}: {r} 0 0 0 0 0 0 0 {s} 0 0 0 0 0 0 0\n" for n, (r, s) in self.interfaces.items())
        write(self.folder / "proc/net/dev", "Inter-| Receive | Transmit\n face |bytes\n" + "".join(rows))

    def read(self, after: float = 10.0) -> Any:
        self._record()
        self.now += after
        return self.metrics.sample().values


def write(file: Path, content: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    return Rig(tmp_path, monkeypatch)


def test_this_machine_has_every_metric() -> None:
    values = Metrics().sample().values
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
    assert values["network_receive_rate"] == {"eth0": 1.0}


def test_the_next_is_the_average_since_the_last(rig: Rig) -> None:
    rig.read()
    rig.cores = [{"user": 15, "idle": 95}, {"user": 20, "idle": 90}]
    rig.interfaces["eth0"] = (3000, 600)
    values = rig.read(after=10)
    assert values["cpu_core_percent"] == {"0": 50.0, "1": 0.0}
    assert values["cpu_percent"] == 25.0
    assert values["network_receive_rate"] == {"eth0": 200.0}
    assert values["network_send_rate"] == {"eth0": 10.0}
    assert values["network_received_bytes"] == {"eth0": 3000}


def test_waiting_for_a_disk_is_idle_and_guests_count_once(rig: Rig) -> None:
    rig.cores = [{"user": 30, "guest": 30, "iowait": 20, "idle": 50}]
    assert rig.read()["cpu_percent"] == 30.0


def test_counters_that_run_backwards(rig: Rig) -> None:
    rig.read()
    rig.cores = [{"user": 1, "idle": 2}, {"user": 30, "idle": 80}]
    rig.interfaces["eth0"] = (10, 10)
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
    assert (values["memory_used_bytes"], values["memory_used_percent"]) == (750 * 1024, 75.0)
    assert values["swap_used_percent"] is None


def test_disks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = Rig(tmp_path, monkeypatch, folders=("/", "/media/stick")).read()
    assert values["disk_total_bytes"] == {"/": 100}, "what is not plugged in has no figures"
    assert values["disk_used_percent"] == {"/": 33.3}, "of what is not reserved for root"


def test_named_interfaces_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = Rig(tmp_path, monkeypatch, interfaces=("lo", "wlan0", "gone")).read()
    assert values["network_received_bytes"] == {"lo": 9, "wlan0": 0}


def test_temperatures_have_names(rig: Rig) -> None:
    sensors = {"hwmon0": ("cpu_thermal", {"temp1": (48312, "")})}
    sensors["hwmon1"] = ("nvme", {"temp1": (40000, "Composite"), "temp2": (41000, "Composite")})
    for folder, (chip, values) in sensors.items():
        write(rig.folder / "sys/class/hwmon" / folder / "name", f"{chip}\n")
        for sensor, (value, label) in values.items():
            write(rig.folder / "sys/class/hwmon" / folder / f"{sensor}_input", f"{value}\n")
            if label:
                write(rig.folder / "sys/class/hwmon" / folder / f"{sensor}_label", f"{label}\n")
    assert rig.read()["temperature_celsius"] == {
        "cpu_thermal": 48.3,
        "nvme Composite": 40,
        "nvme Composite 2": 41,
    }
    rig.metrics.configure(2.0, ("/",), (), temperatures=False)
    assert rig.read()["temperature_celsius"] == {}


def test_what_the_kernel_does_not_show_is_missing(tmp_path: Path) -> None:
    """A sandbox may hide /proc/stat and its kin; the page has to say what is left."""
    values = Metrics(root=str(tmp_path)).sample().values
    assert list(values) == [name for name, *_ in METRICS]
    for name in ("cpu_percent", "memory_total_bytes", "memory_used_percent", "process_memory_bytes"):
        assert values[name] is None, name
    assert values["network_received_bytes"] == values["temperature_celsius"] == {}


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
    rig.read(after=0)
    document = described(rig.metrics.sample(), clock)
    assert document["sampled_at"] == "1970-01-01T00:16:40.000Z"
    rows = {row["name"]: row for row in document["metrics"]}
    assert list(rows) == [name for name, *_ in METRICS]
    assert rows["load_1m"].keys() == {"name", "unit", "kind", "description", "value"}
    assert rows["cpu_core_percent"]["label"] == "core"
    assert rows["cpu_core_percent"]["values"] == {"0": 10.0, "1": 20.0}
