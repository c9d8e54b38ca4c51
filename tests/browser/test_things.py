"""From an empty profile to a lamp and a thermometer in the browser: no file is edited, steps are counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium.webdriver.support.select import Select

from tests.device.people import PASSWORD
from tests.device.process import DeviceServer

from .test_pages import SMALL, complaints, unfold
from .window import Window

LAMP = '[data-channel="lamp"]'
#: Each click, each field that is typed into, each choice and each form that is sent.
MOST_FOR_A_LAMP = 6

LOOKS = (("light", 360), ("dark", 360), ("light", 1440), ("dark", 1440))


class Hand:
    """A person in front of a window, whose steps are counted."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.steps = 0

    def follow(self, selector: str) -> None:
        """Click something that leads to another page."""
        self.steps += 1
        self.window.turn(self.window.find(selector).click, f"the page after {selector}")

    def click(self, selector: str) -> None:
        self.steps += 1
        self.window.find(selector).click()

    def type(self, selector: str, text: str) -> None:
        self.steps += 1
        field = self.window.find(selector)
        field.clear()
        field.send_keys(text)

    def choose(self, selector: str, value: str) -> None:
        self.steps += 1
        Select(self.window.find(selector)).select_by_value(value)


@pytest.fixture
def device(tmp_path: Path) -> Iterator[DeviceServer]:
    """A device whose profile is empty, with a thermometer that is a file."""
    profile = tmp_path / "empty.toml"
    profile.write_text("")
    (tmp_path / "air").write_text("21.5\n")
    server = DeviceServer(tmp_path, "--profile", str(profile))
    server.claim()
    yield server
    assert server.stop() == 0, server.log
    assert "Traceback" not in server.log
    assert profile.read_text() == "" and not (tmp_path / "etc").exists(), "no file was edited"


@pytest.fixture
def hand(window: Window, device: DeviceServer) -> Hand:
    window.open(device.url)
    return Hand(window)


def add_lamp(hand: Hand) -> None:
    hand.follow('main a[href="/add"]')
    hand.follow('a[href="/add/channels/memory"]')
    hand.type("#key-title", "Lamp")
    hand.type("#add-password", PASSWORD)
    hand.follow("form[data-kinds] button:not([formaction])")


def definition(device: DeviceServer, path: str) -> dict[str, object]:
    found: dict[str, object] = device.get(f"/api/v1/{path}/definition").json["definition"]
    return found


def test_from_nothing_to_a_house_and_back(hand: Hand, device: DeviceServer, tmp_path: Path) -> None:
    window = hand.window
    assert not window.all("[data-channel], [data-sensor]")
    add_lamp(hand)
    assert hand.steps < MOST_FOR_A_LAMP
    assert "It was added" in window.find(".notice").text
    # it is switched
    hand.click(f"{LAMP} button")
    window.until(lambda: device.get("/api/v1/channels/lamp").json["state"] is True, "the lamp to be on")
    # a thermometer; the password was shown a moment ago
    hand.steps = 0
    hand.follow('main a[href="/add"]')
    hand.follow('a[href="/add/sensors/file"]')
    hand.type("#key-title", "Air")
    hand.type("#key-path", str(tmp_path / "air"))
    hand.click(".more summary")
    hand.type("#key-unit", "°C")
    hand.type("#key-interval", "1")
    hand.choose("#key-icon", "thermometer")
    hand.follow("form[data-kinds] button")
    value = '[data-sensor="air"] .sensor-value'
    window.until(lambda: window.find(value).text == "21.5 °C", "the value of the air")
    assert hand.steps == 9
    # its chart
    hand.follow('[data-sensor="air"] a')
    history = f"{device.url}/history"
    window.until(
        lambda: any(
            row["name"] == "sensor.air" for row in device.get("/api/v1/metrics/history").json["series"]
        ),
        "the history to have begun",
    )
    hand.follow(f'main a[href^="{history.removeprefix(device.url)}"][href$="#chart-sensor.air"]')
    assert window.find('[id="chart-sensor.air"]').text == "Air"
    # what was done to the lamp
    window.open(f"{device.url}/channels")
    hand.follow(f"{LAMP} .add a")
    hand.follow('main a[href^="/audit"]')
    assert {"New channel Lamp", "Lamp: switched on"} <= {row.text for row in window.all("td.what")}
    # it is changed
    window.open(f"{device.url}/channels/lamp/edit")
    hand.type("#key-title", "Porch")
    hand.type("#key-group", "Outside")
    hand.choose("#key-icon", "lamp")
    off, on = window.all('[name=".words"]')
    off.send_keys("dark")
    on.send_keys("bright")
    hand.click("#key-ask")
    hand.follow("form[data-kinds] button")
    assert "in force" in window.find(".notice").text
    window.open(device.url)
    assert window.find("#group-1 h2").text == "Outside"
    assert window.find(f"{LAMP} .channel-state").text == "bright"
    assert window.find(f"{LAMP} .channel-title").text == "Porch"
    # a backup is taken, all is removed, and the backup is restored
    backup = tmp_path / "backup.json"
    backup.write_text(device.get("/api/v1/backup").text)
    for path in ("channels/lamp", "sensors/air"):
        window.open(f"{device.url}/{path}/edit")
        hand.click("#remove summary")
        hand.type("#remove-password", PASSWORD)
        hand.follow("#remove button")
        assert "It was removed." in window.find(".notice").text
    assert not window.all("[data-channel], [data-sensor]")
    window.open(f"{device.url}/backup")
    window.find("#file").send_keys(str(backup))
    hand.type("#bring-password", PASSWORD)
    hand.follow("button.bad")
    assert window.find(f"{LAMP} .channel-title").text == "Porch"
    assert window.all('[data-sensor="air"]')


