"""The limit on failed attempts: by address and account, by address, by account, and for all together."""

from __future__ import annotations

import pytest

from edgeweb.device.access import rate_limit as limits

from .failures import AnyFailures


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_pair_waits_longer_and_longer_but_never_for_ever() -> None:
    clock = Clock()
    limiter = AnyFailures(clock)
    waits = []
    for _ in range(15):
        waits.append(limiter.wait("10.0.0.1", "ada"))
        clock.now += waits[-1]
        limiter.fail("10.0.0.1", "ada")
    assert waits == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]
    assert limiter.wait("10.0.0.2", "ada") == 0
    assert limiter.wait("10.0.0.1", "bob") == 0
    clock.now += limits.FORGET_AFTER
    assert limiter.wait("10.0.0.1", "ada") == 0


def test_a_success_forgets_its_own_pair_only() -> None:
    """A viewer who signed in after every fourth guess was never slowed down."""
    limiter = AnyFailures(Clock())
    for _ in range(limits.FREE_ATTEMPTS):
        limiter.fail("10.0.0.1", "ada")
        limiter.fail("10.0.0.1", "eve")
        limiter.succeed("10.0.0.1", "eve")
    assert limiter.wait("10.0.0.1", "eve") == 0
    assert limiter.wait("10.0.0.1", "ada") > 0


def test_an_address_is_slowed_down_over_all_accounts_and_an_account_over_all_addresses() -> None:
    by_address, by_account = AnyFailures(Clock()), AnyFailures(Clock())
    for number in range(limits.FREE_PER_ADDRESS):
        by_address.fail("10.0.0.1", f"name{number}")
        by_account.fail(f"10.0.{number}.1", "ada")
    assert by_address.wait("10.0.0.1", "another") > 0
    assert by_address.wait("10.0.0.2", "another") == 0
    assert by_account.wait("10.1.0.1", "ada") > 0
    assert by_account.wait("10.1.0.1", "bob") == 0
    assert by_account.wait("203.0.113.5", "ada") == 0, "guesses at home do not slow down the world, nor back"


def test_a_known_place_waits_for_itself_alone() -> None:
    clock = Clock()
    limiter = AnyFailures(clock)
    for number in range(limits.GLOBAL_PER_MINUTE):
        limiter.fail(f"10.0.{number}.1", "ada")
        limiter.fail("10.0.0.7", "ada")
    assert limiter.wait("10.0.0.7", "ada") > 0
    assert limiter.wait("10.0.0.7", "ada", "browser x") == 0
    for _ in range(limits.FREE_ATTEMPTS):
        limiter.fail("10.0.0.7", "ada", "browser x")
    assert limiter.wait("10.0.0.7", "ada", "browser x") > 0, "a stolen cookie guesses no faster"
    limiter.succeed("10.0.0.7", "ada", "browser x")
    assert limiter.wait("10.0.0.7", "ada", "browser x") == 0


def test_many_addresses_together_are_limited() -> None:
    clock = Clock()
    limiter = AnyFailures(clock)
    for number in range(limits.GLOBAL_PER_MINUTE):
        limiter.fail(f"10.0.{number}.1", f"name{number}")
    assert 0 < limiter.wait("10.1.0.1", "ada") <= limits.WINDOW
    clock.now += limits.WINDOW
    assert limiter.wait("10.1.0.1", "ada") == 0


def test_guessing_from_outside_does_not_keep_the_house_out() -> None:
    limiter = AnyFailures(Clock())
    for number in range(1000):
        limiter.fail(f"198.51.{number >> 8}.{number & 255}", "ada")
    assert limiter.wait("203.0.113.5", "ada") > 0
    for address in ("192.168.1.20", "10.0.0.9", "172.16.0.1", "fd12::1", "fe80::1%eth0", "127.0.0.1", "::1"):
        assert limiter.wait(address, "ada") == 0, address


