"""What the device writes: nothing while nothing changes, and what it says when nothing can be written."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.config.profile import Profile
from edgeweb.device.device import Device
from edgeweb.device.http.current import attach
from edgeweb.device.storage.store import BACKUP_DELAY, RETRY
from edgeweb.device.system.clock import WallClock

from ..conftest import CHANNELS
from ..people import add_owner, browser_of, device_of
from ..process import ROOT


class Clocks:
    monotonic = 100.0
    wall = 1_800_000_000.0

    def step(self, seconds: float) -> None:
        self.monotonic += seconds
        self.wall += seconds


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def app(make_profile: Callable[..., Profile], clocks: Clocks) -> Flask:
    """The application with clocks of the test's own and without a thread."""
    profile = make_profile(CHANNELS)
    app = create_app(profile)
    clock = WallClock(lambda: clocks.monotonic, lambda: clocks.wall)
    attach(app, Device(profile, clock, threaded=False))
    return add_owner(app)


#: An hour of a device that is looked at all the time, by programs and browsers, with and without a tag, while
#: figures are read and remembered; in a process of its own, because the kernel counts what that sends to
#: disks (nothing where the folder is in memory, hence the files' times too).
HOUR = """
import sys
from pathlib import Path
from edgeweb.device import create_app
from edgeweb.device.system.clock import WallClock
from edgeweb.device.device import Device
from edgeweb.device.http.current import attach
from tests.device.people import add_owner, browser_of, device_of

def written():
    lines = Path("/proc/self/io").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("write_bytes")))

def files():
    folder = Path(device.store.folder)
    return {file.name: (file.stat().st_mtime_ns, file.stat().st_size) for file in folder.iterdir()}

now = 100.0
app = create_app(sys.argv[1])
device = Device(device_of(app).profile, WallClock(lambda: now, lambda: now + 1.8e9), threaded=False)
attach(app, device)
device.start()
add_owner(app)
program, browser = app.test_client(), browser_of(app)
assert program.put("/api/v1/channels/lamp/state", json={"on": True}).status_code == 200
device.time_sync._found = True
for name, enabled in (("morning", True), ("off", False)):
    body = {"channel": "lamp", "action": "on", "kind": "daily", "at": sys.argv[2], "enabled": enabled}
    assert program.put("/api/v1/schedules/" + name, json=body).status_code == 201

def look():
    for name in ("status", "channels", "schedules", "sensors", "settings"):
        assert program.get("/api/v1/" + name).status_code == 200
    assert program.get("/readyz").status_code == 200
    assert browser.get("/").status_code == 200

look()  # Python keeps what it compiles for the first time
now += 400  # what the start and the switch above have to write is written by then: the history comes last
device.timers.run_due()
before, files_before = written(), files()
for _ in range(720):
    now += 5
    device.timers.run_due()
    look()
print(len(files_before), files() == files_before, written() - before)
"""


