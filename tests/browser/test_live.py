"""What happens while pages are open: other people switch, settings are refused, the server goes and comes."""

from __future__ import annotations

import base64
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.device.process import DeviceServer

from .window import Window

LAMP = '[data-channel="lamp"]'
VALVE = '[data-channel="valve"]'
REFUSED = 'Valve: "Pump" is on. Switch it off first.'

#: Whether the page below the bar shows an element whole.
IN_SIGHT = """
(() => {
  const place = document.querySelector(arguments[0]).getBoundingClientRect();
  const top = document.querySelector(".top").getBoundingClientRect().bottom;
  return place.top >= top && place.bottom <= innerHeight;
})()
"""

#: Where the rows of all channels are in the window.
PLACES = "[...document.querySelectorAll('[data-channel]')].map((row) => row.getBoundingClientRect().y)"

#: Writes down which channel each click is for.
NOTE_CLICKS = """
(() => {
  window.clicked = [];
  const name = (element) => element.closest("[data-channel]")?.dataset.channel ?? null;
  const note = (event) => window.clicked.push(name(event.target));
  document.addEventListener("pointerup", note);
})()
"""

#: Writes down whether the switch of the lamp is on its way.
NOTE_PENDING = f"""
(() => {{
  window.pending = [];
  const row = document.querySelector('{LAMP}');
  const note = () => window.pending.push("pending" in row.dataset);
  new MutationObserver(note).observe(row, {{ attributeFilter: ["data-pending"] }});
}})()
"""


@pytest.fixture
def other(chromium: Window, device: DeviceServer) -> Iterator[Window]:
    """A second browser, as on somebody else's phone."""
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    assert browser and driver
    window = Window(browser, driver)
    window.sign_in(device)
    yield window
    assert window.console() == []
    window.close()


def is_live(window: Window) -> bool:
    return window.find("#live").text == "Live"


def refusal(window: Window) -> str:
    """What the row of the valve says, once it says something."""
    return str(window.until(lambda: window.all(f"{VALVE} [role=alert]"), "the reason")[0].text)


def test_two_browsers_see_the_same(window: Window, other: Window, device: DeviceServer) -> None:
    for one, path in ((window, "/"), (other, "/channels")):
        one.open(device.url + path)
        one.until(lambda one=one: is_live(one), "the page to be live")
    button = other.find(f"{LAMP} button[role=switch]")
    assert button.get_attribute("aria-checked") == "true"
    window.find(f"{LAMP} button").click()
    other.until(lambda: button.get_attribute("aria-checked") == "false", "the other browser to see it")


def test_a_refused_setting_says_why_beside_its_field(window: Window, device: DeviceServer) -> None:
    window.open(f"{device.url}/settings")
    field = window.find('[name="sensors.interval"]')
    field.clear()
    field.send_keys("0.1")
    window.turn(window.find("#settings .save button").click, "the page with the reason")
    message = '[data-setting="sensors.interval"] .fault'
    assert "from 500 ms to 1 h" in window.find(message).text
    field = window.find('[name="sensors.interval"]')
    assert field.get_attribute("aria-invalid") == "true"
    assert "setting-sensors.interval-fault" in (field.get_attribute("aria-describedby") or "")
    # Chromium notes every answer with an error code; this one was asked for
    assert [note for note in window.console() if "422" not in note] == []
    field.clear()
    field.send_keys("3")
    window.turn(window.find("#settings .save button").click, "the changed setting")
    assert "In the profile: 2 s" in window.find(".differs").text
    window.turn(window.find(".differs button").click, "the profile's value")
    assert not window.all(".differs")


