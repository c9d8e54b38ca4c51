"""Sessions of browsers: they end by the monotonic clock, their number is bounded."""

from __future__ import annotations

from edgeweb.device.access import sessions as sessions_module
from edgeweb.device.access.sessions import Sessions
from edgeweb.device.access.user import User


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_sessions_end_by_the_monotonic_clock() -> None:
    clock = Clock()
    sessions = Sessions(60.0, clock)
    key, session = sessions.open(User("ada", "admin", "hash"))
    clock.now += 60
    assert sessions.find(key) is session
    clock.now += 60
    assert sessions.find(key) is session, "it was used in between"
    clock.now += 61
    assert sessions.all() == []
    assert sessions.find(key) is None
    assert sessions.find(key[:-1]) is None and sessions.find("") is None


def test_sessions_are_bounded_and_the_oldest_goes() -> None:
    sessions = Sessions(60.0, Clock())
    user = User("ada", "admin", "hash")
    keys = [sessions.open(user)[0] for _ in range(sessions_module.MAX_SESSIONS)]
    sessions.find(keys[0])
    sessions.open(user)
    assert len(sessions.all()) == sessions_module.MAX_SESSIONS
    assert sessions.find(keys[0]) and not sessions.find(keys[1])


def test_what_is_shown_of_a_session_is_short_and_no_part_of_its_key() -> None:
    key, session = Sessions(60.0).open(User("ada", "admin", "hash"))
    assert len(session.id) == 8
    assert session.id not in key and session.csrf not in key


def test_an_agent_of_any_length_is_cut() -> None:
    _, session = Sessions(60.0).open(User("ada", "admin", "hash"), agent="x" * 10_000)
    assert len(session.agent) == 120
