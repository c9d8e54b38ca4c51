"""Pages that listen to the events of the device: how soon they show an edge, and what they ask for."""

from __future__ import annotations

import http.client
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from tests.device.process import DeviceServer

from .window import Window

#: A device with addresses for what happens outside of it: an edge of an input, a disk that fails.
PROGRAM = """
import time
from pathlib import Path

from edgeweb.device import create_app, start
from edgeweb.device.http.current import device_of

app = create_app("generic-linux")
start(app)
device = device_of(app)


@app.post("/edges/<name>/<int:level>")
def edge(name: str, level: int) -> dict[str, float]:
    moment = time.time()
    device.channels.driver("memory").feed(name, bool(level))
    return {"at": moment}


@app.post("/fail")
def fail() -> dict[str, object]:
    disk = Path.cwd() / "disk"
    disk.symlink_to(disk)  # the system refuses to read it
    device.metrics.configure(2.0, ("/", str(disk)), (), True)
    return {}


@app.post("/end")
def end() -> dict[str, object]:
    device.listener.end()
    return {}


@app.get("/viewers")
def viewers() -> dict[str, int]:
    return {"viewers": device.listener.viewers if device.listener else 0}
"""

DOOR = '[data-channel="door"] .channel-state'

#: Writes down when the page shows another state of the door.
WATCH = f"""
(() => {{
  window.seen = [];
  const door = document.querySelector('{DOOR}');
  const note = () => window.seen.push([Date.now(), door.textContent]);
  new MutationObserver(note).observe(door, {{ childList: true }});
}})()
"""

EVENTS = "/api/v1/events"


@pytest.fixture
def device(tmp_path: Path) -> Iterator[DeviceServer]:
    """The device of the program above."""
    (tmp_path / "outside.py").write_text(PROGRAM)
    server = DeviceServer(tmp_path / "server", "outside:app", python_path=tmp_path)
    server.claim()
    yield server
    assert server.stop() == 0, server.log
    assert "Traceback" not in server.log


def feed(device: DeviceServer, level: int) -> float:
    """An edge of the door; the moment of it in milliseconds."""
    return float(device.post_json(f"/edges/door/{level}", {}).json["at"]) * 1000


def listen(window: Window, device: DeviceServer, path: str = "/") -> None:
    """Opens a page, and waits for its first events."""
    window.open(device.url + path)
    window.until(window.events, "the first events")


def shows(window: Window, state: str) -> Callable[[], bool]:
    return lambda: window.find(DOOR).text == state


def show(window: Window, seen: bool) -> None:
    """Has the page believe that it is seen, or that it is not."""
    hidden = str(not seen).lower()
    window.run(f"Object.defineProperty(document, 'hidden', {{value: {hidden}, configurable: true}})")
    window.run("document.dispatchEvent(new Event('visibilitychange'))")


def viewers(device: DeviceServer) -> Any:
    return device.get("/viewers").json["viewers"]


def test_an_edge_is_on_the_page_without_a_request(window: Window, device: DeviceServer) -> None:
    listen(window, device)
    window.run(WATCH)
    window.requests()
    delays = []
    for number in range(1, 22):
        moment = feed(device, number % 2)
        window.until(lambda number=number: window.run("window.seen.length") >= number, "the edge")
        shown, state = window.run("window.seen.at(-1)")
        assert state == ("on" if number % 2 else "off")
        delays.append(shown - moment)
    assert window.requests() == []
    print(f"\nedges on the page: median {median(delays):.0f} ms, most {max(delays):.0f} ms")


def test_while_there_are_events_nothing_is_asked_for(window: Window, device: DeviceServer) -> None:
    listen(window, device)
    window.requests()
    found: list[str] = []
    # a sample every two seconds: longer than the time between two requests of a page that polls
    window.until(
        lambda: found.extend(window.events()) or found.count("changes") >= 3,
        "three samples",
    )
    assert window.requests() == []
    assert window.find("#live").text == "Live"


