"""Server-sent events: a topic that a program publishes to, and the viewers who listen to it.

    level = Topic(history=64)

    @app.get("/level/events")
    def level_events():
        return level.stream()

    level.publish({"level": 4.2}, event="level")      # from any thread

    $ curl -N http://localhost:8080/level/events
    id: 5b8e11c2-1
    event: level
    data: {"level": 4.2}

A viewer waits in one of two ways. The same view works with both:

| server                                | a viewer costs                                              |
|---------------------------------------|-------------------------------------------------------------|
| `edgeweb serve`                       | a connection: its loop parks the stream (`Stream.park`)     |
| any other server, and the test client | a thread, which waits in the stream's iterator              |

What is published with `retain` is kept as the present state, which a new viewer gets first:

    level.publish({"level": 4.2}, event="level", retain="tank 1")

A viewer that reads too slowly loses its place: its client connects again, sends `Last-Event-ID`, and gets
what the topic still has. Source: WHATWG HTML, "Server-sent events".
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Container, Iterator
from threading import Lock
from typing import NamedTuple

from werkzeug.exceptions import NotAcceptable

from .globals import request
from .json import dumps
from .wrappers import Response

#: Bytes that wait for one viewer. Beyond them the stream ends.
MAX_WAITING = 65_536
#: Seconds without an event after which a comment is sent: it finds viewers that have gone.
HEARTBEAT_SECONDS = 15.0
#: The first bytes of a stream: how many milliseconds a client waits before it connects again.
OPENING = b"retry: 2000\n\n"
MEDIA_TYPE = "text/event-stream"

# Digits of the number in a `Last-Event-ID`; it comes from a client.
_MAX_DIGITS = 18


class Event(NamedTuple):
    """One event as every viewer gets it."""

    number: int
    name: str
    encoded: bytes


class Topic:
    """What can be listened to. Every method may be called from any thread.

    `history` is the number of events that are kept for viewers who come back, and `history_bytes` their size
    at most, as they are sent.
    """

    def __init__(self, history: int = 0, history_bytes: int = 65_536) -> None:
        # Random per process, so that a number of an earlier process is not taken for one of this.
        self._origin = secrets.token_hex(4)
        self._number = 0
        self._history: deque[Event] = deque(maxlen=history)
        self._history_bytes = 0
        self._max_history_bytes = history_bytes
        self._retained: dict[str, Event] = {}
        self._streams: dict[Stream, None] = {}  # a set in order: who came first is served first
        #: Guards the streams, too: what waits in each, and its end.
        self.lock = Lock()

    def publish(self, data: object, event: str = "", retain: str = "", present: object = None) -> str:
        """Send an event to all viewers, and return its id. Never waits for a viewer.

        A text is sent as it is, anything else as JSON. `event` is the name that a browser's
        `addEventListener` takes; without a name it is "message". `retain` names what the event is the present
        state of: it is kept in place of the one before, and every new viewer gets it first. Where `data` is
        only what has changed, `present` is the whole that is kept; the change is sent without its id, so that
        a viewer who comes back gets the whole again.

        Raises:
            ValueError: a line end in the name.
            TypeError: the data cannot be written as JSON.
        """
        if "\n" in event or "\r" in event:
            raise ValueError(f"line end in the name of an event: {event!r}")
        text = data if isinstance(data, str) else dumps(data)
        with self.lock:
            number = self._number = self._number + 1
            identity = f"{self._origin}-{number}"
            sent = Event(number, event, encode(text, event, "" if present is not None else identity))
            self._remember(sent)
            if retain and present is not None:
                whole = present if isinstance(present, str) else dumps(present)
                self._retained[retain] = Event(number, event, encode(whole, event, identity))
            elif retain:
                self._retained[retain] = sent
            for stream in list(self._streams):
                stream.put(sent)
        return identity

    def stream(self, only: Container[str] | None = None, owner: object = None) -> Response:
        """Return the response of a view: the events from now on, and those after `Last-Event-ID`.

        `only` are the names of the events that this viewer gets. `owner` is for `end`.

        Raises `NotAcceptable` (406) where the client does not accept text/event-stream.
        """
        accepted = request.accept_mimetypes
        if accepted and not accepted.quality(MEDIA_TYPE):
            raise NotAcceptable(f"This is a stream of events: accept {MEDIA_TYPE}.")
        stream = Stream(self, only, owner, request.headers.get("Last-Event-ID", ""))
        response = Response(stream, mimetype=MEDIA_TYPE, direct_passthrough=True)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Accel-Buffering"] = "no"  # nginx would keep events back
        return response

    def end(self, matches: Callable[[object], bool] = lambda owner: True) -> None:
        """End the streams of owners that match: a browser that was signed out, or all of them."""
        with self.lock:
            ended = [stream for stream in self._streams if matches(stream.owner)]
        for stream in ended:
            stream.close()

    @property
    def viewers(self) -> int:
        """Return the number of streams that are open."""
        return len(self._streams)

    @property
    def owners(self) -> list[object]:
        """Return the owners of the streams that are open, one for each stream."""
        with self.lock:
            return [stream.owner for stream in self._streams]

    def is_watched(self, event: str) -> bool:
        """Return whether a viewer gets the events of this name. Called with `lock` held."""
        return any(stream.takes(event) for stream in self._streams)

    def forget(self, event: str) -> None:
        """Drop what is retained of the events of this name. Called with `lock` held."""
        for key in [key for key, kept in self._retained.items() if kept.name == event]:
            del self._retained[key]

    def add(self, stream: Stream, last_id: str) -> None:
        """Open a stream: first what its viewer has missed, then every event. Called with `lock` held."""
        self._streams[stream] = None
        origin, _, number = last_id.partition("-")
        is_own = (
            origin == self._origin and number.isascii() and number.isdigit() and len(number) <= _MAX_DIGITS
        )
        after = int(number) if is_own else 0
        # The state last: of an event with a whole, a new viewer needs that.
        known = [*(self._history if last_id else ()), *self._retained.values()]
        missed = {event.number: event for event in known if event.number > after}
        stream.put_first([missed[number] for number in sorted(missed)])

    def remove(self, stream: Stream) -> None:
        """Send a stream nothing any more. Called with `lock` held."""
        self._streams.pop(stream, None)

    def _remember(self, event: Event) -> None:
        history = self._history
        if not history.maxlen:
            return
        if len(history) == history.maxlen:
            self._history_bytes -= len(history[0].encoded)
        history.append(event)
        self._history_bytes += len(event.encoded)
        while self._history_bytes > self._max_history_bytes:
            self._history_bytes -= len(history.popleft().encoded)


class Stream:
    """One viewer's place: an iterable of bytes for any server, which `edgeweb serve` parks.

    It is open from `park` or the first `next` until `close`, which the server calls.
    """

    __slots__ = ("_bell", "_last_id", "_on_ready", "_only", "_size", "_topic", "_waiting", "ended", "owner")

    #: What a server that parks the stream sends when nothing has come for long, and before it ends.
    heartbeat = b":\n\n"
    farewell = OPENING

    def __init__(self, topic: Topic, only: Container[str] | None, owner: object, last_id: str) -> None:
        self.owner = owner
        #: No event comes any more: the viewer was too slow, or `Topic.end` was called.
        self.ended = False
        self._topic = topic
        self._only = only
        self._last_id = last_id
        self._waiting: list[bytes] = [OPENING]
        self._size = 0
        self._on_ready: Callable[[], object] | None = None
        self._bell: Lock | None = None

    def takes(self, name: str) -> bool:
        """Return whether this viewer gets the events of a name."""
        return not self.ended and (self._only is None or name in self._only)

    def put_first(self, events: list[Event]) -> None:
        """Add what the viewer has missed, which the topic bounds. Called with the topic's lock held."""
        self._waiting += [event.encoded for event in events if self.takes(event.name)]

    def put(self, event: Event) -> None:
        """Add an event, if this viewer gets it. Called with the topic's lock held."""
        if not self.takes(event.name):
            return
        self._size += len(event.encoded)
        if self._size > MAX_WAITING:
            self.ended = True
            self._waiting.clear()
        else:
            self._waiting.append(event.encoded)
        self._notify()

    def take(self) -> bytes:
        """Return what waits, and empty it."""
        with self._topic.lock:
            waiting = b"".join(self._waiting)
            self._waiting.clear()
            self._size = 0
        return waiting

    def park(self, on_ready: Callable[[], object]) -> None:
        """Open the stream. `on_ready` is called, from any thread, when there is something to `take`.

        It must not call back: the topic's lock is held.
        """
        with self._topic.lock:
            self._on_ready = on_ready
            self._topic.add(self, self._last_id)
            on_ready()

    def close(self) -> None:
        """End the stream."""
        with self._topic.lock:
            self.ended = True
            self._topic.remove(self)
            self._notify()

    def _notify(self) -> None:
        if self._on_ready is not None:
            self._on_ready()
        elif self._bell is not None and self._bell.locked():
            self._bell.release()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        bell = self._bell
        if bell is None:
            with self._topic.lock:
                bell = self._bell = Lock()
                bell.acquire()
                self._topic.add(self, self._last_id)
        while True:
            if waiting := self.take():
                return waiting
            if self.ended:
                raise StopIteration
            if not bell.acquire(timeout=HEARTBEAT_SECONDS):
                return self.heartbeat


def encode(text: str, event: str, identity: str) -> bytes:
    r"""Return an event in the format of a stream. Only CR, LF and both together end a line.

    >>> encode("one\ntwo", "level", "7")
    b'id: 7\nevent: level\ndata: one\ndata: two\n\n'
    """
    lines = [f"id: {identity}"] if identity else []
    if event:
        lines.append(f"event: {event}")
    lines += [f"data: {line}" for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return ("\n".join(lines) + "\n\n").encode("utf-8", "replace")
