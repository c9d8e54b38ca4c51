"""The limit on failed attempts to sign in.

Failures are counted in four tables, and each has its own number of free attempts:

    address and account   guesses from one place at one account; a success clears this pair, and no other
    address               guesses from one place at many accounts
    account               guesses from many places at one account: private networks apart from all others
    private or public     guesses from many places at many accounts, these apart as well

Past its free attempts a key waits, twice as long after each further failure, up to `MAX_WAIT` seconds: never
for ever. None of that must keep an owner out. So the last three tables are for strangers only: an attempt
from a *known* place (a browser or an address with an earlier sign-in to this account, `known.py`) waits for
its own pair alone. Valid sessions and tokens are never limited, and a wrong token is no guess: it has 256
bits.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple

from ..errors import DeviceError

FREE_ATTEMPTS = 5
#: Of an address at all accounts together, and of an account from all addresses together.
FREE_PER_ADDRESS = 20
FREE_PER_ACCOUNT = 20
MAX_WAIT = 60.0
#: Seconds after which the failures of a key are forgotten.
FORGET_AFTER = 900.0
GLOBAL_PER_MINUTE = 60
WINDOW = 60.0

#: Successful sign-ins of an account in a minute: each is work for a password's hash.
SUCCESSES_PER_MINUTE = 60

#: Keys of each table; the one with the fewest failures is forgotten first.
MAX_KEYS = 256

#: Seconds for which the device's own IPv6 networks are remembered.
NEIGHBOURS_AGE = 60.0

#: Private and link-local networks, and this machine.
_NEAR = ("10.", "127.", "192.168.", "169.254.", "fc", "fd", "fe80:", "0:0:0:0")

#: A table: failures and the moment of the last one, by key.
Table = dict[object, tuple[int, float]]


class TooManyAttempts(DeviceError):
    """An address has failed too often; `wait` are the seconds until it may try again."""

    key = "too-many-attempts"

    def __init__(self, wait: float) -> None:
        self.retry_after = int(wait) + 1
        super().__init__(f"Try again in {self.retry_after} seconds.")


class Attempt(NamedTuple):
    """An attempt that is counted as failed until it turns out well: where it was counted, and when."""

    moment: float
    #: Table, key, and the moment of the failure before.
    counted: tuple[tuple[Table, object, float], ...]
    #: The moments of failures from the same kind of network; None of a known place.
    recent: deque[float] | None


class RateLimit:
    """Call `begin` before a password is compared; `withdraw` where it was not wrong, then `succeed`.

    The attempt counts as a failure meanwhile, so that parallel guesses pass no limit together.

    `account` is the name that was entered; the empty text for the set-up code. `known` is the mark of a known
    place; the empty text for a stranger. `own_networks()` returns the IPv6
    networks of this machine, as `network` writes them.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        own_networks: Callable[[], frozenset[str]] = frozenset,
    ) -> None:
        self._clock = clock
        self._own_networks = own_networks
        self._lock = Lock()
        self._pairs: Table = {}
        self._addresses: Table = {}
        self._accounts: Table = {}
        # whether the network is private: moments of the failures
        self._by_nearness: dict[bool, deque[float]] = {
            near: deque(maxlen=GLOBAL_PER_MINUTE) for near in (False, True)
        }
        # account: moments of its last sign-ins
        self._successes: dict[str, deque[float]] = {}
        self._neighbours: tuple[float, frozenset[str]] = (float("-inf"), frozenset())

    def wait(self, address: str, account: str = "", known: str = "") -> float:
        """Return the seconds until an attempt at an account may be made; 0 for now."""
        source, now = self._source(address), self._clock()
        with self._lock:
            return self._wait(source, account, known, now)

    def _wait(self, source: str, account: str, known: str, now: float) -> float:
        wait = _wait(self._pairs, (known or source, account), FREE_ATTEMPTS, now)
        times = self._successes.get(account)
        if times and len(times) == SUCCESSES_PER_MINUTE:
            wait = max(wait, times[0] + WINDOW - now)
        if not known:
            near = is_near(source)
            recent = self._by_nearness[near]
            if len(recent) == GLOBAL_PER_MINUTE:
                wait = max(wait, recent[0] + WINDOW - now)
            wait = max(
                wait,
                _wait(self._addresses, source, FREE_PER_ADDRESS, now),
                _wait(self._accounts, (account, near), FREE_PER_ACCOUNT, now),
            )
        return max(wait, 0.0)

    def begin(self, address: str, account: str = "", known: str = "") -> Attempt:
        """Count an attempt as failed. Raises `TooManyAttempts` where it has to wait, and counts nothing."""
        source, now = self._source(address), self._clock()
        with self._lock:
            wait = self._wait(source, account, known, now)
            if wait > 0:
                raise TooManyAttempts(wait)
            return self._count(source, account, known, now)

    def withdraw(self, attempt: Attempt) -> None:
        """Take back an attempt that was no wrong guess."""
        with self._lock:
            for table, key, before in attempt.counted:
                number, last = table.get(key, (0, 0.0))
                if number > 1:
                    table[key] = (number - 1, before if last == attempt.moment else last)
                else:
                    table.pop(key, None)
            if attempt.recent is not None and attempt.moment in attempt.recent:
                attempt.recent.remove(attempt.moment)

    def _count(self, source: str, account: str, known: str, now: float) -> Attempt:
        near = is_near(source)
        places: list[tuple[Table, object]] = [(self._pairs, (known or source, account))]
        recent = None
        if not known:
            places += [(self._addresses, source), (self._accounts, (account, near))]
            recent = self._by_nearness[near]
            recent.append(now)
        return Attempt(now, tuple((table, key, _count(table, key, now)) for table, key in places), recent)

    def succeed(self, address: str, account: str = "", known: str = "") -> None:
        """Forget the failures of this place at this account. `account` is one that exists."""
        source, now = self._source(address), self._clock()
        with self._lock:
            self._pairs.pop((source, account), None)
            self._pairs.pop((known, account), None)
            times = self._successes.pop(account, None) or deque(maxlen=SUCCESSES_PER_MINUTE)
            times.append(now)
            self._successes[account] = times
            if len(self._successes) > MAX_KEYS:
                self._successes.pop(next(iter(self._successes)))

    def _source(self, address: str) -> str:
        """Return what counts as one address: the whole of a neighbour's, else its network.

        A neighbour is in the same link: a household that is one network to the world has its guests, its
        television and its owner there.
        """
        if ":" not in address or "." in address:
            return network(address)
        found = network(address)
        if found.startswith(("fe8", "fe9", "fea", "feb")):
            return "fe80:" + address.partition("%")[0]
        now = self._clock()
        read_at, networks = self._neighbours
        if now - read_at >= NEIGHBOURS_AGE:
            networks = self._own_networks()
            self._neighbours = (now, networks)
        return address if found in networks else found


