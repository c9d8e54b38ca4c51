"""The limit on failed attempts, by address and for all addresses together."""

from __future__ import annotations

from edgeweb.device.access import rate_limit as limits
from edgeweb.device.access.rate_limit import RateLimit


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


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
