"""The events of a device, for everybody who listens. `api/events.py` imports this for the first of them.

What changes calls `changed`, often with a lock held that the pins need. That only wakes a thread of our own,
which compares the present state with the published one, and publishes the difference:

| caller                                    | thread            | what is done there                         |
|-------------------------------------------|-------------------|--------------------------------------------|
| `changed`: a channel, a schedule          | any               | a timer is set                             |
| `_publish`, at most once in `GAP` seconds | `edgeweb-events`  | states in memory are compared; no waiting  |
| `_recur`, once in a part's `period`       | `edgeweb-events`  | the same                                   |
| `_tick`, once in `sensors.interval`       | `edgeweb-timers`  | readings begin, access is checked          |
| `check_access`: a sign-out, a password    | any               | a timer is set; `edgeweb-timers` checks    |

Without a listener there is no timer and nothing is read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from edgeweb import Response
from edgeweb.events import Stream, Topic

from ..access.actor import Actor
from ..device import Device
from ..metrics.sample import Sample

#: Seconds between two comparisons at least: an input that bounces must not flood those who listen.
GAP = 0.02

#: What a part publishes: a key, what differs when it has changed, and what builds the JSON.
Row = tuple[str, object, Callable[[], object]]


class Part(Protocol):
    """A kind of events. Its `rows` are the present state; with `samples` they need a sample of figures.

    With `partial` the second of a row is its JSON object, and only the members that differ are sent.
    With a `period` they are compared again after so many seconds, without a change. `look` is called once
    in `sensors.interval` for those that nothing reports the changes of, and waits for nothing.
    """

    @property
    def event(self) -> str: ...
    @property
    def samples(self) -> bool: ...
    @property
    def rows(self) -> Callable[[Device, Sample | None], Iterable[Row]]: ...
    @property
    def partial(self) -> bool: ...
    @property
    def period(self) -> float: ...
    @property
    def look(self) -> Callable[[Device], object] | None: ...


class Broadcast(Topic):
    """The topic of a device. An event is published where its row differs from the one published before.

    The owner of each stream is an `Actor`; the stream ends with that actor's session, token or role.
    """

    def __init__(self, device: Device, parts: Mapping[str, Part]) -> None:
        super().__init__()
        self._device = device
        self._parts = parts
        self._sample: Sample | None = None
        #: What differs, by event and key, of everything that is published.
        self._published: dict[tuple[str, str], object] = {}
        #: Events without a listener until now: they were not kept up to date.
        self._cold: set[str] = set()
        self._is_due = self._ticks = self._recurs = False
        self._last = 0.0

    def open(self, names: Iterable[str], actor: Actor) -> Response:
        """Return the stream of an actor with the parts of these names."""
        return self.stream({self._parts[name].event for name in names}, actor)

    def add(self, stream: Stream, last_id: str) -> None:
        """Open a stream, and begin to keep up to date what it is the first to get."""
        for part in self._parts.values():
            if stream.takes(part.event) and not self.is_watched(part.event):
                self.forget(part.event)
                self._cold.add(part.event)
        super().add(stream, last_id)
        self._wake()
        if not self._ticks:
            self._ticks = True
            self._device.timers.after(0.0, self._tick)

    # -- what the device calls -------------------------------------------------------------------------

    def changed(self) -> None:
        """Publish soon what has changed. Returns at once: locks of the pins may be held."""
        if self.viewers:
            self._wake()

    def check_access(self) -> None:
        """End soon the streams of those who may no longer listen. Returns at once."""
        if self.viewers:
            self._device.timers.after(0.0, self._end_refused)

    def close(self) -> None:
        """End all streams: the device closes."""
        self.end()
        self._is_due = self._ticks = self._recurs = False

    # -- what the timers call --------------------------------------------------------------------------

    def _wake(self) -> None:
        if not self._is_due:
            self._is_due = True
            wait = self._last + GAP - self._device.clock.monotonic()
            self._device.event_timers.after(max(wait, 0.0), self._publish)

    def _publish(self) -> None:
        # first, so that a change during the comparison leads to another one
        self._is_due = False
        with self.lock:
            cold, self._cold = self._cold, set()
            watched = [part for part in self._parts.values() if self.is_watched(part.event)]
        if cold:
            self._published = {row: tag for row, tag in self._published.items() if row[0] not in cold}
            if any(part.samples and part.event in cold for part in watched):
                self._sample = None
                self._device.metrics.sample_soon(self._take)
        for part in watched:
            for key, tag, build in part.rows(self._device, self._sample):
                row = part.event, key
                before = self._published.get(row)
                if before == tag:
                    continue
                self._published[row] = tag
                document, retain = build(), f"{part.event} {key}"
                if part.partial and isinstance(before, dict) and isinstance(document, dict):
                    changed = {name: value for name, value in document.items() if before.get(name) != value}
                    self.publish(_compact(changed), part.event, retain, present=_compact(document))
                else:
                    self.publish(document, part.event, retain)
        self._last = self._device.clock.monotonic()
        periods = [part.period for part in watched if part.period]
        if periods and not self._recurs:
            self._recurs = True
            self._device.event_timers.after(min(periods), self._recur)

    def _recur(self) -> None:
        self._recurs = False
        self.changed()

    def _take(self, sample: Sample) -> None:
        self._sample = sample
        self.changed()

    def _tick(self) -> None:
        with self.lock:
            if not self.viewers:
                self._ticks = False
                return
            watched = [part for part in self._parts.values() if self.is_watched(part.event)]
        # a little longer than the interval, within which the last sample is returned once more
        self._device.timers.after(self._device.profile["sensors.interval"] + GAP, self._tick)
        if any(part.samples for part in watched):
            self._device.metrics.sample_soon(self._take)
        for part in watched:
            if part.look is not None:
                part.look(self._device)
        self.changed()
        self._end_refused()

    def _end_refused(self) -> None:
        may_listen = self._device.people.has_access
        refused = [one for one in self.owners if not isinstance(one, Actor) or not may_listen(one)]
        if refused:
            self.end(lambda owner: owner in refused)


def _compact(document: object) -> str:
    return json.dumps(document, separators=(",", ":"))