def test_a_server_that_is_killed_and_started_again(
    window: Window, device: DeviceServer, tmp_path: Path, screenshots: Path
) -> None:
    window.look(360, 640)
    window.open(device.url)
    window.until(lambda: is_live(window), "the page to be live")
    places = window.run(PLACES)
    button = window.find(f"{LAMP} button[role=switch]")
    window.run(f"document.querySelector('{LAMP} button').focus()")
    device.process.kill()
    device.process.wait()
    window.until(lambda: not button.is_enabled(), "the switch to be held")
    assert window.find("#live").text == "No connection, trying again"
    assert window.run("getComputedStyle(document.querySelector('main')).opacity") == "0.5"
    assert window.run(PLACES) == places
    picture = window.command("Page.captureScreenshot", format="png")["data"]
    (screenshots / "gone-360.png").write_bytes(base64.b64decode(picture))
    window.events()
    again = DeviceServer(tmp_path, "--profile", "generic-linux", "--port", str(device.port))
    device.process = again.process
    try:
        # the session is in the state: the page goes on, and asks for no password
        window.until(lambda: is_live(window), "the page to be live")
        assert button.is_enabled()
        assert window.run("document.activeElement.matches('[role=switch]')")
        before = button.get_attribute("aria-checked")
        button.click()
        window.until(lambda: button.get_attribute("aria-checked") != before, "the switch to be thrown")
        window.until(lambda: "beat" in window.events(), "the stream to be opened again")
    finally:
        assert all("ERR_" in note for note in window.console())


def test_a_switch_that_takes_long_shows_it(window: Window, device: DeviceServer) -> None:
    window.open(device.url)
    window.until(lambda: is_live(window), "the page to be live")
    window.run(NOTE_PENDING)
    button = window.find(f"{LAMP} button[role=switch]")
    before = button.get_attribute("aria-checked")
    device.process.send_signal(signal.SIGSTOP)
    try:
        button.click()
        window.until(lambda: window.run("window.pending") == [True], "the switch to be on its way")
    finally:
        device.process.send_signal(signal.SIGCONT)
    window.until(lambda: window.run("window.pending") == [True, False], "the answer")
    window.until(lambda: button.get_attribute("aria-checked") != before, "the switch to be thrown")
    assert button.get_attribute("aria-busy") is None