def test_only_what_no_event_brings_is_asked_for(window: Window, device: DeviceServer) -> None:
    listen(window, device, "/?processes=1")
    window.requests()
    found: list[str] = []
    window.until(lambda: found.extend(window.requests()) or len(found) >= 2, "two requests")
    assert set(found) == {f"{device.url}/live?show=processes"}


def test_a_source_that_fails_is_told_in_the_language_of_the_page(
    window: Window, device: DeviceServer
) -> None:
    listen(window, device)
    window.requests()
    device.post_json("/fail", {})
    window.until(lambda: "/disk" in window.find("#warnings summary").text, "the warning")
    assert f"{device.url}/live?show=figures" in window.requests()


def test_a_switch_shows_the_answer_and_asks_for_nothing(window: Window, device: DeviceServer) -> None:
    listen(window, device, "/channels")
    window.requests()
    button = window.find('[data-channel="relay1"] button[role=switch]')
    button.click()
    window.until(lambda: button.get_attribute("aria-checked") == "true", "the switch to say on")
    assert window.requests() == [f"{device.url}/channels/relay1"]


def test_a_page_that_is_not_seen_does_not_listen(window: Window, device: DeviceServer) -> None:
    listen(window, device)
    assert viewers(device) == 1
    show(window, False)
    window.until(lambda: viewers(device) == 0, "the stream to be closed")
    feed(device, 1)
    show(window, True)
    window.until(shows(window, "on"), "the page to catch up")
    assert viewers(device) == 1


# -- without a stream ---------------------------------------------------------------------------------------


def test_a_stream_that_ends_is_replaced_by_requests(window: Window, device: DeviceServer) -> None:
    listen(window, device)
    window.requests()
    device.post_json("/end", {})
    window.until(lambda: f"{device.url}/live?show=figures,channels" in window.requests(), "a request")
    feed(device, 1)
    window.until(shows(window, "on"), "the edge")
    assert window.find("#live").text == "Live"
    window.events()
    window.until(window.events, "another stream")


def test_a_server_that_does_not_answer_is_noticed(window: Window, device: DeviceServer) -> None:
    """The connection of the stream stays, and ends with no error."""
    listen(window, device)
    device.process.send_signal(signal.SIGSTOP)
    try:
        window.until(lambda: window.find("#live").text == "No connection, trying again", "the page to say so")
    finally:
        device.process.send_signal(signal.SIGCONT)
    window.until(lambda: window.find("#live").text == "Live", "the page to be live")


def test_a_stream_that_is_refused_is_replaced_by_requests(window: Window, device: DeviceServer) -> None:
    taken = take_places(device)
    window.open(device.url)
    window.until(lambda: window.find("#live").text == "Live", "the page to be live")
    feed(device, 1)
    window.until(shows(window, "on"), "the edge")
    assert f"{device.url}/live?show=figures,channels" in window.requests()
    # Chromium notes every answer with an error code; this one was asked for
    notes = window.console()
    assert notes and all("503" in note and EVENTS in note for note in notes)
    for stream in taken:
        stream.close()
    window.until(lambda: viewers(device) == 0, "the places to be free")
    show(window, True)
    window.until(window.events, "events after all")


def take_places(device: DeviceServer) -> list[http.client.HTTPResponse]:
    """Opens streams until one is refused."""
    taken = []
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", device.port, timeout=60)
        connection.request("GET", EVENTS, headers={"Authorization": f"Bearer {device.token}"})
        response = connection.getresponse()
        if response.status != 200:
            response.close()
            connection.close()
            assert response.status == 503
            return taken
        taken.append(response)


def test_a_browser_without_streams_asks(window: Window, device: DeviceServer) -> None:
    script = window.command("Page.addScriptToEvaluateOnNewDocument", source="delete globalThis.EventSource")
    try:
        window.open(device.url)
        window.until(lambda: window.find("#live").text == "Live", "the page to be live")
        feed(device, 1)
        window.until(shows(window, "on"), "the edge")
        urls = window.requests()
    finally:
        window.command("Page.removeScriptToEvaluateOnNewDocument", identifier=script["identifier"])
    assert f"{device.url}/live?show=figures,channels" in urls
    assert not [url for url in urls if EVENTS in url]
