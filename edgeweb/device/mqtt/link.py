"""The connection to the broker: one client of paho at a time, in a thread of its own.

The thread goes round: connect, exchange messages until the connection ends, wait, connect again. It alone
calls paho, by its interface for outer loops: paho's own loop would retry all devices of a house at once.

The wait is random, from none to a bound that begins at `FIRST_RETRY` and doubles up to `mqtt.retry`. So a
thousand devices that lose their broker in the same moment come back one by one.
"""

from __future__ import annotations

import os
import random
import select
from collections.abc import Callable
from threading import Lock, Thread
from typing import TYPE_CHECKING, Protocol

from ..system.clock import WallClock
from . import faults
from .outbox import Message, Outbox
from .settings import Settings, SettingsFault
from .topics import OFFLINE, Topics

if TYPE_CHECKING:
    from paho.mqtt.client import Client, MQTTMessage

#: Messages that are sent ahead of the broker's acknowledgements; mosquitto takes 20. Source: MQTT 5.0,
#: section 4.9.
WINDOW = 16

#: Seconds for the broker to accept a connection, and for the last messages at the end.
CONNECT_TIME = 10.0
FAREWELL_TIME = 1.0

#: Seconds between two looks at the time while nothing comes: paho sends its signs of life then.
LOOK = 7.5

#: Seconds after which a connection counts as a good one. Two devices of the same id take it from each other
#: again and again: they have to come to rest.
STABLE = 60.0

#: The bound of the first wait for another connection, in seconds.
FIRST_RETRY = 4.0

#: The states of a link, as they are shown.
CONNECTING, CONNECTED, WAITING, CLOSED = "connecting", "connected", "waiting", "closed"


class User(Protocol):
    """What a link calls, on its own thread."""

    def connected(self) -> None: ...
    def received(self, topic: str, payload: bytes, again: bool) -> None: ...
    def sent(self, message: Message) -> None: ...


