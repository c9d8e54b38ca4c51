"""The boundary to the system: a table of all sources, and a generator of attacks on what they read.

A row a source. `tests/test_architecture.py` fails for a module of `metrics/` or `system/` that reads the
system and has no row, and `test_sources.py` makes every attack on every row. A new source is a new row: which
module reads, what it reads (`files` below the root, the `output` of a program, or a `call` of the standard
library), and the call that reads it in a `World`.
"""

from __future__ import annotations

import builtins
import glob
import math
import os
import random
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import psutil
import pytest

from edgeweb.device.config.schema import defaults
from edgeweb.device.hardware import tree
from edgeweb.device.hardware.reader import BUSES
from edgeweb.device.hardware.tree import Limit
from edgeweb.device.metrics import board, figures
from edgeweb.device.metrics.firmware import Firmware
from edgeweb.device.metrics.processes import Processes
from edgeweb.device.metrics.processor import Processor
from edgeweb.device.sensors import kernel_files
from edgeweb.device.sensors.kinds import kind_module
from edgeweb.device.system import addresses, command, neighbours, software, systemd
from edgeweb.device.system.clock import WallClock, boot_id, synchronized
from edgeweb.device.system.command import CommandError
from edgeweb.device.system.gpiochip import Kernel
from edgeweb.device.system.source import Source, read_file

Read = Callable[[], object]


class World:
    """A tree of files, programs and calls as a source sees them: in order, or attacked."""

    def __init__(self, root: Path, row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.row = row
        self.patch = monkeypatch
        #: What the next call of a program returns; None: it fails.
        self.output: bytes | None = row.output
        #: Set by a test to let all go that hangs.
        self.released = threading.Event()
        self._denied: set[str] = set()
        for path in row.files:
            self.restore(path)
        find = glob.glob
        monkeypatch.setattr(psutil, "PROCFS_PATH", str(root / "proc"))
        monkeypatch.setattr(
            glob, "glob", lambda pattern: find(pattern.replace("/sys/", f"{root}/sys/", 1), recursive=False)
        )
        for holder in (builtins, os):
            monkeypatch.setattr(holder, "open", self._guarded(holder.open))

    def _guarded(self, really: Callable[..., Any]) -> Callable[..., Any]:
        def opened(path: Any, *arguments: Any, **options: Any) -> Any:
            if path in self._denied:
                raise PermissionError(13, "Permission denied")
            return really(path, *arguments, **options)

        return opened

    def path(self, name: str) -> Path:
        return self.root / name

    def restore(self, name: str) -> None:
        """Put a file in order."""
        path = self.path(name)
        self._denied.discard(str(path))
        path.parent.mkdir(parents=True, exist_ok=True)
        self.remove(name)
        path.write_bytes(self.row.files[name])
        path.chmod(0o755)

    def remove(self, name: str) -> None:
        path = self.path(name)
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)

    def deny(self, name: str) -> None:
        self._denied.add(str(self.path(name)))

    def run(self, arguments: list[str]) -> bytes:
        """Stand in for a program of the system."""
        if self.output is None:
            raise CommandError(f"{arguments[0]}: failed")
        return self.output

    def release(self) -> None:
        """Let go what waits for a pipe or in a call."""
        self.released.set()
        for name in self.row.files:
            path = self.path(name)
            if path.is_fifo():
                os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK))


class Row(NamedTuple):
    """One source: the module below `edgeweb.device` that reads, and what it reads, in order."""

    module: str
    name: str
    read: Callable[[World], Read]
    files: Mapping[str, bytes] = {}
    output: bytes | None = None
    #: A call of the standard library: its module, its name, and the fields of what it returns.
    call: tuple[Any, str, tuple[str, ...]] | None = None

    def source(self, world: World) -> Source[object]:
        return Source(self.name, self.read(world))


# -- the generator ----------------------------------------------------------------------------------------


