"""The device behind an application: its profile, its figures and its channels, shared by all views."""

from __future__ import annotations

import atexit
import os
import socket
import sys
from collections.abc import Callable
from threading import RLock
from typing import TYPE_CHECKING

from .access.accounts import Accounts
from .access.actor import TIMER
from .access.audit import Audit
from .access.known import KnownPlaces
from .access.people import People
from .access.rate_limit import RateLimit
from .access.sessions import Sessions
from .access.setup import Setup
from .channels.channel import Channel
from .channels.controller import ChannelController
from .channels.history import ChannelHistory
from .channels.memory import ChannelMemory
from .config.profile import Profile
from .config.schema import FAMILIES, names_packages
from .config.settings import Settings
from .config.things import Things
from .factory_reset import FactoryReset
from .measuring import Measuring
from .metrics import board
from .metrics.history import History, Recorder
from .metrics.reader import Metrics
from .operations import Operations
from .schedules.timesync import TimeSync
from .storage.owner import StateInUse, StateOwner
from .storage.store import PATIENCE, Execute, Store, default_folder
from .system import command
from .system.addresses import ipv4_addresses, ipv6_addresses, ipv6_networks
from .system.clock import WallClock
from .system.executor import Executor, Inline
from .system.patience import Patience
from .system.queries import Queries
from .system.text import clean
from .system.timers import Timers
from .tags import Tags

if TYPE_CHECKING:
    from .access.second_factor import SecondFactors
    from .hardware.reader import Hardware
    from .metrics.processes import Processes
    from .schedules.scheduler import Scheduler
    from .watchers import Broker, Listener, Waiting, Watch

#: In place of a folder in a profile: the state ends with the process.
MEMORY = "memory"

#: Characters of the host name. Source: HOST_NAME_MAX of Linux, gethostname(2).
MAX_NAME = 64

#: Of the session cookie's name; a device adds a name of its own.
COOKIE_PREFIX = "edgeweb_"

#: Characters of a line of the log.
MAX_LOG_LINE = 2000


#: The devices that have started and are not closed: those of the whole process, which ends them all.
_started: list[Device] = []


