"""What an open page sends and gets while nothing happens, and that sensors and cards come by events."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.device.process import DeviceServer

from .greenhouse import serve
from .relay import Relay
from .window import Window

KIB = 1024

#: What a page asks for while its stream is silent.
WHOLE = {
    "/live?show=figures,channels,sensors,cards",
    "/api/v1/events?topics=changes,warnings,channels,sensors,cards,beats",
}


@pytest.fixture
def device(tmp_path: Path) -> Iterator[DeviceServer]:
    yield from serve(tmp_path)


@pytest.fixture
def relay(device: DeviceServer) -> Iterator[Relay]:
    made = Relay(device.port)
    yield made
    made.close()


def listen(window: Window, url: str) -> None:
    window.open(url)
    window.until(lambda: "beat" in window.events(), "the stream")


@pytest.mark.parametrize("path", ["/", "/channels"])
def test_an_open_page_costs_less_than_8_kb_a_minute(relay: Relay, window: Window, path: str) -> None:
    listen(window, relay.url + path)
    if path == "/":
        window.until(lambda: window.find('[data-sensor="tank"] .sensor-value').text == "640 l", "the sensor")
        # what follows the first events
        window.until(lambda: "/live?show=cards" in " ".join(window.requests()), "the first look at the cards")
    # where the machine stalls for seconds, the page asks: such beats are not those of a quiet page
    quiet: list[float] = []
    for _ in range(40):
        spent, requests = ten_beats(window, relay)
        if not requests:
            quiet.append(spent)
        if len(quiet) == (6 if path == "/" else 1):
            break
    minute = sum(quiet) * 6 / len(quiet)
    print(f"\n{path}: {minute / KIB:.1f} KiB a minute")
    assert minute < 8 * KIB


def ten_beats(window: Window, relay: Relay) -> tuple[int, list[str]]:
    """Bytes of everything that passes while ten beats come, and the requests."""
    window.requests()
    window.events()
    before, found = relay.count, list[str]()
    window.until(lambda: found.extend(window.events()) or found.count("beat") >= 10, "ten beats")
    return (relay.count - before) * 10 // found.count("beat"), window.requests()


def test_sensors_and_cards_come_by_events(window: Window, device: DeviceServer) -> None:
    window.look(scheme="light")
    listen(window, device.url)
    tank = '[data-sensor="tank"]'

    def shown() -> tuple[str, str]:
        return window.find(f"{tank} .sensor-value").text, window.find(f"{tank} .sensor-note").text

    window.until(lambda: "/live?show=cards" in " ".join(window.requests()), "the first look at the cards")
    device.post_json("/world", {"tank": 41.5})
    window.until(lambda: shown() == ("41.5 l", "too low"), "the value and its level")
    device.post_json("/world", {"tank": 1640})
    window.until(lambda: shown() == ("1640 l", "within its limits"), "the value and its level")
    # Where the machine stalls for seconds, the page asks for everything at once, a changed card with it:
    # then another change is looked at.
    for words in ("open", "ajar", "closed", "locked", "tilted"):
        device.post_json("/world", {"card": {"Window": words}})
        window.until(lambda words=words: words in window.find("[data-card] .content").text, "the card")
        asked = {url.removeprefix(device.url) for url in window.requests()}
        assert asked - WHOLE <= {"/live?show=figures", "/live?show=cards"}, "the texts of warnings and cards"
        if "/live?show=cards" in asked:
            break
    else:
        pytest.fail("no changed card was asked for by itself")
    device.post_json("/world", {"fault": "the cable is cut"})
    window.until(lambda: "the cable is cut" in shown()[1], "the reason")
    assert any("sensors" in url for url in window.requests())


@pytest.mark.parametrize("refused", [False, True])
def test_sensors_and_cards_without_a_stream(window: Window, device: DeviceServer, refused: bool) -> None:
    source = (
        "globalThis.EventSource = class extends EventTarget"
        " { constructor() { super(); setTimeout(() => this.onerror()); } close() {} }"
        if refused
        else "delete globalThis.EventSource"
    )
    script = window.command("Page.addScriptToEvaluateOnNewDocument", source=source)
    try:
        window.open(device.url)
        window.until(lambda: window.find("#live").text == "Live", "the page to be live")
        device.post_json("/world", {"tank": 7, "card": {"Window": "ajar"}})
        window.until(lambda: window.find('[data-sensor="tank"] .sensor-value').text == "7 l", "the value")
        window.until(lambda: "ajar" in window.find("[data-card] .content").text, "the card")
        assert window.events() == []
    finally:
        window.command("Page.removeScriptToEvaluateOnNewDocument", identifier=script["identifier"])