def test_a_question_before_it_is_switched(
    hand: Hand, device: DeviceServer, screenshots: Path, axe: str
) -> None:
    gate = {"id": "gate", "driver": "memory", "mode": "output", "title": "Gate", "ask": True}
    device.post_json("/api/v1/channels", {**gate, "words": ["closed", "open"], "icon": "door"})
    window = hand.window
    window.open(device.url)
    state: Callable[[], object] = lambda: device.get("/api/v1/channels/gate").json["state"]  # noqa: E731
    button = '[data-channel="gate"] [role=switch]'
    for answer, expected in (("no", False), ("yes", True)):
        hand.click(button)
        assert window.find("#ask p").text == "Really switch Gate?"
        assert window.run("document.activeElement.value") == "no", "Enter switches nothing"
        if answer == "no":
            for scheme, width in LOOKS:
                window.look(width, scheme=scheme)
                window.picture(screenshots / f"ask-{width}-{scheme}.png")
                assert complaints(window, axe) == []
            window.look()
        hand.click(f"#ask button[value={answer}]")
        window.until(lambda: not window.run("document.getElementById('ask').open"), "the dialog to close")
        window.until(lambda expected=expected: state() is expected, "the gate to be so")  # type: ignore[misc]
    window.until(lambda: window.find('[data-channel="gate"] .channel-state').text == "open", "the word")
    # the slider of another one goes back
    dimmer = {"id": "dimmer", "driver": "memory", "mode": "pwm", "ask": True}
    device.post_json("/api/v1/channels", dimmer)
    window.open(f"{device.url}/channels")
    slider = '[data-channel="dimmer"] input[type=range]'
    window.find(slider).send_keys("\ue014")  # one step to the right
    hand.click("#ask button[value=no]")
    window.until(lambda: window.find(slider).get_attribute("value") == "0", "the slider to go back")


def try_it(hand: Hand) -> None:
    """Asks for a trial as often as the page says: a machine with other work may not do it in its second."""
    hand.type("#add-password", PASSWORD)
    for _ in range(30):
        hand.follow("button[formaction]")
        if hand.window.all(".notice"):
            return
        assert "again" in hand.window.find("main [role=alert]").text
        assert all("503" in note for note in hand.window.console())
    pytest.fail("the trial was never done")


def test_without_script_on_a_phone(hand: Hand, device: DeviceServer, screenshots: Path) -> None:
    window = hand.window
    window.look(360, 740)
    window.script(False)
    window.open(device.url)
    hand.follow('main a[href="/add"]')
    hand.follow('a[href="/add/channels/memory"]')
    hand.type("#key-title", "Lamp")
    try_it(hand)
    assert "It was on for a moment." in window.find(".notice").text
    window.picture(screenshots / "thing-tried-360.png")
    assert device.get("/api/v1/channels").json["channels"] == []
    hand.click(".more summary")
    hand.click("#key-ask")
    hand.follow("form[data-kinds] button:not([formaction])")
    assert definition(device, "channels/lamp")["ask"] is True
    hand.follow(f"{LAMP} button")
    assert "Really switch Lamp?" in window.find("main").text
    window.picture(screenshots / "ask-page-360.png")
    hand.follow("main button[name=sure]")
    assert window.find(f"{LAMP} button").get_attribute("aria-checked") == "true"
    assert window.driver.current_url == f"{device.url}/"


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DeviceServer]:
    """A Raspberry Pi 4 with sensors, whose profile is empty. Its pins are listed, and cannot be requested."""
    profile = tmp_path / "board.toml"
    profile.write_text("")
    for key, value in {
        "PROFILE": str(profile),
        "BOARD": "raspberry-pi-4",
        "TREE": str(tmp_path / "tree"),
    }.items():
        monkeypatch.setenv(f"TEST_{key}", value)
    server = DeviceServer(tmp_path / "server", "tests.device.programs.board:app", "--profile", str(profile))
    server.claim()
    yield server
    assert server.stop() == 0, server.log


