"""What can be done to a device, by whom: every operation takes an actor, acts, and writes the audit log.

Requests, pages and commands are callers: they check what they were given, call one of these, and wrap the
result. `device.people`, `device.accounts`, `device.schedules`, `device.settings` and `backup.py` have more
operations, which take an actor first as well.
"""

from __future__ import annotations

from _thread import allocate_lock
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from .access.actor import Actor
from .access.audit import Audit
from .access.people import People
from .access.user import KIOSK, Token
from .channels.actions import ACTIONS
from .channels.channel import Channel, ChannelBusy, ChannelError, ChannelOffline, ChannelSlow, ChannelState
from .channels.controller import ChannelController
from .config.profile import Profile
from .config.schema import is_same
from .config.things import Things
from .errors import DeviceError, NotAllowed, NotFound
from .system import systemd
from .system.clock import WallClock
from .system.command import CommandError
from .system.executor import Executor, Inline
from .system.patience import Patience
from .system.queries import Queries
from .system.source import SourceError

if TYPE_CHECKING:
    from .sensors.reader import Sensors
    from .system.software import Software

T = TypeVar("T")

#: The longest time that `wait` waits, in seconds: a thread of the server is held meanwhile.
MAX_WAIT = 30.0

#: Channels and sensors of a kiosk's token.
MAX_SHOWN = 48

#: Seconds of the pulse with which a channel is tried, at most. One is tried at a time.
TRIAL = 0.5
_TRYING = Lock()
_NOT_DONE = (
    'Channel "{}" has not answered within a second: check the wiring and the supply of its hardware, then try'
    " it again."
)


class UnknownUnit(DeviceError):
    """The profile does not name this service, so its log is not read."""

    key = "invalid-query"


class NotShown(DeviceError):
    """A kiosk cannot show this."""

    key = "invalid-fields"


class NoUpdate(DeviceError):
    """The software is not updated, for this reason."""


_NO_UPDATE = {
    "no-package": "Install edgeweb by its Debian package: only that is updated here.",
    "no-apt": "This system has no apt, which would update edgeweb: bring a new image.",
    "no-unit": "edgeweb-update.service is missing: install the Debian package of edgeweb again.",
}


