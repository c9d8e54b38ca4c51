"""Whatever happens while a finger is on the page, the next tap meets the same control."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.device.process import DeviceServer

from .greenhouse import serve
from .test_live import NOTE_CLICKS
from .window import Window

#: Where everything that can be tapped is, and every row.
PLACES = """
[...document.querySelectorAll("[data-channel], [data-sensor], main :is(a, button, summary, input)")]
  .filter((one) => one.checkVisibility())
  .map((one) => [one.tagName, ...["x", "y", "width"].map((side) => one.getBoundingClientRect()[side])])
"""

CENTRE = """
(() => {
  const place = document.querySelector(arguments[0]).getBoundingClientRect();
  return [place.x + place.width / 2, place.y + place.height / 2];
})()
"""


@pytest.fixture
def device(tmp_path: Path) -> Iterator[DeviceServer]:
    yield from serve(tmp_path)


def warnings(window: Window) -> str:
    return window.find("#warnings summary").text


@pytest.mark.parametrize("is_scrolled", [False, True])
@pytest.mark.parametrize("width", [360, 1440])
def test_nothing_moves_on_the_overview(
    device: DeviceServer, window: Window, width: int, is_scrolled: bool
) -> None:
    device.put_json("/api/v1/channels/pump/state", {"on": True})
    window.look(width, 420)
    window.open(device.url)
    window.until(lambda: "beat" in window.events(), "the stream")
    valve = '[data-channel="valve"] .switch'
    if is_scrolled:
        window.run("document.querySelector('[data-channel=pump]').scrollIntoView({ block: 'start' })")
        assert window.run("scrollY") > 0
    window.run(NOTE_CLICKS)
    places, point = window.run(PLACES), window.run(CENTRE, valve)
    assert warnings(window) == "No warnings"
    window.tap(*point)
    window.until(lambda: window.all(".refusal"), "the reason")
    assert window.run(PLACES) == places
    device.post_json("/world", {"tank": 5})
    window.until(lambda: warnings(window) == "Rain water is below its limit.", "the warning")
    assert window.run(PLACES) == places
    window.tap(*point)
    device.post_json(
        "/world", {"fault": "somebody has cut the cable of the tank behind the shed, by a spade"}
    )
    window.until(lambda: "The sensor Rain water cannot be read" in warnings(window), "the other warning")
    note = '[data-sensor="tank"] .sensor-note'
    window.until(
        lambda: "spade" in (window.find(note).get_attribute("title") or ""), "the reason of the sensor"
    )
    assert window.run(PLACES) == places
    device.post_json("/world", {"tank": 640})
    window.until(lambda: warnings(window) == "No warnings", "all to be well again")
    assert window.run(PLACES) == places
    device.put_json("/api/v1/channels/fan/value", {"value": 1.0})
    window.until(lambda: window.find('[data-channel="fan"] .channel-state').text == "100 %", "the fan")
    assert window.run(PLACES) == places
    window.tap(*point)
    window.until(lambda: len(window.run("window.clicked")) == 3, "three taps")
    assert window.run("window.clicked") == ["valve"] * 3
    assert [note for note in window.console() if "409" not in note] == []


def test_the_list_of_warnings_is_laid_over_the_page(device: DeviceServer, window: Window) -> None:
    device.post_json("/world", {"tank": 5})
    window.look(360, 640)
    window.open(device.url)
    window.until(lambda: warnings(window) == "Rain water is below its limit.", "the warning")
    places = window.run(PLACES)
    window.find("#warnings summary").click()
    assert window.find("#warnings .list p").is_displayed()
    assert window.run(PLACES) == places
    device.post_json("/world", {"tank": 640})
    window.until(lambda: not window.all("#warnings .list p"), "the list to be empty")
    assert window.run(PLACES) == places
