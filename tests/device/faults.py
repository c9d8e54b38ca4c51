"""Faults of the system as a device meets them: a row a fault, by the part of the system that has it.

`inject` puts one into a running, healthy device. `Waits` stands in for everything that a request waits for:
it notes the seconds and returns at once, so that a hang costs a test nothing.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from _thread import LockType
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest

from edgeweb.device.channels.drivers import DriverError, memory
from edgeweb.device.device import Device
from edgeweb.device.hardware import cameras, hwmon, i2c, iio, leds, onewire, pwm
from edgeweb.device.metrics import figures, reader
from edgeweb.device.metrics.firmware import Firmware
from edgeweb.device.metrics.processes import Processes
from edgeweb.device.metrics.processor import Processor
from edgeweb.device.schedules.timesync import TimeSync
from edgeweb.device.sensors.kinds import file as sensor_file
from edgeweb.device.storage.store import PATIENCE
from edgeweb.device.system import addresses, command
from edgeweb.device.system.command import CommandError
from edgeweb.device.system.executor import Executor
from edgeweb.device.system.gpiochip import Kernel

from .system.attacks import JOURNAL, SHOW

#: Seconds for which a test really waits for what hangs, and for what does not: a busy machine takes long to
#: give a thread its turn, and that is no fault.
HANGING, GOING_ON = 0.3, 30.0

#: Source of figures: what it calls. The page of the processes has one of its own. The uptime is a call of the
#: kernel's that the rates need, too, and that cannot fail.
FIGURES: dict[str, tuple[Any, str]] = {
    "processor": (Processor, "_times"),
    "load": (os, "getloadavg"),
    "memory": (psutil, "virtual_memory"),
    "swap": (psutil, "swap_memory"),
    "server": (figures, "read_file"),
    "network": (psutil, "net_io_counters"),
    "clock": (reader, "synchronized"),
    "firmware": (Firmware, "faults"),
    "temperatures": (psutil, "sensors_temperatures"),
    "disk": (psutil, "disk_usage"),
    "processes": (Processes, "_pids"),
}
#: The same with what sensors read, which have warnings and pages of their own (`sensors/`).
READ: dict[str, tuple[Any, str]] = {**FIGURES, "sensor": (sensor_file, "read_number")}

#: The same of each bus of the hardware that is listed.
HARDWARE: dict[str, tuple[Any, str]] = {
    "hardware gpio": (Kernel, "chips"),
    **{
        f"hardware {module.__name__.rpartition('.')[2]}": (module, "names")
        for module in (leds, pwm, onewire, iio, hwmon, i2c, cameras)
    },
}


class Waits:
    """A monotonic clock that goes on by what is waited for as well, and the end of all that hangs."""

    def __init__(self) -> None:
        self._skipped = 0.0
        self.really = GOING_ON
        #: Seconds that were waited in vain, since `clear`.
        self.seconds = 0.0
        self.released = threading.Event()

    def clock(self) -> float:
        return time.monotonic() + self._skipped

    def clear(self) -> None:
        self.seconds = 0.0

    def spend(self, seconds: float) -> None:
        self.seconds += seconds
        self._skipped += seconds

    def hang(self, *arguments: object, **options: object) -> Any:
        """Return when the test is over."""
        self.released.wait()
        raise OSError(5, "Input/output error")


class Threads(Executor):
    """Real threads, and a wait for one that is noted in place of made."""

    def __init__(self, waits: Waits) -> None:
        super().__init__()
        self._waits = waits

    def wait(self, done: LockType, seconds: float) -> bool:
        if done.acquire(timeout=self._waits.really):
            return True
        self._waits.spend(seconds)
        return False


class Scene(NamedTuple):
    """The device that a fault happens to."""

    device: Device
    waits: Waits
    patch: pytest.MonkeyPatch
    folder: Path


Inject = Callable[[Scene], object]


class Fault(NamedTuple):
    """A part of the system, what it does, and how that is made to happen."""

    part: str
    kind: str
    inject: Inject
    #: Lines of the log at most: one for each source and state that it enters.
    lines: int = 1

    @property
    def title(self) -> str:
        return f"{self.part} {self.kind}"


# -- figures ----------------------------------------------------------------------------------------------


def _figure(name: str, kind: str) -> Fault:
    def inject(scene: Scene) -> None:
        turns = count()

        def call(*arguments: object, **options: object) -> object:
            if kind == "hangs":
                scene.waits.hang()
            if kind == "garbage" or (kind == "flaps" and next(turns) % 2):
                return "garbage"
            raise OSError(5, "Input/output error")

        scene.patch.setattr(*(READ | HARDWARE)[name], call)

    return Fault(name, kind, inject)


# -- programs ---------------------------------------------------------------------------------------------

_SCRIPTS = {
    "fails": b"#!/bin/sh\necho 'Failed to connect to bus' >&2\nexit 1\n",
    "garbage": b"#!/bin/sh\nprintf '\\001\\377\\n=\\n\\n{]\\000\\n'\n",
    "silent": b"#!/bin/sh\n",
    "denied": b"#!/bin/sh\n",
}


def _programs(kind: str) -> Fault:
    """systemctl, journalctl and timedatectl, as files where that says more than a function."""

    def inject(scene: Scene) -> None:
        device = scene.device
        turns = count()
        folder = scene.folder / "bin"
        folder.mkdir()
        for name in ("systemctl", "journalctl", "timedatectl"):
            if kind in _SCRIPTS:
                file = folder / name
                file.write_bytes(_SCRIPTS[kind])
                file.chmod(0o644 if kind == "denied" else 0o755)

        def run(arguments: list[str]) -> bytes:
            if kind == "hangs":
                scene.waits.released.wait()
                raise CommandError(f"{arguments[0]} did not end within 5 s")
            if kind == "flaps":
                if next(turns) % 2:
                    raise CommandError(f"{arguments[0]}: Failed to connect to bus")
                return JOURNAL if arguments[0] == "journalctl" else SHOW
            # a folder of the program's own in front: what is not there is missing
            name, *rest = arguments
            return command.run([str(folder / name), *rest])

        device.run = run
        (scene.folder / "system/run/systemd/system").mkdir(parents=True)
        needed = lambda: True  # noqa: E731
        device.time_sync = TimeSync(
            needed, device.query, device.clock.monotonic, str(scene.folder / "system")
        )

    return Fault("programs", kind, inject, lines=0)


# -- the clock --------------------------------------------------------------------------------------------


def _clock(kind: str, walls: tuple[float, ...]) -> Fault:
    """The date jumps with each look at it."""

    def inject(scene: Scene) -> None:
        turns = count()
        clock = scene.device.clock
        wall: Callable[[], float] = lambda: walls[next(turns) % len(walls)]  # noqa: E731
        scene.patch.setattr(clock, "_wall", wall)

    return Fault("clock", kind, inject, lines=0)


def _kernel_clock(scene: Scene) -> None:
    def missing(name: object) -> object:
        raise OSError(38, "Function not implemented")

    scene.patch.setattr("ctypes.CDLL", missing)
    device = scene.device
    device.time_sync = TimeSync(lambda: True, device.query, device.clock.monotonic, str(scene.folder))


# -- addresses --------------------------------------------------------------------------------------------


def _addresses(kind: str, content: bytes | None) -> Fault:
    """The table of this machine's IPv6 addresses, which the limit of attempts reads."""

    def inject(scene: Scene) -> None:
        file = scene.folder / "if_inet6"
        if content is not None:
            file.write_bytes(content)
        elif kind == "a folder":
            file.mkdir()
        scene.patch.setattr(addresses, "IF_INET6", str(file))

    return Fault("addresses", kind, inject, lines=0)


