from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edgeweb.device.config.profile import Profile
from edgeweb.device.device import Device
from edgeweb.device.system.clock import WallClock

from ..conftest import CHANNELS
from ..people import SOMEBODY

DAILY = {"channel": "lamp", "action": "on", "kind": "daily", "at": "07:00"}
ONCE = {"channel": "lamp", "action": "toggle", "kind": "once", "at": "2027-01-13T07:00"}
EVERY = {"channel": "lamp", "action": "toggle", "kind": "interval", "every": 60}
SPAN = {"channel": "lamp", "action": "on", "kind": "span", "at": "07:00", "until": "08:30"}

#: Winter's and summer's time as in Berlin, by the rule itself: the test machine needs no table of zones.
BERLIN = "CET-1CEST,M3.5.0,M10.5.0/3"

MORE = """
[channels.fan]
driver = "memory"
mode = "pwm"
[channels.pump]
driver = "memory"
mode = "output"
at_start = "restore"
[channels.up]
driver = "memory"
mode = "output"
interlock = "motor"
[channels.down]
driver = "memory"
mode = "output"
interlock = "motor"
"""


@pytest.fixture(autouse=True)
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", BERLIN)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def local(text: str) -> float:
    """Seconds since 1970 of a date and time in Berlin."""
    return time.mktime(time.strptime(text, "%Y-%m-%d %H:%M:%S"))


def shown(moment: float | None) -> str:
    """The date and time on a wall in Berlin, with its offset."""
    return "" if moment is None else time.strftime("%Y-%m-%d %H:%M:%S %z", time.localtime(moment))


class Bench:
    """A device with clocks of the test's own; time goes by in steps, and the timers' calls are made."""

    def __init__(self, profile: Profile, root: Path) -> None:
        self.profile = profile
        self.root = root
        #: What timesyncd makes.
        self.folder = root / "run/systemd/timesync"
        (root / "run/systemd/system").mkdir(parents=True)
        #: What the kernel reports of the clock where systemd does not run.
        self.kernel: bool | None = None
        self.monotonic = 100.0
        self.wall = local("2027-01-13 06:00:00")
        self.device = self._make()

    def _make(self) -> Device:
        clock = WallClock(lambda: self.monotonic, lambda: self.wall)
        device = Device(self.profile, clock, threaded=False)
        device.time_sync._root = str(self.root)
        device.time_sync._kernel = lambda: self.kernel
        device.open()
        return device

    def synchronise(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "synchronized").touch()

    def set_clock(self, text: str) -> None:
        self.wall = local(text)

    def go(self, seconds: float) -> None:
        """Time goes by, to every moment at which a timer is due."""
        end = self.monotonic + seconds
        while True:
            wait = self.device.timers.run_due()
            step = end - self.monotonic if wait is None else min(wait, end - self.monotonic)
            if step <= 0:
                return
            self.monotonic += step
            self.wall += step

    def go_to(self, text: str) -> None:
        """Time goes by until the clock shows this."""
        self.go(local(text) - self.wall)

    def off(self, seconds: float) -> None:
        """The power is cut, and comes back that much later."""
        self.device.timers.close()
        self.device.channels.close()
        self.device.store.close()
        self.monotonic = 20.0
        self.wall += seconds
        self.device = self._make()

    def restart(self, seconds: float = 1.0, *, boot: bool = False) -> None:
        """The server ends as it should, and starts again that much later; with `boot` the machine does."""
        self.device.close()
        self.monotonic = 20.0 if boot else self.monotonic + seconds
        self.wall += seconds
        self.device = self._make()
        self.device.channels.open()

    def runs(self) -> list[str]:
        """What the audit log has of schedules, with the local time."""
        rows = reversed(self.device.audit.rows(limit=500))
        return [f"{shown(row['at'])[:-6]} {row['result']}" for row in rows if row["action"] == "schedule.run"]


@pytest.fixture
def bench(make_profile: Callable[..., Profile], tmp_path: Path) -> Bench:
    """On Wednesday, the 13th of January 2027, at 6:00 local time, with a clock that is right."""
    made = Bench(make_profile(CHANNELS + MORE), tmp_path / "root")
    made.synchronise()
    return made


def put(bench: Bench, name: str = "one", fields: dict[str, Any] = DAILY, **others: Any) -> None:
    bench.device.schedules.put(SOMEBODY, name, {**fields, **others})
