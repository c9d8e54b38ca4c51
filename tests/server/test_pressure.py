"""Which connection goes when no place is free, and what one address may have."""

from __future__ import annotations

import pytest

from edgeweb.server import pressure


class Connection:
    """As a channel counts: idle for some seconds, or busy at some bytes a second for some seconds."""

    def __init__(self, peer: str, idle: float = 0, seconds: float = 0, rate: float | None = None) -> None:
        self.peer = peer
        self._idle = idle
        self._pace = None if rate is None else (seconds, rate)

    def idle_for(self, now: float) -> float:
        return self._idle

    def pace(self, now: float) -> tuple[float, float] | None:
        return self._pace


def test_the_longest_idle_goes_before_the_slowest() -> None:
    short, long = Connection("a", idle=2), Connection("a", idle=9)
    assert pressure.find_victim([short, Connection("b", seconds=9, rate=0), long], 0) is long


def test_the_slowest_of_the_address_with_most_connections_goes() -> None:
    slow, slower = (Connection("many", seconds=5, rate=rate) for rate in (700, 600))
    alone = Connection("alone", seconds=5, rate=1)
    assert pressure.find_victim([alone, slow, slower], 0) is slower


@pytest.mark.parametrize(
    "busy",
    [Connection("a"), Connection("a", idle=0.5), Connection("a", seconds=0.5, rate=0)],
    ids=["the application works", "idle for a moment", "slow for a moment"],
)
def test_a_connection_that_may_be_fast_stays(busy: Connection) -> None:
    assert pressure.find_victim([busy], 0) is None
    assert pressure.find_victim([], 0) is None


def test_the_least_rate_rises_with_the_places_taken() -> None:
    factors = [pressure.rate_factor(taken, 32) for taken in range(40)]
    assert factors[:17] == [1.0] * 17 and factors == sorted(factors) and max(factors) == 8.0
