"""What keeps a page up to date: events where there are any, else one request every two seconds.

The page names its parts: `live?show=figures,channels`. While nothing changes the answer is 304, and no
request waits for anything, so no thread is held for a person who only looks. Parts stand beside their page.

| what a page shows                | while the stream of events is alive       | without one               |
|----------------------------------|-------------------------------------------|---------------------------|
| `figures`, `channels`, `sensors` | an event of `/api/v1/events` per change   | a request every 2 seconds |
| warnings and reasons, as texts   | a request after an event that has some    | in the same request       |
| `cards`                          | a request after an event without content  | in the same request       |
| all other parts                  | a request every 2 seconds                 | in the same request       |
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

from edgeweb import Response, request

from ..access import secrets
from ..access.roles import unattended
from ..device import Device
from ..http.current import current_device, may
from ..http.etag import conditional
from .blueprint import pages

Build = Callable[[], object]
Tagged = Callable[[Device], tuple[str, Build]]
T = TypeVar("T")

#: part: (the role that may see it, what returns its tag and builds its content)
PARTS: dict[str, tuple[str, Tagged]] = {}

#: part: the topics of `GET /api/v1/events` that bring it
TOPICS = {"figures": "changes,warnings", "channels": "channels", "sensors": "sensors", "cards": "cards"}


#: The topic that tells a page that the device is there while nothing changes.
BEATS = "beats"


def tagged_part(name: str, role: str = "viewer") -> Callable[[Tagged], Tagged]:
    """Register a part whose content is built only where its tag has changed."""

    def add(part: Tagged) -> Tagged:
        PARTS[name] = (role, part)
        return part

    return add


def hashed_part(name: str, role: str = "viewer") -> Callable[[Callable[[Device], T]], Callable[[Device], T]]:
    """Register a part whose changes nothing counts: it is built each time, and its tag is its hash."""

    def add(build: Callable[[Device], T]) -> Callable[[Device], T]:
        def part(device: Device) -> tuple[str, Build]:
            content = build(device)
            return secrets.digest(json.dumps(content))[:16], lambda: content

        PARTS[name] = (role, part)
        return build

    return add


def split(query: str) -> tuple[str, str]:
    """Return the topics that bring the parts of a page, and the query of its other parts; each may be empty.

    >>> split("show=channels,processes")
    ('channels,beats', 'show=processes')
    """
    shown, _, rest = query.removeprefix("show=").partition("&")
    names = shown.split(",")
    topics = ",".join(TOPICS[name] for name in names if name in TOPICS)
    polled = ",".join(name for name in names if name not in TOPICS)
    return (
        f"{topics},{BEATS}" if topics else "",
        f"show={polled}{'&' if rest else ''}{rest}" if polled else "",
    )


@pages.get("/live")
@unattended
def live() -> Response:
    """Answer the parts that `?show=` names, without those that the person may not see."""
    device = current_device()
    names = [name for name in request.args.get("show", "").split(",") if name in PARTS][: len(PARTS)]
    parts = {name: PARTS[name][1](device) for name in dict.fromkeys(names) if may(PARTS[name][0])}
    tag = "-".join((device.tag(), *(tag for tag, _ in parts.values())))
    return conditional(tag, lambda: {name: build() for name, (_, build) in parts.items()})
