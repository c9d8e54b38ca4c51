"""Another process in the midst of a change of the state: requests wait a moment, then ask to come back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edgeweb import Flask
from edgeweb.device.config.profile import Profile
from edgeweb.device.device import Device
from edgeweb.device.storage.store import Locked, Store
from edgeweb.device.system.timers import Timers

from ..people import SOMEBODY, device_of

SETTINGS = "/api/v1/settings"
MERGE = "application/merge-patch+json"


@pytest.fixture
def other(app: Flask, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The connection of another program, which may have begun a change."""
    device_of(app).open()
    file = tmp_path / "state" / "state.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        yield connection


def change(app: Flask, title: str) -> tuple[int, str]:
    answer = app.test_client().patch(
        SETTINGS, json={"dashboard.title": title}, content_type=MERGE, headers={"If-Match": "*"}
    )
    return answer.status_code, answer.headers.get("Retry-After", "")


def test_a_change_is_refused_and_nothing_of_the_other_is_lost(
    app: Flask, other: sqlite3.Connection, capfd: pytest.CaptureFixture[str]
) -> None:
    device = device_of(app)
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO meta VALUES ('theirs', '1')")
    assert change(app, "one") == (503, "1")
    assert change(app, "two") == (503, "1")
    assert device.store.persistent, "the disk is as good as before"
    assert capfd.readouterr().err.count("another program") == 1
    other.execute("COMMIT")
    assert change(app, "three") == (200, "")
    assert device.title == "three"
    assert device.store.read("SELECT value FROM meta WHERE key = 'theirs'") == [("1",)]


def test_one_change_waits_and_the_next_ones_do_not(app: Flask, other: sqlite3.Connection) -> None:
    store = device_of(app).store
    waits = []
    other.execute("BEGIN IMMEDIATE")
    for _ in range(2):
        waits.append(store.read("PRAGMA busy_timeout")[0][0])
        assert change(app, "one")[0] == 503
    other.execute("ROLLBACK")
    assert change(app, "one")[0] == 200
    waits.append(store.read("PRAGMA busy_timeout")[0][0])
    assert waits == [800, 0, 800]


def test_the_log_is_read_without_its_newest_rows(app: Flask, other: sqlite3.Connection) -> None:
    device = device_of(app)
    device.audit.flush()
    other.execute("BEGIN IMMEDIATE")
    device.audit.note(SOMEBODY, "channel.set", "lamp", "on")
    assert "channel.set" not in {
        row["action"] for row in app.test_client().get("/api/v1/audit").json["audit"]
    }
    other.execute("ROLLBACK")
    assert "channel.set" in {row["action"] for row in app.test_client().get("/api/v1/audit").json["audit"]}


def test_reading_waits_for_nobody(app: Flask, other: sqlite3.Connection) -> None:
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO meta VALUES ('theirs', '1')")
    for path in ("/api/v1/users", SETTINGS, "/api/v1/status", "/readyz"):
        assert app.test_client().get(path).status_code == 200, path
    other.execute("ROLLBACK")


def test_the_log_is_written_afterwards(app: Flask, other: sqlite3.Connection) -> None:
    device = device_of(app)
    device.audit.flush()
    other.execute("BEGIN IMMEDIATE")
    device.audit.note(SOMEBODY, "channel.set", "lamp", "on")
    with pytest.raises(Locked):
        device.audit.flush()
    other.execute("ROLLBACK")
    assert device.audit.rows(limit=1)[0]["action"] == "channel.set"


@pytest.mark.slow
def test_what_is_remembered_of_a_channel_is_written_afterwards(
    make_profile: Callable[..., Profile], tmp_path: Path
) -> None:
    profile = make_profile('[channels.lamp]\ndriver = "memory"\nmode = "output"\nat_start = "restore"\n')
    with closing(Device(profile, threaded=False)) as device:
        device.start()
        device.switch(SOMEBODY, "lamp", True)
        with closing(sqlite3.connect(tmp_path / "state" / "state.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(Locked):
                device.memory.flush()
        device.memory.flush()
        assert device.store.read("SELECT state FROM channels WHERE name = 'lamp'") == [(1,)]


def test_a_call_that_was_refused_for_now_is_made_again() -> None:
    now, made = [0.0], []

    def call() -> None:
        made.append(now[0])
        if len(made) < 3:
            raise Locked

    timers = Timers(clock=lambda: now[0], threaded=False)
    timers.after(0.0, call)
    while (wait := timers.run_due()) is not None:
        now[0] += wait
    assert made == [0.0, 1.0, 2.0]


def test_a_command_waits_longer(tmp_path: Path, make_profile: Callable[..., object]) -> None:
    waits = []
    for options in ({}, {"patience": 5.0}):
        with closing(Store(str(tmp_path / "waits"), **options)) as store:
            store.open()
            ((milliseconds,),) = store.read("PRAGMA busy_timeout")
            waits.append(milliseconds)
    assert waits == [800, 5000]
