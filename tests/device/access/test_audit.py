"""The audit log: complete, bounded, and without a commit for every switch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from edgeweb import Flask
from edgeweb.device.access.audit import DELAY, MAX_GATHERED, Audit
from edgeweb.device.storage.store import Store
from edgeweb.device.system.clock import WallClock
from edgeweb.device.system.timers import Timers

from ..people import OWN, PASSWORD, SOMEBODY, add_user, browser_of, client_of, device_of


class Clocks:
    monotonic = 100.0
    wall = 100.0


class Rig:
    def __init__(self, folder: Path, rows: int = 1000) -> None:
        self.clocks = Clocks()
        wall = WallClock(lambda: self.clocks.monotonic, lambda: self.clocks.wall)
        self.wall = wall
        self.timers = Timers(wall.monotonic, threaded=False)
        self.store = Store(str(folder), wall.monotonic)
        self.audit = Audit(self.store, rows, self.timers.after, wall.seconds, wall.monotonic)

    def note(self, number: int) -> None:
        self.audit.note(SOMEBODY, "channel.set", str(number), "on")

    def kept(self) -> list[str]:
        return [target for (target,) in self.store.read("SELECT target FROM audit ORDER BY id")]


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def test_rows_are_gathered_and_written_together(rig: Rig) -> None:
    for number in range(10):
        rig.note(number)
    assert rig.kept() == []
    rig.clocks.monotonic += DELAY
    rig.timers.run_due()
    assert rig.kept() == [str(number) for number in range(10)]


def test_many_rows_do_not_wait(rig: Rig) -> None:
    for number in range(MAX_GATHERED):
        rig.note(number)
    assert len(rig.kept()) == MAX_GATHERED


def test_a_caller_that_must_not_wait_has_the_rows_written_later(rig: Rig) -> None:
    for number in range(MAX_GATHERED):
        rig.audit.note(SOMEBODY, "channel.pulse", str(number), "off", waits=False)
    assert rig.kept() == []
    rig.timers.run_due()
    assert len(rig.kept()) == MAX_GATHERED


def test_the_log_is_bounded_and_its_numbers_go_on(tmp_path: Path) -> None:
    rig = Rig(tmp_path, rows=100)
    for number in range(3 * MAX_GATHERED):
        rig.note(number)
    rows = rig.audit.rows(limit=1000)
    assert [row["target"] for row in rows] == [
        str(n) for n in range(3 * MAX_GATHERED - 1, 3 * MAX_GATHERED - 101, -1)
    ]
    assert [row["id"] for row in rows] == list(range(3 * MAX_GATHERED, 3 * MAX_GATHERED - 100, -1))
    assert [row["id"] for row in rig.audit.rows(before=rows[0]["id"], limit=2)] == [1499, 1498]


def test_a_date_that_was_set_meanwhile_is_right(rig: Rig) -> None:
    """A board starts in 1970; the answer of NTP comes a second after the switch."""
    rig.note(1)
    rig.clocks.monotonic += 1
    rig.clocks.wall = 1_800_000_000.0
    rig.wall.check()
    (row,) = rig.audit.rows()
    assert row["at"] == 1_800_000_000.0 - 1


def test_texts_of_clients_are_cut(rig: Rig) -> None:
    rig.audit.note(SOMEBODY, "sign-in", "x" * 10_000, "y" * 10_000)
    (row,) = rig.audit.rows()
    assert len(row["target"]) == len(row["result"]) == 120


def test_who_where_what_and_result(app: Flask) -> None:
    owner = app.test_client()
    add_user(app, "vera", "viewer")
    owner.put("/api/v1/channels/lamp/state", json={"on": True}, environ_base={"REMOTE_ADDR": "10.0.0.7"})
    owner.put("/api/v1/channels/door/state", json={"on": True})
    client_of(app).post("/api/v1/session", json={"name": "eve", "password": "wrong password"})
    browser = browser_of(app)
    body = {"password": PASSWORD, "new": "x1y2z3x1y2z3"}
    assert browser.put("/api/v1/users/vera/password", json=body, headers=OWN).status_code == 204
    owner.delete("/api/v1/users/vera")
    rows = owner.get("/api/v1/audit").json["audit"]
    facts = [(r["who"], r["source"], r["action"], r["target"], r["result"]) for r in rows]
    assert facts[:6] == [
        ("owner", "127.0.0.1", "user.remove", "vera", "removed"),
        ("owner", "127.0.0.1", "user.password", "vera", "changed"),
        ("owner", "127.0.0.1", "session.begin", "owner", "signed in"),
        ("-", "127.0.0.1", "sign-in", "unknown name", "refused"),
        ("owner", "127.0.0.1", "channel.set", "door", "on: not-an-output"),
        ("owner", "10.0.0.7", "channel.set", "lamp", "on"),
    ]
    assert all(row["at"].endswith("Z") for row in rows)
    assert PASSWORD not in str(rows) and "x1y2z3" not in str(rows)
    (newest,) = owner.get("/api/v1/audit?limit=1").json["audit"]
    assert newest["action"] == "user.remove"
    assert (
        owner.get(f"/api/v1/audit?before={newest['id']}&limit=1").json["audit"][0]["action"]
        == "user.password"
    )


def test_a_change_that_is_refused_leaves_no_row(app: Flask) -> None:
    owner = app.test_client()
    before = owner.get("/api/v1/audit").json["audit"]
    assert owner.delete("/api/v1/users/owner").status_code == 409
    assert owner.get("/api/v1/audit").json["audit"] == before


def test_what_was_gathered_is_written_at_the_end(app: Flask, make_profile: Callable[..., object]) -> None:
    app.test_client().put("/api/v1/channels/lamp/state", json={"on": True})
    device_of(app).close()
    assert device_of(app).store.read("SELECT result FROM audit ORDER BY id DESC LIMIT 1") == [("on",)]
    device_of(app).close()
