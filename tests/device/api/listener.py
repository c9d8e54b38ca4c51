"""A client that reads a stream of events."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from edgeweb import Flask
from edgeweb.device.channels.drivers.memory import Driver
from edgeweb.device.device import Device
from edgeweb.device.ui.blueprint import Dashboard

from ..people import device_of

PATH = "/api/v1/events"


class Listener:
    """A client that reads a stream of events."""

    def __init__(self, client: Any, query: str = "", **headers: str) -> None:
        self.response = client.get(f"{PATH}{query}", buffered=False, headers=headers)
        assert self.response.status_code == 200, self.response.text
        self._chunks = iter(self.response.response)
        self._waiting = b""
        self.last_id = ""

    def next(self) -> tuple[str, Any]:
        """The name and the data of the next event."""
        while True:
            block, found, rest = self._waiting.partition(b"\n\n")
            if not found:
                self._waiting += next(self._chunks)
                continue
            self._waiting = rest
            fields = dict(line.split(": ", 1) for line in block.decode().split("\n") if ": " in line)
            if "data" in fields:
                self.last_id = fields.get("id", self.last_id)
                return fields["event"], json.loads(fields["data"])

    def until(self, is_right: Callable[[str, Any], bool]) -> Any:
        """The data of the next event for which this holds."""
        while True:
            name, data = self.next()
            if is_right(name, data):
                return data

    def rest(self) -> bytes:
        """Everything up to the end of the stream."""
        return b"".join(self._chunks)

    def close(self) -> None:
        self.response.close()


NIGHT = {"channel": "lamp", "action": "off", "kind": "daily", "at": "23:00"}

#: The address that gives the same as a topic.
READ_BY = {
    "channels": "channels",
    "beats": "status",
    "cards": "status",
    "changes": "metrics",
    "figures": "metrics",
    "schedules": "schedules",
    "sensors": "sensors",
    "warnings": "status",
}

#: Seconds after which a test that waits is stuck.
STUCK = 10.0


Listen = Callable[..., Listener]


def feed(app: Flask, name: str, level: bool) -> None:
    driver = device_of(app).channels.driver("memory")
    assert isinstance(driver, Driver)
    driver.feed(name, level)


def quicken(device: Device) -> None:
    """Twenty samples a second; people can set two at most."""
    device.profile["sensors"]["interval"] = 0.05
    device.metrics.configure(0.05, ("/",), (), temperatures=False)


def wait_until(is_true: Callable[[], bool]) -> None:
    end = time.monotonic() + STUCK
    while not is_true():
        assert time.monotonic() < end
        time.sleep(0.005)


def shows(app: Flask, values: Callable[[], dict[str, object]]) -> None:
    """A card of a program on the overview."""
    dashboard = app.blueprints["dashboard"]
    assert isinstance(dashboard, Dashboard)
    dashboard.card("Shed")(values)
