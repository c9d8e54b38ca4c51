"""Which programs a day is for."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


def draw(items: Sequence[Item], date: datetime.date, count: int) -> list[Item]:
    """Return as many items as asked for: each day the next ones, so that each has its turn.

    >>> draw("abcde", datetime.date(2026, 11, 27), 3), draw("abcde", datetime.date(2026, 11, 28), 3)
    (['d', 'e', 'a'], ['b', 'c', 'd'])
    """
    first = date.toordinal() * count
    return [items[(first + number) % len(items)] for number in range(min(count, len(items)))]
