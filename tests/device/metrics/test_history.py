"""The last hour of figures: fixed memory, right dates whatever the clock does."""

from __future__ import annotations

from typing import Any

from edgeweb import Flask
from edgeweb.device.metrics.catalogue import METRICS
from edgeweb.device.metrics.history import MAX_LABELS, MAX_RINGS, MAX_SENSORS, History, Recorder, to_json
from edgeweb.device.metrics.sample import Sample
from edgeweb.device.system.clock import WallClock
from edgeweb.device.system.timers import Timers

from ..people import device_of


def reading(moment: float, **values: Any) -> Sample:
    return Sample(0, moment, values)


def values(history: History, name: str = "load_1m") -> list[float | None]:
    (row,) = history.series(name)
    found: list[float | None] = row["values"]
    return found


def test_a_ring_goes_round() -> None:
    history = History(10.0, 4)
    for number in range(7):
        history.add(reading(number * 10.0 + 0.5, load_1m=float(number)))
    assert values(history) == [3.0, 4.0, 5.0, 6.0]


def test_what_is_missing_stays_empty() -> None:
    history = History(10.0, 6)
    history.add(reading(0.0, load_1m=1.0))
    history.add(reading(30.0, load_1m=2.0))
    history.add(reading(40.0, load_1m=None))
    assert values(history) == [None, 1.0, None, None, 2.0, None]
    history.add(reading(100_000.0, load_1m=3.0))
    assert values(history) == [None] * 5 + [3.0], "after a long sleep"


def test_two_readings_in_one_interval_are_one() -> None:
    history = History(10.0, 3)
    history.add(reading(1.0, load_1m=1.0))
    history.add(reading(9.0, load_1m=2.0))
    assert values(history) == [None, None, 1.0]


def test_labels_have_their_own_rings_and_counters_none() -> None:
    history = History(10.0, 2)
    history.add(reading(0.0, temperature_celsius={"cpu": 40.0, "gpu": 50.0}, uptime_seconds=5.0))
    history.add(reading(10.0, temperature_celsius={"gpu": 51.0}))
    rows = {row["label"]: row["values"] for row in history.series()}
    assert rows == {"cpu": [40.0, None], "gpu": [50.0, 51.0]}


def test_the_memory_is_bounded_and_declared() -> None:
    history = History(1.0, 360)
    for number in range(400):
        values = {
            name: {f"{number}-{n}": 1.0 for n in range(12)} if label else 1.0
            for name, _, _, label, _ in METRICS
        }
        history.add(reading(float(number), **values))
    assert history.bytes == 2 * MAX_RINGS * 360 * 4, "fine and coarse"


def test_what_comes_later_takes_the_place_of_what_has_gone() -> None:
    history = History(10.0, 60)
    for number in range(36):
        history.add(reading(number * 10.0, network_send_rate={"eth0": 1.0, f"veth{number}": 2.0}))
    history.add(reading(360.0, network_send_rate={"eth0": 1.0, "wlan0": 3.0}))
    labels = [row["label"] for row in history.series("network_send_rate")]
    assert len(labels) == MAX_LABELS
    assert {"eth0", "wlan0", "veth35"} <= set(labels) and "veth0" not in labels


def test_sixty_four_cores_leave_room_for_everything_else() -> None:
    history = History(10.0, 60)
    cores = {str(core): 50.0 for core in range(64)}
    for number in range(3):
        history.add(
            reading(number * 10.0, cpu_core_percent=cores, temperature_celsius={"cpu": 40.0}, load_1m=1.0)
        )
    assert [row["label"] for row in history.series("cpu_core_percent")] == [str(n) for n in range(MAX_LABELS)]
    assert history.series("temperature_celsius") and history.series("load_1m")


def test_what_came_between_two_means_has_its_place_in_the_day() -> None:
    history = History(10.0, 360)
    for number in range(25):
        present = f"veth{number}" if number < 20 else "wlan0"
        history.add(reading(number * 10.0, network_send_rate={present: float(number)}))
    rows = {row["label"]: row["values"][-1] for row in history.rings("coarse").series()}
    assert rows["wlan0"] == 21.5 and len(rows) == MAX_LABELS


def test_an_empty_ring_is_dropped() -> None:
    history = History(10.0, 3)
    history.add(reading(0.0, load_1m=1.0, temperature_celsius={"stick": 30.0}))
    for number in range(1, 4):
        assert len(history.series()) == 2
        history.add(reading(number * 10.0, load_1m=1.0))
    assert [row["name"] for row in history.series()] == ["load_1m"]


def test_a_clock_that_jumps_moves_the_hour_and_tears_no_hole() -> None:
    now, wall = 5.0, 5.0
    clock = WallClock(lambda: now, lambda: wall)
    history = History(10.0, 3)
    timers = Timers(lambda: now, threaded=False)
    Recorder(history, lambda call: call(reading(now, load_1m=now)), timers.after).start()
    for jump in (0.0, 50 * 365.25 * 86400, -3600.0):
        now += 10.0
        wall += 10.0 + jump
        timers.run_due()
    clock.check()
    document = to_json(history, clock)
    assert document["series"][0]["values"] == [15.0, 25.0, 35.0]
    assert document["newest_at"] == WallClock.date(wall)


def test_sensors_are_figures_of_their_own() -> None:
    found = [("soil", "%", 31.25), ("gap", "m", 0.00123456)]
    history = History(10.0, 3, lambda: found)
    history.add(reading(0.0, load_1m=1.0))
    found.pop(0)
    history.add(reading(10.0, load_1m=1.0))
    rows = {row["name"]: (row["unit"], row["values"]) for row in history.series()}
    assert rows["sensor.soil"] == ("%", [None, 31.25, None])
    assert rows["sensor.gap"] == ("m", [None, 0.00123456, 0.00123456])
    assert "label" not in history.series("sensor.gap")[0]


def test_no_more_sensors_than_there_is_room_for() -> None:
    history = History(10.0, 3, lambda: ((f"s{n}", "", 1.0) for n in range(1000)))
    history.add(reading(0.0))
    assert len(history.series()) == MAX_SENSORS


def test_over_the_api(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/api/v1/metrics/history").json == {
        "interval_seconds": 10.0,
        "newest_at": None,
        "series": [],
    }
    device = device_of(app)
    device.history.add(reading(10.0, load_1m=1.0))
    answer = client.get("/api/v1/metrics/history?metric=load_1m")
    (row,) = answer.json["series"]
    assert (row["name"], row["unit"], len(row["values"])) == ("load_1m", "processes", 360)
    known = {"If-None-Match": answer.headers["ETag"]}
    again = client.get("/api/v1/metrics/history?metric=load_1m", headers=known)
    assert again.status_code == 304
    other = client.get("/api/v1/metrics/history", headers=known)
    assert other.status_code == 200
    unknown = client.get("/api/v1/metrics/history?metric=none")
    assert (unknown.status_code, unknown.json["errors"][0]["pointer"]) == (400, "/metric")


def test_a_day_in_means() -> None:
    history = History(10.0, 360)
    for number in range(24 * 361):
        history.add(reading(number * 10.0, load_1m=float(number // 24)))
    rings = history.rings("coarse")
    assert rings.interval == 240.0
    (row,) = rings.series("load_1m")
    assert row["values"] == [float(number) for number in range(360)], "the last interval is still going on"
    assert rings.last == 359


def test_readings_that_are_rare_are_told_once_in_a_day() -> None:
    history = History(600.0, 1000)
    assert history.rings("coarse").interval == 600.0