def test_a_page_that_nobody_sees_asks_for_nothing(window: Window, device: DeviceServer) -> None:
    window.open(device.url)
    window.until(lambda: is_live(window), "the page to be live")
    window.run("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    window.run("document.dispatchEvent(new Event('visibilitychange'))")
    window.requests()
    device.put_json("/api/v1/channels/lamp/state", {"on": False})
    time.sleep(2.5)  # longer than the time between two requests: nothing can be waited for here
    assert window.requests() == []
    window.run("Object.defineProperty(document, 'hidden', {value: false, configurable: true})")
    window.run("document.dispatchEvent(new Event('visibilitychange'))")
    button = window.find(f"{LAMP} button")
    window.until(lambda: button.get_attribute("aria-checked") == "false", "the page to catch up")


def test_everything_of_a_channel_without_script(visitor: Window, furnished: DeviceServer) -> None:
    visitor.script(False)
    visitor.open(f"{furnished.url}/channels")
    fan = '[data-channel="fan"]'
    value = visitor.find(f"{fan} output").text
    assert value.endswith("%")
    visitor.turn(visitor.find(f"{fan} [data-slider] button").click, "the page to come back")
    assert visitor.find(f"{fan} output").text == value
    visitor.turn(visitor.find('[data-channel="valve"] [role=switch]').click, "the page with the reason")
    assert refusal(visitor) == REFUSED
    assert visitor.driver.current_url.endswith("#row-valve")
    assert visitor.run(IN_SIGHT, VALVE)
    assert not visitor.all("#message")
    assert [note for note in visitor.console() if "409" not in note] == []


def test_a_refused_form_of_the_overview_leads_back_to_its_row(
    visitor: Window, furnished: DeviceServer
) -> None:
    visitor.look(360, 640)
    visitor.script(False)
    visitor.open(furnished.url)
    visitor.turn(visitor.find(f"{VALVE} [role=switch]").click, "the page with the reason")
    assert refusal(visitor) == REFUSED
    assert visitor.find("h1").text == "Overview"
    assert visitor.run(IN_SIGHT, VALVE)
    assert [note for note in visitor.console() if "409" not in note] == []


@pytest.mark.parametrize("path", ["/", "/channels"])
def test_a_second_tap_after_a_refusal_meets_the_same_channel(
    visitor: Window, furnished: DeviceServer, screenshots: Path, path: str
) -> None:
    visitor.look(360, 480)
    visitor.open(furnished.url + path)
    visitor.until(lambda: is_live(visitor), "the page to be live")
    visitor.run(f"document.querySelector('{VALVE}').scrollIntoView({{ block: 'start' }})")
    assert visitor.run("scrollY") > 0
    visitor.run(NOTE_CLICKS)
    places = visitor.run(PLACES)
    place = visitor.run(f"document.querySelector('{VALVE} .switch').getBoundingClientRect().toJSON()")
    point = (place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    visitor.tap(*point)
    assert refusal(visitor) == REFUSED
    assert visitor.run("getComputedStyle(document.querySelector('.refusal')).pointerEvents") == "none"
    assert visitor.run(IN_SIGHT, f"{VALVE} .refusal")
    assert visitor.run(PLACES) == places
    picture = visitor.command("Page.captureScreenshot", format="png")["data"]
    (screenshots / f"refused-{path.strip('/') or 'overview'}-360.png").write_bytes(base64.b64decode(picture))
    visitor.run(f"document.querySelector('{VALVE} .refusal').dataset.first = ''")
    visitor.tap(*point)
    visitor.until(lambda: not visitor.all(".refusal[data-first]"), "the second answer")
    visitor.until(lambda: visitor.all(".refusal"), "the second reason")
    assert visitor.run("window.clicked") == ["valve", "valve"]
    assert [note for note in visitor.console() if "409" not in note] == []


def test_a_slider_is_dragged(visitor: Window, furnished: DeviceServer) -> None:
    visitor.open(f"{furnished.url}/channels")
    visitor.until(lambda: is_live(visitor), "the page to be live")
    slider = visitor.find('[data-channel="fan"] input[type=range]')
    slider.send_keys("\ue010")  # End
    visitor.until(
        lambda: furnished.get("/api/v1/channels/fan").json["value"] == 1.0, "the fan to run at full speed"
    )
    assert visitor.find('[data-channel="fan"] output').text.startswith("100")
    assert furnished.put_json("/api/v1/channels/fan/value", {"value": 0.4}).status == 200


def test_charts_grow_and_zoom(visitor: Window, furnished: DeviceServer) -> None:
    visitor.open(f"{furnished.url}/history?span=minutes")
    visitor.until(lambda: visitor.all(".u-over"), "the charts")
    cell = visitor.find('[data-series="process_memory_bytes"] td')
    assert cell.text.endswith("iB")
    visitor.requests()
    visitor.until(
        lambda: [url for url in visitor.requests() if "&since=" in url], "the script to ask for what is new"
    )
    before = visitor.find(".u-over").rect["width"]
    for how in ("in", "out", "reset"):
        visitor.find(f'[data-zoom="{how}"]').click()
    assert visitor.find(".u-over").rect["width"] == before


def test_the_log_is_followed(visitor: Window, furnished: DeviceServer) -> None:
    visitor.open(f"{furnished.url}/logs?unit=nginx.service")
    visitor.until(lambda: is_live(visitor), "the page to be live")
    count = len(visitor.all("#log p"))
    journal = furnished.log_file.parent / "journal"
    whole = journal.read_text()
    try:
        journal.write_text(whole + whole.splitlines()[0].replace("Started", "Reloaded") + "\n")
        visitor.until(lambda: len(visitor.all("#log p")) == count + 1, "the new line")
        assert "Reloaded" in visitor.all("#log p")[-1].text
        visitor.find("#follow input").click()
    finally:
        journal.write_text(whole)
