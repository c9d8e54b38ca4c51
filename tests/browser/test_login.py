"""The ways in as a person meets them: after a restart, from a deep link, with a password to look at."""

from __future__ import annotations

from pathlib import Path

from tests.device.people import PASSWORD
from tests.device.process import DeviceServer

from .test_pages import SMALL, complaints
from .window import Window

TAB, SPACE, ENTER = "\ue004", " ", "\ue007"


def test_a_restart_signs_nobody_out(window: Window, device: DeviceServer, tmp_path: Path) -> None:
    window.open(f"{device.url}/channels?x=1")
    port = str(device.port)
    assert device.stop() == 0
    window.until(lambda: window.find("#live").get_attribute("data-live") == "false", "the page to notice")
    window.console()  # the requests without an answer
    again = DeviceServer(tmp_path, "--profile", "generic-linux", "--port", port)
    try:
        window.until(lambda: window.find("#live").get_attribute("data-live") == "true", "the page to be live")
        assert window.find("h1").text == "Channels"
        window.open(f"{again.url}/people")
        assert window.all("#menu"), "and the next page is there as well"
        window.console()
        window.leave()
    finally:
        assert again.stop() == 0, again.log


def test_the_deep_link_is_kept(window: Window, device: DeviceServer) -> None:
    window.forget()
    window.open(f"{device.url}/schedules?x=1")
    assert window.run("document.activeElement.id") == "name"
    window.driver.switch_to.active_element.send_keys("owner", TAB, "wrong")
    window.turn(lambda: window.driver.switch_to.active_element.send_keys(ENTER), "the answer")
    assert window.run("document.activeElement.id") == "password"
    window.turn(
        lambda: window.driver.switch_to.active_element.send_keys(PASSWORD, ENTER), "the page asked for"
    )
    assert window.run("location.pathname + location.search") == "/schedules?x=1"
    assert window.find("h1").text == "Schedules"
    assert [note for note in window.console() if "401" not in note] == []


def test_a_password_can_be_looked_at(window: Window, device: DeviceServer, axe: str) -> None:
    window.forget()
    window.look(width=360)
    window.open(device.url)
    window.find("#password").send_keys("correct", TAB)
    button = window.driver.switch_to.active_element
    shown = lambda: (button.get_attribute("aria-pressed"), window.find("#password").get_attribute("type"))  # noqa: E731
    assert button.get_attribute("aria-label") == "Show: Password"
    assert shown() == ("false", "password")
    button.send_keys(SPACE)
    assert shown() == ("true", "text")
    assert complaints(window, axe) == [] and window.run(SMALL) == []
    button.send_keys(SPACE)
    assert shown() == ("false", "password")
    assert window.find("#password").get_attribute("value") == "correct"
    window.console()


def test_without_a_script_there_is_no_button(window: Window, device: DeviceServer) -> None:
    window.forget()
    window.script(enabled=False)
    try:
        window.open(device.url)
        assert len(window.all("main form.entry button")) == 1
    finally:
        window.script(enabled=True)
    window.console()


def test_a_wide_screen_has_the_content_in_its_middle(window: Window, device: DeviceServer) -> None:
    window.look(width=2560, height=1440)
    window.open(f"{device.url}/about")
    left, right = window.run(
        "(({left, right}) => [left - document.getElementById('menu').offsetWidth, innerWidth - right])"
        "(document.querySelector('main').getBoundingClientRect())"
    )
    assert left > 100 and abs(left - right) < 2
