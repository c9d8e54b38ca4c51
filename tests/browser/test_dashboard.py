"""The dashboard in a real browser, on a real server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edgeweb.device.ui.assets import addresses
from edgeweb.device.ui.format import NBSP, measured, moment, quantity
from edgeweb.device.ui.i18n import LANGUAGES, Words, plural_of
from tests.device.people import PASSWORD
from tests.device.process import DeviceServer
from tests.device.ui.test_format import AGES, FIGURES, MEASURED, MOMENTS, UNPADDED

from .window import Window

LAMP = '[data-channel="lamp"]'


def state_of(device: DeviceServer, name: str) -> Any:
    return device.get(f"/api/v1/channels/{name}").json["state"]


def is_live(window: Window) -> bool:
    return window.find("#live").text == "Live"


def test_the_figures_are_live_and_those_of_the_api(window: Window, device: DeviceServer) -> None:
    window.open(device.url)
    window.until(lambda: is_live(window), "the page to be live")
    uptime = window.find('[data-metric="uptime_seconds"]')
    total = device.get("/api/v1/status").json["metrics"]["memory_total_bytes"]
    shown = window.find('span[data-metric="memory_total_bytes"]').text
    assert shown == quantity(total, "bytes", Words("en")).replace(NBSP, " ")
    # seconds or minutes pass in front of us, depending on how long this machine has been up
    figures = [
        '[data-metric="cpu_percent"]',
        '[data-metric="load_1m"]',
        '[data-metric="memory_available_bytes"]',
    ]
    before = [uptime.text, *(element.text for figure in figures for element in window.all(figure))]
    window.until(
        lambda: [uptime.text, *(e.text for figure in figures for e in window.all(figure))] != before,
        "a figure to change",
    )


def test_the_page_says_what_the_api_says(window: Window, device: DeviceServer) -> None:
    """Every figure of the page, against one answer of the API that the page itself has shown."""
    window.open(f"{device.url}/about")
    window.until(lambda: is_live(window), "the page to be live")
    wrong = window.run(
        """
        (async () => {
          const { quantity } = await import(document.querySelector("link[rel=modulepreload]").href);
          const wrong = [];
          for (let turn = 0; turn < 60; turn += 1) {
            wrong.length = 0;
            const answer = await fetch("/api/v1/status");
            const { metrics } = await answer.json();
            for (const element of document.querySelectorAll("[data-metric]:not([data-words])")) {
              const { metric, label, unit } = element.dataset;
              const text = quantity(label === undefined ? metrics[metric] : metrics[metric][label], unit);
              if (element.textContent.trim() !== text) wrong.push([metric, element.textContent, text]);
            }
            if (!wrong.length) return [];
            // this answer has read the sensors; the page gets the same reading within their interval
            await new Promise((resolve) => setTimeout(resolve, 300));
          }
          return wrong;
        })()
        """
    )
    assert wrong == []
    assert len(window.all("[data-metric]")) > 15


def test_a_switch_of_the_page_is_seen_by_the_api(window: Window, device: DeviceServer) -> None:
    window.open(device.url)
    button = window.find(f"{LAMP} button")
    assert button.get_attribute("aria-checked") == "true"
    button.click()
    window.until(lambda: state_of(device, "lamp") is False, "the API to say off")
    window.until(lambda: button.get_attribute("aria-checked") == "false", "the switch to say off")
    assert window.find(f"{LAMP} .channel-state").text == "off"
    button.click()
    window.until(lambda: state_of(device, "lamp") is True, "the API to say on")
    assert window.driver.current_url == f"{device.url}/", "without another page"


def test_a_switch_of_the_api_is_seen_by_the_page(window: Window, device: DeviceServer) -> None:
    window.open(device.url)
    window.until(lambda: is_live(window), "the page to be live")
    device.put_json("/api/v1/channels/relay2/state", {"on": True})
    button = window.find('[data-channel="relay2"] button')
    window.until(lambda: button.get_attribute("aria-checked") == "true", "the switch to say on")


def test_a_button_is_pressed(visitor: Window, furnished: DeviceServer) -> None:
    visitor.open(furnished.url)
    before = furnished.get("/api/v1/channels/gate").json["changed_at"]
    visitor.find('[data-channel="gate"] button').click()
    visitor.until(
        lambda: furnished.get("/api/v1/channels/gate").json["changed_at"] != before, "the gate to be pulsed"
    )
    visitor.until(lambda: state_of(furnished, "gate") is False, "the pulse to end")
    assert visitor.all('[data-channel="gate"] [role=switch]') == [], "a button is no switch"


def test_switching_with_the_keyboard(window: Window, device: DeviceServer) -> None:
    window.open(device.url)
    for _ in range(40):
        window.driver.switch_to.active_element.send_keys("\ue004")  # Tab
        # the name before it leads to the lamp's own page
        if window.run("document.activeElement.matches('[data-channel=lamp] button')"):
            break
    window.driver.switch_to.active_element.send_keys(" ")
    window.until(lambda: state_of(device, "lamp") is False, "the API to say off")


def test_without_script(window: Window, device: DeviceServer) -> None:
    window.script(False)
    window.open(device.url)
    assert window.find('span[data-metric="memory_total_bytes"]').text.endswith("iB")
    window.turn(window.find(f"{LAMP} button").click, "the page to come back")
    assert window.find(f"{LAMP} button").get_attribute("aria-checked") == "false"
    assert state_of(device, "lamp") is False
    assert window.driver.current_url == f"{device.url}/#row-lamp", "the row that was under the finger"
    assert window.find("#live a").text == "Refresh"


def test_a_refused_switch_is_explained(window: Window, device: DeviceServer) -> None:
    window.open(device.url)
    window.until(lambda: is_live(window), "the page to be live")
    # the page of a profile that has lost a channel since
    window.run(f"document.querySelector('{LAMP} form').action = '/channels/gone'")
    window.find(f"{LAMP} button").click()
    (message,) = window.until(lambda: window.all(f"{LAMP} [role=alert]"), "the reason")
    assert message.text == 'Lamp: There is no channel named "gone".'
    # Chromium notes every answer with an error code; this one was asked for
    (note,) = window.console()
    assert "404" in note


def test_a_server_that_went_away_is_told(window: Window, device: DeviceServer) -> None:
    window.open(device.url)
    window.until(lambda: is_live(window), "the page to be live")
    assert device.stop() == 0
    window.until(lambda: window.find("#live").text == "No connection, trying again", "the page to say so")
    assert window.find("#live").get_attribute("data-live") == "false"
    assert all("ERR_CONNECTION_REFUSED" in note for note in window.console())
    window.leave()


def fill(window: Window, **fields: str) -> None:
    for name, text in fields.items():
        window.find(f"#{name}").send_keys(text)
    window.turn(window.find(".entry button[type=submit]").click, "the page after the form")


@pytest.mark.parametrize("script", [True, False])
def test_from_the_code_in_the_log_to_the_dashboard_and_out(
    window: Window, device: DeviceServer, tmp_path: Path, script: bool
) -> None:
    fresh = DeviceServer(tmp_path / "fresh", "--profile", "generic-linux")
    window.forget()
    window.script(script)
    try:
        window.open(fresh.url)
        assert window.find("h1").text == "Make this device yours"
        fill(window, code="0000-0000-0000", name="ada", password=PASSWORD)
        assert "journalctl" in window.find(".message").text
        assert window.find("#name").get_attribute("value") == "ada"
        window.find("#name").clear()
        fill(window, code=fresh.code, name="ada", password=PASSWORD)
        assert window.find(f"{LAMP} button")
        assert window.driver.current_url == f"{fresh.url}/"
        window.turn(window.find("#menu form button").click, "the way in")
        assert window.find(".entry")
        window.open(fresh.url)
        assert window.find("h1").text == "Sign in"
        fill(window, name="ada", password=PASSWORD)
        assert window.find(f"{LAMP} button")
    finally:
        window.leave()
        assert fresh.stop() == 0, fresh.log


def test_a_session_that_ends_shows_the_way_in(window: Window, device: DeviceServer) -> None:
    window.open(device.url)
    window.until(lambda: is_live(window), "the page to be live")
    for session in device.get("/api/v1/sessions").json["sessions"]:
        device.ask("DELETE", f"/api/v1/sessions/{session['id']}")
    window.until(lambda: window.all(".entry"), "the way in")
    # Chromium notes every answer with an error code; these were asked for
    assert [note for note in window.console() if "401" not in note] == []


def test_nothing_is_asked_of_anybody_else(window: Window, device: DeviceServer) -> None:
    window.open(device.url)
    window.until(lambda: is_live(window), "the page to be live")
    paths = [url.removeprefix(device.url) for url in window.requests()]
    files = ("dashboard.css", "dashboard.js", "quantity.js", "icons.svg", "icon.svg")
    # on a slow machine the page may ask before the first event
    assert set(paths) - {"/live?show=figures,channels", "/live?show=figures"} == {
        "/",
        "/manifest.webmanifest",
        "/api/v1/events?topics=changes,warnings,channels,beats",
        *(f"/static/{addresses()[name]}" for name in files),
    }


@pytest.mark.parametrize(("language", "rows"), FIGURES.items())
def test_the_script_writes_figures_as_the_server_does(
    window: Window, device: DeviceServer, language: str, rows: list[tuple[float | None, str, str]]
) -> None:
    window.open(device.url)
    texts = window.run(
        "import(document.querySelector('link[rel=modulepreload]').href)"
        ".then((m) => arguments[0].map((row) => m.quantity(row[0], row[1], arguments[1])))",
        [[value, unit] for value, unit, _ in rows],
        Words(language).live(),
    )
    assert [text.replace("\u00a0", " ") for text in texts] == [text for _, _, text in rows]
    texts = window.run(
        "import(document.querySelector('link[rel=modulepreload]').href)"
        ".then((m) => arguments[0].map((row) => m.measured(row[0], row[1], arguments[1])))",
        [[value, unit] for value, unit, _ in MEASURED],
        Words(language).live(),
    )
    assert texts == [measured(value, unit, Words(language)) for value, unit, _ in MEASURED]
    figures = [(text.replace(" ", NBSP), short) for code, text, short in UNPADDED if code == language]
    texts = window.run(
        "import(document.querySelector('link[rel=modulepreload]').href)"
        ".then((m) => arguments[0].map((text) => m.unpadded(text, arguments[1])))",
        [text for text, _ in figures],
        Words(language).live(),
    )
    assert [text.replace(NBSP, " ") for text in texts] == [short for _, short in figures]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_script_writes_dates_and_plurals_as_the_server_does(
    window: Window, device: DeviceServer, language: str
) -> None:
    window.open(device.url)
    dates = [iso for _, iso, _ in MOMENTS]
    texts = window.run(
        "import(document.querySelector('link[rel=modulepreload]').href).then((m) =>"
        " arguments[0].map((iso) => m.moment(new Date(iso), 'year second', true, arguments[1])))",
        dates,
        Words(language).live(),
    )
    assert [f"{text} UTC" for text in texts] == [moment(iso, Words(language)) for iso in dates]
    ages = [(seconds, shown) for code, seconds, shown in AGES if code == language]
    texts = window.run(
        "import(document.querySelector('link[rel=modulepreload]').href).then((m) =>"
        " arguments[0].map((seconds) => m.age(seconds, arguments[1])))",
        [seconds for seconds, _ in ages],
        Words(language).live(),
    )
    assert [text.replace(NBSP, " ") for text in texts] == [shown for _, shown in ages]
    categories = window.run(
        "((rule) => Array.from({length: 1000}, (_, count) => rule.select(count)))"
        "(new Intl.PluralRules(arguments[0]))",
        language,
    )
    assert categories == [plural_of(language)(count) for count in range(1000)]