@pytest.mark.slow
def test_nothing_is_written_in_an_hour_in_which_nothing_changes(
    make_profile: Callable[..., Profile], tmp_path: Path
) -> None:
    make_profile(CHANNELS)
    done = subprocess.run(
        # the clock shows 8:01 at the beginning: the schedules wait for the next morning
        [sys.executable, "-c", HOUR, str(tmp_path / "test.toml"), "07:00"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "TZ": "UTC0"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    expected = "database, its log and index, backup, lock, mark of an owner; none of them touched"
    assert done.stdout == "6 True 0\n", expected


@pytest.mark.slow
@pytest.mark.parametrize(("keep", "transactions"), [("false", 0), ("true", 1)])
def test_an_hour_of_sensors_is_no_write_or_one(
    keep: str, transactions: int, make_profile: Callable[..., Profile], clocks: Clocks, tmp_path: Path
) -> None:
    names = [f"s{number}" for number in range(16)]
    for name in names:
        (tmp_path / name).write_text("21.5")
    sensors = "".join(f'[sensors.{name}]\nkind = "file"\npath = "{tmp_path}/{name}"\n' for name in names)
    profile = make_profile(f"[history]\nkeep = {keep}\n[schedules]\nwait_for_clock = false\n{sensors}")
    clock = WallClock(lambda: clocks.monotonic, lambda: clocks.wall)
    device = Device(profile, clock, threaded=False)
    device.start()
    _ = device.cookie_name  # makes the state
    clocks.step(200)
    device.timers.run_due()
    folder = tmp_path / "state"

    def files() -> dict[str, tuple[int, int]]:
        found = ((file.name, file.stat()) for file in folder.iterdir())
        return {name: (stat.st_mtime_ns, stat.st_size) for name, stat in found}

    before, log = files(), (folder / "state.db-wal").stat().st_size
    for number in range(720):
        clocks.step(5)
        for name in names:
            (tmp_path / name).write_text(str(number))
        device.timers.run_due()
    grown = (folder / "state.db-wal").stat().st_size - log
    if transactions:
        assert device.store.read("SELECT COUNT(*) FROM sensor_days") == [(16,)]
        pages = grown // 4120
        assert 0 < pages <= 16, f"one transaction of some pages, not one for each sensor: {pages}"
    else:
        assert files() == before
    device.close()


@pytest.mark.slow
def test_many_switches_are_few_commits(app: Flask, clocks: Clocks) -> None:
    device, program = device_of(app), app.test_client()
    commits = 0
    write = device.store.write

    def counting(*arguments: Any, **options: Any) -> Any:
        nonlocal commits
        commits += 1
        return write(*arguments, **options)

    device.store.write = counting  # type: ignore[method-assign]
    for number in range(1000):
        program.put("/api/v1/channels/lamp/state", json={"on": number % 2 == 0})
    clocks.step(10)
    device.timers.run_due()
    assert commits == 3, "the rows, the states, and once a day the use of the token"
    assert device.store.read("SELECT COUNT(*) FROM audit WHERE action = 'channel.set'") == [(1000,)]


def test_a_change_is_backed_up_a_minute_later_and_once(app: Flask, clocks: Clocks, tmp_path: Path) -> None:
    backup = tmp_path / "state" / "state.backup.db"
    assert not backup.exists()
    clocks.step(BACKUP_DELAY)
    device_of(app).timers.run_due()
    assert backup.exists()
    assert device_of(app).store.back_up() is False


def test_a_full_disk_is_told_and_control_goes_on(app: Flask, clocks: Clocks) -> None:
    device, program = device_of(app), app.test_client()
    assert program.get("/readyz").json == {"ready": True, "checks": {"storage": "ok", "channels": "ok"}}
    tag = program.get("/api/v1/status").headers["ETag"]
    assert device.store._connection is not None
    device.store._connection.execute("PRAGMA max_page_count=1")
    made = program.post("/api/v1/users", json={"name": "big", "password": "x1y2z3" * 20, "role": "viewer"})
    for number in range(40):
        name = "u" * 40 + str(number)
        made = program.post("/api/v1/users", json={"name": name, "password": "x1y2z3x1y2", "role": "viewer"})
    assert made.status_code == 201

    ready = program.get("/readyz")
    assert ready.status_code == 503
    assert ready.json["checks"]["storage"] == "not persistent"
    status = program.get("/api/v1/status", headers={"If-None-Match": tag})
    assert status.json["storage"] == {"persistent": False, "reason": "database or disk is full"}
    assert "Changes are not kept: database or disk is full" in browser_of(app).get("/").text
    assert program.put("/api/v1/channels/lamp/state", json={"on": True}).json["state"] is True

    clocks.step(RETRY)
    device.timers.run_due()
    assert program.get("/readyz").status_code == 200, "it went back to the disk without another change"
    assert program.delete("/api/v1/users/big").status_code == 204
    assert len(Device(device.profile).accounts.users()) == 41, "what was changed in between is on the disk"


def test_a_disk_that_became_read_only_is_told_and_control_goes_on(app: Flask, clocks: Clocks) -> None:
    device, program = device_of(app), app.test_client()
    assert program.get("/readyz").status_code == 200
    assert device.store._connection is not None
    device.store._connection.execute("PRAGMA query_only=ON")
    made = program.post("/api/v1/tokens", json={"note": "while the disk is read-only"})
    assert made.status_code == 201
    ready = program.get("/readyz")
    assert ready.status_code == 503
    assert ready.json["checks"]["storage"] == "not persistent"
    assert program.get("/livez").status_code == 200
    assert program.get("/api/v1/status").json["storage"]["persistent"] is False
    assert "edgeweb_storage_persistent 0.0" in program.get("/metrics").text
    assert program.post("/api/v1/channels/lamp/on").json["state"] is True
    clocks.step(RETRY)
    assert program.delete(f"/api/v1/tokens/{made.json['id']}").status_code == 204
    assert program.get("/readyz").status_code == 200, "it went back to the disk"


def test_memory_on_purpose_is_ready(make_profile: Callable[..., Profile], tmp_path: Path) -> None:
    app = add_owner(create_app(make_profile('[storage]\nstate = "memory"')))
    client = app.test_client()
    assert client.get("/readyz").status_code == 200
    assert client.get("/api/v1/status").json["storage"]["persistent"] is False
    assert not (tmp_path / "state").exists()


def test_an_offline_channel_is_not_ready(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from edgeweb.device.channels import driver_calls

    def missing(name: str) -> Any:
        raise ModuleNotFoundError("No module named 'spidev'")

    monkeypatch.setattr(driver_calls, "make_driver", missing)
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["checks"]["channels"]) == (503, "offline")
