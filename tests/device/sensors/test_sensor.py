"""One sensor: its value, whether it is online, and its level."""

from __future__ import annotations

from typing import Any

import pytest

from edgeweb.device.config.schema import defaults
from edgeweb.device.sensors.sensor import NOT_YET, Sensor
from edgeweb.device.system.clock import WallClock
from edgeweb.device.system.source import SourceError


def make(**options: Any) -> Sensor:
    return Sensor("soil", "program", defaults("sensors.*", kind="program", **options))


def levels(sensor: Sensor, *values: float) -> list[str]:
    found = []
    for now, value in enumerate(values):
        sensor.take(float(now), value)
        found.append(sensor.level)
    return found


def test_before_the_first_reading() -> None:
    sensor = make(unit="%")
    assert sensor.to_json(WallClock()) == {
        "id": "soil",
        "title": "soil",
        "kind": "program",
        "unit": "%",
        "value": None,
        "online": False,
        "reason": NOT_YET,
        "level": "ok",
        "read_at": None,
    }
    assert sensor.warning() is None, "it has only begun"


def test_scale_offset_and_valid() -> None:
    sensor = make(scale=-62.5, offset=175.0, valid=(0.0, 100.0))
    assert sensor.take(5.0, 2.0) == ""
    assert (sensor.value, sensor.online, sensor.read_at) == (50.0, True, 5.0)
    line = sensor.take(6.0, 3.3)
    assert line == "sensor soil cannot be read: unexpected content (-31.25 is not within 0 to 100)"
    assert (sensor.value, sensor.online, sensor.read_at) == (None, False, 5.0)
    assert sensor.take(7.0, 2.8) == "sensor soil can be read again"
    assert sensor.value == 0.0


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e16, 1e308])
def test_what_is_no_value(value: float) -> None:
    sensor = make(scale=10.0)
    sensor.take(0.0, value)
    assert not sensor.online and "is no value" in sensor.reason


def test_the_hysteresis_is_for_the_way_back() -> None:
    sensor = make(low=10.0, high=30.0, hysteresis=2.0)
    walked = levels(sensor, 20, 30, 30.1, 29, 28.1, 28, 10, 9.9, 11.9, 12, 40, 5, 20)
    ok, low, high = "ok", "low", "high"
    assert walked == [ok, ok, high, high, high, ok, ok, low, low, ok, high, low, ok]


def test_a_level_counts_after_its_time() -> None:
    sensor = make(high=30.0, **{"for": 3.0})
    assert levels(sensor, 31, 31, 31, 31) == ["ok", "ok", "ok", "high"]
    sensor = make(high=30.0, **{"for": 3.0})
    assert levels(sensor, 31, 31, 20, 31, 31, 31, 31) == ["ok"] * 6 + ["high"], "one splash begins again"
    sensor = make(high=30.0, **{"for": 3.0})
    sensor.take(0.0, 31.0)
    assert sensor.due == 3.0
    assert not sensor.settle(2.9) and sensor.settle(3.0)
    assert (sensor.level, sensor.level_at, sensor.due) == ("high", 3.0, None), "without another reading"


def test_the_way_back_takes_the_same_time() -> None:
    sensor = make(high=30.0, **{"for": 2.0})
    assert levels(sensor, 31, 31, 31, 20, 20, 20) == ["ok", "ok", "high", "high", "high", "ok"]


def test_an_offline_sensor_keeps_its_level_and_asks_again() -> None:
    sensor = make(high=30.0, **{"for": 2.0})
    sensor.take(0.0, 31.0)
    sensor.fail(1.0, SourceError("gone"))
    assert sensor.due is None and not sensor.settle(10.0)
    sensor.take(11.0, 31.0)
    assert sensor.level == "ok" and sensor.due == 13.0
    sensor.take(13.0, 31.0)
    sensor.fail(14.0, SourceError("gone"))
    assert sensor.level == "high"


def test_warnings() -> None:
    sensor = make(low=10.0, high=30.0, unit="°C")
    sensor.take(1.0, 31.0)
    assert sensor.warning() == ("above 30 °C", 1.0, 1.0)
    sensor.take(2.0, 32.0)
    assert sensor.warning() == ("above 30 °C", 1.0, 1.0), "nothing new to look at"
    sensor.take(3.0, 9.0)
    assert sensor.warning() == ("below 10 °C", 3.0, 3.0)
    sensor.fail(4.0, SourceError("gone"))
    assert sensor.warning() == ("gone", 4.0, 3.0)
    sensor.fail(5.0, SourceError("gone"))
    assert sensor.warning() == ("gone", 4.0, 3.0)


def test_the_number_grows_with_what_is_visible() -> None:
    sensor = make()
    steps = [sensor.number]
    for act in (
        lambda: sensor.take(1.0, 5.0),
        lambda: sensor.fail(2.0, SourceError("gone")),
        lambda: sensor.take(3.0, 5.0),
        lambda: sensor.adopt(defaults("sensors.*", kind="program", title="Soil")),
        lambda: sensor.adopt_unit("V"),
    ):
        act()
        steps.append(sensor.number)
    assert steps == sorted(set(steps))
    sensor.fail(4.0, SourceError("gone"))
    at = sensor.number
    sensor.fail(5.0, SourceError("gone"))
    sensor.adopt_unit("V")
    assert sensor.number == at, "the same again is nothing new"


def test_a_sensor_that_comes_and_goes_writes_two_lines() -> None:
    sensor = make()
    lines = []
    for now in range(0, 200, 2):
        lines += [sensor.take(now, 1.0), sensor.fail(now + 1, SourceError("gone"))]
    assert [line for line in lines if line] == [
        "sensor soil cannot be read: gone",
        "sensor soil can be read again",
    ]