class Operations:
    """The operations of a `Device`, which has the parts that they work on."""

    audit: Audit
    channels: ChannelController
    people: People
    clock: WallClock
    profile: Profile
    things: Things
    run: Callable[[list[str]], bytes]
    #: What the request of this thread may still wait.
    patience: Patience
    executor: Executor | Inline
    #: Calls `run` as well: a request waits a second at most.
    query: Queries
    #: What avahi has last found; None before the first time.
    _neighbours: list[tuple[str, str, str]] | None = None

    @property
    def name(self) -> str:
        """Return the host name."""
        raise NotImplementedError

    @property
    def sensors(self) -> Sensors | None:
        """Return the sensors; None where there are none."""
        raise NotImplementedError

    # -- channels --------------------------------------------------------------------------------------

    def switch(self, actor: Actor, name: str, on: bool) -> ChannelState:
        """Switch an output. Raises `ChannelError`."""
        return self.act(actor, name, "on" if on else "off")

    def group_outputs(self, group: str) -> list[Channel]:
        """Return the outputs of a group that are switched together: those that stay on. Raises `NotFound`.

        `group` is the word that channels have in their profile. A button is pressed, so it is none of them.
        """
        found = [one for one in self.channels if one.options["group"] == group and group]
        if not found:
            raise NotFound(f'There is no group named "{group}".')
        return [one for one in found if one.is_output and not one.is_button]

    def switch_group(self, actor: Actor, group: str, on: bool) -> dict[str, ChannelError]:
        """Switch all outputs of a group that are not so already; return why some were not, by their names.

        Each is switched for itself, with its interlocks and a row in the audit log. Raises `NotFound`.
        """
        refused = {}
        for channel in self.group_outputs(group):
            if channel.current.state is not on:
                try:
                    self.switch(actor, channel.name, on)
                except ChannelError as error:
                    refused[channel.name] = error
        return refused

    def act(self, actor: Actor, name: str, action: str, amount: float | None = None) -> ChannelState:
        """Do an action of `channels.actions.ACTIONS` to a channel.

        Without an `amount` the channel's own counts, where the action takes one. Raises `ChannelError`.
        """
        row = ACTIONS[action]
        amount = row.amount_for(self.channels[name], amount)
        word = row.amount.word.format(amount) if row.amount else action
        try:
            state = row.run(self.channels, name, amount)
        except ChannelError as error:
            self.audit.note(actor, row.audit, name, f"{word}: {error.key}")
            raise
        self.audit.note(actor, row.audit, name, word)
        return state

    def add_kiosk_token(
        self, actor: Actor, role: str, note: str, names: Iterable[str], days: int | None = None
    ) -> tuple[Token, str]:
        """Make a token for a screen that shows these channels and sensors, and switches them as an operator.

        It opens nothing but the kiosk. Raises `NotShown` for other names, and as `People.add_token`.
        """
        known = {channel.name for channel in self.channels} | {one.name for one in self.sensors or ()}
        chosen = tuple(dict.fromkeys(names))
        for name in chosen:
            if name not in known:
                raise NotShown(f'There is no channel and no sensor named "{name}".')
        if not 0 < len(chosen) <= MAX_SHOWN:
            raise NotShown(f"Name 1 to {MAX_SHOWN} channels and sensors.")
        scopes = tuple(KIOSK + name for name in chosen)
        return self.people.add_token(actor, role, note, scopes, days)

    def wait(self, channel: Channel) -> ChannelState:
        """Wait until a channel is no longer busy, at most `MAX_WAIT` seconds. Raises `TooManyWaiting`."""
        return self.channels.wait(channel.name, MAX_WAIT)

    def try_channel(
        self, actor: Actor, name: str, table: Mapping[str, object], show: Callable[[Channel], T]
    ) -> T:
        """Open a channel that is not kept, pulse it once or read it, and let it go.

        Return `show(channel)` of that moment. Raises `NameTaken`, `ThingError`, and `ChannelError` where its
        hardware fails, or takes longer than a request may.
        """
        options = {**self.things.checked("channels", name, table), "at_start": "off", "at_exit": "off"}
        if not _TRYING.acquire(blocking=False):
            raise ChannelBusy("Another channel is tried: try again in a second.")
        try:
            self._adopt_channels({**self.profile["channels"], name: options})
            channel = self.channels[name]
            if channel.is_output and not channel.current.busy:
                self.act(actor, name, "pulse", min(channel.options["pulse"], TRIAL) * 1000)
                self.channels.wait(name, self.patience.left(2 * TRIAL))
            if channel.current.busy:
                raise ChannelSlow(_NOT_DONE.format(name))
            if not channel.current.online:
                raise ChannelOffline(f'Channel "{name}" is offline: {channel.current.reason}.')
            return show(channel)
        finally:
            self._adopt_channels(self.profile["channels"])
            _TRYING.release()

    def try_sensor(self, name: str, table: Mapping[str, object]) -> tuple[float, str]:
        """Read a sensor that is not kept; return its value and unit.

        Raises `NameTaken`, `ThingError`, and `SourceError` where it cannot be read, or not in the time that a
        request may take.
        """
        from .sensors.kinds import kind_module
        from .sensors.sensor import Sensor

        options = self.things.checked("sensors", name, table)
        found = kind_module(options["kind"]).Input(options, "/")
        sensor = Sensor(name, options["kind"], options, found.read, found.deadline)
        done = allocate_lock()
        done.acquire()
        reading: list[float | SourceError] = []

        def read() -> None:
            try:
                reading.append(sensor.source.read())
            except SourceError as error:
                reading.append(error)
            finally:
                done.release()

        seconds = self.patience.left(2 * TRIAL)
        if not self.executor.submit(f"trial {found.lane}", read):
            raise SourceError("", "no-thread")
        if not self.executor.wait(done, seconds):
            raise SourceError(f"{seconds:g}", "late")
        if isinstance(reading[0], SourceError):
            raise reading[0]
        sensor.take(self.clock.monotonic(), reading[0])
        sensor.adopt(options, found.unit)
        if (value := sensor.value) is None:
            raise sensor.source.error or SourceError("")
        return value, sensor.unit

    def _adopt_channels(self, table: Mapping[str, Mapping[str, object]]) -> None:
        self.channels.adopt(table, partial(is_same, "channels"))

    # -- the machine -----------------------------------------------------------------------------------

    def check_may_end(self) -> None:
        """Raise `NotAllowed` where the profile keeps people from ending the machine."""
        if not self.profile["system.power"]:
            raise NotAllowed("The profile's system.power does not allow this.")

    def end_machine(self, actor: Actor, what: str) -> None:
        """Ask systemd for a `reboot` or a `shutdown`. Raises `NotAllowed`, `CommandError`."""
        self.check_may_end()
        self.audit.note(actor, f"system.{what}", self.name, "asked for")
        # the row has to be on the disk before the machine goes
        self.audit.flush()
        self._change(actor, f"system.{what}", self.name, lambda run: systemd.end_machine(run, what))

    def services(self) -> list[dict[str, str]]:
        """Return a row for each service of the profile, as `systemd.services`. Raises `CommandError`."""
        units = self.profile["system.services"]
        return systemd.services(self.query, units)

    def restart_service(self, actor: Actor, unit: str) -> None:
        """Restart a service of the profile's list. Raises `NotFound`, `CommandError`."""
        if unit not in self.profile["system.services"]:
            raise NotFound("The profile's system.services does not name this service.")
        self._change(actor, "service.restart", unit, lambda run: systemd.restart(run, unit))
        self.audit.note(actor, "service.restart", unit, "asked for")

    @cached_property
    def software(self) -> Software:
        """Return what is installed and offered; its code is imported by the first use."""
        from .system.software import Software

        return Software(self.query)

    def update_software(self, actor: Actor, version: str = "") -> str:
        """Start the update to the version that apt offers; return that version.

        With a `version` it has to be this one. The server ends while it runs; `software.update()` has its
        outcome. Raises `NoUpdate`, `CommandError`.
        """
        found = self.software.find()
        if found.reason:
            raise NoUpdate(_NO_UPDATE[found.reason])
        if version and version != found.offered:
            if version in found.versions and not found.is_newer(version):
                raise NoUpdate("This device takes newer versions only: install an older one by apt.")
            raise NoUpdate("apt does not offer this version: look again which one it offers.")
        if not found.offered:
            raise NoUpdate("apt offers no newer version: apt update may find one.")
        self.audit.note(actor, "software.update", found.offered, "asked for")
        # the row has to be on the disk before the server ends
        self.audit.flush()
        self._change(
            actor, "software.update", found.offered, lambda run: systemd.start(run, systemd.UPDATE_UNIT)
        )
        return found.offered

    def fleet(self) -> list[tuple[str, str, str]]:
        """Return name, `host:port` and source of each board of the network: the profile's list, then avahi's.

        While avahi does not answer, what it has last found counts. Raises `NotFound` where the profile has
        neither, `CommandError`.
        """
        table = self.profile["fleet"]
        if not table["boards"] and not table["discover"]:
            raise NotFound("Set fleet.discover or fleet.boards in the profile of this device.")
        rows = [(target, target, "profile") for target in table["boards"]]
        if table["discover"]:
            from .system import neighbours  # with the first question

            try:
                self._neighbours = [(*board, "avahi") for board in neighbours.boards(self.query)]
            except CommandError:
                if self._neighbours is None:
                    raise
            rows += self._neighbours
        return rows

    @property
    def units(self) -> tuple[str, ...]:
        """Return the services whose log can be read: edgeweb's own first."""
        return (systemd.OWN_UNIT, *self.profile["system.services"])

    def log(self, unit: str, lines: int, priority: int, seconds: int) -> list[dict[str, Any]]:
        """Return lines of the journal, as `systemd.journal`. Raises `UnknownUnit`, `CommandError`."""
        if unit not in self.units:
            raise UnknownUnit(errors=[(("unit",), f"expected one of {', '.join(self.units)}")])
        return systemd.journal(self.query, self.clock.date, unit, lines, priority, seconds)

    def _change(self, actor: Actor, action: str, target: str, call: Callable[[systemd.Run], object]) -> None:
        """Have a program change something, and log its failure, also one after the answer."""

        def log(reason: CommandError) -> None:
            self.audit.note(actor, action, target, f"failed: {reason}")

        def run(arguments: list[str]) -> bytes:
            self.query.change(arguments, log)
            return b""

        try:
            call(run)
        except CommandError as reason:
            log(reason)
            raise