def _name(kind: str, call: Callable[[], str]) -> Fault:
    return Fault(
        "host name",
        kind,
        lambda scene: scene.patch.setattr("socket.gethostname", call),
        lines=0,
    )


# -- the state --------------------------------------------------------------------------------------------


class FaultyConnection(sqlite3.Connection):
    """A connection to the file of the state whose calls fail as `fault` has it."""

    fault: Callable[[str], object] = staticmethod(lambda sql: None)

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        type(self).fault(sql)
        return super().execute(sql, *values)

    def backup(self, *arguments: Any, **options: Any) -> None:
        type(self).fault("BACKUP")
        super().backup(*arguments, **options)


_WRITES = ("INSERT", "UPDATE", "DELETE", "BEGIN IMMEDIATE", "COMMIT", "PRAGMA journal_mode", "CREATE")


def connect(patch: pytest.MonkeyPatch) -> None:
    """Have files opened by a `FaultyConnection`, without a fault; before the device opens its state."""
    really = sqlite3.connect
    patch.setattr(FaultyConnection, "fault", staticmethod(lambda sql: None))

    def opened(path: str, **options: Any) -> sqlite3.Connection:
        is_file = "state.db" in str(path)
        return really(path, **options, **({"factory": FaultyConnection} if is_file else {}))

    patch.setattr(sqlite3, "connect", opened)


