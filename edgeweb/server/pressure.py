"""Which connections go, and what is asked of the others, while few places are free.

A client that does just enough to stay in time holds its place for minutes, at the cost of some bytes a
second. So time limits alone do not keep a place free: while more than half of the places are taken

- one address has a quarter of them at most,
- a body or an answer has to move faster the fewer places are free, up to `_STEEPEST` times `least_rate`,
- a request without credentials has a small body, where the application can say what credentials are.

When none is free, a new connection takes the place of the longest idle one, else of the slowest.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol, TypeVar

#: Seconds that a connection is left alone, to show how fast it is.
_GRACE = 1.0

#: Factor of `least_rate` when every place is taken.
_STEEPEST = 8.0

#: Bytes of a body without credentials while more than half of the places are taken: more than a form to sign
#: in has with the longest name and password.
STRANGER_BYTES = 4096


if TYPE_CHECKING:

    class Place(Protocol):
        """A connection, as it counts here."""

        peer: str

        def idle_for(self, now: float) -> float: ...
        def pace(self, now: float) -> tuple[float, float] | None: ...


AnyPlace = TypeVar("AnyPlace", bound="Place")


def is_crowded(taken: int, places: int) -> bool:
    """Return whether half of the places are taken."""
    return taken * 2 >= places


def share_of_peer(taken: int, places: int, per_peer: int) -> int:
    """Return how many connections one address may have.

    >>> share_of_peer(15, 32, 16), share_of_peer(16, 32, 16), share_of_peer(2, 2, 16)
    (16, 8, 1)
    """
    return min(per_peer, max(1, places // 4)) if is_crowded(taken, places) else per_peer


def rate_factor(taken: int, places: int) -> float:
    """Return what `least_rate` is multiplied by: 1 up to half of the places, then more with each one.

    >>> rate_factor(16, 32), rate_factor(24, 32), rate_factor(32, 32)
    (1.0, 4.5, 8.0)
    """
    above_half = min(1.0, max(0.0, 2 * taken / places - 1))
    return 1 + (_STEEPEST - 1) * above_half


def find_victim(channels: Iterable[AnyPlace], now: float) -> AnyPlace | None:
    """Return the connection to close for a new one: the longest idle, else the slowest; None: all are busy.

    The slowest is one of the address that has most connections among those that are slow or wait.
    """
    channels = list(channels)
    idle, found = max(((c.idle_for(now), number) for number, c in enumerate(channels)), default=(0.0, 0))
    if idle >= _GRACE:
        return channels[found]
    slow = [(channel, pace) for channel in channels if (pace := channel.pace(now)) and pace[0] >= _GRACE]
    if not slow:
        return None
    counts: dict[str, int] = {}
    for channel in channels:
        counts[channel.peer] = counts.get(channel.peer, 0) + 1
    return min(slow, key=lambda pair: (-counts[pair[0].peer], pair[1][1]))[0]
