"""The reader: each sensor at its interval, on threads that nothing else waits for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edgeweb.device.config.schema import defaults
from edgeweb.device.sensors.kinds import file as file_kind
from edgeweb.device.sensors.reader import Sensors
from edgeweb.device.sensors.sensor import NOT_YET, UnknownSensor
from edgeweb.device.system.executor import Executor, Inline
from edgeweb.device.system.timers import Timers

from . import trees


class Rig:
    """Sensors with a clock that the test moves, and timers that it runs."""

    def __init__(self, executor: Executor | Inline | None = None, **tables: dict[str, Any]) -> None:
        self.now = 100.0
        self.log: list[str] = []
        self.changes = 0
        self.timers = Timers(lambda: self.now, threaded=False)
        rows = {name: defaults("sensors.*", **options) for name, options in tables.items()}
        self.sensors = Sensors(
            rows, lambda: self.now, self.timers.after, executor or Inline(), self.log.append, self._changed
        )

    def _changed(self) -> None:
        self.changes += 1

    def go(self, seconds: float) -> None:
        """Let time pass, in steps of the timers."""
        end = self.now + seconds
        while (wait := self.timers.run_due()) is not None and self.now + wait <= end:
            self.now += wait
        self.now = end

    def value(self, name: str) -> float | None:
        return self.sensors[name].value


@pytest.fixture
def rain(tmp_path: Path) -> Path:
    path = tmp_path / "rain"
    path.write_text("1\n")
    return path


def table(path: Path, **options: Any) -> dict[str, Any]:
    return {"kind": "file", "path": str(path), **options}


def test_nothing_is_read_before_it_is_opened(rain: Path) -> None:
    rig = Rig(rain=table(rain))
    assert (rig.value("rain"), rig.sensors["rain"].reason, rig.timers.run_due()) == (None, NOT_YET, None)
    rig.sensors.open()
    rig.sensors.open()
    assert rig.value("rain") == 1.0


def test_each_sensor_is_read_at_its_own_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[str] = []
    monkeypatch.setattr(file_kind, "read_number", lambda path: float(reads.append(path) is None))
    rig = Rig(rain=table(Path("/rain"), interval=2.0), slow=table(Path("/slow"), interval=5.0))
    rig.sensors.open()
    rig.go(10.5)
    assert (reads.count("/rain"), reads.count("/slow")) == (6, 3)


def test_no_sensor_is_read_twice_after_a_long_sleep(rain: Path) -> None:
    rig = Rig(rain=table(rain, interval=1.0))
    rig.sensors.open()
    rig.now += 10_000.0
    before = rig.sensors.revision
    rig.timers.run_due()
    assert rig.sensors.revision == before + 1


def test_a_sensor_that_fails_is_tried_at_each_interval(rain: Path) -> None:
    rig = Rig(rain=table(rain, interval=1.0))
    rain.unlink()
    rig.sensors.open()
    assert rig.sensors["rain"].reason == f"there is no {rain}"
    rain.write_text("3")
    rig.go(1.0)
    assert (rig.value("rain"), rig.sensors["rain"].reason) == (3.0, "")
    assert rig.log == [f"sensor rain cannot be read: there is no {rain}", "sensor rain can be read again"]


def test_an_unknown_sensor(rain: Path) -> None:
    with pytest.raises(UnknownSensor, match='no sensor named "snow"'):
        Rig(rain=table(rain)).sensors["snow"]


def test_other_settings_count_at_once(rain: Path) -> None:
    rig = Rig(rain=table(rain, interval=3600.0))
    rig.sensors.open()
    rig.sensors.adopt({"rain": defaults("sensors.*", **table(rain, interval=1.0, scale=2.0, unit="mm"))})
    rig.go(1.0)
    assert (rig.value("rain"), rig.sensors["rain"].unit) == (2.0, "mm")


def test_closed_and_opened_again(rain: Path) -> None:
    rig = Rig(rain=table(rain, interval=1.0))
    rig.sensors.open()
    rig.sensors.close()
    rain.write_text("5")
    rig.go(10.0)
    assert rig.value("rain") == 1.0
    rig.sensors.open()
    assert rig.value("rain") == 5.0


def test_a_level_that_is_due_between_two_readings(rain: Path) -> None:
    rig = Rig(rain=table(rain, interval=3600.0, high=0.5, **{"for": 30.0}))
    rig.sensors.open()
    rig.go(29.0)
    changes = rig.changes
    assert rig.sensors["rain"].level == "ok"
    rig.go(1.0)
    assert (rig.sensors["rain"].level, rig.changes) == ("high", changes + 1)


def test_a_sensor_that_flaps_leaves_one_timer(rain: Path) -> None:
    rig = Rig()
    values = rig.sensors.add("tank", defaults("sensors.*", kind="program", high=1.0, **{"for": 86_400.0}))
    for _ in range(2000):
        rig.now += 1
        values.set(2)
        values.set(0)
    assert len(rig.timers._heap) <= 300


# -- a program's own ------------------------------------------------------------------------------------


def test_a_program_sets_values_from_any_thread() -> None:
    rig = Rig()
    values = rig.sensors.add("tank", defaults("sensors.*", kind="program", unit="l", valid=(0.0, 1000.0)))
    threads = [threading.Thread(target=values.set, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rig.value("tank") in range(20) and rig.changes == 21
    values.set(2000)
    assert "is not within 0 to 1000" in rig.sensors["tank"].reason
    values.fail("the pump\nruns dry")
    assert rig.sensors["tank"].reason == "the pump runs dry"
    values.set(10**400)
    assert not rig.sensors["tank"].online
    for wrong in (True, "5", None):
        with pytest.raises(TypeError):
            values.set(wrong)  # type: ignore[arg-type]


def test_a_name_is_given_once(rain: Path) -> None:
    rig = Rig(rain=table(rain))
    with pytest.raises(ValueError, match="there is a sensor named 'rain' already"):
        rig.sensors.add("rain", defaults("sensors.*", kind="program"))


# -- what hangs -----------------------------------------------------------------------------------------


class Threads(Executor):
    """Real threads; `settle` waits until none of them has a call."""

    def __init__(self) -> None:
        super().__init__()
        self.lanes: set[str] = set()
        self._left = 0
        self._idle = threading.Condition()

    def submit(self, lane: str, call: Callable[[], object]) -> bool:
        self.lanes.add(lane)

        def counted() -> None:
            call()
            with self._idle:
                self._left -= 1
                self._idle.notify_all()

        with self._idle:
            self._left += 1
        return super().submit(lane, counted)

    def settle(self, stuck: int = 0) -> None:
        with self._idle:
            assert self._idle.wait_for(lambda: self._left <= stuck, 30)


@pytest.fixture
def released() -> Iterator[threading.Event]:
    found = threading.Event()
    yield found
    found.set()


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch, released: threading.Event) -> set[str]:
    """The names of files that hang when they are read."""
    names: set[str] = set()
    begun = file_kind.read_number

    def read(path: str) -> float:
        if Path(path).name in names:
            released.wait()
        return begun(path)

    monkeypatch.setattr(file_kind, "read_number", read)
    return names


def test_one_that_hangs_is_offline_and_keeps_no_other_waiting(
    tmp_path: Path, stuck: set[str], released: threading.Event
) -> None:
    paths = {name: tmp_path / name for name in ("a", "b", "c")}
    for path in paths.values():
        path.write_text("1")
    executor = Threads()
    rig = Rig(executor, **{name: table(path, interval=1.0) for name, path in paths.items()})
    stuck.add("a")
    rig.sensors.open()
    while rig.sensors["a"].source.begun is None:
        threading.Event().wait(0.001)
    rig.go(6.0)
    executor.settle(stuck=1)
    assert rig.sensors["a"].reason == "no answer within 5 s"
    assert (rig.value("b"), rig.value("c")) == (1.0, 1.0)
    for _ in range(20):
        rig.go(1.0)
        executor.settle(stuck=1)
    assert executor.lanes == {"sensors 0", "sensors 1"}, "one thread more, however long it hangs"
    assert rig.log == ["sensor a cannot be read: no answer within 5 s"]
    stuck.clear()
    released.set()
    executor.settle()
    assert rig.value("a") == 1.0
    paths["a"].write_text("2")
    rig.go(1.0)
    executor.settle()
    assert rig.value("a") == 2.0


def test_without_a_thread_each_has_its_reason(rain: Path) -> None:
    class Full(Executor):
        def submit(self, lane: str, call: Callable[[], object]) -> bool:
            return False

    rig = Rig(Full(), rain=table(rain, interval=1.0))
    rig.sensors.open()
    assert rig.sensors["rain"].reason == "no memory for a thread"
    rig.go(5.0)
    assert len(rig.log) == 1


def test_sixteen_files_are_read_on_one_thread(tmp_path: Path) -> None:
    executor = Threads()
    tables = {}
    for number in range(16):
        (tmp_path / f"{number}").write_text(f"{number}")
        tables[f"s{number}"] = table(tmp_path / f"{number}")
    rig = Rig(executor, **tables)
    rig.sensors.open()
    executor.settle()
    assert [sensor.value for sensor in rig.sensors] == [float(number) for number in range(16)]
    assert executor.lanes == {"sensors 0"}


def test_a_listener_that_fails_stops_no_reading(rain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed: list[type[BaseException]] = []
    monkeypatch.setattr("sys.excepthook", lambda kind, error, trace: failed.append(kind))
    rig = Rig(rain=table(rain, interval=1.0))
    rig.sensors._changed = lambda: 1 / 0
    rig.sensors.open()
    rain.write_text("2")
    rig.go(1.0)
    assert rig.value("rain") == 2.0 and failed == [ZeroDivisionError] * 2


def test_the_files_of_a_whole_board(tmp_path: Path) -> None:
    root = trees.write(tmp_path, {**trees.PI_4, **trees.PI_3})
    tables = {
        "soil": {"kind": "iio", "device": "ads1015", "channel": "voltage0"},
        "air": {"kind": "iio", "device": "greenhouse", "channel": "temp"},
        "boiler": {"kind": "w1", "device": trees.FIRST},
        "board": {"kind": "hwmon", "chip": "cpu_thermal"},
    }
    rows = {name: defaults("sensors.*", **options) for name, options in tables.items()}
    timers = Timers(lambda: 0.0, threaded=False)
    sensors = Sensors(rows, lambda: 0.0, timers.after, Inline(), root=str(root))
    sensors.open()
    assert {sensor.name: (sensor.value, sensor.unit) for sensor in sensors} == {
        "soil": (pytest.approx(2.1), "V"),
        "air": (21.48, "°C"),
        "boiler": (23.125, "°C"),
        "board": (48.312, "°C"),
    }