def _state(kind: str, error: Callable[[], Exception], writes_only: bool, lines: int = 1) -> Fault:
    def inject(scene: Scene) -> None:
        turns = count()

        def fault(sql: str) -> None:
            if writes_only and not sql.startswith(_WRITES):
                return
            if kind == "flaps" and next(turns) % 2:
                return
            if kind == "locked" and next(turns) == 0:
                scene.waits.spend(PATIENCE)  # the others do not wait again
            raise error()

        scene.patch.setattr(FaultyConnection, "fault", staticmethod(fault))

    return Fault("state", kind, inject, lines)


def _sqlite(code: int, text: str) -> Callable[[], Exception]:
    def make() -> Exception:
        kind = sqlite3.DatabaseError if code == sqlite3.SQLITE_CORRUPT else sqlite3.OperationalError
        error = kind(text)
        error.sqlite_errorcode = code
        return error

    return make


# -- channels ---------------------------------------------------------------------------------------------


def _driver(kind: str) -> Fault:
    """The driver of all channels; what each real one does with its hardware is in `channels/drivers`."""

    def inject(scene: Scene) -> None:
        turns = count()

        def call(*arguments: object) -> object:
            if kind == "hangs":
                scene.waits.hang()
            if kind == "surprises":
                raise AttributeError("module 'gpiod' has no attribute 'request_lines'")
            if kind == "flaps" and next(turns) % 2:
                return None
            raise DriverError("there is no /dev/gpiochip0")

        scene.patch.setattr(memory.Driver, "write", call)
        scene.patch.setattr(memory.Driver, "attach", call)
        if kind == "hangs":
            scene.patch.setattr(memory.Driver, "detach", call)
            for channel in scene.device.channels:
                # written by a thread of its lane, as all that can hang
                channel.is_instant = False

    return Fault("driver", kind, inject, lines=0)


_BUSY, _IO, _FULL, _READONLY = 5, 10, 13, 8
_GARBAGE = b"\x00\xff" * 40 + b"\n" + b"z" * 60 + b"\n" + b"zzzz0000000000000000000000000000 01 40 00\n"

FAULTS: tuple[Fault, ...] = (
    *(
        _figure(name, kind)
        for name in READ | HARDWARE
        for kind in ("fails", "garbage", "hangs", "flaps")
        if (name, kind) not in (("clock", "garbage"), ("clock", "flaps"))
    ),
    *(_programs(kind) for kind in ("missing", "denied", "fails", "garbage", "silent", "hangs", "flaps")),
    _clock("in 1970", (3.0,)),
    _clock("in 2232", (8_277_292_036.0,)),
    _clock("jumps", (1.8e9, 3.0, 8_277_292_036.0, 1.8e9 - 86_400)),
    Fault("clock", "without adjtimex", _kernel_clock, lines=0),
    _addresses("missing", None),
    _addresses("a folder", None),
    _addresses("empty", b""),
    _addresses("garbage", _GARBAGE),
    _name("is garbage", lambda: "k\udcfcche\x1b[31m\n<b>"),
    _name("is empty", lambda: ""),
    _state("full", _sqlite(_FULL, "database or disk is full"), writes_only=True),
    _state("read-only", _sqlite(_READONLY, "attempt to write a readonly database"), writes_only=True),
    _state("locked", _sqlite(_BUSY, "database is locked"), writes_only=True),
    _state("fails", _sqlite(_IO, "disk I/O error"), writes_only=False),
    _state("corrupt", _sqlite(sqlite3.SQLITE_CORRUPT, "database disk image is malformed"), writes_only=False),
    _state("flaps", _sqlite(_IO, "disk I/O error"), writes_only=False, lines=2),
    *(_driver(kind) for kind in ("fails", "hangs", "surprises", "flaps")),
)