def test_a_lamp_on_pin_17_takes_six_steps(chromium: Window, board: DeviceServer) -> None:
    chromium.reset()
    chromium.sign_in(board)
    chromium.open(board.url)
    hand = Hand(chromium)
    hand.follow('main a[href="/add"]')
    hand.follow('a[href="/add/channels/gpio"]')
    hand.type("#key-title", "Lamp")
    hand.type("#key-line", "GPIO17")
    hand.type("#add-password", PASSWORD)
    hand.follow("form[data-kinds] button:not([formaction])")
    assert hand.steps <= MOST_FOR_A_LAMP
    assert definition(board, "channels/lamp") == {
        "driver": "gpio",
        "mode": "output",
        "title": "Lamp",
        "line": "GPIO17",
    }
    assert chromium.all(LAMP)
    chromium.leave()


def test_the_hardware_page_fills_the_form_in(chromium: Window, board: DeviceServer) -> None:
    chromium.reset()
    chromium.sign_in(board)
    chromium.open(board.url)
    hand = Hand(chromium)
    hand.follow('nav a[href="/hardware"]')
    unfold(chromium)
    buses = ("gpio", "leds", "pwm", "iio", "hwmon")
    assert all(chromium.all(f'[data-bus="{bus}"] a[href^="/add/"]') for bus in buses)
    hand.follow('[data-bus="iio"] a[href*="channel=temp"]')
    hand.type("#key-title", "Air")
    hand.type("#add-password", PASSWORD)
    hand.follow("form[data-kinds] button")
    assert hand.steps <= MOST_FOR_A_LAMP
    found = definition(board, "sensors/air")
    assert (found["kind"], found["channel"]) == ("iio", "temp")
    chromium.leave()


def test_the_pages_are_for_everybody(hand: Hand, device: DeviceServer, screenshots: Path, axe: str) -> None:
    window = hand.window
    pages = {"empty": "/", "add": "/add", "add-pin": "/add/channels/gpio", "add-sensor": "/add/sensors/file"}
    look(window, device, screenshots, axe, pages)
    rooms = {"lamp": ("Kitchen", "lamp"), "fan": ("Bath", "fan"), "gate": ("", "door"), "pump": ("", "pump")}
    for name, (group, icon) in rooms.items():
        mode = "pwm" if name == "fan" else "output"
        keys = {"id": name, "driver": "memory", "mode": mode, "title": name.title()}
        device.post_json("/api/v1/channels", {**keys, "group": group, "icon": icon})
    air = {"id": "air", "kind": "file", "path": "/proc/uptime", "title": "Air", "group": "Bath"}
    device.post_json("/api/v1/sensors", {**air, "unit": "s", "icon": "thermometer"})
    pages = {"rooms": "/", "thing": "/channels/lamp/edit", "thing-sensor": "/sensors/air/edit"}
    look(window, device, screenshots, axe, {**pages, "channels-admin": "/channels"})
    # a form that was refused
    window.look(360)
    window.open(f"{device.url}/add/channels/gpio")
    hand.type("#add-password", PASSWORD)
    hand.follow("form[data-kinds] button:not([formaction])")
    assert [note for note in window.console() if "422" not in note] == []
    assert "Expected a line, or a pin" in window.find("#key-line-fault").text
    window.picture(screenshots / "add-refused-360.png")
    assert complaints(window, axe) == []


def look(window: Window, device: DeviceServer, screenshots: Path, axe: str, pages: dict[str, str]) -> None:
    for language in ("fr", "en"):
        window.command("Network.setExtraHTTPHeaders", headers={"Accept-Language": language})
        for name, path in pages.items():
            for scheme, width in LOOKS if language == "en" else LOOKS[:1]:
                window.look(width, scheme=scheme)
                window.open(f"{device.url}{path}")
                if name not in ("empty", "rooms"):
                    window.picture(screenshots / f"{name}-{width}-{scheme}-{language}-folded.png")
                unfold(window)
                window.picture(screenshots / f"{name}-{width}-{scheme}-{language}.png")
                assert window.run("document.documentElement.scrollWidth") <= width, (name, width)
                assert window.run(SMALL) == [], name
                assert complaints(window, axe) == [], name
    window.command("Network.setExtraHTTPHeaders", headers={})
