"""The pages in somebody's own program, that of edgeweb/device/README.md, in a real browser."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from tests.device.people import PASSWORD
from tests.device.process import DeviceServer
from tests.device.ui.shed import write_shed

from .test_dashboard import LAMP, fill, is_live
from .window import Window


def test_the_device_within_a_program_of_ones_own(chromium: Window, tmp_path: Path, screenshots: Path) -> None:
    program = write_shed(tmp_path / "program")
    server = DeviceServer(tmp_path / "server", "shed:app", python_path=program.parent)
    chromium.reset()
    chromium.forget()
    try:
        chromium.open(server.url)
        assert chromium.find("body").text == "My own page"
        # the program has no icon of its own, and Chromium notes that it asked for one in vain
        assert all("/favicon.ico" in note for note in chromium.console())
        chromium.open(f"{server.url}/device/")
        assert chromium.find("h1").text == "Make this device yours"
        fill(chromium, code=server.code, name="ada", password=PASSWORD)
        assert chromium.driver.current_url == f"{server.url}/device/"
        chromium.until(lambda: is_live(chromium), "the page to be live")
        cards = {
            card.find_element("css selector", "h2").text: card.text for card in chromium.all("[data-card]")
        }
        assert "21.4 °C" in cards["Greenhouse"]
        assert "closed" in cards["Window"]
        button = chromium.find(f"{LAMP} button")
        button.click()
        chromium.until(lambda: button.get_attribute("aria-checked") == "false", "the switch to say off")
        chromium.picture(screenshots / "mounted-1280-light.png")
        notes = [note for note in chromium.console() if "401" not in note and "/favicon.ico" not in note]
        assert notes == [], "the way in was asked for, nothing else"
        chromium.requests()
        for name in ("history", "channels", "about"):
            chromium.turn(chromium.find(f'#menu a[href="/device/{name}"]').click, name)
        paths = [urlsplit(url).path for url in chromium.requests()]
        assert paths and all(path.startswith("/device/") for path in paths), paths
        assert chromium.console() == []
    finally:
        chromium.leave()
        assert server.stop() == 0, server.log
    assert "Traceback" not in server.log
