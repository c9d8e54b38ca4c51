"""The second factor as a person meets it: the QR code on the page, the code at the door."""

from __future__ import annotations

import base64
import time
from pathlib import Path

from edgeweb.device.access.second_factor import RECOVERY_CODES, STEP, code_of
from tests.device.people import PASSWORD
from tests.device.process import DeviceServer

from .test_pages import SMALL, complaints
from .window import Window


def check(window: Window, axe: str) -> None:
    """What holds for the present page on a phone."""
    assert window.run("document.documentElement.scrollWidth") <= 390, "nothing sticks out to the side"
    assert window.run(SMALL) == [], "a thumb hits everything"
    assert complaints(window, axe) == []


def test_from_the_qr_code_to_the_next_sign_in(
    window: Window, device: DeviceServer, axe: str, screenshots: Path
) -> None:
    window.look(390, 844)
    window.open(f"{device.url}/people")
    window.find("#factor-again-password").send_keys(PASSWORD)
    window.turn(window.find("form[action$='/second-factor'] button[type=submit]").click, "the QR code")
    check(window, axe)
    window.picture(screenshots / "second-factor-set-up.png")
    box = window.run("document.querySelector('.qr svg').getBoundingClientRect().width")
    assert box >= 200, "large enough for a phone"
    secret = base64.b32decode(window.find("#secret").text.replace(" ", ""))
    window.find("#code").send_keys(code_of(secret, int(time.time() // STEP) - 1))
    window.turn(window.find("main button[type=submit]").click, "the recovery codes")
    check(window, axe)
    window.picture(screenshots / "recovery-codes.png")
    codes = [one.text for one in window.all(".codes code")]
    assert len(codes) == RECOVERY_CODES

    for code in (code_of(secret, int(time.time() // STEP)), codes[0]):
        window.forget()
        window.open(f"{device.url}/sign-in")
        window.find("#name").send_keys("owner")
        window.find("#password").send_keys(PASSWORD)
        window.turn(window.find("main button[type=submit]").click, "the question for the code")
        check(window, axe)
        window.find("#code").send_keys(code)
        window.turn(window.find("main button[type=submit]").click, "the overview")
        assert window.all("#menu")
    window.picture(screenshots / "second-factor.png")
