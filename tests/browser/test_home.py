"""The overview as a home, in a real browser."""

from __future__ import annotations

from tests.device.process import DeviceServer

from .window import Window

FAN = '[data-channel="fan"]'


def test_a_dimmer_is_dragged_once_and_nothing_moves(visitor: Window, furnished: DeviceServer) -> None:
    visitor.open(furnished.url)
    visitor.until(lambda: visitor.find("#live").text == "Live", "the page to be live")
    places = "[...document.querySelectorAll('[data-channel]')].map((one) => one.getBoundingClientRect().top)"
    before = visitor.run(places)
    visitor.requests()
    visitor.run(
        f"(() => {{ const one = document.querySelector('{FAN} input[type=range]');"
        " for (const value of [50, 60, 70]) {"
        " one.value = value; one.dispatchEvent(new Event('input', { bubbles: true })); }"
        " one.dispatchEvent(new Event('change', { bubbles: true })); })()"
    )
    visitor.until(
        lambda: furnished.get("/api/v1/channels/fan").json["value"] == 0.7, "the fan to be at its new level"
    )
    visitor.until(lambda: visitor.find(f"{FAN} .channel-state").text == "70 %", "the page to say so")
    assert len([url for url in visitor.requests() if url.endswith("/channels/fan/value")]) == 1
    assert visitor.run(places) == before
    assert visitor.find(f"{FAN} .channel-age").text == "just now"
    furnished.put_json("/api/v1/channels/fan/value", {"value": 0.4})


def test_an_age_grows_by_the_clock_of_the_device(visitor: Window, furnished: DeviceServer) -> None:
    """A browser whose clock is years away shows the same."""
    visitor.open(furnished.url)
    texts = visitor.run(
        "import(document.querySelector('link[rel=modulepreload]').href).then((m) => {"
        " const one = document.createElement('time');"
        " one.dateTime = '1999-12-31T23:00:00Z'; one.dataset.age = '';"
        " const root = document.createElement('p'); root.append(one);"
        " m.hearClock('1999-12-31T23:00:30Z'); m.showMoments(root); const first = one.textContent;"
        " m.hearClock('2000-01-01T01:30:00Z'); m.showMoments(root); return [first, one.textContent]; })"
    )
    assert [text.replace("\u00a0", " ") for text in texts] == ["just now", "for 2 h"]
