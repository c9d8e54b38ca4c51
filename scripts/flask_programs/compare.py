"""What differs between two runs of a program: answers, one by one, and the log."""

from __future__ import annotations

import difflib
import gzip
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import NamedTuple

from . import rules

#: Lines of one difference that are shown.
MAX_LINES = 12
_MAX_WIDTH = 240
#: Of what all lines begin with, half of these characters are shown.
_COMMON = 80


class Answer(NamedTuple):
    """An answer as it came: its headers in order, under the names that the server wrote."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Normal(NamedTuple):
    """An answer of which nothing is left that differs by nature."""

    status: int
    #: Sorted: their order means nothing, but for those of one name.
    headers: tuple[str, ...]
    body: str


def normalise(answer: Answer, names: Sequence[str] = ()) -> Normal:
    """Apply rules to an answer: those of every program, and the named ones."""
    names = (*rules.ALWAYS, *names)
    lines = (rules.open_session(f"{name}: {value}") for name, value in answer.headers)
    headers = sorted((rules.apply(line, names) for line in lines), key=lambda line: line.partition(":")[0])
    data = answer.body
    if ("Content-Encoding", "gzip") in answer.headers:
        # The time of compression is in its head.
        data = gzip.decompress(data)
    try:
        body = rules.apply(data.decode(), names)
    except UnicodeDecodeError:
        body = data.hex(" ", 16)
    return Normal(answer.status, tuple(filter(None, headers)), body)


def differences(one: Normal, other: Normal) -> list[str]:
    """Return what differs, as lines of a diff; `one` has the minus. Empty: nothing differs."""
    found = []
    if one.status != other.status:
        found += [f"- status {one.status}", f"+ status {other.status}"]
    found += _diff(one.headers, other.headers)
    if one.body != other.body:
        found += _diff(one.body.splitlines(), other.body.splitlines()) or ["  the ends of lines differ"]
    return found


def log_lines(log: str, names: Sequence[str], texts: dict[str, str]) -> Counter[str]:
    """Return the lines of a log, normalised; `texts` are replaced first: the port, the home."""
    log = rules.without_frames(log)
    for text, name in texts.items():
        log = log.replace(text, name)
    log = rules.apply(log, (*rules.ALWAYS, *rules.LOG, *names))
    return Counter(line.rstrip() for line in log.splitlines() if line.strip())


def log_differences(one: Counter[str], other: Counter[str]) -> list[str]:
    """Return the lines that only one log has, or has more often. Threads mix lines, so the order is free."""
    lost = [f"- {line}" for line in (one - other).elements()]
    return _shown(lost + [f"+ {line}" for line in (other - one).elements()])


def _diff(one: Iterable[str], other: Iterable[str]) -> list[str]:
    lines = list(difflib.unified_diff(list(one), list(other), n=0, lineterm=""))[2:]
    return _shown([line for line in lines if not line.startswith("@@")])


def _shown(lines: list[str]) -> list[str]:
    """Return the first lines; of long ones, which differ late, what they have in common is left out."""
    more = [f"  ... and {len(lines) - MAX_LINES} lines more"] if len(lines) > MAX_LINES else []
    lines = lines[:MAX_LINES]
    columns = zip(*(line[1:] for line in lines), strict=False)
    common = sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, columns))
    if len(lines) > 1 and common > _COMMON:
        lines = [f"{line[0]}...{line[1 + common - _COMMON // 2 :]}" for line in lines]
    return [line[:_MAX_WIDTH] for line in lines] + more
