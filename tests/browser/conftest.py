"""A headless Chromium for the tests in this folder, and a server of their own for what it looks at."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.device.process import DeviceServer

from .furnished import furnish
from .window import Window


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Window]:
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not browser or not driver:
        pytest.skip("no chromium and chromedriver on the PATH (Debian: apt install chromium chromium-driver)")
    window = Window(browser, driver)
    yield window
    window.close()


@pytest.fixture
def window(chromium: Window, device: DeviceServer) -> Iterator[Window]:
    """The browser as if it were new, and checked afterwards: no test may leave an error in its console.

    It asks for the device so that the page is gone before its server is.
    """
    chromium.reset()
    chromium.sign_in(device)
    yield chromium
    assert chromium.console() == []
    chromium.leave()


@pytest.fixture
def device(tmp_path: Path) -> Iterator[DeviceServer]:
    """A device application of the test's own."""
    server = DeviceServer(tmp_path, "--profile", "generic-linux")
    server.claim()
    yield server
    assert server.stop() == 0, server.log


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures go: $EDGEWEB_SCREENSHOTS, else a temporary folder."""
    folder = Path(os.environ.get("EDGEWEB_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeviceServer]:
    """A device with everything, for all tests that leave it as they found it."""
    server = furnish(tmp_path_factory.mktemp("furnished"))
    yield server
    assert server.stop() == 0, server.log
    assert "Traceback" not in server.log


@pytest.fixture
def visitor(chromium: Window, furnished: DeviceServer) -> Iterator[Window]:
    """The browser as if it were new, signed in on the furnished device; checked as `window` is."""
    chromium.reset()
    chromium.sign_in(furnished)
    yield chromium
    assert chromium.console() == []
    chromium.leave()


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core, which finds what some people cannot use; `scripts/test` fetches it from npm."""
    file = Path(sys.prefix) / "axe" / "package" / "axe.min.js"
    if not file.exists():
        pytest.skip("no axe-core: run scripts/test where npm is on the PATH (Debian: apt install npm)")
    return file.read_text()
