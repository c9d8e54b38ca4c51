"""What happens on the device, while it happens: server-sent events.

$ curl -N -H "Authorization: Bearer $TOKEN" 'http://127.0.0.1:8080/api/v1/events?topics=channels'
event: channel
data: {"id":"lamp","title":"Lamp","mode":"output", ...}
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from edgeweb import Response

from ..access.roles import needed_role, unattended
from ..device import Device
from ..http.body import read_query
from ..http.contract import Fields, contract
from ..http.current import actor, current_device, may
from ..metrics.sample import Sample
from .blueprint import api
from .channels import channels
from .metrics import metrics
from .schedules import all_to_json, schedules
from .sensors import sensors
from .status import state_to_json, status

if TYPE_CHECKING:
    from ..http.broadcast import Broadcast, Row


#: Seconds between two beats: a page has to notice within three that the device is gone.
BEAT = 1.0


class Topic(NamedTuple):
    """A choice of `?topics=`: the name of its events, and the view whose role may read them.

    `rows` returns the present state; with `samples` it needs a sample of the figures. With a `period` it is
    compared again after so many seconds.
    """

    event: str
    view: Callable[..., object]
    samples: bool
    rows: Callable[[Device, Sample | None], Iterable[Row]]
    period: float = 0.0
    #: The rows are objects of which only what has changed is sent.
    partial: bool = False
    #: Whether those get it who name no topic.
    is_default: bool = True
    #: Has the rows found, once in `sensors.interval`, where nothing reports their changes.
    look: Callable[[Device], object] | None = None


def _channels(device: Device, sample: Sample | None) -> Iterator[Row]:
    steps = device.clock.check()
    for channel in device.channels:
        tag = (channel.current, channel.title, steps)
        yield channel.name, tag, partial(device.channel, channel)


def _sensors(device: Device, sample: Sample | None) -> Iterator[Row]:
    steps = device.clock.check()
    for sensor in device.sensors or ():
        # not the moment of the reading: the same value again is no event
        tag = (sensor.value, sensor.reason, sensor.level, sensor.title, sensor.unit, steps)
        yield sensor.name, tag, partial(sensor.to_json, device.clock)


def _figures(device: Device, sample: Sample | None) -> Iterator[Row]:
    if sample is not None:
        document = {"sampled_at": device.clock.iso(sample.moment), "metrics": sample.values}
        yield "", (sample.number, device.clock.check()), lambda: document


def _changes(device: Device, sample: Sample | None) -> Iterator[Row]:
    if sample is not None:
        from ..metrics.shown import shown  # with the first page

        document = shown(sample.values)
        yield "", document, lambda: document


def _schedules(device: Device, sample: Sample | None) -> Iterator[Row]:
    yield "", device.schedules_tag(), lambda: all_to_json(device)


def _warnings(device: Device, sample: Sample | None) -> Iterator[Row]:
    if sample is not None:
        document = state_to_json(device, sample)
        yield "", document, lambda: document


def _beats(device: Device, sample: Sample | None) -> Iterator[Row]:
    # what differs is no part of the event, which is as short as it can be
    yield "", {"second": device.clock.monotonic() // BEAT}, dict


def _cards(device: Device, sample: Sample | None) -> Iterator[Row]:
    numbers = [watch.number for watch in device.cards]
    # none before the first look; and no content, which differs by role and language
    if any(numbers):
        yield "", numbers, dict


def _look_at_cards(device: Device) -> None:
    for watch in device.cards:
        watch.look()


TOPICS = {
    "beats": Topic("beat", status, False, _beats, BEAT, partial=True, is_default=False),
    "cards": Topic("cards", status, False, _cards, is_default=False, look=_look_at_cards),
    "changes": Topic("changes", metrics, True, _changes, partial=True, is_default=False),
    "channels": Topic("channel", channels, False, _channels),
    "figures": Topic("figures", metrics, True, _figures),
    "schedules": Topic("schedules", schedules, False, _schedules),
    "sensors": Topic("sensor", sensors, False, _sensors),
    "warnings": Topic("warnings", status, True, _warnings),
}

EVENTS_QUERY: Fields = {"topics": ("words", tuple(TOPICS), "")}

_making = Lock()


@api.get("/events")
@unattended
@contract(query=EVENTS_QUERY, answer="text/event-stream", tagged=False, problems=("not-acceptable",))
def events() -> Response:
    """Send what changes, as server-sent events, until the client or its access ends.

    First comes the present state of each topic, then what changes: `channel` has one channel as in
    `GET /channels/{name}`, `sensor` one sensor as in `GET /sensors/{name}` whose value, level or reason is
    another one, `figures` the `sampled_at` and `metrics` of each new sample, `schedules` all as in
    `GET /schedules`, `warnings` the `storage` and `warnings` of `GET /status`. Three come only
    to those who name them: `changes` has the figures at the precision of the pages, first all, then those
    that differ; `beat` comes once a second; `cards` comes, without content, when a card of the program on the
    overview has changed. A client that comes back with `Last-Event-ID` gets what has changed since. 503 with
    `Retry-After`: all places for streams are taken.
    """
    device = current_device()
    chosen = read_query()["topics"] or [name for name, topic in TOPICS.items() if topic.is_default]
    names = [name for name in chosen if may(needed_role(TOPICS[name].view, "GET"))]
    # Here, where waiting for hardware and the disk delays one client only.
    device.channels.open()
    if "schedules" in names:
        _ = device.schedules
    return _broadcast_of(device).open(names, actor())


def _broadcast_of(device: Device) -> Broadcast:
    from ..http.broadcast import Broadcast  # with the first listener

    with _making:
        found = device.listener
        if not isinstance(found, Broadcast):
            found = device.listener = Broadcast(device, TOPICS)
        return found
