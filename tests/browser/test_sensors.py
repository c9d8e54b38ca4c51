"""The sensors on the overview: values that change while a person looks, levels and reasons in words."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgeweb.device.sensors import hours
from edgeweb.device.sensors.hours import HOUR, Hour
from edgeweb.device.storage.store import Store
from edgeweb.device.ui.format import UNKNOWN
from tests.device.process import DeviceServer

from .furnished import HOSTILE
from .test_pages import complaints
from .window import Window

#: The warnings, also while their list is folded.
LIST = "document.querySelector('#warnings .list').textContent"

SENSORS = f"""
[sensors]
interval = 0.5
[schedules]
wait_for_clock = false
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
keep = true
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


def fill(folder: Path) -> None:
    """Write a year of a sensor, without the days of a holiday, as a server that ran all the year has."""
    folder.mkdir()
    present = int(time.time() // HOUR)
    due = {}
    for number in range(present - 365 * 24, present):
        middle = 30 + 12 * math.sin(number / 1200) + 4 * math.sin(number / 24 * 2 * math.pi)
        if not 100 < present - number < 112 and not 3000 < present - number < 3200:
            due[number] = {"soil": Hour(0, middle - 3, middle, middle + 2, 360)}
    store = Store(str(folder))
    store.write(lambda execute: hours._write(execute, due))
    store.close()


@pytest.fixture
def device(tmp_path: Path) -> Iterator[DeviceServer]:
    for name, value in (("soil", "31.5"), ("air", "21.4812")):
        (tmp_path / name).write_text(value)
    profile = tmp_path / "garden.toml"
    profile.write_text(SENSORS.replace("FOLDER", str(tmp_path)))
    fill(tmp_path / "state")
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
        lambda: "Soil of bed 2 is below its limit." in window.run(LIST),
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


def test_charts_of_what_is_kept(
    window: Window, device: DeviceServer, tmp_path: Path, screenshots: Path, axe: str
) -> None:
    for span, count in (("week", 168), ("year", 366)):
        window.look()
        window.open(f"{device.url}/history")
        window.until(lambda: window.all(".u-over"), "the first reading, with which the page loads again")
        window.turn(window.find(f'.choices a[href$="span={span}"]').click, "the span")
        window.until(lambda: window.all(".u-over"), "the chart")
        assert len(window.all(".chart")) == 1, "that of the sensor that is kept"
        names = [row.text for row in window.all("tbody th")]
        assert names == ["Mean", "Min", "Max"]
        table = device.get(window.find(".table-link a").get_attribute("href").removeprefix(device.url))
        head, *rows = table.text.splitlines()
        assert head == "at,minimum,mean,maximum,count"
        assert count - 30 < len(rows) <= count
        assert complaints(window, axe) == []
        for width, scheme in ((360, "light"), (360, "dark"), (1440, "light"), (1440, "dark")):
            window.look(width, 900, scheme)
            assert window.run("document.documentElement.scrollWidth <= innerWidth")
            window.picture(screenshots / f"history-{span}-{width}-{scheme}.png")


def test_what_is_kept_without_a_script(window: Window, device: DeviceServer) -> None:
    window.script(False)
    window.open(f"{device.url}/history?span=year")
    cells = [cell.text for cell in window.all('[data-label="most"] td')]
    assert len(cells) == 4 and all(cell.endswith(" %") for cell in cells)
    assert window.find('.choices a[aria-current="true"]').text == "1 year"
    window.script(True)