def mutations(good: bytes, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield contents in place of a good one, each with the name of its kind."""
    chance = random.Random(seed)
    yield "empty", b""
    yield "one line break", b"\n"
    for part in (3, 2):
        yield "truncated", good[: len(good) // part]
    yield "truncated", good[:-2]
    yield "negative", re.sub(rb"\d+", lambda found: b"-" + found[0], good)
    yield "huge", re.sub(rb"\d+", b"9" * 40, good)
    yield "not a number", re.sub(rb"\d+", b"nan", good)
    yield "infinite", re.sub(rb"\d+", b"inf", good)
    yield "Latin-1", re.sub(rb"[a-z]{3}", b"\xb0\xfc\x1b", good)
    yield "directions and zeros", re.sub(rb"[a-z]{3}", "\u202ea\0".encode(), good)
    for length in (1, 40, len(good), 5000):
        yield "random bytes", chance.randbytes(length)
    yield "random text", bytes(chance.choices(good or b"0", k=len(good)))
    swapped = bytearray(good)
    for _ in range(5):
        if swapped:
            swapped[chance.randrange(len(swapped))] = chance.randrange(256)
    yield "flipped bytes", bytes(swapped)
    yield "long", good * 300


def _replace(world: World, name: str, make: Callable[[Path], object]) -> None:
    world.remove(name)
    make(world.path(name))


#: Attacks on a file that need more than other content.
PLACES: dict[str, Callable[[World, str], object]] = {
    "missing": lambda world, name: world.remove(name),
    "a folder": lambda world, name: _replace(world, name, Path.mkdir),
    "an endless link": lambda world, name: _replace(world, name, lambda path: path.symlink_to(path)),
    # opened like any file, and each read of its first byte is EIO
    "unreadable": lambda world, name: _replace(world, name, lambda path: path.symlink_to("/proc/self/mem")),
    "denied": lambda world, name: world.deny(name),
}


def hang(world: World, name: str) -> None:
    """A pipe that nothing is written to."""
    _replace(world, name, os.mkfifo)


#: What a call raises or returns instead, by the names of the fields of its result.
CALLS: dict[str, Callable[[tuple[str, ...]], object]] = {
    "denied": lambda fields: PermissionError(13, "Permission denied"),
    "unreadable": lambda fields: OSError(5, "Input/output error"),
    "stale": lambda fields: OSError(116, "Stale file handle"),
    "no text": lambda fields: OSError(),
    "negative": lambda fields: -1.0,
    "huge": lambda fields: 1e300,
    "not a number": lambda fields: math.nan,
    "infinite": lambda fields: math.inf,
    "garbage": lambda fields: "garbage",
}


def patch_call(world: World, kind: str) -> None:
    """Replace the call of a row."""
    assert world.row.call is not None
    module, name, fields = world.row.call
    result = CALLS[kind](fields)

    def call(*arguments: object) -> object:
        if isinstance(result, BaseException):
            raise result
        if not fields:
            return result
        return SimpleNamespace(**dict.fromkeys(fields, result)) if fields[0] else (result,) * len(fields)

    world.patch.setattr(module, name, call)


def hang_call(world: World) -> None:
    """Replace the call of a row by one that returns when the test is over."""
    assert world.row.call is not None
    module, name, _ = world.row.call

    def call(*arguments: object) -> None:
        world.released.wait()
        raise OSError(5, "Input/output error")

    world.patch.setattr(module, name, call)


def faults_of(value: object, where: str = "value") -> Iterator[str]:
    """Yield what is wrong with the value of a source: text that is not clean, numbers that JSON has not."""
    if isinstance(value, str):
        if not value.isprintable():
            yield f"{where}: {value!r}"
    elif isinstance(value, float):
        if not math.isfinite(value):
            yield f"{where}: {value!r}"
    elif isinstance(value, int):
        if abs(value) > 1 << 65:
            yield f"{where}: {value!r}"
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from faults_of(key, where)
            yield from faults_of(one, f"{where}[{key!r}]")
    elif isinstance(value, (list, tuple)):
        for place, one in enumerate(value):
            yield from faults_of(one, f"{where}[{place}]")
    elif value is not None:
        yield f"{where}: {type(value).__name__}"


# -- the table --------------------------------------------------------------------------------------------

STAT = b"cpu  600 0 400 3000 0 0 0 0 0 0\ncpu0 100 0 100 800 0 0 0 0 0 0\ncpu2 400 0 200 400 0 0 0 0 0 0\n"
MEMINFO = (
    b"MemTotal:         943592 kB\nMemFree:          512000 kB\nMemAvailable:     707694 kB\n"
    b"Buffers:           20000 kB\nCached:           180000 kB\nActive:           150000 kB\n"
    b"Inactive:         120000 kB\nShmem:              4000 kB\nSlab:              30000 kB\n"
    b"SReclaimable:      12000 kB\nSwapTotal:        102396 kB\nSwapFree:          51198 kB\n"
)
NET_DEV = (
    b"Inter-|   Receive                            |  Transmit\n"
    b" face |bytes    packets errs drop fifo frame |bytes    packets errs drop fifo\n"
    b"    lo:    4096      32    0    0    0     0          0         0     4096      32    0    0    0     0"
    b"       0          0\n"
    b"  eth0: 1234567    9876    0    0    0     0          0        12   765432    5432    0    0    0     0"
    b"       0          0\n"
)
PROCESS = b"17 (edgeweb (x)) S 1 17 17 0 -1 0 0 0 0 0 210 40 0 0 20 0 3 0 500 1000000 800 0 0\n"
APT = dict.fromkeys(("usr/bin/apt-cache", "var/lib/dpkg/info/edgeweb.list", software.STATUS), b"step=done\n")
POLICY = b"edgeweb:\n  Installed: 1.0\n  Candidate: 1.1\n     1.1 500\n *** 1.0 100\n"
SHOW = (
    b"Names=ssh.service sshd.service\nId=ssh.service\nDescription=OpenBSD Secure Shell server\n"
    b"LoadState=loaded\nActiveState=active\nSubState=running\n\n"
    b"Names=nginx.service\nId=nginx.service\nDescription=\nLoadState=not-found\nActiveState=inactive\n"
    b"SubState=dead\n"
)
BROWSED = (
    b"+;eth0;IPv4;shed;_edgeweb._tcp;local\n"
    b'=;eth0;IPv4;shed\\032two;_edgeweb._tcp;local;shed.local;192.168.1.20;80;"path=/api/v1"\n'
    b'=;eth0;IPv6;house;_edgeweb._tcp;local;house.local;2001:db8::1;8080;"path=/api/v1"\n'
)
INET6 = (
    b"20010db8000100020000000000000001 02 40 00 80     eth0\n"
    b"fe80000000000000021122fffe334455 02 40 20 80     eth0\n"
)
JOURNAL = (
    b'{"__REALTIME_TIMESTAMP":"1800000000000000","PRIORITY":"6","MESSAGE":"started"}\n'
    b'{"__REALTIME_TIMESTAMP":"1800000001000000","PRIORITY":["3","4"],"MESSAGE":[98,121,255]}\n'
)
HWMON = "sys/class/hwmon/hwmon0"


def processes(world: World) -> Read:
    read = Processes(str(world.root))
    return lambda: [process.to_json() for process in read.source.read()]


def disk(world: World) -> Read:
    return lambda: figures.labelled(figures.disk(str(world.root)))


def browsed(world: World) -> Read:
    return lambda: neighbours.boards(world.run)


def offered(world: World) -> Read:
    found = software.Software(world.run, str(world.root), f"{world.root}/{software.FOLDER}")
    return lambda: (found.find(), found.changelog(), found.update())


def services(world: World) -> Read:
    return lambda: systemd.services(world.run, ["ssh.service", "nginx.service"])


def journal(world: World) -> Read:
    return lambda: systemd.journal(world.run, WallClock.date, "nginx.service", 10, 7, 60)


def network(world: World) -> Read:
    read = figures.Network()
    return lambda: figures.labelled(read.read())


def sensor(kind: str, **options: object) -> Callable[[World], Read]:
    """What a sensor of a kind reads in a world, by a new input each time."""

    def read(world: World) -> Read:
        found = kind_module(kind).Input(defaults("sensors.*", kind=kind, **options), str(world.root))
        return lambda: [found.read(), found.unit]

    return read


W1, IIO = "sys/bus/w1/devices/28-0316a2795e1f", "sys/bus/iio/devices/iio:device0"


def bus(name: str, files: Mapping[str, bytes]) -> Row:
    """A bus of the hardware that is listed."""

    def read(world: World) -> Read:
        return lambda: BUSES[name](str(world.root), Limit())

    return Row(f"hardware.{name}", f"hardware {name}", read, files)


HARDWARE = (
    # no chip: the calls on one are the kernel's, and channels/drivers/fake_kernel.py has chips
    bus("gpio", {"dev/gpiochip0": b""}),
    bus(
        "leds",
        {
            "sys/class/leds/ACT/max_brightness": b"255\n",
            "sys/class/leds/ACT/trigger": b"none timer [mmc0] heartbeat\n",
        },
    ),
    bus(
        "pwm",
        {
            "sys/class/pwm/pwmchip0/npwm": b"2\n",
            "sys/class/pwm/pwmchip0/pwm0/period": b"1000000\n",
            "sys/class/pwm/pwmchip0/pwm0/duty_cycle": b"250000\n",
            "sys/class/pwm/pwmchip0/pwm0/enable": b"1\n",
        },
    ),
    bus("onewire", {"sys/bus/w1/devices/w1_bus_master1/28-00000a1b2c3d/name": b"28-00000a1b2c3d\n"}),
    bus(
        "iio",
        {
            "sys/bus/iio/devices/iio:device0/name": b"bme280\n",
            "sys/bus/iio/devices/iio:device0/label": b"outside\n",
            "sys/bus/iio/devices/iio:device0/in_temp_input": b"21430\n",
        },
    ),
    bus(
        "hwmon",
        {
            f"{HWMON}/name": b"rp1_adc\n",
            f"{HWMON}/temp1_input": b"44700\n",
            f"{HWMON}/temp1_label": b"RP1\n",
        },
    ),
    bus(
        "i2c",
        {
            "sys/bus/i2c/devices/i2c-1/name": b"bcm2835 (i2c@7e804000)\n",
            "sys/bus/i2c/devices/1-0048/name": b"ads1115\n",
        },
    ),
    bus("cameras", {"dev/video0": b"", "sys/class/video4linux/video0/name": b"unicam\n"}),
)

SOURCES: tuple[Row, ...] = (
    *HARDWARE,
    Row(
        *("hardware.tree", "a value", lambda world: lambda: tree.text(str(world.root), "sys/value")),
        {"sys/value": b"bme280\n"},
    ),
    Row("metrics.processor", "processor", lambda world: Processor(str(world.root)).read, {"proc/stat": STAT}),
    Row("metrics.figures", "load", lambda world: figures.load, call=(os, "getloadavg", ("", "", ""))),
    Row("metrics.figures", "memory", lambda world: figures.memory, {"proc/meminfo": MEMINFO}),
    Row(
        *("metrics.figures", "swap", lambda world: figures.swap),
        {"proc/meminfo": MEMINFO, "proc/vmstat": b"pswpin 10\npswpout 20\n"},
    ),
    Row("metrics.figures", "uptime", lambda world: figures.uptime, call=(figures.time, "clock_gettime", ())),
    Row(
        *("metrics.figures", "server", lambda world: lambda: figures.server_memory(str(world.root))),
        {"proc/self/statm": b"9000 5000 2000 800 0 3000 0\n"},
    ),
    Row("metrics.figures", "network", network, {"proc/net/dev": NET_DEV}),
    Row(
        *("metrics.figures", "disk", disk),
        call=(os, "statvfs", ("f_blocks", "f_bavail", "f_bfree", "f_frsize")),
    ),
    Row(
        *("metrics.figures", "temperatures", lambda world: lambda: figures.labelled(figures.temperatures())),
        {
            f"{HWMON}/name": b"cpu_thermal\n",
            f"{HWMON}/temp1_input": b"48300\n",
            f"{HWMON}/temp1_label": b"Package\n",
        },
    ),
    Row(
        *("metrics.firmware", "firmware", lambda world: Firmware(str(world.root)).read),
        {"sys/devices/platform/soc/soc:firmware/get_throttled": b"50005\n"},
    ),
    Row(
        "metrics.processes", "processes", processes, {"proc/17/stat": PROCESS, "proc/uptime": b"900.5 1.0\n"}
    ),
    Row(
        *("metrics.board", "model", lambda world: lambda: board.model(str(world.root))),
        {"proc/device-tree/model": b"Raspberry Pi 4 Model B Rev 1.4\0"},
    ),
    Row(
        *("metrics.board", "compatible", lambda world: lambda: board.compatible(str(world.root))),
        {"proc/device-tree/compatible": b"raspberrypi,4-model-b\0brcm,bcm2711\0"},
    ),
    Row(
        *("system.clock", "clock", lambda world: lambda: synchronized(str(world.root))),
        {"run/systemd/timesync/synchronized": b""},
    ),
    Row(
        *("system.clock", "boot", lambda world: lambda: boot_id(str(world.path("boot_id")))),
        {"boot_id": b"3f0c2b9e-5a41-4a8e-9c26-1b9f4f0f6f2d\n"},
    ),
    Row(
        *(
            "system.addresses",
            "addresses",
            lambda world: lambda: addresses.ipv6_addresses(str(world.path("if_inet6"))),
        ),
        {"if_inet6": INET6},
    ),
    Row(
        *(
            "system.addresses",
            "networks",
            lambda world: lambda: sorted(addresses.ipv6_networks(str(world.path("if_inet6")))),
        ),
        {"if_inet6": INET6},
    ),
    Row(
        *("sensors.kernel_files", "number", lambda w: lambda: kernel_files.read_number(str(w.path("rain")))),
        {"rain": b"21.5 mm\n"},
    ),
    Row(
        *("sensors.kinds.hwmon", "hwmon", sensor("hwmon", chip="cpu_thermal", input="Package")),
        {
            f"{HWMON}/name": b"cpu_thermal\n",
            f"{HWMON}/temp1_input": b"48300\n",
            f"{HWMON}/temp1_label": b"Package\n",
        },
    ),
    Row(
        *("sensors.kinds.iio", "iio", sensor("iio", device="ads1015", channel="voltage0")),
        {
            f"{IIO}/name": b"ads1015\n",
            f"{IIO}/in_voltage0_raw": b"700\n",
            f"{IIO}/in_voltage0_scale": b"3.000000000\n",
            f"{IIO}/in_voltage_offset": b"-5\n",
        },
    ),
    Row(
        *("sensors.kinds.w1", "w1", sensor("w1", device="28-0316a2795e1f")),
        {f"{W1}/w1_slave": b"72 01 4b 46 7f ff 0e 10 57 : crc=57 YES\n72 01 4b 46 7f ff 0e 10 57 t=23125\n"},
    ),
    Row(
        # what stands in a chip's place, and is listed; calls on chips are the kernel's: channels/drivers
        *("system.gpiochip", "chips", lambda world: lambda: Kernel().chips(str(world.path("dev")))),
        {"dev/gpiochip0": b""},
    ),
    Row("system.neighbours", "boards", browsed, output=BROWSED),
    Row("system.systemd", "services", services, output=SHOW),
    Row("system.software", "software", offered, APT, output=POLICY),
    Row("system.systemd", "journal", journal, output=JOURNAL),
    Row(
        *("system.source", "read_file", lambda world: lambda: len(read_file(str(world.path("file"))))),
        {"file": b"content"},
    ),
    Row(
        *(
            "system.command",
            "program",
            lambda world: lambda: len(command.run([str(world.path("tool"))], 5.0)),
        ),
        {"tool": b"#!/bin/sh\necho done\n"},
    ),
)
