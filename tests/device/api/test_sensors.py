"""Sensors over the API, in status, events, and at /metrics."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.device import create_app, device_of
from edgeweb.device.config.profile import Profile
from edgeweb.device.device import Device
from edgeweb.device.http.current import attach
from edgeweb.device.system.clock import WallClock

from ..people import SOMEBODY, add_owner
from .test_prometheus import families, value


class Bench:
    """An application whose device has a sensor `rain`, a clock that the test moves, and no threads."""

    def __init__(self, profile: Profile, rain: Path) -> None:
        self.now = 100.0
        self.rain = rain
        self.app: Flask = create_app(profile)
        clock = WallClock(lambda: self.now, lambda: self.now + 1.8e9)
        self.device = Device(profile, clock, threaded=False)
        attach(self.app, self.device)
        add_owner(self.app)
        self.device.start()

    def get(self, path: str) -> Any:
        answer = self.app.test_client().get(path)
        assert answer.status_code == 200, answer.text
        return answer.json

    def go(self, seconds: float) -> None:
        self.now += seconds
        self.device.timers.run_due()


@pytest.fixture
def bench(make_profile: Callable[..., Profile], tmp_path: Path) -> Iterator[Bench]:
    rain = tmp_path / "rain"
    rain.write_text("2.5\n")
    toml = f'[sensors.rain]\nkind = "file"\npath = "{rain}"\nunit = "mm"\ntitle = "Rain"\nhigh = 5\n'
    found = Bench(make_profile(toml), rain)
    yield found
    found.device.close()


def test_all_and_one(bench: Bench) -> None:
    (row,) = bench.get("/api/v1/sensors")["sensors"]
    assert row == {
        "id": "rain",
        "title": "Rain",
        "kind": "file",
        "unit": "mm",
        "value": 2.5,
        "online": True,
        "reason": "",
        "level": "ok",
        "read_at": "2027-01-15T08:01:40.000Z",
    }
    assert bench.get("/api/v1/sensors/rain") == row
    assert bench.get("/api/v1/status")["sensors"]["rain"]["value"] == 2.5


def test_an_unknown_sensor(bench: Bench) -> None:
    answer = bench.app.test_client().get("/api/v1/sensors/snow")
    assert (answer.status_code, answer.json["key"]) == (404, "unknown-sensor")


def test_a_device_without_sensors(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/api/v1/sensors").json == {"sensors": []}
    assert client.get("/api/v1/status").json["sensors"] == {}
    assert client.get("/api/v1/sensors/snow").json["key"] == "unknown-sensor"
    assert device_of(app).sensors is None


def test_the_tag_changes_with_each_reading(bench: Bench) -> None:
    client = bench.app.test_client()
    for path in ("/api/v1/sensors", "/api/v1/sensors/rain", "/api/v1/status"):
        known = {"If-None-Match": client.get(path).headers["ETag"]}
        assert client.get(path, headers=known).status_code == 304
        bench.go(10.0)
        assert client.get(path, headers=known).status_code == 200
    channels = {"If-None-Match": client.get("/api/v1/channels").headers["ETag"]}
    bench.go(10.0)
    assert client.get("/api/v1/channels", headers=channels).status_code == 304, "not those of channels"


def test_offline_and_back(bench: Bench) -> None:
    bench.rain.unlink()
    bench.go(10.0)
    found = bench.get("/api/v1/sensors/rain")
    assert (found["value"], found["online"], found["reason"]) == (None, False, f"there is no {bench.rain}")
    assert found["read_at"] == "2027-01-15T08:01:40.000Z"
    (warning,) = bench.get("/api/v1/status")["warnings"]
    assert warning == {
        "source": "sensor rain",
        "reason": f"there is no {bench.rain}",
        "failed_at": "2027-01-15T08:01:50.000Z",
        "read_at": "2027-01-15T08:01:40.000Z",
    }
    bench.rain.write_text("3")
    bench.go(10.0)
    assert bench.get("/api/v1/status")["warnings"] == []


def test_out_of_level(bench: Bench) -> None:
    bench.rain.write_text("6")
    bench.go(10.0)
    assert bench.get("/api/v1/sensors/rain")["level"] == "high"
    (warning,) = bench.get("/api/v1/status")["warnings"]
    assert (warning["source"], warning["reason"]) == ("sensor rain", "above 5 mm")


def test_prometheus(bench: Bench) -> None:
    bench.go(4.0)
    found = families(bench.app)
    assert value(found["edgeweb_sensor_value"], sensor="rain", unit="mm") == 2.5
    assert value(found["edgeweb_sensor_age_seconds"], sensor="rain") == 4.0
    assert value(found["edgeweb_sensor_online"], sensor="rain") == 1
    bench.rain.write_text("nan")
    bench.go(6.0)
    found = families(bench.app)
    assert "edgeweb_sensor_value" not in found
    assert value(found["edgeweb_sensor_online"], sensor="rain") == 0
    assert value(found["edgeweb_sensor_age_seconds"], sensor="rain") == 10.0


def test_settings_count_at_once(bench: Bench) -> None:
    change = {"sensors.rain.title": "Niederschlag", "sensors.rain.high": 2, "sensors.rain.interval": "1 s"}
    bench.device.settings.change(SOMEBODY, change)
    bench.go(1.0)
    found = bench.get("/api/v1/sensors/rain")
    assert (found["title"], found["level"]) == ("Niederschlag", "high")
    bench.device.settings.change(SOMEBODY, {"sensors.rain.high": ""})
    bench.go(1.0)
    assert bench.get("/api/v1/sensors/rain")["level"] == "ok", "no limit is a setting, too"
    answer = bench.app.test_client().patch(
        "/api/v1/settings", json={"sensors.rain.low": 3, "sensors.rain.high": 2}, headers={"If-Match": "*"}
    )
    assert answer.status_code == 422
    assert answer.json["errors"] == [
        {"pointer": "/sensors.rain.high", "detail": "expected more than low, which is 3"}
    ]


def test_a_program_of_ones_own(app: Flask) -> None:
    device = device_of(app)
    tank = device.sensor("tank", unit="l", low=50, valid=[0, 1000], for_="30 s")
    assert app.test_client().get("/api/v1/sensors/tank").json["reason"] == "no value yet"
    tank.set(640)
    found = app.test_client().get("/api/v1/sensors/tank").json
    assert (found["value"], found["kind"], found["unit"]) == (640.0, "program", "l")
    assert value(families(app)["edgeweb_sensor_value"], sensor="tank", unit="l") == 640


@pytest.mark.parametrize(
    ("name", "options", "kind", "text"),
    [
        ("a/b", {}, ValueError, "is not a name of 1 to 64 letters"),
        ("tank", {"low": "cold"}, ValueError, "low = 'cold': expected a number from"),
        ("tank", {"colour": "red"}, TypeError, "a sensor has no option 'colour'"),
        ("tank", {"interval": 5}, TypeError, "a sensor of a program has no interval"),
    ],
)
def test_a_program_is_corrected(
    app: Flask, name: str, options: dict[str, Any], kind: type[Exception], text: str
) -> None:
    with pytest.raises(kind, match=text):
        device_of(app).sensor(name, **options)
    device_of(app).sensor("twice")
    with pytest.raises(ValueError, match="there is a sensor named 'twice' already"):
        device_of(app).sensor("twice")


def test_without_sensors_nothing_of_them_is_imported() -> None:
    program = (
        "import sys; from edgeweb.device import create_app; app = create_app('generic-linux');"
        "app.test_client().get('/livez');"
        "print(sorted(name for name in sys.modules if '.device.sensors' in name))"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    # the names of the kinds, for the profile's checks, and the class that kinds derive from
    wanted = [f"edgeweb.device.sensors{name}" for name in ("", ".input", ".kinds")]
    assert done.stdout.strip() == str(wanted)
