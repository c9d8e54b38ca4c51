"""A device with a certificate by its own authority, in a browser that knows it and in one that does not."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.device.people import PASSWORD
from tests.device.process import DeviceServer

from .window import Window

PROFILE = """
[server.tls]
certificate = "own"
port = 0
[channels.lamp]
driver = "memory"
mode = "output"
"""


@pytest.fixture
def device(tmp_path: Path) -> Iterator[DeviceServer]:
    """A device without an owner."""
    (tmp_path / "board.toml").write_text(PROFILE)
    server = DeviceServer(tmp_path, "--profile", str(tmp_path / "board.toml"))
    yield server
    assert server.stop() == 0, server.log


@pytest.fixture
def stranger(chromium: Window, device: DeviceServer) -> Iterator[Window]:
    """The browser as if it were new."""
    chromium.reset()
    chromium.forget()
    yield chromium
    assert chromium.console() == []
    chromium.leave()


@pytest.fixture
def believer(tmp_path: Path, device: DeviceServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    """A browser of a person who has imported the authority: Chromium reads the list of NSS in the home."""
    browser, driver, certutil = map(shutil.which, ("chromium", "chromedriver", "certutil"))
    if not (browser and driver and certutil):
        pytest.skip("no chromium, chromedriver or certutil (Debian: apt install libnss3-tools)")
    database = tmp_path / "home" / ".pki" / "nssdb"
    database.mkdir(parents=True)
    authority = tmp_path / "authority.crt"
    authority.write_bytes(device.get("/tls/authority.crt").content)
    for options in (["-N", "--empty-password"], ["-A", "-t", "C,,", "-n", "board", "-i", str(authority)]):
        subprocess.run([certutil, "-d", f"sql:{database}", *options], check=True, timeout=60)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    window = Window(browser, driver)
    yield window
    # the page to claim the device is an answer with 401
    assert [line for line in window.console() if "401" not in line] == []
    window.close()


def test_a_stranger_is_told_before_a_password_is_asked_for(stranger: Window, device: DeviceServer) -> None:
    for width in (360, 1440):
        stranger.look(width)
        stranger.open(f"{device.url.replace('127.0.0.1', 'localhost')}/channels")
        assert stranger.find("h1").text == "Encrypted connection"
        assert stranger.find("#fingerprint").text.count(":") == 31
        assert stranger.all("input[type=password]") == []
        assert stranger.run("document.documentElement.scrollWidth") <= width


def test_who_knows_the_authority_meets_no_warning(believer: Window, device: DeviceServer) -> None:
    believer.open(f"{device.url.replace('127.0.0.1', 'localhost')}/tls")
    believer.turn(believer.find("main a.button[href^='https:']").click, "the page with TLS")
    assert believer.run("[location.protocol, isSecureContext]") == ["https:", True]
    believer.find("#code").send_keys(re.findall(r"set-up code ([A-Z0-9-]+)", device.log)[-1])
    believer.find("#name").send_keys("ada")
    believer.find("#password").send_keys(PASSWORD)
    believer.turn(believer.find("main button[type=submit]").click, "the dashboard")
    # events come by the same connection
    believer.until(lambda: "beat" in believer.events(), "an event")
    kept = [one for one in believer.driver.get_cookies() if one["httpOnly"] and one["value"] != "1"]
    assert kept and all(one["name"].startswith("__Host-") and one["secure"] for one in kept), kept
    believer.find("#menu a[href$='/channels']")
    for path in ("/channels", "/schedules", "/settings", "/people"):
        believer.open(re.sub(r"(https://[^/]+).*", rf"\1{path}", believer.driver.current_url))
        assert believer.find("h1").text
        assert believer.run("location.protocol") == "https:"
