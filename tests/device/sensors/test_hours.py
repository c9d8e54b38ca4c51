"""The hours of sensors: gathered by the right date, written once an hour, bounded, and read again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edgeweb.device.schedules.timesync import TimeSync
from edgeweb.device.sensors import hours as module
from edgeweb.device.sensors.hours import DAY, HOUR, MAX_DAYS, MAX_SENSORS, SLICE, Hour, SensorHours
from edgeweb.device.storage.store import Execute, Locked, Store
from edgeweb.device.system.clock import WallClock
from edgeweb.device.system.timers import Timers

#: An hour begins: 2027-01-15 08:00 UTC.
BEGIN = 1_800_000_000 // HOUR * HOUR


class Rig:
    """Hours in a file, with clocks that the test moves and timers that it runs."""

    def __init__(self, folder: Path | str, wall: float = BEGIN, is_right: bool = True) -> None:
        self.now = 100.0
        self.wall = wall
        self.is_right = is_right
        self.writes = 0
        self.timers = Timers(lambda: self.now, threaded=False)
        self.clock = WallClock(lambda: self.now, lambda: self.wall)
        self.store = Store(str(folder), lambda: self.now, patience=0.0)
        write = self.store.write

        def counted(change: object, *, backup: bool = True) -> object:
            assert not backup, "an hour is not worth a copy of the whole state"
            self.writes += 1
            return write(change, backup=backup)  # type: ignore[arg-type]

        self.store.write = counted  # type: ignore[method-assign, assignment]
        sync = TimeSync(lambda: not self.is_right, lambda arguments: b"no", lambda: self.now, "/nowhere")
        sync._kernel = lambda: False
        self.hours = SensorHours(self.store, self.clock, sync, self.timers.after)

    def step(self, seconds: float) -> None:
        self.now += seconds
        self.wall += seconds
        self.timers.run_due()

    def measure(self, *values: float, name: str = "soil") -> None:
        for value in values:
            self.hours.add(name, self.now, value)
        self.timers.run_due()

    def all(self, name: str = "soil") -> list[Hour]:
        return list(self.hours.read(name, 0, 1 << 33))


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    found = Rig(tmp_path)
    yield found
    found.timers.close()
    found.store.close()


def test_an_hour_of_all_sensors_is_one_transaction(rig: Rig, tmp_path: Path) -> None:
    for name, value in (("soil", 20.0), ("air", -3.5)):
        rig.measure(value, value + 1, name=name)
    rig.step(1800)
    rig.measure(27.0)
    assert rig.all() == [Hour(BEGIN, 20.0, pytest.approx(68 / 3), 27.0, 3)], "the hour that runs"
    assert rig.writes == 0
    rig.step(1810)
    assert rig.writes == 1
    rig.step(HOUR)
    assert rig.writes == 1, "nothing was measured, and nothing is written"
    rig.store.close()
    after_a_cut = Rig(tmp_path, rig.wall)
    assert after_a_cut.all() == [Hour(BEGIN, 20.0, 22.66667, 27.0, 3)]
    assert after_a_cut.all("air") == [Hour(BEGIN, -3.5, -3.0, -2.5, 2)]
    after_a_cut.store.close()


def test_what_a_power_cut_loses_is_the_hour_that_runs(rig: Rig, tmp_path: Path) -> None:
    for value in range(4):
        rig.measure(float(value))
        rig.step(HOUR)
    rig.measure(99.0)
    after_a_cut = Rig(tmp_path, rig.wall)
    assert [hour.mean for hour in after_a_cut.all()] == [0.0, 1.0, 2.0, 3.0]
    after_a_cut.store.close()


def test_the_end_of_a_server_writes_the_hour_that_runs_and_the_next_one_joins_it(tmp_path: Path) -> None:
    for values in ((1.0, 2.0), (9.0,)):
        rig = Rig(tmp_path)
        rig.measure(*values)
        rig.hours.close()
        rig.store.close()
    rig = Rig(tmp_path)
    assert rig.all() == [Hour(BEGIN, 1.0, 4.0, 9.0, 3)]
    rig.store.close()


def test_a_clock_of_1970_writes_nothing_and_what_was_measured_gets_its_date(tmp_path: Path) -> None:
    rig = Rig(tmp_path, wall=30.0, is_right=False)
    for value in range(8):
        rig.measure(float(value))
        rig.step(SLICE)
    assert (rig.writes, rig.all()) == (0, [])
    # the network sets the clock: it is 10:00, so the first quarter began at 8:00
    rig.wall, rig.is_right = BEGIN + 2 * HOUR + 100.0 - rig.now % SLICE, True
    rig.step(60)
    assert rig.writes == 1
    found = rig.all()
    assert [hour.begin for hour in found] == [BEGIN, BEGIN + HOUR]
    assert [(hour.minimum, hour.maximum, hour.number) for hour in found] == [(0.0, 3.0, 4), (4.0, 7.0, 4)]
    rig.store.close()


@pytest.mark.parametrize("seconds", [1, 1800, HOUR - 1])
def test_the_first_value_of_a_server_is_in_its_hour(tmp_path: Path, seconds: int) -> None:
    """Whether the clock is right is asked with the first value, which is gathered before that."""
    rig = Rig(tmp_path, wall=BEGIN + seconds)
    rig.measure(1.0)
    assert [hour.begin for hour in rig.all()] == [BEGIN]
    rig.store.close()


def test_what_is_gathered_without_a_date_is_bounded(tmp_path: Path) -> None:
    rig = Rig(tmp_path, wall=30.0, is_right=False)
    for number in range(3 * module.MAX_SLICES):
        rig.measure(float(number))
        rig.step(SLICE)
    rig.wall, rig.is_right = BEGIN + 10 * DAY, True
    rig.step(60)
    found = rig.all()
    assert sum(hour.number for hour in found) == module.MAX_SLICES
    assert found[0].minimum == 2 * module.MAX_SLICES, "the last day"
    rig.store.close()


def test_a_year_is_kept_and_no_more(rig: Rig) -> None:
    days = MAX_DAYS + 30
    for number in range(days):
        rig.measure(float(number))
        rig.step(DAY)
    found = rig.all()
    assert [hour.mean for hour in found] == [float(number) for number in range(30, days)]


def test_an_hour_of_many_sensors_wears_the_card_little(rig: Rig, tmp_path: Path) -> None:
    """With weeks of 16 sensors in the table, an hour adds a few pages to the log, not one a sensor."""
    names = [f"soil{number}" for number in range(16)]
    for _ in range(40):
        for name in names:
            rig.measure(20.0, name=name)
        rig.step(DAY)
    for name in names:
        rig.measure(21.0, name=name)
    rig.step(HOUR)
    rig.store.read("PRAGMA wal_checkpoint(TRUNCATE)")
    for name in names:
        rig.measure(22.0, name=name)
    rig.step(HOUR)
    log = (tmp_path / "state.db-wal").stat().st_size
    assert log <= 8 * 4120, f"{log} bytes: a page is 4096, its head in the log 24"


@pytest.mark.parametrize("end", [BEGIN // DAY * DAY + 5 * DAY, BEGIN + 3 * DAY + HOUR])
def test_days_are_the_hours_of_days(rig: Rig, end: int) -> None:
    for number in range(80):
        rig.measure(float(number % 7), float(number))
        rig.step(HOUR)
    rig.measure(5.0)
    begin = BEGIN // DAY * DAY
    expected = list(module.by_step(rig.hours.read("soil", begin, end), DAY))
    found = list(rig.hours.steps("soil", begin, end, DAY))
    assert len(found) == 4
    assert [day._replace(mean=0.0) for day in found] == [day._replace(mean=0.0) for day in expected]
    assert [day.mean for day in found] == pytest.approx([day.mean for day in expected], rel=1e-6)


def test_what_begins_at_the_end_or_later_is_not_read(rig: Rig) -> None:
    rig.measure(1.0)
    day = BEGIN // DAY * DAY
    assert list(rig.hours.read("soil", BEGIN - HOUR, BEGIN)) == []
    assert len(list(rig.hours.read("soil", BEGIN - HOUR, BEGIN + 1))) == 1
    assert [list(rig.hours.steps("soil", day - 3 * DAY, day - n * DAY, DAY)) for n in (1, 0)] == [[], []]


def test_hours_are_in_their_order_after_a_clock_was_set_back(rig: Rig) -> None:
    rig.measure(1.0)
    rig.step(HOUR + 60)
    rig.wall -= 3 * HOUR
    rig.measure(2.0)
    assert [(hour.begin, hour.mean) for hour in rig.all()] == [(BEGIN - 2 * HOUR, 2.0), (BEGIN, 1.0)]


def test_a_clock_that_runs_wrong_for_a_moment_deletes_nothing(rig: Rig) -> None:
    rig.measure(1.0)
    rig.step(HOUR)
    for wrong in (2**33, 86_400.0, BEGIN + DAY):
        rig.wall = float(wrong)
        rig.measure(2.0)
        rig.step(HOUR)
    assert [hour.mean for hour in rig.hours.read("soil", BEGIN, BEGIN + HOUR)] == [1.0]


def test_sensors_without_end_take_no_room_without_end(rig: Rig) -> None:
    for number in range(MAX_SENSORS + 20):
        rig.measure(1.0, name=f"s{number:03}")
        rig.step(HOUR * 24)
    found = rig.store.read("SELECT DISTINCT sensor FROM sensor_days ORDER BY sensor")
    assert [name for (name,) in found] == [f"s{number:03}" for number in range(20, MAX_SENSORS + 20)]
    for number in range(2 * MAX_SENSORS):
        rig.measure(1.0, name=f"t{number:03}")
    rig.step(HOUR)
    assert rig.store.read("SELECT COUNT(DISTINCT sensor) FROM sensor_days") == [(MAX_SENSORS,)]


def test_a_state_that_is_locked_is_written_later(rig: Rig) -> None:
    write, rig.store.write = rig.store.write, _locked  # type: ignore[method-assign]
    rig.measure(4.0)
    for _ in range(5):
        rig.step(HOUR)
        rig.measure(5.0)
    assert rig.all()[0] == Hour(BEGIN, 4.0, 4.0, 4.0, 1), "it is in memory"
    rig.store.write = write  # type: ignore[method-assign]
    rig.step(module.RETRY)
    assert rig.store.read("SELECT COUNT(*) FROM sensor_days") == [(1,)]
    assert [hour.mean for hour in rig.all()] == [4.0, 5.0, 5.0, 5.0, 5.0, 5.0]


def test_a_state_that_is_locked_for_days_takes_no_memory_without_end(rig: Rig) -> None:
    rig.store.write = _locked  # type: ignore[method-assign]
    for number in range(3 * module.MAX_HOURS):
        rig.measure(float(number))
        rig.step(HOUR)
    assert len(rig.hours._hours) <= module.MAX_HOURS


def test_a_row_of_another_form_is_left_out_and_replaced(rig: Rig) -> None:
    rig.store.read("SELECT 1")

    def damage(execute: Execute) -> None:
        execute("INSERT INTO sensor_days VALUES ('soil', ?, 'text')", (BEGIN // DAY,))

    rig.store.write(damage, backup=False)
    assert rig.all() == []
    rig.measure(1.0)
    rig.step(HOUR + 60)
    assert (rig.writes, [hour.mean for hour in rig.all()]) == (2, [1.0])


def test_a_count_ends_and_the_mean_stays_right(rig: Rig) -> None:
    rig.measure(*[10.0] * 70_000)
    rig.step(HOUR + 60)
    assert rig.all() == [Hour(BEGIN, 10.0, 10.0, 10.0, 65_535)]


def _locked(change: object, *, backup: bool = True) -> None:
    raise Locked
