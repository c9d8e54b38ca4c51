"""The audit log: complete, bounded, and without a commit for every switch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.device.access.actor import Actor
from edgeweb.device.access.audit import DELAY, MAX_GATHERED, MAX_MERGED, MERGED_FOR, PIECE, Audit
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


def test_the_whole_log_in_pieces_the_oldest_first(rig: Rig) -> None:
    for number in range(2 * PIECE + 1):
        rig.note(number)
    pieces = list(rig.audit.pieces())
    assert [len(rows) for rows in pieces] == [PIECE, PIECE, 1]
    rows = [row for piece in pieces for row in piece]
    assert rows == rig.audit.rows(limit=1000)[::-1]
    assert list(rig.audit.pieces(before=50, limit=3)) == [rows[46:49]]
    assert list(rig.audit.pieces(limit=1000)) == pieces
    assert list(rig.audit.pieces(before=1)) == []


def test_a_slow_reader_of_the_whole_log_comes_to_its_end(rig: Rig) -> None:
    for number in range(PIECE + 1):
        rig.note(number)
    pieces = rig.audit.pieces()
    assert len(next(pieces)) == PIECE
    rig.note(0)
    rig.audit.flush()
    assert [row["id"] for row in next(pieces)] == [PIECE + 1]
    assert next(pieces, None) is None


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


def test_one_actor_pushes_out_nothing_of_others(tmp_path: Path) -> None:
    rig = Rig(tmp_path, rows=100)
    rig.store.write(lambda execute: rig.audit.insert(execute, SOMEBODY, "user.add", "eve", "viewer"))
    for name in ("ida", "olga"):
        rig.audit.note(Actor(name, "operator", "10.0.0.1"), "channel.set", name, "on")
    for _ in range(3 * MAX_GATHERED):
        rig.audit.note(Actor("bob", "operator", "10.0.0.2"), "channel.set", "lamp", "toggle")
    rig.audit.flush()
    kept = rig.kept()
    assert len(kept) == 100
    assert [target for target in kept if target != "lamp"] == ["eve", "ida", "olga"]


def test_strangers_are_one(tmp_path: Path) -> None:
    """Under how many names ever: those that they try are logged, and have no room of their own."""
    rig = Rig(tmp_path, rows=100)
    for number in range(90):
        rig.note(number)
    for name in ("ada", "bob", "-"):
        for number in range(60):
            rig.audit.refuse(Actor(name, "", f"10.0.0.{number}"), "sign-in", name)
    rig.audit.flush()
    rooms = dict(rig.store.read("SELECT room, COUNT(*) FROM audit GROUP BY room"))
    assert sum(rooms.values()) == 100
    assert rooms["channel test"] >= 34
    assert set(rooms) == {"channel test", "strangers"}


def test_rows_in_transactions_are_cut_as_well(tmp_path: Path) -> None:
    rig = Rig(tmp_path, rows=100)
    for number in range(150):
        rig.store.write(
            lambda execute, number=number: rig.audit.insert(execute, SOMEBODY, "token.add", str(number), "x")  # type: ignore[misc]
        )
    assert rig.kept() == [str(number) for number in range(50, 150)]


def test_a_refusal_that_repeats_is_counted(rig: Rig) -> None:
    eve = Actor("eve", "viewer", "10.0.0.1")
    for _ in range(12):
        rig.audit.refuse(eve, "request", "GET /api/v1/users", "forbidden")
    rig.audit.refuse(eve, "request", "GET /api/v1/audit", "forbidden")
    assert [(row["target"], row["count"]) for row in rig.audit.rows()] == [
        ("GET /api/v1/audit", 1),
        ("GET /api/v1/users", 1),
    ]
    rig.clocks.monotonic += MERGED_FOR
    rig.timers.run_due()
    (newest, *_) = rig.audit.rows()
    assert (newest["who"], newest["target"], newest["count"]) == ("eve", "GET /api/v1/users", 11)
    assert not rig.audit._repeated
    rig.audit.refuse(eve, "request", "GET /api/v1/users", "forbidden")
    assert len(rig.audit.rows()) == 4


def test_refusals_of_many_kinds_are_counted_together(rig: Rig) -> None:
    for number in range(1000):
        rig.audit.refuse(Actor("-", "", f"10.0.{number >> 8}.{number & 255}"), "token", "bearer")
    rig.clocks.monotonic += MERGED_FOR
    rig.timers.run_due()
    rows = rig.audit.rows(limit=1000)
    assert len(rows) <= MAX_MERGED + 2
    assert sum(row["count"] for row in rows) == 1000
    assert rows[0]["source"] == "many"


def test_a_copy_in_a_stable_form(rig: Rig) -> None:
    """Of what is written from then on, once, also where the disk refused the first time."""
    rig.note(1)
    rig.audit.flush()
    lines: list[str] = []
    rig.audit.copy_to(lines.append)
    rig.note(2)
    rig.audit.flush()
    rig.store.write(lambda execute: rig.audit.insert(execute, SOMEBODY, "user.add", 'e"v\ne', "viewer"))
    rig.timers.run_due()
    assert lines == [
        'audit who="test" source="127.0.0.1" action="channel.set" target="2" result="on" count=1',
        'audit who="test" source="127.0.0.1" action="user.add" target="e\\"v?e" result="viewer" count=1',
    ]
    rig.audit.copy_to(None)
    rig.note(3)
    rig.audit.flush()
    assert len(lines) == 2


def test_a_guess_is_logged_under_the_name_that_it_is_at(app: Flask) -> None:
    client_of(app).post("/api/v1/session", json={"name": "owner", "password": "wrong password"})
    (row, *_) = app.test_client().get("/api/v1/audit").json["audit"]
    assert (row["who"], row["action"], row["result"]) == ("owner", "sign-in", "refused")


def test_every_refusal_has_its_row_and_its_actor(app: Flask) -> None:
    vera = client_of(app, add_user(app, "vera", "viewer"))
    browser = browser_of(app, "vera")
    vera.get("/api/v1/users")
    browser.post("/channels/lamp", data={"on": "true"}, headers={"Sec-Fetch-Site": "cross-site"})
    browser.post("/channels/lamp", data={"on": "true", "csrf": "x"}, headers=OWN)
    body = {"password": PASSWORD, "new": "x1y2z3x1y2z3"}
    vera.put("/api/v1/users/owner/password", json=body)
    device_of(app).people.note_refusal(421, "10.0.0.9")
    device_of(app).people.note_refusal(408, "10.0.0.9")
    rows = app.test_client().get("/api/v1/audit").json["audit"]
    found = [(row["who"], row["target"], row["result"]) for row in rows if row["action"] != "session.begin"]
    assert ("vera", "GET /api/v1/users", "forbidden") in found
    assert ("vera", "POST /channels/<name>", "cross-site") in found
    assert ("vera", "owner", "refused") in found
    assert ("-", "421", "misdirected") in found
    assert not any(target == "408" for _, target, _ in found)


def test_a_listener_gets_the_rows_that_are_written_from_now_on(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    heard: list[dict[str, Any]] = []
    copied: list[str] = []
    rig.note(1)
    rig.audit.flush()
    rig.audit.listen(heard.append)
    rig.note(2)
    rig.audit.flush()
    rig.audit.copy_to(copied.append)
    rig.note(3)
    rig.audit.flush()
    rig.audit.listen(None)
    rig.note(4)
    rig.audit.flush()
    assert [(row["target"], row["who"]) for row in heard] == [("2", "test"), ("3", "test")]
    assert ['target="3"' in copied[0], 'target="4"' in copied[1], len(copied)] == [True, True, 2]
