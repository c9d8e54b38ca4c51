"""Passwords: their cost, how many are worked on at once, and which new ones are good enough."""

from __future__ import annotations

import threading

import pytest
from werkzeug.security import check_password_hash

from edgeweb.device.access import passwords

REAL_COST = passwords.COST


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
