"""The limit on failed attempts to sign in: for each address, and for all addresses together.

After `FREE_ATTEMPTS` failures an address waits, twice as long after each further one, up to `MAX_WAIT`
seconds: never for ever. All addresses together have `GLOBAL_PER_MINUTE` failures a minute, so that a thousand
of them guess no faster. That must not lock the owner out: addresses with a successful sign-in do not count
there, private networks (RFC 1918, RFC 4193) have a count of their own, and valid sessions and tokens are
never limited.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from threading import Lock

from ..errors import DeviceError

FREE_ATTEMPTS = 5
MAX_WAIT = 60.0
#: Seconds after which the failures of an address are forgotten.
FORGET_AFTER = 900.0
GLOBAL_PER_MINUTE = 60
WINDOW = 60.0

#: Addresses that are remembered; the one that failed longest ago is forgotten first.
MAX_ADDRESSES = 256
MAX_KNOWN = 32

#: Private and link-local networks, and this machine.
_NEAR = ("10.", "127.", "192.168.", "169.254.", "fc", "fd", "fe80:", "0:0:0:0")


class TooManyAttempts(DeviceError):
    """An address has failed too often; `wait` are the seconds until it may try again."""

    key = "too-many-attempts"

    def __init__(self, wait: float) -> None:
        self.retry_after = int(wait) + 1
        super().__init__(f"Try again in {self.retry_after} seconds.")


class RateLimit:
    """Call `check` before a password is compared, then `fail` or `succeed`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        # address: (failures, moment of the last one)
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()
        # whether the network is private: moments of the failures
        self._by_nearness: dict[bool, deque[float]] = {
            near: deque(maxlen=GLOBAL_PER_MINUTE) for near in (False, True)
        }
        self._known: OrderedDict[str, None] = OrderedDict()

    def wait(self, address: str) -> float:
        """Return the seconds until the address may try again; 0 for now."""
        source, now = network(address), self._clock()
        with self._lock:
            number, last = self._failures.get(source, (0, now))
            wait = 0.0
            if now - last < FORGET_AFTER and number >= FREE_ATTEMPTS:
                wait = last + min(2.0 ** (number - FREE_ATTEMPTS), MAX_WAIT) - now
            recent = self._by_nearness[is_near(source)]
            if source not in self._known and len(recent) == GLOBAL_PER_MINUTE:
                wait = max(wait, recent[0] + WINDOW - now)
            return max(wait, 0.0)

    def check(self, address: str) -> None:
        """Raise `TooManyAttempts` where the address has to wait."""
        wait = self.wait(address)
        if wait > 0:
            raise TooManyAttempts(wait)

    def fail(self, address: str) -> None:
        """Count a failure."""
        source, now = network(address), self._clock()
        with self._lock:
            number, last = self._failures.pop(source, (0, now))
            self._failures[source] = (number + 1 if now - last < FORGET_AFTER else 1, now)
            if len(self._failures) > MAX_ADDRESSES:
                self._failures.popitem(last=False)
            if source not in self._known:
                self._by_nearness[is_near(source)].append(now)

    def succeed(self, address: str) -> None:
        """Forget the failures of an address, and know it from now on."""
        source = network(address)
        with self._lock:
            self._failures.pop(source, None)
            self._known.pop(source, None)
            self._known[source] = None
            if len(self._known) > MAX_KNOWN:
                self._known.popitem(last=False)


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
