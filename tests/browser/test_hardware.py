"""The page "Hardware" of a whole board, in a real browser: all widths, both schemes and languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeweb.device.ui.i18n import LANGUAGES
from tests.device.process import DeviceServer

from .furnished import HOSTILE
from .test_pages import check, complaints, unfold
from .window import Window

PROFILE = f"""
[board]
model = 'A board with a {HOSTILE}'
[channels.lamp]
driver = "led"
mode = "output"
line = "ACT"
[channels.pump]
driver = "gpio"
mode = "output"
pin = 11
"""

LOOKS = (("light", 360), ("dark", 360), ("light", 768), ("light", 1280), ("dark", 1280))


@pytest.mark.parametrize("board", ["raspberry-pi-4", "raspberry-pi-5"])
def test_a_board_reads_well_for_everybody(
    board: str, chromium: Window, tmp_path: Path, screenshots: Path, axe: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = tmp_path / "board.toml"
    profile.write_text(PROFILE)
    for key, value in {
        "PROFILE": str(profile),
        "BOARD": board,
        "TREE": str(tmp_path / "tree"),
        "NAME": HOSTILE,
    }.items():
        monkeypatch.setenv(f"TEST_{key}", value)
    server = DeviceServer(tmp_path / "server", "tests.device.programs.board:app", "--profile", str(profile))
    server.claim()
    chromium.reset()
    chromium.sign_in(server)
    try:
        for language in LANGUAGES:
            chromium.command("Network.setExtraHTTPHeaders", headers={"Accept-Language": language})
            for scheme, width in LOOKS:
                chromium.look(width=width, scheme=scheme)
                chromium.open(f"{server.url}/hardware")
                assert chromium.run("document.documentElement.lang") == language
                chromium.picture(screenshots / f"{board}-{width}-{scheme}-{language}-folded.png")
                unfold(chromium)
                check(chromium, "hardware", width)
                assert complaints(chromium, axe) == []
                chromium.picture(screenshots / f"{board}-{width}-{scheme}-{language}.png")
        assert chromium.run("document.querySelectorAll('[data-bus]').length") == 8
        assert HOSTILE in chromium.find("[data-bus=leds]").text
        chromium.command("Network.setExtraHTTPHeaders", headers={})
        assert chromium.console() == []
    finally:
        chromium.leave()
        assert server.stop() == 0, server.log
