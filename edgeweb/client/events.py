"""The events of a device as an iterator, over every break of the connection.

A stream ends with its connection; the next one sends the id of the last event, and the device sends what has
changed since. A device that does not answer is asked again after a time that doubles, with jitter, so that
twenty boards behind one switch are not asked all at once when it is back.

Source: WHATWG HTML, "Server-sent events", 9.2.5 and 9.2.6.
"""

from __future__ import annotations

import json
import random
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from .errors import BadAnswer, ClientError, Refused, Unreachable
from .transport import Transport, refused

MEDIA_TYPE = "text/event-stream"

#: Characters of an event that is read; the server keeps 65,536 bytes for a listener.
MAX_EVENT = 1 << 20
#: Seconds without a byte after which the connection counts as lost: the server sends one every 15.
SILENCE = 45.0
#: Seconds before the first attempt again, where the server names none, and at most.
FIRST_WAIT, LONGEST_WAIT = 2.0, 60.0
#: Bytes of a problem document that are read.
_MAX_PROBLEM = 65_536

#: Statuses that another attempt may change.
_PASSING = (408, 429, 500, 502, 503, 504)


class Event(NamedTuple):
    """One event: its name, such as "channel", its JSON, and its id."""

    name: str
    data: dict[str, Any]
    id: str


class Parser:
    """Events from the lines of a stream.

    >>> parser = Parser()
    >>> list(parser.feed('id: 7\\nevent: beat\\ndata: {"a":'))
    []
    >>> list(parser.feed(' 1}\\n\\n'))
    [Event(name='beat', data={'a': 1}, id='7')]
    """

    def __init__(self) -> None:
        self.last_id = ""
        #: Seconds that the server asks to wait before the next connection; None where it has not.
        self.retry: float | None = None
        self._rest = ""
        self._name = ""
        self._data: list[str] = []

    def feed(self, text: str) -> Iterator[Event]:
        """Yield the events that are complete. Raises `BadAnswer` for one that is too large or no JSON."""
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            yield from self._line(line.removesuffix("\r"))
        if len(self._rest) + sum(map(len, self._data)) > MAX_EVENT:
            raise BadAnswer(f"An event has more than {MAX_EVENT} characters.")

    def _line(self, line: str) -> Iterator[Event]:
        if line:
            name, _, value = line.partition(":")
            self._field(name, value.removeprefix(" "))
            return
        event, data = self._name or "message", "\n".join(self._data)
        self._name, self._data = "", []
        if data:
            try:
                document = json.loads(data)
            except ValueError:
                document = None
            if not isinstance(document, dict):
                raise BadAnswer("An event has something else than a JSON object.")
            yield Event(event, document, self.last_id)

    def _field(self, name: str, value: str) -> None:
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._name = value
        elif name == "id" and "\0" not in value:
            self.last_id = value
        elif name == "retry" and value.isdecimal() and value.isascii() and len(value) < 8:
            self.retry = int(value) / 1000


def events(
    transport: Transport,
    target: str,
    sleep: Callable[[float], object],
    on_lost: Callable[[ClientError, float], object] | None,
    silence: float,
    last_id: str = "",
) -> Iterator[Event]:
    """Yield the events of a stream, and connect again whenever it ends.

    `on_lost` gets the reason of each lost connection and the seconds until the next attempt. Without it, an
    error before the first event is raised. Raises `Refused` for what no other attempt changes.
    """
    wait, has_begun = 0.0, False
    while True:
        parser = Parser()
        parser.last_id = last_id
        error: ClientError = Unreachable(f"{transport.url} has ended the stream.")
        try:
            for event in _connected(transport, target, silence, parser):
                wait, has_begun = 0.0, True
                yield event
        except Refused as found:
            if found.status not in _PASSING:
                raise
            error = found
        except (Unreachable, BadAnswer) as found:
            error = found
        if not has_begun and on_lost is None:
            raise error
        last_id = parser.last_id
        wait = min(wait * 2 or parser.retry or FIRST_WAIT, LONGEST_WAIT)
        asked = error.retry_after if isinstance(error, Refused) else None
        pause = max(wait * random.uniform(0.5, 1.0), min(asked or 0.0, LONGEST_WAIT))
        if on_lost is not None:
            on_lost(error, pause)
        sleep(pause)


def _connected(transport: Transport, target: str, silence: float, parser: Parser) -> Iterator[Event]:
    """Yield the events of one connection until it ends."""
    headers = {"Accept": MEDIA_TYPE, "Cache-Control": "no-store"}
    if parser.last_id:
        headers["Last-Event-ID"] = parser.last_id
    with transport.open("GET", target, None, headers, silence) as response:
        if response.status != 200:
            raise refused(response, response.read(_MAX_PROBLEM))
        if response.headers.get_content_type() != MEDIA_TYPE:
            raise BadAnswer(f"{transport.url} has answered with something else than events.")
        decoder = getincrementaldecoder("utf-8")("replace")  # a piece may end within a character
        while piece := transport.piece(response):
            yield from parser.feed(decoder.decode(piece))
