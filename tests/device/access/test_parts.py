"""Passwords, secrets, sessions and the limit on attempts, each by itself and by the clock."""

from __future__ import annotations

import threading

import pytest
from werkzeug.security import check_password_hash

from edgeweb.device.access import passwords, secrets
from edgeweb.device.access import rate_limit as limits
from edgeweb.device.access import sessions as sessions_module
from edgeweb.device.access.rate_limit import RateLimit
from edgeweb.device.access.sessions import Sessions
from edgeweb.device.access.user import User

REAL_COST = passwords.COST


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


# -- passwords -----------------------------------------------------------------------------------------


def test_the_real_cost_is_that_of_the_recommendation(monkeypatch: pytest.MonkeyPatch) -> None:
    assert REAL_COST == (8192, 8, 10)
    monkeypatch.setattr(passwords, "COST", REAL_COST)
    kept = passwords.hash_password("correct horse battery")
    assert kept.startswith("scrypt:8192:8:10$")
    assert passwords.is_password("correct horse battery", kept)
    assert not passwords.is_password("correct horse batterx", kept)
    assert check_password_hash(kept, "correct horse battery"), "Werkzeug reads it"


def test_no_two_hashes_are_the_same() -> None:
    assert passwords.hash_password("x" * 9) != passwords.hash_password("x" * 9)


def test_at_most_two_are_worked_on_and_the_next_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert passwords._ROOM.acquire(blocking=False)
    assert passwords._ROOM.acquire(blocking=False)
    try:
        with pytest.raises(passwords.Busy):
            passwords.hash_password("correct horse battery")
    finally:
        passwords._ROOM.release()
        passwords._ROOM.release()
    assert passwords.hash_password("correct horse battery")


def test_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    assert passwords._WORKING.acquire(timeout=5)
    thread = threading.Thread(target=passwords.hash_password, args=("correct horse battery",))
    thread.start()
    thread.join(0.2)
    assert thread.is_alive(), "it waits for the one that is worked on"
    passwords._WORKING.release()
    thread.join(20)
    assert not thread.is_alive()


@pytest.mark.parametrize(
    ("password", "good"),
    [("1234567", False), ("12345678", True), ("aaaaaaaa", False), ("OwnerOwner", False), ("x1" * 129, False)],
)
def test_new_passwords(password: str, good: bool) -> None:
    assert (passwords.fault_of(password, "ownerowner") == "") is good


# -- secrets -------------------------------------------------------------------------------------------


def test_keys_and_codes() -> None:
    keys = {secrets.new_key() for _ in range(100)}
    assert len(keys) == 100 and {len(key) for key in keys} == {43}
    assert all(key.replace("-", "a").replace("_", "a").isalnum() for key in keys)
    codes = {secrets.new_code() for _ in range(100)}
    assert len(codes) == 100 and all(
        secrets.same_code(code.lower().replace("-", " "), code) for code in codes
    )
    assert not secrets.same_code("", "0000-0000-0000")
    assert secrets.same_code("oil0", "0110"), "what people read for each other"


def test_the_digest_is_sha256() -> None:
    import hashlib

    assert secrets.digest("\u00e9") == hashlib.sha256("\u00e9".encode()).hexdigest()


# -- sessions ------------------------------------------------------------------------------------------


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


# -- the limit -----------------------------------------------------------------------------------------


def test_an_address_waits_longer_and_longer_but_never_for_ever() -> None:
    clock = Clock()
    limiter = RateLimit(clock)
    waits = []
    for _ in range(15):
        waits.append(limiter.wait("10.0.0.1"))
        clock.now += waits[-1]
        limiter.fail("10.0.0.1")
    assert waits == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]
    assert limiter.wait("10.0.0.2") == 0
    clock.now += limits.FORGET_AFTER
    assert limiter.wait("10.0.0.1") == 0


def test_success_forgets() -> None:
    limiter = RateLimit(Clock())
    for _ in range(20):
        limiter.fail("10.0.0.1")
    limiter.succeed("10.0.0.1")
    assert limiter.wait("10.0.0.1") == 0


def test_many_addresses_together_are_limited_but_not_one_that_is_known() -> None:
    clock = Clock()
    limiter = RateLimit(clock)
    limiter.succeed("192.168.1.2")
    for number in range(limits.GLOBAL_PER_MINUTE):
        limiter.fail(f"10.0.{number}.1")
    assert 0 < limiter.wait("10.1.0.1") <= limits.WINDOW
    assert limiter.wait("192.168.1.2") == 0
    clock.now += limits.WINDOW
    assert limiter.wait("10.1.0.1") == 0


def test_guessing_from_outside_does_not_keep_the_house_out() -> None:
    limiter = RateLimit(Clock())
    for number in range(1000):
        limiter.fail(f"198.51.{number >> 8}.{number & 255}")
    assert limiter.wait("203.0.113.5") > 0
    for address in ("192.168.1.20", "10.0.0.9", "172.16.0.1", "fd12::1", "fe80::1%eth0", "127.0.0.1", "::1"):
        assert limiter.wait(address) == 0, address


def test_a_household_of_ipv6_addresses_is_one() -> None:
    limiter = RateLimit(Clock())
    for number in range(limits.FREE_ATTEMPTS):
        limiter.fail(f"2001:db8::{number}")
    assert limiter.wait("2001:db8::ffff") > 0
    assert limiter.wait("2001:db8:0:1::1") == 0


def test_what_is_remembered_is_bounded() -> None:
    limiter = RateLimit(Clock())
    for number in range(5000):
        address = f"10.{number >> 8}.{number & 255}.1"
        limiter.fail(address)
        limiter.succeed(address[:-1] + "2")
    assert len(limiter._failures) <= limits.MAX_ADDRESSES
    assert len(limiter._known) <= limits.MAX_KNOWN
    assert all(len(moments) <= limits.GLOBAL_PER_MINUTE for moments in limiter._by_nearness.values())
