"""What every section is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, TypeVar

from .peers import Peer, Stack
from .report import Progress, Table

Chosen = TypeVar("Chosen", Peer, Stack)


class Fault(Exception):
    """Something could not be measured, and no figure beside it would mean anything; the text says what."""


class Section(NamedTuple):
    """Tables for people, data for programs, and the figures that targets are set for."""

    tables: list[Table]
    data: dict[str, object]
    figures: dict[str, float]


class Bench(NamedTuple):
    """The settings of one run."""

    python: Path
    valgrind: str
    wrk: str
    #: How edgeweb comes by the templates' code, in words.
    templates: str
    quick: bool
    progress: Progress
    #: What could not be measured, and why.
    left_out: list[str]
    #: Names of the peers to measure; empty: all.
    peers: frozenset[str] = frozenset()
    #: Divides every number of requests: for trying the program out.
    divide: int = 1
    #: A folder that is kept, for what the measured programs need.
    work: Path = Path(".bench")
    #: Whether a section may install what only it needs.
    installs: bool = True

    def number(self, full: int, quick: int) -> int:
        """How many requests to make."""
        return max((quick if self.quick else full) // self.divide, 1)

    def seconds(self, full: float, quick: float) -> float:
        """How long to measure."""
        return max((quick if self.quick else full) / self.divide, 0.1)

    def chosen(self, all_of_them: Iterable[Chosen]) -> list[Chosen]:
        """Those of the peers or stacks that were asked for."""
        found = []
        for one in all_of_them:
            peer = one.peer if isinstance(one, Stack) else one
            if not self.peers or peer.name in self.peers:
                found.append(one)
        return found