class Link:
    """A connection that is made again and again until `close`."""

    def __init__(
        self,
        settings: Settings,
        topics: Topics,
        subscriptions: list[str],
        user: User,
        clock: WallClock,
        log: Callable[[str], object],
    ) -> None:
        self.outbox = Outbox(self.wake)
        self.state = CONNECTING
        #: The moment of the monotonic clock since which it has this state.
        self.since = clock.monotonic()
        #: Why the last connection ended, or none was made; kept while there is one.
        self.error = ""
        self._settings = settings
        self._topics = topics
        self._subscriptions = subscriptions
        self._user = user
        self._clock = clock
        self._log = log
        self._client: Client | None = None
        self._accepted = False
        self._ended = ""
        self._in_flight: dict[int, Message] = {}
        self._attempts = 0
        self._is_closing = False
        self._awake = -1
        self._waking = Lock()
        self._thread: Thread | None = None
        self._logged = ""

    def open(self) -> None:
        """Begin to connect. Returns at once."""
        self._awake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._thread = Thread(target=self._run, name="edgeweb-mqtt", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Have the thread look at the outbox. Returns at once, from any thread."""
        with self._waking:
            if self._awake >= 0:
                os.eventfd_write(self._awake, 1)

    def close(self) -> None:
        """End the connection after what waits, within `FAREWELL_TIME`, and the thread."""
        self._is_closing = True
        self.wake()
        if self._thread is not None:
            self._thread.join(FAREWELL_TIME + 1.0)
        with self._waking:
            awake, self._awake = self._awake, -1
        if awake >= 0 and not (self._thread and self._thread.is_alive()):
            os.close(awake)

    # -- the thread --------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._is_closing:
            self._enter(CONNECTING)
            try:
                self._connect()
                self._exchange()
                reason = self._ended or "the connection was lost"
            except SettingsFault as error:
                reason = str(error)
            except Exception as error:  # an attempt may fail in any way that the network knows
                reason = faults.of_error(error, self._settings.host)
            self._disconnect()
            if not self._is_closing:
                if self.state == CONNECTED and self._clock.monotonic() - self.since > STABLE:
                    self._attempts = 0
                self._note(reason)
                self._enter(WAITING)
                self._wait(self._next_wait())
        self._enter(CLOSED)

    def _connect(self) -> None:
        """Make a new client, and have it connect. Raises what the network and TLS raise."""
        from .client import connect, make_client  # paho, with the first connection

        client = make_client(self._settings, self._topics)
        client.on_connect = lambda _client, _data, _flags, reason, _properties: self._answered(
            reason.value, str(reason)
        )
        client.on_disconnect = lambda _client, _data, _flags, reason, _properties: self._lost(
            reason.value, str(reason)
        )
        client.on_subscribe = lambda _client, _data, _mid, reasons, _properties: self._subscribed(
            [reason.value for reason in reasons]
        )
        client.on_publish = lambda _client, _data, mid, reason, _properties: self._published(
            mid, reason.value
        )
        client.on_message = lambda _client, _data, message: self._received(message)
        self._client, self._accepted, self._ended = client, False, ""
        connect(client, self._settings)

    def _exchange(self) -> None:
        """Send and receive until the connection ends, or the link is closed."""
        client = self._client
        assert client is not None
        until_accepted = self._clock.monotonic() + CONNECT_TIME
        until_closed = 0.0
        while not self._ended and (sock := client.socket()) is not None:
            now = self._clock.monotonic()
            if not self._accepted and now > until_accepted:
                self._ended = "it does not answer: check that the broker runs, and that this is its port"
                return
            if self._is_closing:
                until_closed = until_closed or now + FAREWELL_TIME
                if now > until_closed or self._is_done(client):
                    return
            poll = select.poll()
            poll.register(sock, select.POLLIN | (select.POLLOUT if client.want_write() else 0))
            poll.register(self._awake, select.POLLIN)
            is_urgent = self._is_closing or not self._accepted
            ready = dict(poll.poll(1000.0 * (FAREWELL_TIME / 4 if is_urgent else LOOK)))
            if self._awake in ready:
                os.eventfd_read(self._awake)
            if sock.fileno() in ready:
                if ready[sock.fileno()] & ~select.POLLOUT:
                    self._read(client)
                if client.want_write():
                    client.loop_write()
            self._send(client)
            client.loop_misc()

    def _is_done(self, client: Client) -> bool:
        """Return whether everything is sent, or nothing can be."""
        return not self._accepted or not (len(self.outbox) or self._in_flight or client.want_write())

    def _read(self, client: Client) -> None:
        client.loop_read()
        # What TLS has decrypted already, the poll does not see.
        while (sock := client.socket()) is not None and getattr(sock, "pending", int)():
            client.loop_read()

    def _send(self, client: Client) -> None:
        """Hand to paho what the outbox has, as long as the broker keeps up."""
        while self._accepted and len(self._in_flight) < WINDOW and not client.want_write():
            message = self.outbox.take()
            if message is None:
                return
            info = client.publish(message.topic, message.payload, qos=1, retain=message.retain)
            self._in_flight[info.mid] = message

    def _disconnect(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.on_disconnect = None
            if self._accepted and self._is_closing:
                client.publish(self._topics.availability, OFFLINE, qos=1, retain=True)
            client.disconnect()
            client.loop_write()
            # Ends the socket where the broker has not taken the goodbye.
            if (sock := client.socket()) is not None:
                sock.close()
        self._accepted = False
        unsure, self._in_flight = list(self._in_flight.values()), {}
        self.outbox.put_back(unsure)

    def _next_wait(self) -> float:
        bound = min(FIRST_RETRY * 2.0 ** min(self._attempts, 16), self._settings.retry)
        self._attempts += 1
        return random.uniform(0, bound)

    def _wait(self, seconds: float) -> None:
        ends = self._clock.monotonic() + seconds
        poll = select.poll()
        poll.register(self._awake, select.POLLIN)
        while not self._is_closing and (left := ends - self._clock.monotonic()) > 0:
            if poll.poll(left * 1000):
                os.eventfd_read(self._awake)

    # -- what paho calls, on the same thread ---------------------------------------------------------------

    def _answered(self, code: int, text: str) -> None:
        if code:
            self._ended = faults.of_reason(code, text)
            return
        assert self._client is not None
        self._accepted = True
        self._client.subscribe([(topic, 1) for topic in self._subscriptions])
        self._enter(CONNECTED)
        if self._logged:
            self._log(f"MQTT: connected to {self._settings.broker} again")
            self._logged = ""
        self._user.connected()

    def _lost(self, code: int, text: str) -> None:
        self._ended = self._ended or (
            faults.of_reason(code, text)
            if code > 0x80
            else "the broker has ended the connection: check that mqtt.tls is as there, and that each device"
            " has an mqtt.id of its own"
        )

    def _subscribed(self, codes: list[int]) -> None:
        if any(code >= 0x80 for code in codes):
            self._note(
                f"the broker does not let this device read {' and '.join(self._subscriptions)}: allow it in"
                " the broker's ACL"
            )

    def _published(self, mid: int, code: int) -> None:
        message = self._in_flight.pop(mid, None)
        if message is None:
            return
        if code >= 0x80:
            self._note(
                f"the broker does not let this device write {message.topic}: allow {self._topics.root}/# in"
                " the broker's ACL"
            )
        else:
            self._user.sent(message)

    def _received(self, message: MQTTMessage) -> None:
        self._user.received(message.topic, bytes(message.payload), message.retain or message.dup)

    # -- what is known ---------------------------------------------------------------------------------------

    def _enter(self, state: str) -> None:
        if state != self.state:
            self.state, self.since = state, self._clock.monotonic()

    def _note(self, reason: str) -> None:
        """Keep why something failed; the log has a line where it is another reason."""
        self.error = reason
        if reason != self._logged:
            self._logged = reason
            self._log(f"MQTT: no connection to {self._settings.broker}: {reason}")
