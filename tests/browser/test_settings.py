"""Settings as people change them: how many times they tap and type, the search, and what is not saved yet."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from tests.device.process import DeviceServer

from .window import Window

TITLE = "[id='setting-dashboard.title']"


def value(device: DeviceServer, key: str) -> object:
    return next(row["value"] for row in device.get("/api/v1/settings").json["settings"] if row["key"] == key)


def asks_before_leaving(window: Window) -> bool:
    """Whether the browser would ask: WebDriver answers the real question by itself."""
    return bool(window.run("!dispatchEvent(new Event('beforeunload', {cancelable: true}))"))


@pytest.mark.parametrize("scripts", [True, False])
def test_two_interactions_to_change_and_one_to_undo(
    window: Window, device: DeviceServer, screenshots: Path, scripts: bool
) -> None:
    before = value(device, "dashboard.title")
    assert before == ""
    window.look(360, 740)
    window.script(scripts)
    window.open(f"{device.url}/settings")
    assert len(window.all(".groups a")) == (0 if scripts else len(window.all("#settings > details")))
    window.find(TITLE).send_keys(" of ada")  # 1
    window.turn(window.find("#settings .save button").click, "the changed setting")  # 2
    assert value(device, "dashboard.title") == "of ada"
    assert "Heading of all pages: nothing" in window.find("form.undo").text
    window.picture(screenshots / f"settings-360-{'' if scripts else 'no'}script.png")
    window.turn(window.find("form.undo button").click, "the setting as before")  # 1
    assert value(device, "dashboard.title") == before
    window.script(True)


def test_the_search_shows_what_matches(window: Window, device: DeviceServer, screenshots: Path) -> None:
    window.look(1280, 900)
    window.open(f"{device.url}/settings")
    shown = "[...document.querySelectorAll('.setting')].filter((one) => one.checkVisibility()).length"
    first = window.run(shown)
    search = window.find("#settings-search")
    search.send_keys("relay1 longest")
    assert [one.get_attribute("data-setting") for one in window.all(".setting") if one.is_displayed()][
        :1
    ] == ["channels.relay1.max_on"]
    assert window.run(shown) <= 2
    window.picture(screenshots / "settings-search.png")
    search.send_keys(" no such words")
    assert window.find("#settings-none").is_displayed()
    search.send_keys(Keys.CONTROL, "a", Keys.DELETE)
    assert window.run(shown) == first
    assert not window.find("#settings-none").is_displayed()


def test_the_browser_asks_only_where_something_would_be_lost(window: Window, device: DeviceServer) -> None:
    window.open(f"{device.url}/settings")
    field = window.find(TITLE)
    assert not asks_before_leaving(window)
    field.send_keys("x")
    assert asks_before_leaving(window)
    field.send_keys(Keys.BACKSPACE)
    assert not asks_before_leaving(window)


@pytest.mark.parametrize("language", ["de", "fr"])
def test_fields_of_a_line_are_level_and_nothing_overflows(
    window: Window, device: DeviceServer, screenshots: Path, language: str
) -> None:
    window.look(360, 740)
    window.open(f"{device.url}/settings")
    window.run("document.cookie = `edgeweb_language=${arguments[0]}; path=/`", language)
    window.open(f"{device.url}/settings")
    window.run("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    assert window.run("document.documentElement.scrollWidth") <= 360
    window.picture(screenshots / f"settings-360-{language}.png")
    window.look(1280, 900)
    tops = window.run("""
        [...document.querySelectorAll("#settings fieldset")].flatMap((set) => {
          const lines = {};
          for (const one of set.querySelectorAll(":scope > .setting")) {
            const field = one.querySelector(":scope > :is(input:not([type=hidden]), select, textarea)");
            const [line, top] = [one, field].map((element) => element?.getBoundingClientRect().top);
            if (field) (lines[line] ??= new Set()).add(top);
          }
          return Object.values(lines).map((line) => line.size);
        })""")
    assert tops and set(tops) == {1}
    window.picture(screenshots / f"settings-1280-{language}.png")
    window.run("document.cookie = 'edgeweb_language=; path=/; max-age=0'")
