"""Every page: whether it fits, reads and works for everybody, in all languages and both colour schemes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edgeweb.device.ui.i18n import DEFAULT, LANGUAGES, catalogue
from tests.device.process import DeviceServer

from .furnished import HOSTILE
from .window import Window

PAGES = {
    "overview": "/?processes=1",
    "history": "/history",
    "channels": "/channels",
    "schedules": "/schedules",
    "services": "/services",
    "logs": "/logs?unit=nginx.service",
    "hardware": "/hardware",
    "settings": "/settings",
    "people": "/people",
    "audit": "/audit",
    "backup": "/backup",
    "software": "/software",
    "about": "/about",
    "error": "/nothing-here",
}

#: The rules of WCAG 2.0, 2.1 and 2.2, levels A and AA, and what axe calls best practice.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

#: What the page shows while it is up to date, in any language.
LIVE = {catalogue(language)["live.live"] for language in LANGUAGES}

SMALL = """
[...document.querySelectorAll("button, select, textarea, summary, input:not([type=hidden], [type=checkbox])")]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44)
  .map((one) => one.outerHTML)
"""


#: Texts that are wider than what holds them, and cannot be scrolled to.
CUT = """
[...document.querySelectorAll("h1, h2, a, button, summary, label, dt, dd, th, small, strong, legend, .badge")]
  .filter((one) => one.checkVisibility() && !one.closest(".unseen, .skip, .log, .scroll"))
  .filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== "inline")
  .map((one) => one.outerHTML)
"""


def show(window: Window, device: DeviceServer, name: str) -> None:
    """Opens a page, and waits until it shows what is only there a moment later."""
    window.open(f"{device.url}{PAGES[name]}")
    if name == "error":
        # Chromium notes every answer with an error code; this one was asked for
        assert [note for note in window.console() if "404" not in note] == []
        return
    assert window.run("document.querySelector('h1').textContent"), name
    if window.all("#live"):
        window.until(lambda: window.find("#live").text in LIVE, "the page to be live")
    if name == "history":
        window.until(lambda: window.all(".u-over"), "the charts")


def complaints(window: Window, axe: str) -> list[str]:
    """What axe has to say of the present page."""
    window.command("Runtime.evaluate", expression=axe)
    found: Any = window.run(
        "axe.run(document, {runOnly: arguments[0]}).then((result) => result.violations)", RULES
    )
    return [
        f"{row['id']}: {row['help']}: {node['html'][:200]} {node['any'][:1] or ''}"
        for row in found
        for node in row["nodes"]
    ]


def check(window: Window, name: str, width: int) -> None:
    """What holds for every page at every width."""
    assert window.run("document.documentElement.scrollWidth") <= width, "nothing sticks out to the side"
    assert window.run(SMALL) == [], "a thumb hits everything"
    assert window.all("img") == [], "hostile text stays text"
    assert HOSTILE in window.run("document.body.textContent"), "and is there: the name of the board"


def unfold(window: Window) -> None:
    """Shows what is folded away."""
    window.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_for_everybody(
    visitor: Window, furnished: DeviceServer, screenshots: Path, axe: str, name: str, scheme: str
) -> None:
    visitor.requests()
    for width in (360, 1280):
        visitor.look(width=width, scheme=scheme)
        show(visitor, furnished, name)
        visitor.picture(screenshots / f"{name}-{width}-{scheme}.png")
        unfold(visitor)
        check(visitor, name, width)
        assert complaints(visitor, axe) == []
    urls = visitor.requests()
    assert urls
    assert [url for url in urls if not url.startswith(f"{furnished.url}/")] == [], "nobody else is asked"


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", sorted(LANGUAGES.keys() - {DEFAULT}))
def test_every_page_fits_in_every_language_and_in_between(
    visitor: Window, furnished: DeviceServer, screenshots: Path, language: str, name: str
) -> None:
    """Unfolded as well: the words of German are long, and a phone is narrow."""
    visitor.command("Network.setExtraHTTPHeaders", headers={"Accept-Language": language})
    try:
        visitor.look(width=360)
        show(visitor, furnished, name)
        assert visitor.run("document.documentElement.lang") == language
        for width in (360, 768, 1920):
            visitor.look(width=width)
            check(visitor, name, width)
            visitor.picture(screenshots / f"{name}-{width}-{language}.png")
        visitor.look(width=360)
        unfold(visitor)
        check(visitor, name, 360)
        assert visitor.run(CUT) == [], "no word is cut off"
        visitor.picture(screenshots / f"{name}-360-{language}-unfolded.png")
    finally:
        visitor.command("Network.setExtraHTTPHeaders", headers={})


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_ways_in_are_for_everybody(
    visitor: Window, furnished: DeviceServer, tmp_path: Path, screenshots: Path, axe: str, scheme: str
) -> None:
    fresh = DeviceServer(tmp_path / "fresh", "--profile", "generic-linux")
    visitor.forget()
    try:
        for name, url in {"sign-in": furnished.url, "set-up": fresh.url}.items():
            for width in (360, 1280):
                visitor.look(width=width, scheme=scheme)
                visitor.open(f"{url}/sign-in")
                assert complaints(visitor, axe) == []
                visitor.picture(screenshots / f"{name}-{width}-{scheme}.png")
    finally:
        visitor.leave()
        assert fresh.stop() == 0, fresh.log


def test_the_menu_of_a_phone(visitor: Window, furnished: DeviceServer) -> None:
    visitor.look(width=360)
    show(visitor, furnished, "overview")
    assert not visitor.find("#menu a").is_displayed()
    visitor.find(".menu-button").click()
    visitor.until(lambda: visitor.find("#menu a").is_displayed(), "the menu")
    visitor.find('#menu a[href="/about"]').click()
    visitor.until(lambda: visitor.find("h1").text == "About", "the page")


def test_the_keyboard_alone_reaches_the_content(visitor: Window, furnished: DeviceServer) -> None:
    show(visitor, furnished, "about")
    visitor.driver.switch_to.active_element.send_keys("\ue004")  # Tab
    assert visitor.run("document.activeElement.className") == "skip"
    assert visitor.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    visitor.driver.switch_to.active_element.send_keys("\ue007")  # Enter
    assert visitor.run("document.activeElement.id") == "main"
