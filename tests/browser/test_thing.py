"""The page of a channel or a sensor: from every name to it, its history, and what is done there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.device.people import PASSWORD
from tests.device.process import DeviceServer

from .test_pages import CUT, SMALL, complaints
from .window import Window

LAMP = "/channels/lamp"
SWITCH = "[role=switch]"

PROFILE = """
[history]
interval = 1
length = 100
[channels.lamp]
driver = "memory"
mode = "output"
title = "Garden lamp"
icon = "lamp"
group = "Garden"
words = ["dark", "bright"]
max_on = 600
[channels.fan]
driver = "memory"
mode = "pwm"
ask = true
[sensors.air]
kind = "file"
path = "AIR"
title = "Air"
unit = "°C"
icon = "thermometer"
interval = 0.5
high = 30
"""

SCHEDULE = {"channel": "lamp", "action": "on", "kind": "span", "at": "07:00", "until": "08:30"}


@pytest.fixture
def device(tmp_path: Path) -> Iterator[DeviceServer]:
    """A garden with a lamp that has a schedule, a fan that asks, and a thermometer."""
    (tmp_path / "air").write_text("21.5\n")
    profile = tmp_path / "garden.toml"
    profile.write_text(PROFILE.replace("AIR", str(tmp_path / "air")))
    server = DeviceServer(tmp_path, "--profile", str(profile))
    server.claim()
    for state in (True, False, True, False):
        server.put_json("/api/v1/channels/lamp/state", {"on": state})
    server.put_json("/api/v1/schedules/evening", {**SCHEDULE, "days": ["mon", "tue", "wed", "thu", "fri"]})
    yield server
    assert server.stop() == 0, server.log
    assert "Traceback" not in server.log


def texts(window: Window, selector: str) -> list[str]:
    return [element.text for element in window.all(selector)]


@pytest.mark.parametrize("page", ["/", "/channels", "/schedules", "/audit"])
def test_every_name_leads_to_it(window: Window, device: DeviceServer, page: str) -> None:
    window.open(f"{device.url}{page}")
    window.turn(window.find(f'main a[href="{LAMP}"]').click, "the page of the lamp")
    assert window.find("h1").text == "Garden lamp"
    if page == "/":
        window.open(f"{device.url}/")
        window.turn(window.find('main a[href="/sensors/air"]').click, "the page of the thermometer")
        assert window.find("h1").text == "Air"


def test_a_switch_is_in_the_history_at_once(window: Window, device: DeviceServer) -> None:
    window.open(f"{device.url}{LAMP}")
    assert "in all, 2 times" in window.find("#past").text
    assert "weekdays 07:00 to 08:30" in window.find("main").text
    window.find(SWITCH).click()
    window.until(lambda: "in all, 3 times" in window.find("#past").text, "the switch in the history")
    assert window.find(".channel-state").text == "bright"
    window.until(lambda: texts(window, "#events li")[0].startswith("Garden lamp: bright"), "the event")
    assert window.all("#past .strip rect.on")
    assert device.get("/api/v1/channels/lamp/history").json["switches"] == 3
    # by hours and by weeks
    window.turn(window.find('#past a[href$="span=week"]').click, "the week")
    assert "in all, 3 times" in window.find("#past").text


def test_it_is_renamed_grouped_and_removed(window: Window, device: DeviceServer) -> None:
    window.open(f"{device.url}{LAMP}/edit")
    assert window.driver.current_url == f"{device.url}{LAMP}#change"
    title = window.find("#key-title")
    title.clear()
    title.send_keys("Porch")
    window.find("#change-password").send_keys(PASSWORD)
    window.turn(window.find("form[data-kinds] button").click, "the page again")
    assert (window.find("h1").text, window.find(".notice").text) == ("Porch", "The changes are in force.")
    assert device.get("/api/v1/channels/lamp").json["title"] == "Porch"
    window.find("#remove summary").click()
    window.find("#remove-password").send_keys(PASSWORD)
    window.turn(window.find("#remove button").click, "the overview")
    window.until(lambda: not window.all('[data-channel="lamp"]'), "the lamp to be gone")


def test_a_form_that_is_refused_stays_on_its_page(window: Window, device: DeviceServer) -> None:
    window.open(f"{device.url}{LAMP}")
    window.find("#change-password").send_keys("wrong")
    window.turn(window.find("form[data-kinds] button").click, "the page again")
    assert [note for note in window.console() if "401" not in note] == []
    assert window.find("#message").text and not window.all(".refusal")
    assert window.find("h1").text == "Garden lamp"


def test_without_script_on_a_phone(window: Window, device: DeviceServer) -> None:
    window.look(360, 740)
    window.script(False)
    window.open(f"{device.url}{LAMP}")
    window.turn(window.find(SWITCH).click, "the page of the lamp")
    assert window.driver.current_url == f"{device.url}{LAMP}#row-lamp"
    assert window.find(SWITCH).get_attribute("aria-checked") == "true"
    assert "in all, 3 times" in window.find("#past").text
    window.open(f"{device.url}/channels/fan")
    window.turn(window.find(SWITCH).click, "the question")
    window.turn(window.find("main button[name=sure]").click, "the page of the fan")
    assert window.driver.current_url == f"{device.url}/channels/fan"
    window.open(f"{device.url}/sensors/air")
    assert window.find(".sensor-value").text == "21.5 °C"


def test_with_the_keyboard_alone(window: Window, device: DeviceServer) -> None:
    window.open(f"{device.url}{LAMP}")
    window.run("document.querySelector('[role=switch]').focus()")
    window.driver.switch_to.active_element.send_keys(" ")
    window.until(lambda: device.get("/api/v1/channels/lamp").json["state"] is True, "the lamp to be on")
    reached = []
    for _ in range(40):
        window.driver.switch_to.active_element.send_keys("\ue004")  # Tab
        reached.append(window.run("document.activeElement.id || document.activeElement.textContent.trim()"))
    for name in ("1 hour", "1 week", "Add a schedule", "All events", "key-title", "Save"):
        assert name in reached, reached


def test_it_is_for_everybody(window: Window, device: DeviceServer, screenshots: Path, axe: str) -> None:
    window.until(lambda: "sensor.air" in device.get("/api/v1/metrics/history").text, "the history")
    for language in ("de", "fr", "en"):
        window.command("Network.setExtraHTTPHeaders", headers={"Accept-Language": language})
        for scheme, width in (("light", 360), ("dark", 360), ("light", 1440), ("dark", 1440)):
            window.look(width, scheme=scheme)
            for name, path in {"channel": LAMP, "fan": "/channels/fan", "sensor": "/sensors/air"}.items():
                window.open(f"{device.url}{path}?span=hour")
                if name == "sensor":
                    window.until(lambda: window.all(".u-over"), "the chart")
                window.picture(screenshots / f"thing-{name}-{width}-{scheme}-{language}.png")
                assert complaints(window, axe) == []
                assert window.run("document.documentElement.scrollWidth") <= width
                assert window.run(SMALL) == []
                assert [one for one in window.run(CUT) if "<svg" not in one] == []
    window.command("Network.setExtraHTTPHeaders", headers={})


def test_a_viewer_sees_it_without_forms(window: Window, device: DeviceServer) -> None:
    device.post_json("/api/v1/users", {"name": "vera", "password": PASSWORD, "role": "viewer"})
    window.reset()
    window.sign_in(device, "vera")
    window.open(f"{device.url}{LAMP}")
    assert window.find("#past") and not window.all("#change, #events, main form")
