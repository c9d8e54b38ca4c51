"""`edgeweb remote watch`: what changes on devices, a line for each event, until Ctrl-C."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from queue import Queue
from threading import Thread
from typing import Any

from edgeweb.client import Client, ClientError, Event
from edgeweb.client import Refused as RefusedByDevice
from edgeweb.device.system.text import clean

from .devices import Device, Refused
from .fleet import REFUSED, UNREACHABLE
from .get import state_of, value_of
from .manage import chosen

#: Devices that are watched at the same time, each by a thread and a connection.
MAX_WATCHED = 64
#: Events that wait to be printed; a slow terminal slows the reading down, and no memory grows.
_WAITING = 256

#: Characters of what is printed of an event.
_MAX_TEXT = 300


def watch(options: argparse.Namespace) -> int:
    """Print events until Ctrl-C, or until no device is left. Raises `Refused`."""
    devices = chosen(options.device)
    if len(devices) > MAX_WATCHED:
        raise Refused(f"{MAX_WATCHED} devices at most are watched at the same time: name some of them")
    topics = tuple(options.topic or ("channels", "warnings"))
    clients = [(device, device.client(options.timeout)) for device in devices]
    arrived: Queue[tuple[str, Event | ClientError]] = Queue(_WAITING)
    for device, client in clients:
        Thread(target=_listen, args=(device, client, topics, arrived), daemon=True).start()
    left, code = len(devices), 0
    while left:
        name, found = arrived.get()
        if isinstance(found, Event):
            print(_line(name, found, options.json), flush=True)
            continue
        # the reason of a lost connection, or the last that comes of a device
        print(f"edgeweb remote: {name}: {clean(found, _MAX_TEXT)}", file=sys.stderr)
        if isinstance(found, _End):
            left -= 1
            code = max(code, found.code)
    return code


class _End(ClientError):
    """Nothing more comes of a device."""

    def __init__(self, reason: Exception, code: int) -> None:
        super().__init__(str(reason))
        self.code = code


def _listen(
    device: Device, client: Client, topics: tuple[str, ...], arrived: Queue[tuple[str, Event | ClientError]]
) -> None:
    def lost(error: ClientError, pause: float) -> None:
        arrived.put((device.name, error))

    try:
        for event in client.events(*topics, on_lost=lost):
            arrived.put((device.name, event))
    except RefusedByDevice as error:
        arrived.put((device.name, _End(error, REFUSED)))
    except Exception as error:  # else the others would be waited for in silence
        arrived.put((device.name, _End(error, UNREACHABLE)))


def _line(name: str, event: Event, as_json: bool) -> str:
    if as_json:
        return json.dumps({"device": name, "event": event.name, "data": event.data})
    text = ", ".join(_words(event.name, event.data))
    return f"{name}  {clean(event.name, 20)}  {clean(text, _MAX_TEXT)}"


def _words(name: str, data: dict[str, Any]) -> Iterator[str]:
    """Yield what a person wants to know of an event."""
    if name == "channel":
        yield f"{data.get('id')} {state_of(data)}"
        if data.get("reason"):
            yield str(data["reason"])
    elif name == "sensor":
        yield f"{data.get('id')} {value_of(data)}"
        yield str(data.get("level") if data.get("online") else data.get("reason"))
    elif name == "warnings":
        rows = [row for row in data.get("warnings", []) if isinstance(row, dict)]
        yield from [f"{row.get('source')}: {row.get('reason')}" for row in rows] or ["none"]
    else:
        yield json.dumps(data)