class Device(Measuring, Tags, FactoryReset, Operations):
    """The device that a profile describes, with all its parts.

    Making one opens no hardware, no file and reads no sensor. `start` does, or else the first request. Tests
    give clocks of their own and `threaded=False`, and then call `timers.run_due` themselves.
    """

    def __init__(self, profile: Profile, clock: WallClock | None = None, *, threaded: bool = True) -> None:
        self.profile = profile
        self.clock = clock or WallClock()
        monotonic = self.clock.monotonic
        #: For everything but control: what these timers call may wait for the disk, a sensor or a program.
        self.timers = Timers(monotonic, threaded=threaded)
        #: Those of channels, and of schedules, wait for none of that: each has a thread of its own.
        self.channel_timers = (
            Timers(monotonic, name="edgeweb-channels", longest=0.02) if threaded else self.timers
        )
        #: Those of what is published: they wait for nothing, and nothing of the above waits for them.
        self.event_timers = Timers(monotonic, name="edgeweb-events") if threaded else self.timers
        self.listener: Listener | None = None
        #: The cards of each dashboard that shows this device.
        self.cards: list[Watch] = []
        #: None without `mqtt.host` in the profile.
        self.broker: Broker | None = None
        #: The answers that wait for a channel. Their number is bounded by the server's connections.
        self.waiting: dict[Waiting, None] = {}
        self._schedule_timers = Timers(monotonic, name="edgeweb-schedules") if threaded else self.timers
        self.store = Store(
            state_folder(profile), monotonic, log, self.timers.after, PATIENCE if threaded else 5.0
        )
        self.audit = Audit(self.store, profile["access.audit_rows"], self.timers.after, self._date, monotonic)
        self.accounts = Accounts(
            self.store, self.audit, monotonic, self._now, self.timers.after, self._access_changed
        )
        self.sessions = Sessions(
            profile["access.session_idle"],
            self.store,
            monotonic,
            self._now,
            self.timers.after,
            self._access_changed,
        )
        self.rate_limit = RateLimit(monotonic, ipv6_networks)
        self.setup = Setup(self.accounts, lambda: self.store.was_owned, monotonic)
        self.people = People(
            self.accounts,
            self.sessions,
            self.rate_limit,
            KnownPlaces(self.store),
            self.setup,
            self.audit,
            lambda: self.second_factors,
        )
        #: Runs a program of the system; tests replace it.
        self.run: Callable[[list[str]], bytes] = command.run
        #: What the present request may still wait for the system.
        self.patience = Patience(monotonic)
        self.query = Queries(self._run_command, clock=monotonic, allowed=self.patience)
        self._cookie_name = ""
        #: The threads on which the hardware and the system are read and written.
        self.executor = Executor() if threaded else Inline()
        self.metrics = Metrics(
            interval=profile["sensors.interval"],
            folders=profile["storage.watch"],
            interfaces=profile["sensors.interfaces"],
            temperatures=profile["sensors.temperatures"],
            clock=monotonic,
            executor=self.executor,
            log=log,
            patience=self.patience,
        )
        self._processes: Processes | None = None
        self._hardware: Hardware | None = None
        self._second_factors: SecondFactors | None = None
        self.history = History(profile["history.interval"], profile["history.length"], self._measured)
        self.memory = ChannelMemory(self.store, self.timers.after)
        self.time_sync = TimeSync(lambda: self.profile["schedules.wait_for_clock"], self.query, monotonic)
        self.channel_history = ChannelHistory(self.store, self.clock, self.time_sync, self.timers.after)
        self.channels = ChannelController(
            profile["channels"],
            monotonic,
            self.channel_timers,
            self.memory,
            self._channel_happened,
            self.executor,
            self._changed,
            self.patience.left,
            self.channel_history.note,
            self.channel_history.drop,
        )
        self._owner = StateOwner(self.store.folder)
        self._was_refused = False
        self._schedules: Scheduler | None = None
        self.settings = Settings(profile, self.store, self.audit, self._adopt, log)
        self.things = Things(
            profile,
            self.store,
            self.audit,
            lambda: self.settings.profile,
            self.settings.renew,
            self._has_program_sensor,
            log,
        )
        self.model: str = profile["board.model"] or clean(board.model())
        #: Random per process, so that ETags of an earlier process, whose counters began at 0, never match.
        self.life = os.urandom(4).hex()
        self._opening = RLock()
        self.opened = False

    def own(self) -> None:
        """Become the one process that serves the state and drives the hardware, for as long as it lives.

        Raises `StateInUse` while another one is; the first time the log has the reason.
        """
        try:
            self._owner.take()
        except StateInUse as error:
            if not self._was_refused and error.holder != os.getpid():
                self._was_refused = True
                log(str(error))
            raise

    def open(self) -> None:
        """Read settings and schedules, once, before they open a channel."""
        with self._opening:
            if self.opened:
                return
            self.executor.begin()
            self.settings.load(self.things.load())
            self._log_notes()
            interval, length = self.profile["history.interval"], self.profile["history.length"]
            if (interval, length) != (self.history.interval, self.history.length):
                self.history = History(interval, length, self._measured)
            self.opened = True
            if self._schedules is not None:
                self._schedules.load()
            elif self.store.read("SELECT 1 FROM schedules LIMIT 1"):
                _ = self.schedules

    def start(
        self, invite: Callable[[str], None] | None = None, report: Callable[[str], None] | None = None
    ) -> None:
        """Open the state and the channels, and write how to get in where there is no owner yet.

        `invite` gets that line, `report` the steps of a start that takes longer; else the log has both.
        Raises `StateInUse` while another server has the folder of the state.
        """
        self.own()
        self.reset_if_held(report or log)
        self.open()
        self.channels.open()
        _ = self.sensors
        if self.history.length:
            Recorder(self.history, self.metrics.sample_soon, self.timers.after).start()
        if line := self.setup.begin(log):
            (invite or log)(line)
        if self not in _started:
            _started.append(self)
        atexit.register(self.close)

    def close(self) -> None:
        """Write what is still in memory, and let all hardware and files go. The next use opens them again."""
        self.opened = False
        self.executor.end()
        atexit.unregister(self.close)
        if self in _started:
            _started.remove(self)
        if self.listener is not None:
            self.listener.close()
        if self.broker is not None:
            self.broker.stop()
        for timers in (self.event_timers, self._schedule_timers, self.channel_timers, self.timers):
            timers.close()
        if self._schedules is not None:
            self._schedules.close()
        self.channels.close()
        self.channel_history.close()
        if self.broker is not None:
            # Behind the channels, which do not wait for a broker that does not answer.
            self.broker.close()
            self.broker = None
        self._close_sensors()
        self.memory.flush()
        self.audit.flush()
        self.sessions.close()
        self.store.close()
        self.finish_reset()
        self._owner.release()

    @property
    def processes(self) -> Processes:
        """Return the processes of the machine; their code is imported by the first use."""
        if self._processes is None:
            from .metrics.processes import Processes

            self._processes = Processes(
                clock=self.clock.monotonic, executor=self.executor, log=log, patience=self.patience
            )
        return self._processes

    @property
    def hardware(self) -> Hardware:
        """Return the hardware that the kernel knows; its code is imported by the first use."""
        if self._hardware is None:
            from .hardware.reader import Hardware

            self._hardware = Hardware(
                clock=self.clock.monotonic, executor=self.executor, log=log, patience=self.patience
            )
        return self._hardware

    @property
    def second_factors(self) -> SecondFactors:
        """Return the second factors of all users; their code is imported by the first use."""
        if self._second_factors is None:
            with self._opening:
                if self._second_factors is None:
                    from .access.second_factor import SecondFactors

                    clock = self.clock.monotonic
                    self._second_factors = SecondFactors(
                        self.store, self.audit, self.accounts.forget, clock, self._now
                    )
        return self._second_factors

    @property
    def schedules(self) -> Scheduler:
        """Return all schedules; their code is imported by the first use, or by `open` where there are any."""
        if self._schedules is None:
            with self._opening:
                if self._schedules is None:
                    from .schedules.scheduler import Scheduler

                    made = Scheduler(
                        self.store,
                        self.audit,
                        self.channels,
                        self.clock,
                        self._schedule_timers,
                        self.time_sync,
                        log,
                        changed=self._changed,
                        place=lambda: self.place,
                    )
                    made.load()
                    self._schedules = made
        return self._schedules

    @property
    def has_schedules(self) -> bool:
        """Return whether there are any schedules, without an import of their code."""
        return self._schedules is not None and len(self._schedules) > 0

    @property
    def place(self) -> tuple[float, float] | None:
        """Return where the device is, in degrees north and east; None where that is not known."""
        north, east = self.profile["device.latitude"], self.profile["device.longitude"]
        return None if north == "" or east == "" else (north, east)

    @property
    def name(self) -> str:
        """Return the host name at this moment: a machine may be renamed while the server runs."""
        return clean(socket.gethostname(), MAX_NAME)

    @property
    def addresses(self) -> list[str]:
        """Return the addresses of the machine at this moment, IPv4 first: a network comes and goes."""
        return [*ipv4_addresses(), *ipv6_addresses()]

    @property
    def title(self) -> str:
        """Return the heading of the dashboard."""
        return self.profile["dashboard.title"] or self.name

    @property
    def cookie_name(self) -> str:
        """Return the name of the session's cookie. Cookies do not know ports, so each device has its own."""
        if not self._cookie_name:
            self._cookie_name = f"{COOKIE_PREFIX}{self._instance()}"
        return self._cookie_name

    def _adopt(self, profile: Profile) -> None:
        """Put a profile with other settings into force, as far as that goes without a new start."""
        self.profile = profile
        figures = profile["sensors"]
        self.metrics.configure(
            figures["interval"], profile["storage.watch"], figures["interfaces"], figures["temperatures"]
        )
        self.sessions.idle = profile["access.session_idle"]
        self.audit.max_rows = profile["access.audit_rows"]
        self.audit.copy_to(log if profile["access.audit_journal"] else None)
        self._adopt_channels(profile["channels"])
        self._adopt_sensors(profile.things("sensors"))

    def _log_notes(self) -> None:
        """Write what is wrong with packages that the profile names, and with the date of its contact."""
        lines: list[str] = []
        if any(names_packages(self.profile.things(family), family) for family in FAMILIES):
            from .config import outside

            lines += (*map(str, outside.faults(self.profile)), *outside.notes(self.profile))
        if self.profile["vendor.contact"]:
            from .config import vendor

            lines += vendor.notes(self.profile["vendor"], self._now())
        for line in lines:
            log(line)

    def _channel_happened(self, name: str, action: str, result: str) -> None:
        # The timers of channels, and the lock of all states, must not wait for the disk.
        self.audit.note(TIMER, action, name, result, waits=False)

    def _log(self, line: str) -> None:
        log(line)

    def _changed(self) -> None:
        for answer in tuple(self.waiting):
            answer.look()
        if self.listener is not None:
            self.listener.changed()
        if self.broker is not None:
            self.broker.changed()

    def _access_changed(self) -> None:
        if self.listener is not None:
            self.listener.check_access()

    def _run_command(self, arguments: list[str]) -> bytes:
        return self.run(arguments)

    def _date(self, moment: float) -> float:
        self.clock.check()
        return self.clock.seconds(moment)

    def _now(self) -> float:
        return self._date(self.clock.monotonic())

    def _instance(self) -> str:
        def change(execute: Execute) -> str:
            execute("INSERT OR IGNORE INTO meta VALUES ('instance', ?)", (os.urandom(4).hex(),))
            (row,) = execute("SELECT value FROM meta WHERE key = 'instance'").fetchall()
            return str(row[0])

        found = self.store.read("SELECT value FROM meta WHERE key = 'instance'")
        return str(found[0][0]) if found else self.store.write(change)

    def identity(self) -> dict[str, str]:
        """Return who answers: names, board and profile."""
        return {
            "name": self.name,
            "title": self.title,
            "model": self.model,
            "architecture": os.uname().machine,
            "profile": self.profile.name,
            "support_until": self.profile["vendor.support_until"],
        }

    def storage(self) -> dict[str, object]:
        """Return whether changes survive a power cut, for JSON."""
        return {"persistent": self.store.persistent, "reason": self.store.reason}

    def channel(self, channel: Channel) -> dict[str, object]:
        """Return a channel, for JSON."""
        return {
            "id": channel.name,
            "title": channel.title,
            "mode": channel.options["mode"],
            "driver": channel.driver,
            **{key: channel.options[key] for key in ("group", "icon", "order") if channel.options[key]},
            **self.channel_state(channel),
        }

    def channel_states(self) -> dict[str, dict[str, object]]:
        """Return the changing part of all channels by name, for JSON."""
        return {channel.name: self.channel_state(channel) for channel in self.channels}

    def channel_state(self, channel: Channel) -> dict[str, object]:
        """Return the changing part of a channel, for JSON."""
        current = channel.current
        state: dict[str, object] = {
            "online": current.online,
            "state": current.state,
            "busy": current.busy,
            "changed_at": self.clock.iso(current.changed),
        }
        if channel.is_pwm:
            state["value"] = current.value
        if not channel.is_output:
            state["on_count"] = current.on_count
        if current.reason:
            state["reason"] = current.reason
        return state


def close_all() -> None:
    """Close every device of this process that has started. A server calls it before Python ends.

    In Python 3.12 exit functions can start no thread, so `Device.close` as one makes the calls of all drivers
    on its own thread, where one that hangs holds up the others.
    """
    for device in tuple(_started):
        device.close()


def state_folder(profile: Profile) -> str:
    """Return the folder of a profile's state; the empty text for none."""
    folder: str = profile["storage.state"]
    return "" if folder == MEMORY else folder or default_folder()


def log(text: str) -> None:
    """Write a line for the operator of the server to stderr, which systemd takes to the journal."""
    print(f"edgeweb: {clean(text, MAX_LOG_LINE)}", file=sys.stderr, flush=True)
