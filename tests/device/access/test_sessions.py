"""Sessions of browsers: they live in the state, end by the time in which the device runs, and are bounded."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeweb.device.access import sessions as sessions_module
from edgeweb.device.access.sessions import MAX_AGE, MAX_PER_USER, SAVE_EVERY, Session, Sessions
from edgeweb.device.access.user import User
from edgeweb.device.storage.store import Store

ADA = User("ada", "admin", "scrypt:1:1:1$salt$hash")
DAY = 86400.0


class Board:
    """Clocks and a state that outlive the sessions' process, as a machine does."""

    def __init__(self, folder: str = "") -> None:
        self.store = Store(folder)
        self.now, self.wall, self.name = 1000.0, 1_800_000_000.0, "first"

    def sessions(self, idle: float = 7 * DAY) -> Sessions:
        made = Sessions(idle, self.store, lambda: self.now, lambda: self.wall)
        made._boot = self.name
        return made

    def run(self, seconds: float) -> None:
        self.now += seconds
        self.wall += seconds

    def boot(self, wall: float) -> None:
        """Start the machine again: the monotonic clock begins again, and the date is what it is."""
        self.name += "+"
        self.now, self.wall = 10.0, wall


@pytest.fixture
def board() -> Board:
    return Board()


def test_sessions_end_by_the_monotonic_clock(board: Board) -> None:
    sessions = board.sessions(60.0)
    key, session = sessions.open(ADA)
    board.now += 60
    assert sessions.find(key) is session
    board.now += 60
    assert sessions.find(key) is session, "it was used in between"
    board.now += 61
    assert sessions.all() == []
    assert sessions.find(key) is None
    assert sessions.find(key[:-1]) is None and sessions.find("") is None
    assert board.store.read("SELECT 1 FROM sessions") == []


def test_what_a_page_asks_for_on_its_own_keeps_no_session_alive(board: Board) -> None:
    sessions = board.sessions(60.0)
    key, session = sessions.open(ADA)
    for _ in range(30):
        board.run(2.0)
        assert sessions.find(key, used=False) is session
    board.run(2.0)
    assert sessions.find(key, used=False) is None


def test_a_session_has_a_greatest_age(board: Board) -> None:
    sessions = board.sessions()
    key, _ = sessions.open(ADA)
    for _ in range(int(MAX_AGE / DAY)):
        board.run(DAY)
        assert sessions.find(key)
    board.run(1.0)
    assert sessions.find(key) is None


def test_a_restart_signs_no_browser_out(tmp_path: Path) -> None:
    board = Board(str(tmp_path))
    sessions = board.sessions()
    key, before = sessions.open(ADA, "10.0.0.1", "Firefox")
    board.run(3600.0)
    sessions.find(key)
    sessions.close()
    board.store.close()
    board.run(5.0)
    (listed,) = board.sessions().all()
    after = board.sessions().find(key)
    assert after is not None
    names = ("id", "user", "stamp", "csrf", "source", "agent", "opened")
    assert [getattr(after, name) for name in names] == [getattr(before, name) for name in names]
    assert listed.seen == before.seen, "idle since then"
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert key.encode() not in content and before.csrf.encode() not in content


@pytest.mark.parametrize("wall", [0.0, 1_800_000_000.0, 4_000_000_000.0], ids=["1970", "today", "far ahead"])
def test_no_date_after_a_start_ends_a_session_wrongly(board: Board, wall: float) -> None:
    """A board without a clock starts in 1970; a damaged one somewhere; a step of the date is no time."""
    key, _ = board.sessions().open(ADA)
    board.boot(wall)
    sessions = board.sessions()
    assert sessions.find(key)
    board.wall = 1_900_000_000.0
    assert sessions.find(key)


def test_no_session_is_kept_for_ever_by_power_cuts(board: Board) -> None:
    """Nothing of a boot is written, and no date is ever right."""
    key, _ = board.sessions().open(ADA)
    boots = 0
    while board.sessions().find(key):
        sessions = board.sessions()
        sessions.find(key)
        sessions.save()
        board.boot(0.0)
        boots += 1
    assert boots <= MAX_AGE / SAVE_EVERY + 1


def test_the_date_counts_what_was_not_written(board: Board) -> None:
    """Each start after a long absence takes a quarter of the limit, by a date that is right."""
    key, _ = board.sessions(8 * DAY).open(ADA)
    found = []
    for _ in range(5):
        board.boot(board.wall + 30 * DAY)
        sessions = board.sessions(8 * DAY)
        found.append(sessions.find(key, used=False) is not None)
        sessions.save()
    assert found == [True, True, True, True, False]


def test_use_is_written_now_and_then(board: Board) -> None:
    sessions = board.sessions()
    key, _ = sessions.open(ADA)
    rows = board.store.read("SELECT * FROM sessions")
    for _ in range(60):
        board.run(60.0)
        sessions.find(key)
    assert board.store.read("SELECT * FROM sessions") == rows, "an hour of use writes nothing"
    board.run(SAVE_EVERY)
    sessions.find(key)
    assert board.store.read("SELECT age FROM sessions") == [(3600.0 + SAVE_EVERY,)]


def test_a_user_drops_sessions_of_the_own_only(board: Board) -> None:
    sessions = board.sessions()
    boss, _ = sessions.open(User("boss", "admin", "x"))
    keys = [sessions.open(ADA)[0] for _ in range(MAX_PER_USER)]
    sessions.find(keys[0])
    sessions.open(ADA)
    assert sessions.find(boss) and sessions.find(keys[0]) and not sessions.find(keys[1])
    assert len(sessions.all()) == 1 + MAX_PER_USER
    assert board.store.read("SELECT COUNT(*) FROM sessions") == [(1 + MAX_PER_USER,)]


def test_all_together_are_bounded_and_the_one_with_the_most_gives_way(board: Board) -> None:
    sessions = board.sessions()
    boss, _ = sessions.open(User("boss", "admin", "x"))
    for number in range(20):
        for _ in range(MAX_PER_USER):
            sessions.open(User(f"user{number}", "viewer", "x"))
    assert len(sessions.all()) == sessions_module.MAX_SESSIONS
    assert sessions.find(boss), "the only one of its user"


def test_what_is_shown_of_a_session_is_short_and_no_part_of_its_key(board: Board) -> None:
    key, session = board.sessions().open(ADA)
    assert len(session.id) == 8
    assert session.id not in key and session.csrf not in key


def test_an_agent_of_any_length_is_cut() -> None:
    assert len(Session("ada", "", "", "x" * 10_000, 0.0).agent) == 120
