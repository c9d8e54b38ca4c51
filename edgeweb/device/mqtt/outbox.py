"""What waits for the broker: the last state of each topic, and some events. Bounded, whatever happens."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple

#: Events that wait at most; with one more the oldest is lost, and counted.
MAX_EVENTS = 100


class Message(NamedTuple):
    """One message. A retained one is a state; the broker keeps it for those who come later."""

    topic: str
    payload: bytes
    retain: bool


class Outbox:
    """The messages in the order in which they are to be sent. All methods may be called from any thread.

    >>> outbox = Outbox()
    >>> outbox.put_state("lamp", b"ON"), outbox.put_state("lamp", b"OFF"), outbox.put_event("events", b"{}")
    (None, None, None)
    >>> [outbox.take().payload for _ in range(len(outbox))]
    [b'OFF', b'{}']
    """

    def __init__(self, wake: Callable[[], object] = lambda: None) -> None:
        #: Wakes the thread that takes; called without the lock.
        self.wake = wake
        self.lost = 0
        self._states: dict[str, bytes] = {}
        self._events: deque[Message] = deque()
        self._lock = Lock()

    def put_state(self, topic: str, payload: bytes) -> None:
        """Put the state of a topic in place of one that still waits. An empty payload ends the topic."""
        with self._lock:
            self._states[topic] = payload
        self.wake()

    def put_event(self, topic: str, payload: bytes) -> None:
        """Put an event behind the others."""
        self._add(Message(topic, payload, False), at_front=False)
        self.wake()

    def put_back(self, messages: list[Message]) -> None:
        """Put back events that were sent and not acknowledged. States are not: newer ones will come."""
        for message in reversed(messages):
            if not message.retain:
                self._add(message, at_front=True)

    def take(self) -> Message | None:
        """Return the next message, states first; None where there is none."""
        with self._lock:
            if self._states:
                topic = next(iter(self._states))
                return Message(topic, self._states.pop(topic), True)
            return self._events.popleft() if self._events else None

    def __len__(self) -> int:
        return len(self._states) + len(self._events)

    def _add(self, message: Message, *, at_front: bool) -> None:
        with self._lock:
            if at_front and len(self._events) >= MAX_EVENTS:
                self.lost += 1
                return
            if at_front:
                self._events.appendleft(message)
                return
            self._events.append(message)
            if len(self._events) > MAX_EVENTS:
                self._events.popleft()
                self.lost += 1
