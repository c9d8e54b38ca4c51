"""What people do with the device, counted: each task in every way of `WAYS`, on one server.

A step is a tap, a text typed or a choice made; to open the page where a task begins is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select

from edgeweb.device.ui.i18n import LANGUAGES
from tests.device.people import PASSWORD
from tests.device.process import DeviceServer

from .window import Window, new_session

PROFILE = """
[sensors]
interval = 3600
[channels.lamp]
driver = "memory"
mode = "output"
title = "Grow light"
[channels.fan]
driver = "memory"
mode = "pwm"
title = "Fan"
"""


class Way(NamedTuple):
    """How a person does a task."""

    language: str = "en"
    width: int = 360
    scripts: bool = True
    keyboard: bool = False
    latency: int = 0  # milliseconds
    killed: bool = False  # and started again, while the page is open

    def __str__(self) -> str:
        words = [name for name in ("keyboard", "latency", "killed") if getattr(self, name)]
        return "-".join([self.language, str(self.width), *words, *([] if self.scripts else ["noscript"])])


WAYS = [
    *(Way(language, width) for language in sorted(LANGUAGES) for width in (360, 1440)),
    Way("en", 1440, keyboard=True),
    Way("de", 360, scripts=False),
    Way("fr", 360, latency=400),
    Way("en", 360, killed=True),
]

MAX_TABS = 250


class Person:
    """Somebody in front of the window, whose steps are counted."""

    def __init__(self, window: Window, device: DeviceServer, way: Way) -> None:
        self.window, self.device, self.way = window, device, way
        self.steps = 0

    def open(self, path: str) -> None:
        self.window.open(self.device.url + path)
        if self.way.scripts and self.window.all("#live"):
            self.window.until(lambda: self.window.find("#live").get_attribute("data-live") == "true", "live")

    def find(self, selector: str) -> WebElement:
        """The element, which has the focus where there is no mouse."""
        self.steps += 1
        found = self.window.find(selector)
        if self.way.keyboard:
            for _ in range(MAX_TABS):
                if self.window.driver.switch_to.active_element == found:
                    return found
                self.window.driver.switch_to.active_element.send_keys(Keys.TAB)
            raise AssertionError(f"no number of tabs leads to {selector}")
        return found

    def press(self, selector: str) -> None:
        found = self.find(selector)
        if self.way.keyboard:
            found.send_keys(Keys.ENTER)
        else:
            found.click()

    def follow(self, selector: str) -> None:
        """Press something that leads to another page."""
        self.window.turn(lambda: self.press(selector), f"the page after {selector}")

    def type(self, selector: str, text: str) -> None:
        self.find(selector).send_keys(text)

    def choose(self, selector: str, value: str) -> None:
        found = self.find(selector)
        choices = [option.get_attribute("value") for option in found.find_elements(By.TAG_NAME, "option")]
        if self.way.keyboard:
            found.send_keys(Keys.HOME, *[Keys.ARROW_DOWN] * choices.index(value))
        else:
            Select(found).select_by_value(value)
        assert found.get_attribute("value") == value

    def set_time(self, selector: str, text: str) -> None:
        """Each browser has a clock of its own: its value is set as by one of them."""
        self.find(selector)
        self.window.script(True)
        self.window.run("document.querySelector(arguments[0]).value = arguments[1]", selector, text)
        self.window.script(self.way.scripts)

    def drag(self, selector: str) -> None:
        """One drag of a slider to its end: with the keyboard, one key."""
        found = self.find(selector)
        if self.way.keyboard or not self.way.scripts:
            found.send_keys(Keys.END)
            return
        place = found.rect
        top = self.window.run("scrollY")
        x, y = place["x"] + place["width"] / 4, place["y"] - top + place["height"] / 2
        for kind, at in (("mousePressed", x), ("mouseMoved", x + 20), ("mouseMoved", x + place["width"])):
            self.window.command("Input.dispatchMouseEvent", type=kind, x=at, y=y, button="left", clickCount=1)
        self.window.command(
            "Input.dispatchMouseEvent",
            type="mouseReleased",
            x=x + place["width"],
            y=y,
            button="left",
            clickCount=1,
        )


def state(person: Person, name: str) -> Any:
    return person.device.get(f"/api/v1/channels/{name}").json


def switch(person: Person) -> int:
    before = state(person, "lamp")["state"]
    person.press('[data-channel="lamp"] [role=switch]')
    person.window.until(lambda: state(person, "lamp")["state"] is not before, "the lamp to be switched")
    return 1


def dim(person: Person) -> int:
    person.device.put_json("/api/v1/channels/fan/value", {"value": 0.3})
    person.open("/")
    slider = '[data-channel="fan"] input[type=range]'
    person.window.run(f"document.querySelector('{slider}').scrollIntoView({{ block: 'center' }})")
    person.drag(slider)
    if not person.way.scripts:
        person.follow('[data-channel="fan"] [data-slider] button')
    person.window.until(lambda: state(person, "fan")["value"] == 1.0, "the fan to be at full speed")
    return 1 if person.way.scripts else 2


def plan(person: Person) -> int:
    person.device.ask("DELETE", "/api/v1/schedules/lamp")
    other = {"channel": "fan", "action": "off", "kind": "interval", "every": 900}
    person.device.put_json("/api/v1/schedules/other", other)
    person.open("/schedules")
    person.press("#add > summary")
    person.choose("#new-channel", "lamp")
    person.set_time("#new-time", "07:00")
    person.set_time("#new-until", "08:30")
    person.follow("#add button[type=submit]")
    made = person.device.get("/api/v1/schedules/lamp").json
    assert (made["kind"], made["at"], made["until"]) == ("span", "07:00", "08:30")
    return 5


def title(person: Person) -> str:
    rows = person.device.get("/api/v1/settings").json["settings"]
    return str(next(row["value"] for row in rows if row["key"] == "dashboard.title"))


def change(person: Person) -> int:
    before = title(person)
    person.open("/settings")
    person.type("[id='setting-dashboard.title']", "x")
    person.follow("#settings .save button")
    assert title(person) == f"{before}x"
    person.follow("form.undo button")
    assert title(person) == before
    return 3


def token(person: Person) -> int:
    count = len(person.device.get("/api/v1/tokens").json["tokens"])
    person.open("/people")
    form = 'form[action$="/tokens"]'
    person.type(f"{form} [name=note]", "Gate")
    person.choose(f"{form} [name=role]", "viewer")
    person.type(f"{form} [name=password]", PASSWORD)
    person.follow(f"{form} button[type=submit]")
    assert person.window.find("#secret").text.startswith("edgeweb_")
    assert len(person.device.get("/api/v1/tokens").json["tokens"]) == count + 1
    return 4


def take_backup(person: Person) -> int:
    """The file is saved and the page stays: that it was taken stands in the audit log."""
    taken = backups(person)
    person.open("/")
    link = '#menu a[href="/backup"]'
    if not person.window.find(link).is_displayed():
        person.window.find(".menu-button").click()
    person.follow(link)
    person.type("#take-password", PASSWORD)
    person.press('form[action$="/backup/file"] button')
    person.window.until(lambda: backups(person) > taken, "the backup")
    return 3  # with the password


def backups(person: Person) -> int:
    rows = person.device.get("/api/v1/audit").json["audit"]
    return sum(row["count"] for row in rows if row["action"] == "state.backup")


TASKS: list[Callable[[Person], int]] = [switch, dim, plan, change, token, take_backup]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeviceServer]:
    folder = tmp_path_factory.mktemp("house")
    profile = folder / "house.toml"
    profile.write_text(PROFILE)
    server = DeviceServer(folder, "--profile", str(profile))
    server.claim()
    yield server
    assert server.stop() == 0, server.log
    assert "Traceback" not in server.log


@pytest.fixture(scope="module")
def session(house: DeviceServer) -> str:
    """One for most tasks in all ways: quick machines ask for more than sixty a minute."""
    return new_session(house)


@pytest.fixture(params=WAYS, ids=str)
def person(
    request: pytest.FixtureRequest, chromium: Window, house: DeviceServer, session: str
) -> Iterator[Person]:
    way: Way = request.param
    chromium.reset()
    # A session in which a password was just entered is not asked for it, and what it takes would be less.
    task = request.node.callspec.params["task"]
    chromium.carry(house, new_session(house) if task in (token, take_backup) else session)
    chromium.look(way.width, 740)
    chromium.command("Network.setExtraHTTPHeaders", headers={"Accept-Language": way.language})
    chromium.script(way.scripts)
    chromium.command("Network.enable")
    conditions = {"offline": False, "latency": way.latency, "downloadThroughput": -1, "uploadThroughput": -1}
    chromium.command("Network.emulateNetworkConditions", **conditions)
    yield Person(chromium, house, way)
    chromium.command("Network.emulateNetworkConditions", **{**conditions, "latency": 0})
    chromium.command("Network.setExtraHTTPHeaders", headers={})
    chromium.script(True)
    notes = [note for note in chromium.console() if not (way.killed and "ERR_" in note)]
    chromium.leave()
    assert notes == []


def restart(person: Person) -> None:
    """Kills the server behind the open page and starts it again: the page has to find it by itself."""
    window, device = person.window, person.device
    device.process.kill()
    device.process.wait()
    window.until(lambda: window.find("#live").get_attribute("data-live") == "false", "the page to notice")
    folder = device.log_file.parent
    again = DeviceServer(folder, "--profile", str(folder / "house.toml"), "--port", str(device.port))
    device.process = again.process
    window.until(lambda: window.find("#live").get_attribute("data-live") == "true", "the page to come back")


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.__name__)
def test_steps(person: Person, task: Callable[[Person], int]) -> None:
    person.open("/")
    assert person.window.find("html").get_attribute("lang") == person.way.language
    if person.way.killed and task is switch:
        restart(person)
    expected = task(person)
    assert person.steps <= expected
