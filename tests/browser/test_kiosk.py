"""The kiosk on its screen: from the link to the revoked token."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.device.process import DeviceServer

from .furnished import HOSTILE, furnish
from .test_pages import complaints
from .window import Window

STATE = "document.querySelector('.tiles [data-state]').dataset.state"


@pytest.fixture
def board(tmp_path: Path) -> Iterator[DeviceServer]:
    """A device with everything, of the test's own."""
    server = furnish(tmp_path)
    yield server
    server.stop()


def test_from_the_link_to_the_revoked_token(
    chromium: Window, board: DeviceServer, axe: str, screenshots: Path
) -> None:
    window = chromium
    window.reset()
    made = board.post_json("/api/v1/tokens", {"note": "hall", "role": "viewer"}).json
    for width, scheme in ((360, "light"), (360, "dark"), (1440, "light"), (1440, "dark")):
        window.look(width=width, scheme=scheme)
        window.open(f"{board.url}/kiosk")
        assert complaints(window, axe) == []
        window.picture(screenshots / f"kiosk-{width}-{scheme}.png")
        if width == 360 and scheme == "light":
            length = window.run("history.length")
            window.open("about:blank")
            window.open(f"{board.url}/kiosk#{made['token']}")
            window.until(lambda: window.all(".tiles li"), "the tiles")
            assert window.run("location.href") == f"{board.url}/kiosk", "the token is not in the address"
            assert window.run("history.length") <= length + 2
        assert window.run("document.documentElement.scrollWidth") <= width
        assert window.all("img") == [] and HOSTILE in window.run("document.body.textContent")
        assert window.all("nav, form, a, button") == []
    assert made["token"] not in board.log

    name = next(iter(board.get("/api/v1/status").json["channels"]))
    before = window.run(STATE)
    board.post_json(f"/api/v1/channels/{name}/{'off' if before == 'on' else 'on'}", {})
    window.until(lambda: window.run(STATE) != before, "the other state")

    assert board.ask("DELETE", f"/api/v1/tokens/{made['id']}").status == 204
    window.until(lambda: not window.all(".tiles"), "the end")
    assert HOSTILE not in window.find("main").text
    window.open("about:blank")
    assert window.console() == []


def test_a_token_of_its_own_switches_what_it_names(
    chromium: Window, board: DeviceServer, axe: str, screenshots: Path
) -> None:
    window = chromium
    window.reset()
    window.forget()
    names = {"note": "hall", "role": "operator", "kiosk": ["pump", "gate", "fan"]}
    made = board.post_json("/api/v1/tokens", names).json
    window.open(f"{board.url}/kiosk#{made['token']}")
    window.until(lambda: len(window.all(".tiles li")) == 3, "the tiles")
    for width, scheme in ((360, "dark"), (1440, "light")):
        window.look(width=width, scheme=scheme)
        window.open(f"{board.url}/kiosk")
        assert complaints(window, axe) == []
        assert window.run("document.documentElement.scrollWidth") <= width
        window.picture(screenshots / f"kiosk-own-{width}-{scheme}.png")
    assert window.all("nav, main a") == []
    pump = "#tile-pump"
    assert window.find(pump).get_attribute("data-state") == "on"
    window.turn(window.find(f"{pump} button").click, "the tiles again")
    assert window.find(pump).get_attribute("data-state") == "off"
    assert board.get("/api/v1/channels/pump").json["state"] is False
    # the valve is not named, and neither is anything else
    window.open(f"{board.url}/")
    assert window.all("input[type=password]")
    window.open("about:blank")
    assert [note for note in window.console() if "401" not in note] == []
