"""Schedules as people make them: how many times they tap and type, with and without a script."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver.support.select import Select

from tests.device.process import DeviceServer

from .window import Window


def set_time(window: Window, field: str, text: str) -> None:
    """Choose a time, which each browser's own clock does in another way."""
    window.run("document.getElementById(arguments[0]).value = arguments[1]", field, text)


@pytest.mark.parametrize("scripts", [True, False])
def test_weekdays_in_five_interactions(
    window: Window, device: DeviceServer, screenshots: Path, scripts: bool
) -> None:
    device.put_json(
        "/api/v1/schedules/other", {"channel": "relay1", "action": "off", "kind": "interval", "every": 900}
    )
    window.look(360, 740)
    window.script(scripts)
    window.open(f"{device.url}/schedules")
    window.picture(screenshots / f"schedules-360-{'' if scripts else 'no'}script.png")
    window.find("#add > summary").click()  # 1
    Select(window.find("#new-channel")).select_by_value("relay1")  # 2
    window.picture(screenshots / f"schedules-360-{'' if scripts else 'no'}script-add.png")
    assert window.find("#new-until").is_displayed()
    assert window.find("#new-every").is_displayed() is not scripts
    window.script(True)
    set_time(window, "new-time", "07:00")  # 3
    set_time(window, "new-until", "08:30")  # 4
    window.script(scripts)
    assert window.run("document.documentElement.scrollWidth") <= 360
    window.find("#add button[type=submit]").click()  # 5
    window.script(True)
    window.until(lambda: "weekdays 07:00 to 08:30" in window.find("main").text, "the new schedule")
    made = device.get("/api/v1/schedules/relay1").json
    assert (made["kind"], made["at"], made["until"]) == ("span", "07:00", "08:30")
    assert made["days"] == ["mon", "tue", "wed", "thu", "fri"]


@pytest.mark.parametrize("scripts", [True, False])
def test_a_removed_schedule_is_put_back_with_one_tap(
    window: Window, device: DeviceServer, screenshots: Path, scripts: bool
) -> None:
    lamp = {"title": "Grow light", "channel": "relay1", "action": "off", "kind": "interval", "every": 900}
    device.put_json("/api/v1/schedules/light", lamp)
    before = device.get("/api/v1/schedules/light").json
    window.look(360, 740)
    window.script(scripts)
    window.open(f"{device.url}/schedules")
    window.turn(window.find("[data-schedule=light] form[action$=remove] button").click, "the empty list")
    assert device.get("/api/v1/schedules").json["schedules"] == []
    window.picture(screenshots / f"schedules-360-{'' if scripts else 'no'}script-removed.png")
    window.turn(window.find("form.undo button").click, "the schedule")
    after = device.get("/api/v1/schedules/light").json
    assert {key: after[key] for key in lamp} == {key: before[key] for key in lamp}
    window.script(True)
