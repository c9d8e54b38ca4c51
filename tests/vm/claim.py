"""How a board gets its owner: by one request, or as people do it, by its page with the code of its screen."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

from edgeweb.device.access.roles import SCOPES
from scripts.qemu.device import Device
from scripts.qemu.guest import HOST
from tests.browser.window import Window

NAME = "ada"
PASSWORD = "correct horse battery"
#: What the tests ask with: it may do what a browser shows the password again for.
_TOKEN = """(async (password, scopes) => {
  const send = (path, body) => fetch(path, {
    method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body),
  });
  await send("/api/v1/session/confirm", {password});
  return (await send("/api/v1/tokens", {note: "tests", role: "admin", scopes})).json();
})(...arguments)"""
_CODE = re.compile(r"set-up code ([A-Z0-9]{4}(?:-[A-Z0-9]{4})+)")


def _text(console: Path) -> str:
    return console.read_text(errors="replace")


def by_request(device: Device) -> str:
    """Return the token of the owner, with the code from the journal."""
    code = _CODE.findall(device.guest.run("journalctl -u edgeweb -o cat").text)[-1]
    body = json.dumps({"code": code, "name": NAME, "password": PASSWORD})
    url = f"http://127.0.0.1:{device.guest.machine.web}/api/v1/setup"
    command = ["curl", "-s", "-m", "60", "-H", f"Host: {HOST}", "-H", "Content-Type: application/json"]
    said = subprocess.run([*command, "-d", body, url], capture_output=True, text=True, check=True).stdout
    return str(json.loads(said)["token"])


def by_page(device: Device) -> str:
    """Return a token of the owner, who has seen nothing of the board but its screen and its page."""
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    assert browser and driver, "no chromium and chromedriver: scripts/test installs them"
    console = device.guest.machine.console
    device.guest.wait_until(lambda: _CODE.search(_text(console)), "the set-up code on the console")
    # A browser in the board's network.
    window = Window(browser, driver, f"--host-resolver-rules=MAP {HOST} 127.0.0.1:{device.guest.machine.web}")
    try:
        window.open(f"http://{HOST}/")
        window.find("#code").send_keys(_CODE.findall(_text(console))[-1])
        window.find("#name").send_keys(NAME)
        window.find("#password").send_keys(PASSWORD)
        window.turn(window.find("main button[type=submit]").click, "the dashboard")
        assert window.all("#menu a[href$='/channels']"), window.driver.page_source
        made = window.run(_TOKEN, PASSWORD, list(SCOPES))
        # Before the owner is known the page is an answer with 401.
        assert [line for line in window.console() if "401" not in line] == []
    finally:
        window.close()
    return str(made["token"])
