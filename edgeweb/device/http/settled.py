"""The answer to `?wait=1`: a channel as it is when it is no longer busy.

`edgeweb serve` parks it, as a stream of events (`edgeweb/server/parking.py`): the head is sent at once, and a
client that waits costs its connection, no thread. Any other server keeps a thread in the iterator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from edgeweb import Response
from edgeweb.json import dumps

from ..channels.channel import Channel, TooManyWaiting
from ..device import Device
from ..operations import MAX_WAIT

if TYPE_CHECKING:
    from ..system.timers import Timer


class Settled:
    """The iterable of such an answer: one JSON document, after `MAX_WAIT` seconds at most."""

    __slots__ = ("_channel", "_device", "_end", "_on_ready", "_timer", "ended")

    #: What finds clients that have gone. White space may stand before a JSON text (RFC 8259, section 2).
    heartbeat = b" "

    def __init__(self, device: Device, channel: Channel) -> None:
        self._device = device
        self._channel = channel
        self._end = device.clock.monotonic() + MAX_WAIT
        self._on_ready: Callable[[], object] | None = None
        self._timer: Timer | None = None
        self.ended = False

    @property
    def farewell(self) -> bytes:
        """Return the channel as it is now: the server ends."""
        return dumps(self._device.channel(self._channel)).encode()

    def park(self, on_ready: Callable[[], object]) -> None:
        """Begin to wait. `on_ready` is called, from any thread, when there is something to `take`."""
        self._on_ready = on_ready
        self._timer = self._device.timers.after(MAX_WAIT, on_ready)
        self._device.waiting[self] = None
        self.look()

    def look(self) -> None:
        """Announce the document where the channel is no longer busy. The lock of the channels may be held."""
        if self._on_ready is not None and not self._channel.current.busy:
            self._on_ready()

    def take(self) -> bytes:
        """Return the document when it is time for it, else nothing."""
        if self._channel.current.busy and self._device.clock.monotonic() < self._end:
            return b""
        self.ended = True
        return self.farewell

    def close(self) -> None:
        """Wait no longer."""
        self.ended = True
        self._device.waiting.pop(self, None)
        if self._timer is not None:
            self._timer.cancel()

    def __iter__(self) -> Iterator[bytes]:
        with suppress(TooManyWaiting):  # the change is made, and the answer has what has come of it so far
            self._device.wait(self._channel)
        yield self.farewell


def when_settled(device: Device, channel: Channel) -> Response:
    """Return the response with a channel as it is when it is no longer busy."""
    return Response(Settled(device, channel), mimetype="application/json", direct_passthrough=True)
