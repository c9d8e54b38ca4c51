"""The sensors on the overview: values that change while a person looks, levels and reasons in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edgeweb.device.ui.format import UNKNOWN
from tests.device.process import DeviceServer

from .furnished import HOSTILE
from .window import Window

SENSORS = f"""
[metrics]
interval = 0.5
[history]
interval = 1
length = 120
[sensors.soil]
kind = "file"
path = "FOLDER/soil"
title = "Soil of bed 2"
unit = "%"
low = 25
interval = 0.5
icon = "drop"
[sensors.air]
kind = "file"
path = "FOLDER/air"
title = '{HOSTILE}'
unit = "°C"
icon = "thermometer"
interval = 0.5
[sensors.boiler]
kind = "w1"
device = "28-0316a2795e1f"
title = "Boiler"
"""


@pytest.fixture
def device(tmp_path: Path) -> Iterator[DeviceServer]:
    for name, value in (("soil", "31.5"), ("air", "21.4812")):
        (tmp_path / name).write_text(value)
    profile = tmp_path / "garden.toml"
    profile.write_text(SENSORS.replace("FOLDER", str(tmp_path)))
    server = DeviceServer(tmp_path, "--profile", str(profile))
    server.claim()
    yield server
    assert server.stop() == 0, server.log
    assert "Traceback" not in server.log


def test_sensors_on_the_overview(
    window: Window, device: DeviceServer, tmp_path: Path, screenshots: Path
) -> None:
    window.open(device.url)
    soil, air, boiler = (f'[data-sensor="{name}"]' for name in ("soil", "air", "boiler"))

    def shown(row: str) -> tuple[str, str]:
        return window.find(f"{row} .sensor-value").text, window.find(f"{row} .sensor-note").text

    window.until(lambda: shown(soil) == ("31.5 %", "within its limits"), "the first value")
    window.until(lambda: shown(air)[0] == "21.48 °C", "the other one")
    assert window.find(f"{air} .sensor-title").text == HOSTILE
    window.until(lambda: "there is no 1-Wire bus" in shown(boiler)[1], "the reason")
    (tmp_path / "soil").write_text("12\n")
    window.until(lambda: shown(soil) == ("12 %", "too low"), "the level")
    window.until(
        lambda: any(
            "Soil of bed 2 is below its limit." in row.text for row in window.all("#warnings .message")
        ),
        "the warning",
    )
    window.picture(screenshots / "sensors.png")
    window.look(360, 740, "dark")
    window.picture(screenshots / "sensors-phone.png")
    assert window.run("document.documentElement.scrollWidth <= innerWidth")
    (tmp_path / "soil").unlink()
    window.until(lambda: "there is no" in shown(soil)[1] and shown(soil)[0] == UNKNOWN, "it to be offline")


def test_charts_of_sensors(window: Window, device: DeviceServer, tmp_path: Path, screenshots: Path) -> None:
    window.until(
        lambda: len(device.get("/api/v1/metrics/history").json["series"]) > 2, "the history to have begun"
    )
    window.open(f"{device.url}/history?span=minutes")
    soil = '[data-series="sensor.soil"]'
    window.until(lambda: len(window.all(".u-over")) == len(window.all(".chart")), "the charts")
    assert window.find('[id="chart-sensor.soil"]').text == "Soil of bed 2"
    assert window.find('[id="chart-sensor.air"]').text == HOSTILE
    assert not window.all('[id="chart-sensor.boiler"]'), "it has never had a value"
    assert window.find(f"{soil} td").text == "31.5 %"
    (tmp_path / "soil").write_text("12")
    window.until(lambda: window.find(f"{soil} td").text == "12 %", "the next value")
    for width, scheme in ((360, "light"), (360, "dark"), (1440, "light"), (1440, "dark")):
        window.look(width, 900, scheme)
        assert window.run("document.documentElement.scrollWidth <= innerWidth")
        window.picture(screenshots / f"history-{width}-{scheme}.png")
