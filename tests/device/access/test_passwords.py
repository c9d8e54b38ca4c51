"""Passwords: their cost, how many are worked on at once, and which new ones are good enough."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from werkzeug.security import check_password_hash

from edgeweb.device.access import passwords

REAL_COST = passwords.COST


@pytest.mark.slow
def test_the_real_cost_is_that_of_the_recommendation(monkeypatch: pytest.MonkeyPatch) -> None:
    assert REAL_COST == (8192, 8, 10)
    monkeypatch.setattr(passwords, "COST", REAL_COST)
    kept = passwords.hash_password("correct horse battery")
    assert kept.startswith("scrypt:8192:8:10$")
    assert passwords.is_password("correct horse battery", kept)
    assert not passwords.is_password("correct horse batterx", kept)
    assert check_password_hash(kept, "correct horse battery"), "Werkzeug reads it"


def test_a_password_leaves_no_openssl_behind(tmp_path: Path) -> None:
    """OpenSSL and what malloc keeps of the work were 5 MB of a server that somebody had signed in to."""
    code = """
import sys
from edgeweb.device.access import passwords
kept = passwords.hash_password("correct horse battery")
print(passwords.is_password("correct horse battery", kept), passwords.is_password("no", kept))
print("_hashlib" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["True", "False", "False"]


@pytest.mark.parametrize("executable", ["/nowhere/python", "/bin/false", ""])
def test_where_no_process_can_be_started_this_one_works(
    monkeypatch: pytest.MonkeyPatch, executable: str
) -> None:
    monkeypatch.setattr(passwords, "COST", (1024, 8, 1))
    kept = passwords.hash_password("correct horse battery")
    monkeypatch.setattr(sys, "executable", executable)
    assert passwords.is_password("correct horse battery", kept)
    assert not passwords.is_password("correct horse batterx", kept)


def test_the_password_is_no_argument_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every user of a machine can read the arguments of all processes."""
    seen: list[object] = []
    run = passwords.run
    monkeypatch.setattr(passwords, "COST", (1024, 8, 1))
    monkeypatch.setattr(passwords, "run", lambda *given: seen.append(given[0]) or run(*given))
    passwords.hash_password("correct horse battery")
    assert seen and "horse" not in str(seen)


def test_no_two_hashes_are_the_same() -> None:
    assert passwords.hash_password("x" * 9) != passwords.hash_password("x" * 9)


def test_each_place_has_one_turn_and_strangers_two_of_three() -> None:
    """Six connections of one client are one, and a queue full of strangers has room for a known place."""
    turns = [passwords._turn("10.0.0.1", False), passwords._turn("10.0.0.2", False)]
    kept = passwords.hash_password("correct horse battery")
    working = turns[0]
    working.__enter__()
    second = threading.Thread(target=turns[1].__enter__)
    second.start()
    while "10.0.0.2" not in passwords._PLACES:
        threading.Event().wait(0.01)
    with pytest.raises(passwords.Busy):
        passwords.is_password("x", kept, "10.0.0.3")
    known = threading.Thread(target=passwords.is_password, args=("x", kept, "browser", True))
    known.start()
    while "browser" not in passwords._PLACES:
        threading.Event().wait(0.01)
    with pytest.raises(passwords.Busy):
        passwords.is_password("x", kept, "browser", True)
    working.__exit__(None, None, None)
    second.join(20)
    with pytest.raises(passwords.Busy):
        passwords.is_password("x", kept, "10.0.0.2")
    turns[1].__exit__(None, None, None)
    known.join(20)
    assert not passwords._PLACES
    assert passwords.is_password("correct horse battery", kept, "10.0.0.1")


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
    [
        ("x1y2z3x1y", False),
        ("x1y2z3x1y2", True),
        ("correct horse battery", True),
        ("the tap drips at night", True),
        ("kc8PJcnIan", True),
        ("aaaaaaaaaaaa", False),
        ("abcabcabcabc", False),
        ("OwnerOwner", False),
        ("ownerowner1987!", False),
        ("Greenhouse-pi7", False),
        ("x1" * 129, False),
        ("password1234", False),
        ("P@ssw0rd2024!", False),
        ("passwordpassword", False),
        ("Sommer2024!", False),
        ("qwertyuiop", False),
        ("1234567890", False),
        ("letmein12345", False),
        ("Raspberry123", False),
        ("motdepasse1", False),
    ],
)
def test_new_passwords(password: str, good: bool) -> None:
    """Length, hardly anything else, and none of those that every list of guesses begins with."""
    assert (passwords.fault_of(password, "ownerowner", "greenhouse-pi7", "") == "") is good


def test_the_list_of_common_words_is_not_kept_in_memory() -> None:
    before = set(vars(passwords))
    passwords.fault_of("correct horse battery", "ada")
    assert set(vars(passwords)) == before
    kept = [value for value in vars(passwords).values() if isinstance(value, (set, frozenset, list, tuple))]
    assert all(len(value) < 100 for value in kept)
