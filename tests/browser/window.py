"""One Chromium window: widths, colour schemes, pictures, what its console says and what it asks for."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.device.people import PASSWORD
from tests.device.process import DeviceServer

T = TypeVar("T")
PATIENCE = 60.0  # seconds after which a page is stuck, even on a machine with a load of ten for each core

#: What the browser notes of its network, by the Chrome DevTools Protocol.
REQUEST = "Network.requestWillBeSent"
EVENT = "Network.eventSourceMessageReceived"

#: What the console has where a page was left while its icon came. Of a faulty icon it names the page.
CUT_OFF = "about:blank - Error while trying to use the following icon from the Manifest"

FLAGS = (
    "--headless",
    "--no-sandbox",  # the tests may run as root, in a container
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--no-default-browser-check",
    "--hide-scrollbars",
)


def new_session(device: DeviceServer, name: str = "owner") -> str:
    """Return the cookie of a new session, `name=value`. A device starts sixty a minute for one account."""
    answer = device.post_json("/api/v1/session", {"name": name, "password": PASSWORD})
    assert answer.status == 200, answer.text
    return str(answer.headers["Set-Cookie"]).partition(";")[0]


class Window:
    def __init__(self, browser: str, driver: str, *flags: str) -> None:
        options = ChromeOptions()
        options.binary_location = browser
        for flag in (*FLAGS, *flags):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = Chrome(options=options, service=Service(driver))
        self._noted: dict[str, list[Any]] = {REQUEST: [], EVENT: []}
        self.driver.set_script_timeout(PATIENCE)
        self.driver.set_page_load_timeout(PATIENCE)
        self.look()

    def close(self) -> None:
        self.driver.quit()

    def command(self, name: str, /, **parameters: Any) -> Any:
        """A command of the Chrome DevTools Protocol."""
        return self.driver.execute_cdp_cmd(name, parameters)

    def reset(self) -> None:
        self.look()
        self.script(True)
        self.console()
        self.requests()
        self.events()

    def sign_in(self, device: DeviceServer, name: str = "owner") -> None:
        """A browser in which somebody has signed in, without walking through the page."""
        self.carry(device, new_session(device, name))

    def carry(self, device: DeviceServer, cookie: str) -> None:
        """A browser with this session's cookie, and no other."""
        name, _, value = cookie.partition("=")
        self.forget()
        self.command(
            "Network.setCookie",
            name=name,
            value=value,
            url=device.url,
            httpOnly=True,
            sameSite="Strict",
        )

    def forget(self) -> None:
        """Without any cookie."""
        self.command("Network.clearBrowserCookies")

    def leave(self) -> None:
        """Away from the page, so that its polling does not meet the end of its server."""
        self.driver.get("about:blank")
        self.console()

    def look(self, width: int = 1280, height: int = 800, scheme: str = "light") -> None:
        """The width of the page in CSS pixels, and the colours that the person has chosen for the system."""
        self.width, self.scheme = width, scheme
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        self.command(
            "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}]
        )

    def script(self, enabled: bool) -> None:
        """Whether pages may run scripts."""
        self.command("Emulation.setScriptExecutionDisabled", value=not enabled)

    def open(self, url: str) -> None:
        self.driver.get(url)

    def find(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def tap(self, x: float, y: float) -> None:
        """A finger on a point of the window."""
        self.command("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
        self.command("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def run(self, script: str, *arguments: Any) -> Any:
        """The value that an expression of JavaScript has, awaited; `arguments` are its arguments."""
        answer = self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            f"Promise.resolve((() => ({script}))()).then(done, (error) => done('failed: ' + error));",
            *arguments,
        )
        assert not str(answer).startswith("failed: "), answer
        return answer

    def until(self, look: Callable[[], T], what: str) -> T:
        """Waits until `look` finds something that counts as true."""
        deadline = time.monotonic() + PATIENCE
        while True:
            # between two pages an element may go while it is looked at
            with suppress(StaleElementReferenceException):
                if found := look():
                    return found
            assert time.monotonic() < deadline, f"waited in vain for {what}"
            time.sleep(0.05)

    def turn(self, act: Callable[[], object], what: str) -> None:
        """Does something that ends this page, and waits for the next one."""
        page = self.find("html")
        act()

        def is_gone() -> bool:
            try:
                return not page.is_enabled()
            except StaleElementReferenceException:
                return True
            except WebDriverException as error:
                # What the driver says of a page that goes in the middle of its answer.
                if "does not belong to the document" not in str(error):
                    raise
                return True

        self.until(is_gone, what)

    def console(self) -> list[str]:
        """What the console has said since the last call."""
        notes = [entry["message"] for entry in self.driver.get_log("browser")]
        return [note for note in notes if not note.startswith(CUT_OFF)]

    def requests(self) -> list[str]:
        """The addresses that were asked for over the network since the last call."""
        urls = (params["request"]["url"] for params in self._network(REQUEST))
        return [url for url in urls if urlsplit(url).scheme not in ("data", "about", "chrome")]

    def events(self) -> list[str]:
        """The names of the server-sent events that came since the last call."""
        return [params["eventName"] for params in self._network(EVENT)]

    def _network(self, method: str) -> list[Any]:
        """What the browser has noted of its network under this name since the last call."""
        for entry in self.driver.get_log("performance"):  # which empties the log
            message = json.loads(entry["message"])["message"]
            if message["method"] in self._noted:
                self._noted[message["method"]].append(message["params"])
        found, self._noted[method] = self._noted[method], []
        return found

    def picture(self, file: Path) -> None:
        """The whole page, to its end: in a window of that height, where nothing sticks to a lower edge."""
        height = max(self.run("document.documentElement.scrollHeight"), 640)
        self.look(self.width, height, self.scheme)
        shot = self.command("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(shot["data"]))
        self.look(self.width, scheme=self.scheme)
