"""A connection that waits for events: see `parking` for what the leader does with it, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from waitress.channel import ClientDisconnected

from .parking import HEARTBEAT_SECONDS
from .time_limits import TimedConnection

if TYPE_CHECKING:
    from .parking import EventStream


class Viewer(TimedConnection):
    """A connection that a stream of events may keep."""

    __slots__ = ()

    def park(self, stream: EventStream) -> None:
        """Wait for events, whose head is sent, and take no request any more."""
        with self.requests_lock:
            for request in self.requests[1:]:  # sent behind the one that is answered by this stream
                request.close()
            del self.requests[1:]
        self.stream = stream
        stream.park(lambda: self.server.parking.announce(self))
        if not self.connected:  # closed by another thread before there was a stream to close
            stream.close()

    def write_events(self) -> None:
        """Write what waits in the stream, unless the client still has to take what was written before."""
        stream = self.stream
        if stream is None:
            return
        if not (stream.ended or self.total_outbufs_len) and (waiting := stream.take()):
            self._write_to_viewer(waiting)
        if stream.ended:
            self.handle_close()

    def beat(self, now: float) -> None:
        """Send a comment where no byte was sent for long. Called once a second, after `is_overdue`."""
        if self._phase[0] == "stream" and now - self._since >= HEARTBEAT_SECONDS and self.stream is not None:
            self._write_to_viewer(self.stream.heartbeat)

    def end_stream(self) -> None:
        """Close, and have the client connect again in a moment."""
        if self.stream is not None and not self.total_outbufs_len:
            self._write_to_viewer(self.stream.farewell)
        self.handle_close()

    def _write_to_viewer(self, data: bytes) -> None:
        try:
            self.write_soon(data)
        except ClientDisconnected:  # closed by another thread
            return
        if self.total_outbufs_len:
            self.server.parking.ask(self._fileno)

    def handle_peer_closed(self) -> None:
        """Note that the client sends nothing any more: it may have gone, or wait for the answer."""
        self.peer_closed = True
        if self.stream is not None:
            self.handle_close()

    def handle_write(self) -> None:
        super().handle_write()
        if self.stream is not None and not self.total_outbufs_len:
            self.write_events()

    def handle_close(self) -> None:
        stream, self.stream = self.stream, None
        if stream is not None:
            stream.close()
        super().handle_close()