def is_near(source: str) -> bool:
    """Return whether a network, as `network` returns it, is private: no router brings it from outside.

    >>> is_near("192.168.1.2"), is_near("fd00:1:2:3"), is_near("172.32.0.1"), is_near("2001:db8:1:2")
    (True, True, False, False)
    """
    if source.startswith(_NEAR):
        return True
    first, _, rest = source.partition(".")
    second = rest.partition(".")[0]
    return first == "172" and second.isdecimal() and 16 <= int(second) <= 31


def network(address: str) -> str:
    """Return the network that counts as one address: with IPv6, the 64 bits that a household has.

    >>> network("2001:db8:1:2:aaaa::1"), network("::ffff:10.0.0.1"), network("10.0.0.1")
    ('2001:db8:1:2', '10.0.0.1', '10.0.0.1')
    """
    if ":" not in address:
        return address
    if "." in address:
        return address.rpartition(":")[2]
    head, gap, tail = address.partition("%")[0].partition("::")
    groups = head.split(":") if head else []
    if gap:
        rest = tail.split(":") if tail else []
        groups += ["0"] * (8 - len(groups) - len(rest)) + rest
    return ":".join(groups[:4])


def _wait(table: Table, key: object, free: int, now: float) -> float:
    number, last = table.get(key, (0, now))
    if now - last >= FORGET_AFTER or number < free:
        return 0.0
    return last + min(2.0 ** min(number - free, 16), MAX_WAIT) - now


def _count(table: Table, key: object, now: float) -> float:
    """Count a failure; return the moment of the one before."""
    number, last = table.pop(key, (0, now))
    table[key] = (number + 1 if now - last < FORGET_AFTER else 1, now)
    if len(table) > MAX_KEYS:
        # Not the oldest: a flood of other keys must not wash out the one that is guessed at.
        others = (other for other in table if other != key)
        del table[min(others, key=lambda other: (now - table[other][1] < FORGET_AFTER, table[other]))]
    return last