def test_sign_ins_of_an_account_are_limited() -> None:
    """Each is work for a password's hash and a row on the disk."""
    clock = Clock()
    limiter = AnyFailures(clock)
    for _ in range(limits.SUCCESSES_PER_MINUTE):
        assert limiter.wait("10.0.0.1", "eve", "browser x") == 0
        limiter.succeed("10.0.0.1", "eve", "browser x")
    assert limiter.wait("10.0.0.1", "eve", "browser x") == limits.WINDOW
    assert limiter.wait("10.0.0.1", "ada") == 0
    clock.now += limits.WINDOW
    assert limiter.wait("10.0.0.1", "eve") == 0


def test_a_household_of_ipv6_addresses_is_one() -> None:
    limiter = AnyFailures(Clock())
    for number in range(limits.FREE_ATTEMPTS):
        limiter.fail(f"2001:db8::{number}", "ada")
    assert limiter.wait("2001:db8::ffff", "ada") > 0
    assert limiter.wait("2001:db8:0:1::1", "ada") == 0


@pytest.mark.parametrize(
    ("guest", "owner"),
    [("fe80::1%eth0", "fe80::2%eth0"), ("fe80::1", "fe80::2"), ("2001:db8::1", "2001:db8::2")],
)
def test_neighbours_are_counted_one_by_one(guest: str, owner: str) -> None:
    limiter = AnyFailures(Clock(), lambda: frozenset({"2001:db8:0:0"}))
    for _ in range(limits.FREE_ATTEMPTS):
        limiter.fail(guest, "ada")
    assert limiter.wait(guest, "ada") > 0
    assert limiter.wait(owner, "ada") == 0


def test_what_is_remembered_is_bounded() -> None:
    limiter = AnyFailures(Clock())
    for number in range(5000):
        address = f"10.{number >> 8}.{number & 255}.1"
        limiter.fail(address, f"name{number}")
        limiter.succeed(address[:-1] + "2", f"name{number}")
    for table in (limiter._pairs, limiter._addresses, limiter._accounts, limiter._successes):
        assert len(table) <= limits.MAX_KEYS
    assert all(len(moments) <= limits.GLOBAL_PER_MINUTE for moments in limiter._by_nearness.values())


def test_a_flood_of_other_keys_does_not_wash_out_the_one_that_is_guessed_at() -> None:
    limiter = AnyFailures(Clock())
    for _ in range(limits.FREE_ATTEMPTS):
        limiter.fail("10.0.0.1", "ada")
    for number in range(3 * limits.MAX_KEYS):
        limiter.fail(f"10.1.{number >> 8}.{number & 255}", f"name{number}")
    assert limiter.wait("10.0.0.1", "ada", "") > 0
    assert ("10.0.0.1", "ada") in limiter._pairs


def test_an_attempt_under_way_counts_as_a_failure() -> None:
    clock = Clock()
    limiter = AnyFailures(clock)
    under_way = [limiter.begin("203.0.113.7", "ada") for _ in range(limits.FREE_ATTEMPTS)]
    with pytest.raises(limits.TooManyAttempts):
        limiter.begin("203.0.113.7", "ada")
    limiter.withdraw(under_way[0])
    limiter.begin("203.0.113.7", "ada")


def test_an_attempt_that_is_withdrawn_leaves_nothing() -> None:
    clock = Clock()
    limiter = AnyFailures(clock)
    for _ in range(limits.FREE_ATTEMPTS + 3):
        limiter.fail("203.0.113.7", "ada")
    clock.now += limiter.wait("203.0.113.7", "ada")
    before = clock.now
    limiter.withdraw(limiter.begin("203.0.113.7", "ada"))
    assert limiter.wait("203.0.113.7", "ada") == 0
    assert clock.now == before
    for number in range(2 * limits.GLOBAL_PER_MINUTE):
        limiter.withdraw(limiter.begin(f"203.0.113.{number}", "ada"))
    assert limiter.wait("198.51.100.1", "ada") == 0
