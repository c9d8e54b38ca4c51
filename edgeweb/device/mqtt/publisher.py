"""Between the device and the link: what is published, and what a command may do.

| caller                            | thread           | what is done there                                 |
|-----------------------------------|------------------|----------------------------------------------------|
| `changed`: a channel, a sensor    | any              | a timer is set                                     |
| `_compare`, at most once in `GAP` | `edgeweb-events` | states in memory are compared with the last ones   |
| `_tick`, once in `mqtt.interval`  | `edgeweb-timers` | figures are read; all states are sent again        |
| `_announce`                       | `edgeweb-timers` | the document for Home Assistant; the state is read |
| `connected`, `received`, `sent`   | `edgeweb-mqtt`   | commands are run; the rest is left to the others   |
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any

from ..access.actor import Actor
from ..channels.channel import Channel
from ..device import Device, log
from ..errors import DeviceError
from ..metrics.sample import Sample
from ..metrics.shown import shown
from ..storage.store import Execute
from ..system.text import clean
from . import discovery
from .commands import read_command
from .link import CONNECTED, Link
from .outbox import Message
from .settings import Settings, read_settings
from .topics import CHANNELS, ONLINE, SENSORS, WORDS, Topics, channel_payload, compact

#: Seconds between two comparisons at least: an input that bounces must not flood the broker.
GAP = 0.02

#: Seconds that a command may wait for its driver: others wait behind it. What the driver says later is seen
#: in the channel's state.
PATIENCE = 0.1

#: The state's key of the entities that Home Assistant was shown.
_KNOWN = "mqtt-entities"

#: The role that switching needs, as in `access/roles.py`.
_NEEDED = "operator"

#: The payload of a state, its topic, and what differs when it has changed.
Row = tuple[str, object, Callable[[], bytes]]


class Publisher:
    """The device on a broker, from `open` to `close`."""

    def __init__(self, device: Device, version: str, settings: Settings | None = None) -> None:
        self._device = device
        self._version = version
        self._settings = settings or read_settings(device.profile)
        self._topics = Topics(self._settings.prefix, self._settings.id)
        self._actor = Actor("mqtt", self._settings.role, self._settings.host)
        discovery_prefix = self._settings.discovery
        self._config = f"{discovery_prefix}/device/{self._settings.id}/config" if discovery_prefix else ""
        self._birth = f"{discovery_prefix}/status" if discovery_prefix else ""
        subscriptions = [self._topics.commands, *filter(None, [self._birth])]
        self.link = Link(self._settings, self._topics, subscriptions, self, device.clock, log)
        #: What differs, by topic, of everything that was published.
        self._published: dict[str, object] = {}
        #: The last sample of figures; None before the first.
        self._sample: Sample | None = None
        #: The warnings that were published, by their source.
        self._warnings: dict[str, dict[str, Any]] = {}
        #: What the document for Home Assistant was made of, the document, and the entities in the state.
        self._described: object = None
        self._document = b""
        self._entities: discovery.Known = {}
        self._removed: discovery.Known | None = None
        #: Whether the broker has the document of these entities, and the state may not yet.
        self._is_shown = False
        #: Whether everything is to be sent again, and the document for Home Assistant with it.
        self._sends_all = self._describes_again = False
        self._is_due = False
        self._last = 0.0
        #: Held while a command runs, so that none is under way after `stop`.
        self._commands = Lock()
        self._stopped = False

    def open(self) -> None:
        """Begin to connect, and to publish. Returns at once."""
        if self._settings.audit:
            self._device.audit.listen(self._audited)
        self.link.open()
        self._device.timers.after(0.0, self._tick)

    def to_json(self) -> dict[str, object]:
        """Return how the link is, for JSON."""
        link, clock = self.link, self._device.clock
        clock.check()
        return {
            "state": link.state,
            "since": clock.iso(link.since),
            "broker": self._settings.broker,
            "id": self._settings.id,
            "role": self._settings.role or "none",
            "error": link.error,
            "lost_events": link.outbox.lost,
            "waiting": len(link.outbox),
        }

    # -- what the device calls -----------------------------------------------------------------------------

    def changed(self) -> None:
        """Publish soon what has changed. Returns at once: locks of the pins may be held."""
        if not self._is_due and not self._stopped:
            self._is_due = True
            wait = self._last + GAP - self._device.clock.monotonic()
            self._device.event_timers.after(max(wait, 0.0), self._compare)

    def stop(self) -> None:
        """Run no command any more, and set no timer: either would open again what the device closes now."""
        with self._commands:
            self._stopped = True
        if self._settings.audit:
            self._device.audit.listen(None)

    def close(self) -> None:
        """Publish the states that the channels were closed with, say that the device is offline, and end."""
        if self.link.state == CONNECTED:
            self._publish_states(list(self._warnings.values()))
        self.link.close()
        if self._is_shown:
            self._remember()

    def _audited(self, row: dict[str, Any]) -> None:
        self._event("audit", {name: value for name, value in row.items() if name != "id"})

    # -- what the link calls, on its own thread --------------------------------------------------------------

    def connected(self) -> None:
        """Send everything: the broker may have lost it, and others may have missed it."""
        self._sends_all, self._describes_again = True, self._config != ""
        self.changed()

    def received(self, topic: str, payload: bytes, again: bool) -> None:
        """Run a command, or show Home Assistant the device that has just started."""
        if topic == self._birth:
            if payload == ONLINE.encode():
                self.connected()
            return
        name = self._topics.channel_of(topic)
        try:
            with self._commands:
                if self._stopped:
                    return
                self._run(name, payload, again)
        except DeviceError as error:
            document = {
                "topic": topic,
                "command": clean(payload[:100].decode("utf-8", "replace"), 100),
                "error": error.key,
                "detail": str(error),
                "at": self._device.clock.iso(self._device.clock.monotonic()),
            }
            self.link.outbox.put_event(self._topics.errors, compact(document))

    def sent(self, message: Message) -> None:
        """Remember which entities Home Assistant was shown, once the broker has the document."""
        if message.topic == self._config and message.payload == self._document:
            self._is_shown = True
            if not self._stopped:
                self._device.timers.after(0.0, self._remember)

    def _run(self, name: str, payload: bytes, again: bool) -> None:
        device = self._device
        if again:
            raise Again(
                "The broker has kept this command, or sends it again: it is not run. Send it without retain."
            )
        channel = device.channels[name]
        if not self._actor.may(_NEEDED):
            device.audit.refuse(self._actor, "channel.set", name)
            raise NotSwitched(
                'The profile lets MQTT switch nothing: set role = "operator" in [mqtt] and restart edgeweb.'
            )
        command = read_command(payload, channel)
        device.patience.begin(PATIENCE)
        device.act(self._actor, name, command.action, command.amount)

    # -- what is published -----------------------------------------------------------------------------------

    def _compare(self) -> None:
        # First, so that a change during the comparison leads to another one.
        self._is_due = False
        self._last = self._device.clock.monotonic()
        warnings = self._present_warnings()
        self._note_warnings(warnings)
        if self.link.state != CONNECTED:
            return  # a connection begins with all states
        if self._sends_all:
            self._sends_all = False
            self._published = dict.fromkeys(self._published)
        self._publish_states(list(warnings.values()))
        described = self._described_by() if self._config else None
        if described != self._described or self._describes_again:
            self._describes_again, self._described = False, described
            self._device.timers.after(0.0, self._announce)

    def _publish_states(self, warnings: list[dict[str, Any]]) -> None:
        outbox = self.link.outbox
        rows = {topic: (tag, build) for topic, tag, build in self._rows(warnings)}
        for topic in self._published.keys() - rows.keys():
            del self._published[topic]
            outbox.put_state(topic, b"")
        for topic, (tag, build) in rows.items():
            if self._published.get(topic) != tag:
                self._published[topic] = tag
                outbox.put_state(topic, build())

    def _rows(self, warnings: list[dict[str, Any]]) -> Iterator[Row]:
        device, topics = self._device, self._topics
        steps = device.clock.check()
        for channel in device.channels.listed:
            yield topics.state(CHANNELS, channel.name), (channel.current, steps), self._channel(channel)
        for sensor in device.sensors or ():
            tag = (sensor.value, sensor.reason, sensor.level, sensor.unit, steps)
            yield (
                topics.state(SENSORS, sensor.name),
                tag,
                lambda sensor=sensor: compact(sensor.state(device.clock)),  # type: ignore[misc]
            )
        sample = self._sample
        if sample is not None:
            yield topics.figures, (sample.number, steps), lambda: self._figures(sample)
        document = {"problem": WORDS[bool(warnings)], "warnings": warnings}
        yield topics.warnings, document, lambda: compact(document)
        yield topics.availability, ONLINE, ONLINE.encode

    def _channel(self, channel: Channel) -> Callable[[], bytes]:
        return lambda: channel_payload(self._device.channel_state(channel))

    def _figures(self, sample: Sample) -> bytes:
        return compact({"sampled_at": self._device.clock.iso(sample.moment), **shown(sample.values)})

    def _present_warnings(self) -> dict[str, dict[str, Any]]:
        """Return what a person should look at, by its source: hardware, sensors, figures, the state."""
        clock, sample = self._device.clock, self._sample
        found = {}
        for channel in self._device.channels.listed:
            state = channel.current
            if not state.online:
                found[f"channel {channel.name}"] = {
                    "reason": state.reason,
                    "failed_at": clock.iso(state.changed),
                }
        for sensor in self._device.sensors or ():
            if (warning := sensor.warning()) is not None:
                found[f"sensor {sensor.name}"] = {"reason": warning[0], "failed_at": clock.iso(warning[1])}
        for one in sample.warnings if sample is not None else ():
            found[one.source.title] = {"reason": str(one.error), "failed_at": clock.iso(one.since)}
        if not self._device.store.persistent:
            found["storage"] = {"reason": self._device.store.reason}
        return {source: {"source": source, **row} for source, row in found.items()}

    def _note_warnings(self, warnings: dict[str, dict[str, Any]]) -> None:
        """Publish an event for each warning that has begun, and each that has ended."""
        before, self._warnings = self._warnings, warnings
        for source, row in warnings.items():
            if source not in before or before[source]["reason"] != row["reason"]:
                self._event("warning", row)
        for source in before.keys() - warnings.keys():
            self._event("warning-ended", {"source": source})

    def _event(self, event: str, fields: dict[str, Any]) -> None:
        at = self._device.clock.iso(self._device.clock.monotonic())
        self.link.outbox.put_event(self._topics.events, compact({"event": event, "at": at, **fields}))

    # -- what may wait for the disk and the system -----------------------------------------------------------

    def _tick(self) -> None:
        device = self._device
        device.timers.after(self._settings.interval, self._tick)
        self._sends_all = True
        device.metrics.sample_soon(self._take)

    def _take(self, sample: Sample) -> None:
        self._sample = sample
        self.changed()

    def _described_by(self) -> object:
        """Return what the document for Home Assistant is made of: another one is another document."""
        device, sample = self._device, self._sample
        sensors = [(sensor.name, sensor.title, sensor.unit, sensor.group) for sensor in device.sensors or ()]
        channels = [(one.name, one.title, one.options["mode"]) for one in device.channels.listed]
        figures = (
            None
            if sample is None
            else [
                (figure.metric, tuple(value) if isinstance(value, dict) else value is None)
                for figure in discovery.FIGURES
                for value in [sample.values.get(figure.metric)]
            ]
        )
        return channels, sensors, figures, device.title

    def _announce(self) -> None:
        """Put the document for Home Assistant: what is there, and what was there before."""
        device, settings = self._device, self._settings
        if self._removed is None:
            rows = device.store.read("SELECT value FROM meta WHERE key = ?", _KNOWN)
            self._removed = json.loads(rows[0][0]) if rows else {}
        sensors = list(device.sensors or ())
        figures = {} if self._sample is None else self._sample.values
        entities = discovery.entities_of(
            settings.id, device.channels.listed, sensors, figures, self._topics, self._actor.may(_NEEDED)
        )
        self._removed = {**self._removed, **self._entities}
        self._entities = discovery.known(entities)
        groups = [one.group for one in sensors]
        about = discovery.describe(settings.id, device.identity(), self._version, self._url(), groups)
        self._document = compact(discovery.document(about, entities, self._removed, self._topics))
        self.link.outbox.put_state(self._config, self._document)

    def _remember(self) -> None:
        """Write the entities that Home Assistant knows, where they are others than in the state."""
        self._is_shown = False
        text = json.dumps(self._entities, separators=(",", ":"), sort_keys=True)

        def change(execute: Execute) -> None:
            execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_KNOWN, text))

        if self._device.store.read("SELECT 1 FROM meta WHERE key = ? AND value = ?", _KNOWN, text) == []:
            self._device.store.write(change)

    def _url(self) -> str:
        """Return the address of the dashboard, for people; empty where others cannot reach it."""
        profile = self._device.profile
        hosts = profile["server.host"]
        is_closed = all(host in ("localhost", "::1") or host.startswith("127.") for host in hosts)
        addresses = self._device.addresses
        if is_closed or profile["server.behind_proxy"] or not profile["server.port"] or not addresses:
            return ""
        address = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
        return f"http://{address}:{profile['server.port']}/"


class NotSwitched(DeviceError):
    """The role of MQTT does not allow a command."""

    key = "forbidden"


class Again(DeviceError):
    """A command comes a second time, or from the past."""

    key = "retained-command"
