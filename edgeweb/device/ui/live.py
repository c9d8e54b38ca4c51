"""What keeps a page up to date: one request every two seconds answers everything that the page shows.

The page says what that is: `live?show=figures,channels`. Where nothing has changed the answer is 304, and no
request waits for anything, so no thread is held for somebody who only looks.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from edgeweb import Response, request

from ..access import secrets
from ..device import Device
from ..http.current import current_device, may
from ..http.etag import conditional
from . import cards
from .blueprint import dashboard
from .pages import history, logs, services
from .processes import top

Build = Callable[[], Any]


def _figures(device: Device) -> tuple[str, Build]:
    sample = device.metrics.sample()
    return (
        device.tag(sample),
        lambda: {"sampled_at": device.clock.iso(sample.moment), "values": sample.values},
    )


def _channels(device: Device) -> tuple[str, Build]:
    return device.tag(), lambda: {channel.name: device.channel_state(channel) for channel in device.channels}


def _by_content(build: Callable[[Device], Any]) -> Callable[[Device], tuple[str, Build]]:
    """For what has no number of its own: it is made each time, and its tag is its hash."""

    def part(device: Device) -> tuple[str, Build]:
        content = build(device)
        return secrets.digest(json.dumps(content))[:16], lambda: content

    return part


#: part: (the role that may see it, what gives its tag and its content)
PARTS: dict[str, tuple[str, Callable[[Device], tuple[str, Build]]]] = {
    "figures": ("viewer", _figures),
    "channels": ("viewer", _channels),
    "cards": ("viewer", _by_content(lambda device: [html for _, html in cards.shown(dashboard.cards)])),
    "processes": ("viewer", _by_content(top)),
    "history": ("viewer", history.part),
    "services": ("admin", _by_content(services.listed)),
    "log": ("admin", _by_content(logs.entries)),
}


@dashboard.get("/live")
def live() -> Response:
    """The parts that `?show=` names, and that the one who asks may see."""
    device = current_device()
    names = [name for name in request.args.get("show", "").split(",") if name in PARTS][: len(PARTS)]
    parts = {name: PARTS[name][1](device) for name in dict.fromkeys(names) if may(PARTS[name][0])}
    tag = "-".join((device.tag(), *(tag for tag, _ in parts.values())))
    return conditional(tag, lambda: {name: build() for name, (_, build) in parts.items()})
